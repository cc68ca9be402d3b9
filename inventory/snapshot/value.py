"""A snapshot (清冊快照): all that was known and judged on one day, frozen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property, wraps
from typing import Any, TypeVar

from inventory.types import (
    Article,
    Attestation,
    CheckResult,
    Comment,
    Device,
    ExceptionRecord,
    Finding,
    ReplacementPlan,
    Scope,
    SegmentCoverage,
    SharedVerdict,
    VerdictOutcome,
)

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class CoverageRecord:
    """The latest look at one network in scope: which run, when it ended (None: cut off), whether stopped."""

    segment: SegmentCoverage
    run: str
    finished: datetime | None
    stopped: bool


@dataclass(frozen=True, slots=True)
class PreviousSnapshot:
    """Another snapshot as this one names it: its label, day and the SHA-256 of its manifest, in hex."""

    label: str
    on: date
    digest: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How the devices of one snapshot stood: each counted once, by the worst of all its verdicts."""

    label: str
    on: date
    devices: int
    by_worst: Mapping[VerdictOutcome, int]
    not_judged: int
    live: int
    overdue: int


@dataclass(frozen=True)
class Snapshot:
    """The register, its coverage, the judgement and the records people made, as they stood `on` one day.

    `label` is the cycle it was made for (`2026`, `2026H1`) or the day itself. `assessed_on` is the day the
    verdicts speak of, None where nothing was judged. `awaiting_review` counts pairs of records that
    may be one device and wait for a person. `versions` names the software and the form this was written in.
    `previous` is the snapshot before this one; `redacts` the original of a copy without personal names.
    `trend` are the standings of the snapshots before this one, the oldest first.
    """

    label: str
    on: date
    devices: tuple[Device, ...] = ()
    scopes: tuple[Scope, ...] = ()
    coverage: tuple[CoverageRecord, ...] = ()
    awaiting_review: int = 0
    assessed_on: date | None = None
    articles: tuple[Article, ...] = ()
    results: tuple[CheckResult, ...] = ()
    verdicts: tuple[SharedVerdict, ...] = ()
    findings: tuple[Finding, ...] = ()
    attestations: tuple[Attestation, ...] = ()
    exceptions: tuple[ExceptionRecord, ...] = ()
    plans: tuple[ReplacementPlan, ...] = ()
    comments: tuple[Comment, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    previous: PreviousSnapshot | None = None
    redacts: PreviousSnapshot | None = None
    trend: tuple[Standing, ...] = ()

    @property
    def never_scanned(self) -> tuple[Scope, ...]:
        """The networks in scope that no scan has looked at: nobody may call them covered."""
        looked_at = {(record.segment.site, record.segment.network) for record in self.coverage}
        return tuple(scope for scope in self.scopes if (scope.site, scope.network) not in looked_at)

    @cached_property
    def answers(self) -> dict[Callable[..., Any], Any]:
        """What `once` keeps; no part of what was frozen."""
        return {}


def tell(snapshot: Snapshot, ask: Callable[[Snapshot], object], answer: object) -> None:
    """Says beforehand what `ask`, one of those that are asked `once`, will answer of the snapshot."""
    snapshot.answers[ask] = answer


def once(ask: Callable[[Snapshot], Answer]) -> Callable[[Snapshot], Answer]:
    """`ask` with its answer kept beside the snapshot it was asked of, which never changes."""

    @wraps(ask)
    def asked(snapshot: Snapshot) -> Answer:
        if asked not in snapshot.answers:
            snapshot.answers[asked] = ask(snapshot)
        answer: Answer = snapshot.answers[asked]
        return answer

    return asked

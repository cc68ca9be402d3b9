"""What the register answers with: what an ingest did, what waits for a person, one page, one assessment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from inventory.types.device import Device
from inventory.types.judgement import Article, Finding, Verdict
from inventory.types.observation import Target
from inventory.types.vocabulary import FindingState, VerdictOutcome


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What one batch of sightings did: ids of devices by outcome, and the device of each sighting in order.

    `new`, `matched` and `ambiguous` are disjoint; an ambiguous device has a record of its own and waits in
    `Register.review()`. `changed` are matched devices of which an attribute, address or service changed.
    """

    new: tuple[str, ...] = ()
    matched: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    by_sighting: tuple[tuple[Target, str], ...] = ()

    @property
    def devices(self) -> Mapping[Target, str]:
        """The device id of each target."""
        return dict(self.by_sighting)


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """Two records that may be one device: what agrees, what differs, for a person to join or keep apart."""

    id: int
    device: str
    other: str
    agrees: tuple[str, ...]
    differs: tuple[str, ...]
    run: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a longer list, and how long it is in all."""

    rows: tuple[Device, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Assessment:
    """What was judged on one date: the packs' articles, every verdict, the findings as they then stood."""

    on: date
    articles: tuple[Article, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class ArticleCount:
    """How many devices have this as their gravest outcome under one article of a pack."""

    pack: str
    article: str
    outcome: VerdictOutcome
    devices: int


@dataclass(frozen=True, slots=True)
class Posture:
    """The last assessment in counts: devices by article and outcome, open findings by state and due day."""

    on: date
    counts: tuple[ArticleCount, ...]
    due: Mapping[tuple[FindingState, date], int]


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One human change: who did what to what, and the digest that chains it to the entry before."""

    number: int
    at: datetime
    by: str
    action: str
    subject: str
    detail: Mapping[str, str] = field(default_factory=dict)
    digest: str = ""

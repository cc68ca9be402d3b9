"""What the register answers with: what an ingest did, what waits for a person, one page, one assessment."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from inventory.types.device import Device
from inventory.types.judgement import Article, Finding
from inventory.types.observation import Target
from inventory.types.shared_verdict import SharedVerdict
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
    """What was judged on one date: the packs' articles, all verdicts, the findings as they then stood."""

    on: date
    articles: tuple[Article, ...] = ()
    verdicts: tuple[SharedVerdict, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class ToJudge:
    """What is to be judged: by rules named `basis`, these devices, or all (None); `last` is what it amends.

    `noted` are the devices that were written of since the last assessment, and how often.
    """

    basis: str = ""
    devices: tuple[str, ...] | None = None
    noted: Mapping[str, int] = field(default_factory=dict)
    last: int | None = None


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

    @property
    def devices(self) -> int:
        """How many devices were judged: each has one outcome under every article of a pack."""
        by_article: Counter[tuple[str, str]] = Counter()
        for count in self.counts:
            by_article[count.pack, count.article] += count.devices
        return max(by_article.values(), default=0)

    @property
    def open_findings(self) -> int:
        """How many findings are open, or continue."""
        return sum(self.due.values())


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

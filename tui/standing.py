"""How the office stands: what Home shows, made from one reading of the register."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from inventory.coverage_words import reason_of
from inventory.due import records_due
from inventory.query import EVERYTHING, parse
from inventory.types import AddressState, Article, DueKind, FindingState, Posture, ScanRun, VerdictOutcome

if TYPE_CHECKING:
    from inventory.register import Register

_SCREEN_OF = {
    DueKind.PLAN: "plans",
    DueKind.EXCEPTION: "exceptions",
    DueKind.ANSWER: "attestations",
    DueKind.NEVER: "attestations",
    DueKind.CONFIRMATION: "attestations",
}


DueSoon = tuple[tuple[str, int], ...]
"""Screens, and how many of their records are due."""


@dataclass(frozen=True, slots=True)
class ArticleStanding:
    """One article and how many devices have each outcome under it."""

    article: Article
    counts: Mapping[VerdictOutcome, int]

    @property
    def key(self) -> str:
        """Names the article among all packs."""
        return f"{self.article.pack}/{self.article.number}"


@dataclass(frozen=True, slots=True)
class Coverage:
    """The coverage of one run over all segments; `reasons` are those of unsettled addresses, each once."""

    segments: int
    addresses: int
    counts: Mapping[AddressState, int]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Roll:
    """The register as of one moment: how many devices, and what the last scan made of them.

    `changed` counts the devices that are new since this person last looked, None at the first look.
    """

    devices: int
    new: int
    unseen: int
    waiting: int
    run: ScanRun | None
    changed: int | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """The last assessment (`on` is None where there was none) and what is open of its findings."""

    on: date | None
    findings: int
    new: int
    overdue: int
    articles: tuple[ArticleStanding, ...]


def call_roll(register: "Register", looked: datetime | None = None) -> Roll:
    """Counts devices; quick, however many there are."""
    run = register.last_run()
    total = register.page(EVERYTHING, 0, 1).total
    return Roll(
        devices=total,
        new=_first_seen_since(register, run.started, total) if run else 0,
        unseen=register.page(parse("status:unseen"), 0, 1).total,
        waiting=len(register.review()),
        run=run,
        changed=_first_seen_since(register, looked, total) if looked else None,
    )


def due_soon(register: "Register", today: date) -> DueSoon:
    """How many records of each screen come due within 30 days, or are late already; reads all of them."""
    end = today + timedelta(days=30)
    counts = Counter(_SCREEN_OF[one.kind] for one in records_due(register, today) if one.day < end)
    return tuple((name, counts[name]) for name in dict.fromkeys(_SCREEN_OF.values()) if counts[name])


def judged(register: "Register", today: date) -> Judged:
    """Reads the last assessment's counts; a finding whose due date lies before `today` is overdue."""
    posture = register.posture()
    if posture is None:
        return Judged(None, 0, 0, 0, ())
    return Judged(
        on=posture.on,
        findings=sum(posture.due.values()),
        new=sum(count for (state, _day), count in posture.due.items() if state is FindingState.OPEN),
        overdue=sum(count for (_state, day), count in posture.due.items() if day < today),
        articles=by_article(register.articles(), posture),
    )


def by_article(articles: Iterable[Article], posture: Posture) -> tuple[ArticleStanding, ...]:
    """The standing of every article, in the order given, also of those nothing was judged under."""
    counts: dict[tuple[str, str], dict[VerdictOutcome, int]] = {}
    for row in posture.counts:
        counts.setdefault((row.pack, row.article), {})[row.outcome] = row.devices
    return tuple(
        ArticleStanding(article, counts.get((article.pack, article.number), {})) for article in articles
    )


def coverage(run: ScanRun) -> Coverage:
    """The run's coverage over all its segments."""
    counts: Counter[AddressState] = Counter()
    for segment in run.coverage:
        counts.update(segment.counts)
    reasons = dict.fromkeys(reason_of(one) for segment in run.coverage for one in segment.unsettled)
    return Coverage(
        segments=len(run.coverage),
        addresses=sum(segment.addresses for segment in run.coverage),
        counts=counts,
        reasons=tuple(reasons),
    )


def _first_seen_since(register: "Register", since: datetime, total: int) -> int:
    """How many devices were first seen then or later: where, newest first, the older ones begin."""
    newest_first = EVERYTHING.sorted_by("-first_seen")

    def is_older(place: int) -> bool:
        rows = register.page(newest_first, place, 1).rows
        return not rows or rows[0].first_seen < since

    return bisect_left(range(total), True, key=is_older)

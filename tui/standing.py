"""How the office stands: what Home shows, made from one reading of the register."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from inventory.query import EVERYTHING, parse
from inventory.types import AddressState, Article, FindingState, ScanRun, Verdict, VerdictOutcome
from policies.posture import posture

if TYPE_CHECKING:
    from inventory.register import Register

_AT_ONCE = 500


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
class Standing:
    """Everything Home shows, as of one moment."""

    devices: int
    new: int
    unseen: int
    waiting: int
    run: ScanRun | None
    judged_on: date | None
    findings: int
    new_findings: int
    overdue: int
    articles: tuple[ArticleStanding, ...]


def stand(register: "Register", today: date) -> Standing:
    """Reads the register once; a finding whose due date lies before `today` is overdue."""
    run = register.last_run()
    assessment = register.last_assessment()
    open_findings = [
        *register.findings(state=FindingState.OPEN),
        *register.findings(state=FindingState.CONTINUING),
    ]
    return Standing(
        devices=register.page(EVERYTHING, 0, 1).total,
        new=_first_seen_in(register, run),
        unseen=register.page(parse("status:unseen"), 0, 1).total,
        waiting=len(register.review()),
        run=run,
        judged_on=assessment.on if assessment else None,
        findings=len(open_findings),
        new_findings=sum(finding.state is FindingState.OPEN for finding in open_findings),
        overdue=sum(finding.due < today for finding in open_findings),
        articles=by_article(register.articles(), register.verdicts()),
    )


def _first_seen_in(register: "Register", run: ScanRun | None) -> int:
    """How many devices the run was the first to see: read newest first, until an older one comes."""
    if run is None:
        return 0
    newest_first = EVERYTHING.sorted_by("-first_seen")
    count, total = 0, 1
    while count < total:
        page = register.page(newest_first, count, _AT_ONCE)
        new = sum(device.first_seen >= run.started for device in page.rows)
        count, total = count + new, page.total
        if new < len(page.rows) or not page.rows:
            break
    return count


def by_article(articles: Iterable[Article], verdicts: Iterable[Verdict]) -> tuple[ArticleStanding, ...]:
    """The standing of every article, in the order given, also of those nothing was judged under."""
    counts = {(row.pack, row.article): row.counts for row in posture(verdicts)}
    return tuple(
        ArticleStanding(article, counts.get((article.pack, article.number), {})) for article in articles
    )


def coverage(run: ScanRun) -> Coverage:
    """The run's coverage over all its segments."""
    counts: Counter[AddressState] = Counter()
    for segment in run.coverage:
        counts.update(segment.counts)
    reasons = dict.fromkeys(one.reason for segment in run.coverage for one in segment.unsettled)
    return Coverage(
        segments=len(run.coverage),
        addresses=sum(segment.addresses for segment in run.coverage),
        counts=counts,
        reasons=tuple(reasons),
    )

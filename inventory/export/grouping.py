"""What a reader needs once, not once for each device: findings that are alike, questions that are alike."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from inventory.export.wording import Term, article_heading, article_name, pack_title
from inventory.snapshot.value import Snapshot
from inventory.types import Finding, FindingState, Severity, SharedVerdict, VerdictOutcome


@dataclass(frozen=True, slots=True)
class SharedFinding:
    """What is wrong in the same way, of the same severity and until the same day, on one or more devices.

    `alike` are the findings themselves, by device; `finding` is one of them.
    """

    finding: Finding
    alike: tuple[Finding, ...]

    @property
    def devices(self) -> tuple[str, ...]:
        """The devices it is wrong on, sorted."""
        return tuple(finding.device for finding in self.alike)


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """The findings under one article that are not resolved, worst first, and how many devices they hold.

    `document` is the regulator's name of what the article stands in; the pack's id where that is not known.
    """

    document: str
    heading: str
    count: int
    rows: tuple[SharedFinding, ...]


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A rule that could not judge some devices: its commonest reason, how many wait, one of them.

    `document` is the regulator's name of what the article stands in. `reasons` counts the different reasons;
    they mostly differ in a version or a port.
    """

    document: str
    article: str
    reason: str
    reasons: int
    devices: int
    example: str


def finding_groups(snapshot: Snapshot, language: str) -> tuple[FindingGroup, ...]:
    """The findings that are not resolved, by article in the packs' order."""
    articles = {(article.pack, article.number): article for article in snapshot.articles}
    order = {key: place for place, key in enumerate(articles)}
    grouped: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in snapshot.findings:
        if finding.state is not FindingState.RESOLVED:
            grouped[finding.pack, finding.article].append(finding)
    titles = _titles(snapshot, language)
    return tuple(
        FindingGroup(
            titles.get(key[0], key[0]),
            article_heading(articles[key], language) if key in articles else article_name(key[1], language),
            len(grouped[key]),
            _shared(grouped[key]),
        )
        for key in sorted(grouped, key=lambda key: (order.get(key, len(order)), key))
    )


def open_questions(snapshot: Snapshot, language: str) -> tuple[OpenQuestion, ...]:
    """The rules that were undetermined for some devices, by article in the packs' order."""
    order = {(article.pack, article.number): place for place, article in enumerate(snapshot.articles)}
    titles = _titles(snapshot, language)
    waiting: dict[tuple[str, str, str], list[SharedVerdict]] = defaultdict(list)
    for verdict in snapshot.verdicts:
        if verdict.outcome is VerdictOutcome.UNDETERMINED:
            waiting[verdict.pack, verdict.article, verdict.rule].append(verdict)
    asked = []
    count = {key: sum(len(verdict.devices) for verdict in verdicts) for key, verdicts in waiting.items()}
    for key in sorted(waiting, key=lambda key: (order.get(key[:2], len(order)), -count[key], key)):
        verdicts = waiting[key]
        reasons: Counter[str] = Counter()
        for verdict in verdicts:
            reasons[Term(verdict.reason_en, verdict.reason_zh).within(language)] += len(verdict.devices)
        reason, _count = min(reasons.items(), key=lambda item: (-item[1], item[0]))
        devices = {device for verdict in verdicts for device in verdict.devices}
        name = article_name(key[1], language)
        document = titles.get(key[0], key[0])
        asked.append(OpenQuestion(document, name, reason, len(reasons), len(devices), min(devices)))
    return tuple(asked)


def _titles(snapshot: Snapshot, language: str) -> dict[str, str]:
    return {article.pack: pack_title(article, language) for article in snapshot.articles}


def _shared(findings: Sequence[Finding]) -> tuple[SharedFinding, ...]:
    severities, alike = list(Severity), defaultdict(list)
    for finding in findings:
        key = (
            severities.index(finding.severity),
            finding.due,
            finding.state,
            finding.rule,
            finding.reason_en,
        )
        alike[key].append(finding)
    return tuple(
        SharedFinding(alike[key][0], tuple(sorted(alike[key], key=lambda finding: finding.device)))
        for key in sorted(alike, key=lambda key: (*key[:2], -len(alike[key]), *key[2:]))
    )

"""How the devices stand with each article: the figures every report and screen shows.

A device has one outcome per article, the worst that any rule gave it, so that no good rule hides a bad one.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from inventory.types import WORST_FIRST, Article, Verdict, VerdictOutcome


@dataclass(frozen=True, slots=True)
class ArticlePosture:
    """How many devices stand how with one article; `not_judged` have no verdict under it at all."""

    article: Article
    counts: Mapping[VerdictOutcome, int]
    not_judged: int

    @property
    def judged(self) -> int:
        """How many devices any rule of the article spoke of."""
        return sum(self.counts.values())


ArticleKey = tuple[str, date, str]


def posture(
    articles: Sequence[Article], verdicts: Iterable[Verdict], devices: Iterable[str]
) -> tuple[ArticlePosture, ...]:
    """The posture of `devices` (ids) under each article, in the order of `articles`.

    A verdict on the firm itself (device "") counts once, beside the devices.
    """
    known = frozenset(devices)
    outcomes = outcome_of_each(verdicts)
    made = []
    for article in articles:
        here = outcomes.get((article.pack, article.edition, article.number), {})
        spoken_of = {device: outcome for device, outcome in here.items() if device in known or not device}
        counts = Counter(spoken_of.values())
        firm_only = spoken_of.keys() == {""}
        not_judged = 0 if firm_only else len(known) - len(spoken_of.keys() - {""})
        made.append(
            ArticlePosture(article, {outcome: counts[outcome] for outcome in WORST_FIRST}, not_judged)
        )
    return tuple(made)


def outcome_of_each(verdicts: Iterable[Verdict]) -> dict[ArticleKey, dict[str, VerdictOutcome]]:
    """For each article (pack, edition, number): the worst outcome of each device."""
    worst: dict[ArticleKey, dict[str, VerdictOutcome]] = defaultdict(dict)
    for verdict in verdicts:
        here, outcome = worst[verdict.pack, verdict.edition, verdict.article], verdict.outcome
        before = here.get(verdict.device)
        if before is None or (outcome is not before and _RANK[outcome] < _RANK[before]):
            here[verdict.device] = outcome
    return dict(worst)


_RANK = {outcome: rank for rank, outcome in enumerate(WORST_FIRST)}

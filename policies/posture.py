"""How many devices stand where, article by article."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from inventory.types import WORST_FIRST, Verdict, VerdictOutcome

_RANK = {outcome: rank for rank, outcome in enumerate(WORST_FIRST)}


class ArticlePosture(NamedTuple):
    """One article of one pack, and how many devices have each outcome there."""

    pack: str
    article: str
    counts: Mapping[VerdictOutcome, int]


def worst(outcomes: Iterable[VerdictOutcome]) -> VerdictOutcome:
    """What several rules of one article come to: the worst of them; UNDETERMINED where there is none."""
    return min(outcomes, key=_RANK.__getitem__, default=VerdictOutcome.UNDETERMINED)


def article_outcomes(verdicts: Iterable[Verdict]) -> dict[tuple[str, str, str], VerdictOutcome]:
    """(device, pack, article) → the outcome of that article for that device."""
    standing: dict[tuple[str, str, str], VerdictOutcome] = {}
    for verdict in verdicts:
        key = (verdict.device, verdict.pack, verdict.article)
        known = standing.get(key)
        if known is None or _RANK[verdict.outcome] < _RANK[known]:
            standing[key] = verdict.outcome
    return standing


def posture(verdicts: Iterable[Verdict]) -> tuple[ArticlePosture, ...]:
    """Devices counted by article and outcome, articles in the order the verdicts name them."""
    counted: dict[tuple[str, str], Counter[VerdictOutcome]] = {}
    for (_device, pack, article), outcome in article_outcomes(verdicts).items():
        counted.setdefault((pack, article), Counter())[outcome] += 1
    return tuple(
        ArticlePosture(pack, article, {outcome: counts[outcome] for outcome in VerdictOutcome})
        for (pack, article), counts in counted.items()
    )

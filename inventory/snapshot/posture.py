"""How the devices stand with each article: the figures every report and screen shows.

A device has one outcome per article, the worst that any rule gave it, so that no good rule hides a bad one.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date

from inventory.snapshot.sketches import present_ids
from inventory.snapshot.value import Snapshot, once
from inventory.types import WORST_FIRST, Article, VerdictOutcome


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


@once
def posture(snapshot: Snapshot) -> tuple[ArticlePosture, ...]:
    """The posture of the devices under each article, in the packs' order; retired ones do not count.

    A verdict on the firm itself (device "") counts once, beside the devices.
    """
    known = present_ids(snapshot)
    outcomes = _outcome_of_each(snapshot)
    made = []
    for article in snapshot.articles:
        here = outcomes.get((article.pack, article.edition, article.number), {})
        spoken_of = {device: outcome for device, outcome in here.items() if device in known or not device}
        counts = Counter(spoken_of.values())
        firm_only = spoken_of.keys() == {""}
        not_judged = 0 if firm_only else len(known) - len(spoken_of.keys() - {""})
        made.append(
            ArticlePosture(article, {outcome: counts[outcome] for outcome in WORST_FIRST}, not_judged)
        )
    return tuple(made)


@once
def devices_with(snapshot: Snapshot) -> Mapping[VerdictOutcome, AbstractSet[str]]:
    """The devices that stand so under at least one article; one may be under several outcomes."""
    found: dict[VerdictOutcome, set[str]] = {outcome: set() for outcome in WORST_FIRST}
    for outcomes in _outcome_of_each(snapshot).values():
        for device, outcome in outcomes.items():
            found[outcome].add(device)
    return found


@once
def _outcome_of_each(snapshot: Snapshot) -> Mapping[ArticleKey, Mapping[str, VerdictOutcome]]:
    """For each article (pack, edition, number): the worst outcome of each device."""
    worst: dict[ArticleKey, dict[str, VerdictOutcome]] = defaultdict(dict)
    for said in sorted(snapshot.verdicts, key=lambda said: WORST_FIRST.index(said.outcome)):
        here = worst[said.pack, said.edition, said.article]
        for device in said.devices:
            here.setdefault(device, said.outcome)
    return worst

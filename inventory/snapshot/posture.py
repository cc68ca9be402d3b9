"""How the devices stand with each article: the figures every report and screen shows.

A device has one outcome per article, the worst that any rule gave it, so that no good rule hides a bad one.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date

from inventory.snapshot.sketches import present_ids
from inventory.snapshot.value import Snapshot, once
from inventory.types import WORST_FIRST, Article, SharedVerdict, VerdictOutcome


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


@once
def posture(snapshot: Snapshot) -> tuple[ArticlePosture, ...]:
    """The posture of the devices under each article, in the packs' order; retired ones do not count.

    A verdict on the firm itself (device "") counts once, beside the devices.
    """
    present, tallies = present_ids(snapshot), _tallies(snapshot)
    made = []
    for article in snapshot.articles:
        tally = tallies.get((article.pack, article.edition, article.number), _Tally())
        firm_only = tally.firm and not tally.devices
        made.append(
            ArticlePosture(
                article,
                {outcome: tally.counts[outcome] for outcome in WORST_FIRST},
                0 if firm_only else len(present) - tally.devices,
            )
        )
    return tuple(made)


@once
def devices_with(snapshot: Snapshot) -> Mapping[VerdictOutcome, AbstractSet[str]]:
    """The devices that stand so under at least one article; one may be under several outcomes."""
    found: dict[VerdictOutcome, set[str]] = {outcome: set() for outcome in WORST_FIRST}
    for _article, worst in _worst_of_each(snapshot):
        for device, outcome in worst.items():
            found[outcome].add(device)
    return found


@dataclass(slots=True)
class _Tally:
    """What stands under one article: devices, the firm beside them, and how many have which outcome."""

    counts: Counter[VerdictOutcome] = field(default_factory=Counter)
    devices: int = 0
    firm: bool = False


_ArticleKey = tuple[str, date, str]


def _tallies(snapshot: Snapshot) -> Mapping[_ArticleKey, _Tally]:
    present = present_ids(snapshot)
    tallies = {}
    for article, worst in _worst_of_each(snapshot):
        spoken_of = [outcome for device, outcome in worst.items() if device in present or not device]
        firm = "" in worst
        tallies[article] = _Tally(Counter(spoken_of), len(spoken_of) - firm, firm)
    return tallies


def _worst_of_each(snapshot: Snapshot) -> Iterator[tuple[_ArticleKey, Mapping[str, VerdictOutcome]]]:
    """For each article (pack, edition, number) the worst outcome of each device; one article in memory."""
    by_article: dict[_ArticleKey, list[SharedVerdict]] = defaultdict(list)
    for said in sorted(snapshot.verdicts, key=lambda said: WORST_FIRST.index(said.outcome)):
        by_article[said.pack, said.edition, said.article].append(said)
    for article, every in by_article.items():
        worst: dict[str, VerdictOutcome] = {}
        for said in reversed(every):
            worst.update(dict.fromkeys(said.devices, said.outcome))
        yield article, worst

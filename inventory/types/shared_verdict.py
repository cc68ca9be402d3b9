"""What a rule says alike of many devices, said once: the form in which many verdicts are kept and written."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from datetime import date
from operator import attrgetter
from typing import Any, Self

from inventory.types.judgement import Verdict
from inventory.types.vocabulary import WORST_FIRST, Severity, VerdictOutcome


@dataclass(frozen=True, slots=True)
class SharedVerdict:
    """What one rule says alike of several devices (ids in order); the other fields are those of a Verdict."""

    pack: str
    edition: date
    article: str
    rule: str
    outcome: VerdictOutcome
    severity: Severity
    reason_en: str
    reason_zh: str
    judged_on: date
    because: tuple[str, ...]
    remedy_en: str
    remedy_zh: str
    due_days: int
    devices: tuple[str, ...]

    @property
    def said(self) -> tuple[Any, ...]:
        """All but the devices, in the order of the fields: equal where two say the same."""
        return _SAID(self)

    @classmethod
    def of(cls, said: Verdict, devices: tuple[str, ...]) -> Self:
        """What that verdict says, of these devices (in order)."""
        return cls(*(*_SAID(said), devices))

    def on(self, device: str) -> Verdict:
        """The verdict on one of the devices."""
        return Verdict(device, *_SAID(self))


def share(verdicts: Iterable[Verdict]) -> tuple[SharedVerdict, ...]:
    """Verdicts that say the same put together, in the order of what they say."""
    devices: dict[tuple[Any, ...], list[str]] = defaultdict(list)
    for verdict in verdicts:
        devices[_SAID(verdict)].append(verdict.device)
    return tuple(SharedVerdict(*(*said, tuple(sorted(devices[said])))) for said in sorted(devices))


def merge(shared: Iterable[SharedVerdict]) -> tuple[SharedVerdict, ...]:
    """The same of verdicts that are shared already, some of which say the same."""
    alike: dict[tuple[Any, ...], list[SharedVerdict]] = defaultdict(list)
    for one in shared:
        alike[_SAID(one)].append(one)
    return tuple(
        several[0]
        if len(several) == 1
        else replace(several[0], devices=tuple(sorted(device for one in several for device in one.devices)))
        for _said, several in sorted(alike.items())
    )


def each_alone(shared: Iterable[SharedVerdict]) -> tuple[Verdict, ...]:
    """The verdicts taken apart again, by device, pack, edition, article and rule."""
    alone = (Verdict(device, *_SAID(one)) for one in shared for device in one.devices)
    return tuple(sorted(alone, key=_ORDER))


def count_devices(shared: Iterable[SharedVerdict]) -> Counter[tuple[str, str, VerdictOutcome]]:
    """How many devices have (pack, article, outcome) as their gravest outcome under the article."""
    gravest: dict[tuple[str, str], dict[str, VerdictOutcome]] = defaultdict(dict)
    for one in sorted(shared, key=lambda one: WORST_FIRST.index(one.outcome), reverse=True):
        gravest[one.pack, one.article].update(dict.fromkeys(one.devices, one.outcome))
    counted: Counter[tuple[str, str, VerdictOutcome]] = Counter()
    for (pack, article), outcomes in gravest.items():
        for outcome, count in Counter(outcomes.values()).items():
            counted[pack, article, outcome] = count
    return counted


_ORDER = attrgetter("device", "pack", "edition", "article", "rule")
_SAID: Callable[[Verdict | SharedVerdict], tuple[Any, ...]] = attrgetter(
    *(field.name for field in fields(Verdict) if field.name != "device")
)

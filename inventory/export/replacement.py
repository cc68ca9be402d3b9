"""What must be replaced when, and at what cost: plans, and ends of support in no plan, by quarter."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from inventory.export.lifecycle import Horizon, quarter_name, quarter_of, support_ends
from inventory.export.wording import Term
from inventory.records import DONE
from inventory.snapshot.sketches import sketches
from inventory.snapshot.value import Snapshot
from inventory.types import ReplacementPlan

QUARTERS_SHOWN = 8
_RETIRED = "retired"
_PAST = -1


@dataclass(frozen=True, slots=True)
class ReplacementQuarter:
    """One quarter: how many devices go by plan, how many should go and are in no plan, and what it costs.

    `budget` is the sum over the plans that are still to be paid, in whole New Taiwan dollars;
    `without_budget` of them have none, and nobody knows what the unplanned ones cost.
    """

    name: str
    planned: int
    unplanned: int
    budget: int
    without_budget: int


def forecast(snapshot: Snapshot, language: str) -> tuple[ReplacementQuarter, ...]:
    """What is overdue, then every quarter from the snapshot's day on in which something falls due.

    A device counts by the first plan that still has to be carried out; without one by the end of its vendor's
    support (ended: overdue). Retired devices and ends that are not announced do not count. Reads devices,
    plans, and the results of the firmware check.
    """
    places = sorted({*_Fallen.of(snapshot).places})
    return tuple(_quarters(snapshot, language, places))


def replacement_quarters(snapshot: Snapshot, language: str) -> tuple[ReplacementQuarter, ...]:
    """The same as a picture shows it: overdue, each of the next eight quarters, and what comes later."""
    shown = range(_PAST, QUARTERS_SHOWN + 1)
    return tuple(_quarters(snapshot, language, shown, most=QUARTERS_SHOWN))


@dataclass(frozen=True, slots=True)
class _Fallen:
    """The quarter (0 is the present one, _PAST overdue) of devices by plan, of others, of plans to pay."""

    planned: dict[str, int]
    unplanned: dict[str, int]
    to_pay: tuple[tuple[int, ReplacementPlan], ...]

    @property
    def places(self) -> Iterator[int]:
        """Every quarter in which something falls due."""
        yield from self.planned.values()
        yield from self.unplanned.values()
        yield from (place for place, _plan in self.to_pay)

    @classmethod
    def of(cls, snapshot: Snapshot) -> "_Fallen":
        """The devices and plans of a snapshot by the quarter they fall due in."""
        present = {device.id for device in sketches(snapshot).values() if device.present}
        first = quarter_of(snapshot.on)
        planned: dict[str, int] = {}
        to_pay = []
        for plan in sorted(snapshot.plans, key=lambda plan: (plan.due, plan.id)):
            if plan.state == _RETIRED:
                continue
            place = _PAST if plan.due < snapshot.on else quarter_of(plan.due) - first
            going = [device for device in plan.devices if device in present]
            planned |= {device: place for device in going if device not in planned}
            if plan.state not in DONE:
                to_pay.append((place, plan))
        unplanned = {
            end.device.id: quarter_of(end.on) - first
            if end.on and end.horizon is not Horizon.ENDED
            else _PAST
            for end in support_ends(snapshot)
            if end.device.id not in planned and (end.on or end.horizon is Horizon.ENDED)
        }
        return cls(planned, unplanned, tuple(to_pay))


def _quarters(
    snapshot: Snapshot, language: str, places: Iterable[int], most: int | None = None
) -> Iterator[ReplacementQuarter]:
    """One quarter for each place; what lies beyond `most` is counted there."""
    fallen = _Fallen.of(snapshot)

    def bounded(place: int) -> int:
        return place if most is None else min(place, most)

    by_plan = Counter(bounded(place) for place in fallen.planned.values())
    by_end = Counter(bounded(place) for place in fallen.unplanned.values())
    names = {_PAST: _OVERDUE.within(language)}
    if most is not None:
        names[most] = _LATER.within(language)
    first = quarter_of(snapshot.on)
    for place in places:
        budgets = [plan.budget for due, plan in fallen.to_pay if bounded(due) == place]
        yield ReplacementQuarter(
            name=names.get(place) or quarter_name(first + place),
            planned=by_plan[place],
            unplanned=by_end[place],
            budget=sum(budget or 0 for budget in budgets),
            without_budget=budgets.count(None),
        )


_OVERDUE = Term("Overdue", "已逾期")
_LATER = Term("Later", "之後")

"""What must be replaced when: planned replacements, and ends of support in no plan, by quarter."""

from collections import Counter
from dataclasses import dataclass

from inventory.export.lifecycle import Horizon, quarter_name, quarter_of, support_ends
from inventory.export.wording import Term
from inventory.snapshot.value import Snapshot
from inventory.types import DeviceStatus

QUARTERS_SHOWN = 8
_DONE = "retired"
_PAST = -1


@dataclass(frozen=True, slots=True)
class ReplacementQuarter:
    """How many devices are to be replaced in one quarter, and how many should be and are in no plan."""

    name: str
    planned: int
    unplanned: int


def replacement_quarters(snapshot: Snapshot, language: str) -> tuple[ReplacementQuarter, ...]:
    """What is overdue, each of the next eight quarters, and what comes later.

    A device counts by the first plan that still has to be carried out; without one by the end of its vendor's
    support (ended: overdue). Retired devices and ends that are not announced do not count.
    """
    present = {device.id for device in snapshot.devices if device.status is not DeviceStatus.RETIRED}
    first = quarter_of(snapshot.on)
    planned: dict[str, int] = {}
    for plan in sorted(snapshot.plans, key=lambda plan: (plan.due, plan.id)):
        if plan.state != _DONE:
            place = _PAST if plan.due < snapshot.on else quarter_of(plan.due) - first
            planned |= {
                device: place for device in plan.devices if device in present and device not in planned
            }
    unplanned = {
        end.result.device: quarter_of(end.on) - first
        if end.on and end.horizon is not Horizon.ENDED
        else _PAST
        for end in support_ends(snapshot)
        if end.result.device not in planned and (end.on or end.horizon is Horizon.ENDED)
    }
    by_plan = Counter(min(place, QUARTERS_SHOWN) for place in planned.values())
    by_end = Counter(min(place, QUARTERS_SHOWN) for place in unplanned.values())
    names = {_PAST: _OVERDUE.within(language), QUARTERS_SHOWN: _LATER.within(language)}
    return tuple(
        ReplacementQuarter(names.get(place) or quarter_name(first + place), by_plan[place], by_end[place])
        for place in range(_PAST, QUARTERS_SHOWN + 1)
    )


_OVERDUE = Term("Overdue", "已逾期")
_LATER = Term("Later", "之後")

"""The records people make about devices: what a plan's states are, and what the next record is called."""

from calendar import monthrange
from collections.abc import Collection
from datetime import date

from inventory.exits import UsageFault
from inventory.language import N_, _
from inventory.types import Tick

PLAN_STATES = {
    "draft": N_("draft"),
    "approved": N_("approved"),
    "ordered": N_("ordered"),
    "installed": N_("installed"),
    "retired": N_("retired"),
}
"""The states of a replacement plan in their order, with what people call them."""

CAUSES = {
    "weakness": N_("known weakness that cannot be updated"),
    "limit": N_("limit of its functions"),
}
"""Why Art. 29 may except a device."""

CONNECTIONS = {"disconnected": N_("disconnected"), "when-necessary": N_("only when necessary")}
"""How an excepted device is connected meanwhile."""

TICKS = {Tick.YES: N_("yes"), Tick.NO: N_("no"), Tick.NOT_APPLICABLE: N_("not applicable")}
"""What may be said of an item of a checklist."""

DONE = frozenset({"installed", "retired"})


def next_id(kind: str, on: date, taken: Collection[str]) -> str:
    """The next free id of a kind of record: `plan-2026-004`."""
    number = 1
    while (name := f"{kind}-{on.year}-{number:03}") in taken:
        number += 1
    return name


def next_state(state: str) -> str:
    """The state a plan comes to next; UsageFault where it has come to its end."""
    states = list(PLAN_STATES)
    at = states.index(state) if state in states else -1
    if at == len(states) - 1:
        raise UsageFault(_("the plan has come to its end"))
    return states[at + 1]


def quarter(on: date) -> str:
    """The quarter of a day: `2027Q1`."""
    return f"{on.year}Q{(on.month + 2) // 3}"


def months_later(day: date, months: int) -> date:
    """The same day of the month so many months on; the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))

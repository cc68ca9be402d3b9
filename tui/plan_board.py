"""Plans as a board: states down, quarters across; in each cell the devices that go, and the cost. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from inventory.language import _, ngettext
from inventory.records import PLAN_STATES
from inventory.types import ReplacementPlan
from tui import words


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A plan, and what its devices are called."""

    plan: ReplacementPlan
    devices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BoardRow:
    """The plans in one state ("": in any), by the quarter they are due in."""

    state: str
    quarters: Mapping[str, Sequence[PlanLine]]


def board(lines: Sequence[PlanLine]) -> tuple[BoardRow, ...]:
    """A row for each state that has plans, in the order plans go through them, and one for all together."""
    states = [*PLAN_STATES, *sorted({line.plan.state for line in lines} - set(PLAN_STATES))]
    rows = [
        BoardRow(state, by_quarter(line for line in lines if line.plan.state == state)) for state in states
    ]
    return (*(row for row in rows if row.quarters), BoardRow("", by_quarter(lines))) if lines else ()


def by_quarter(lines: Iterable[PlanLine]) -> dict[str, list[PlanLine]]:
    """The plans of each quarter, the soonest first."""
    found: dict[str, list[PlanLine]] = {}
    for line in sorted(lines, key=lambda each: each.plan.due):
        found.setdefault(quarter(line.plan.due), []).append(line)
    return found


def quarter(on: date) -> str:
    """The quarter of a day: `2027Q1`, or `116Q1` where years are the Republic's."""
    return f"{words.day(on).partition('/')[0].partition('-')[0]}Q{(on.month + 2) // 3}"


def going(lines: Iterable[PlanLine]) -> int:
    """How many devices these plans replace, each once."""
    return len({device for line in lines for device in line.plan.devices})


def cost(lines: Sequence[PlanLine]) -> str:
    """The sum of the budgets; how many plans have none, so that it is not taken for the whole."""
    known = [line.plan.budget for line in lines if line.plan.budget is not None]
    unknown = len(lines) - len(known)
    if not known:
        return words.sign("–")
    if not unknown:
        return f"{sum(known):,}"
    without = ngettext("{count:,} plan without", "{count:,} plans without", unknown).format(count=unknown)
    return f"{sum(known):,} ({without})"


def state_name(state: str) -> str:
    """What people call a plan's state."""
    return _(PLAN_STATES[state]) if state in PLAN_STATES else words.printable(state)


def timeline(plan: ReplacementPlan, moment: Callable[[datetime], str]) -> tuple[str, ...]:
    """The way it has come: when, who, into which state, until when, and by how many days it slipped."""
    lines, before = [], None
    for step in plan.steps:
        line = f"{moment(step.at)}  {step.by}: {state_name(step.state)}, {words.day(step.due)}"
        if before is not None and step.due > before:
            days = (step.due - before).days
            line += " " + ngettext("({count:,} day later)", "({count:,} days later)", days).format(count=days)
        lines.append(words.printable(line))
        before = step.due
    return tuple(lines)

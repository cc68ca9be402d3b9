"""Whether an exception counts on a day: no longer, and no better, than the replacement plan that ends it.

And from what there can be one at all: the articles on exceptions let nobody off the register, off paperwork,
or off what they ask themselves.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from inventory.types.judgement import ExceptionRecord, ReplacementPlan

PLAN_DONE = "retired"
PLAN_IN_HAND = frozenset({"approved", "ordered", "installed"})
"""The states of a plan that somebody approved and that is still to be carried out."""

# By pack: the articles on software, access rights and connections, and the one that asks them of sensors.
_EXCEPTED_FROM: Mapping[str, frozenset[str]] = {
    "guideline-2024": frozenset({"23", "24", "25", "30"}),  # Art. 29
    "guideline-2022": frozenset({"24", "25", "26", "31"}),  # Art. 30
    "tsa-2022": frozenset({"7-2", "7-3", "7-4", "7-7"}),  # Art. 7, item 6
}
_BARE = "guideline-2024"  # whose articles are named by their number alone


class ExceptionState(StrEnum):
    """What an exception comes to on a day; only one in force turns a breach into excepted."""

    IN_FORCE = "in-force"
    INCOMPLETE = "incomplete"
    LAPSED = "lapsed"
    AHEAD = "ahead"


class ExceptionStanding(NamedTuple):
    """What an exception comes to, and its last day: the plan's, where that is sooner than its own."""

    state: ExceptionState
    until: date


def can_except(article: str) -> bool:
    """Whether an exception may name this article (`25`, `twse/a-j`); where a pack has no such list, any."""
    pack, _slash, number = article.rpartition("/")
    reach = _EXCEPTED_FROM.get(pack or _BARE)
    return reach is None or number in reach


def standing(record: ExceptionRecord, plans: Iterable[ReplacementPlan], on: date) -> ExceptionStanding:
    """How the exception stands on `on`; `plans` as they stand then, the one that ends it among them.

    Incomplete: in its time, but without approver, or without a plan in hand for its device.
    """
    ending = (plan for plan in plans if plan.id == record.plan and record.device in plan.devices)
    plan = next(ending, None)
    until = record.expiry if plan is None else min(record.expiry, plan.due)
    if until < on:
        return ExceptionStanding(ExceptionState.LAPSED, until)
    if on < record.start:
        return ExceptionStanding(ExceptionState.AHEAD, until)
    carried = plan is not None and plan.state in PLAN_IN_HAND and record.approver.strip()
    return ExceptionStanding(ExceptionState.IN_FORCE if carried else ExceptionState.INCOMPLETE, until)


def plans_on(plans: Iterable[ReplacementPlan], on: date) -> Iterator[ReplacementPlan]:
    """The plans as they stood at the end of that day (of UTC); one first written down later is left out."""
    for plan in plans:
        taken = [step for step in plan.steps if step.at.date() <= on]
        if len(taken) == len(plan.steps):
            yield plan
        elif taken:
            yield replace(plan, state=taken[-1].state, due=taken[-1].due)

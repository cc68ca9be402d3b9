"""A plan comes to its end: are its devices retired with it, and what shows that they are gone?"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from rich.text import Text

from inventory.exits import UsageFault
from inventory.language import N_, _
from inventory.records import PLAN_STATES
from inventory.store.faults import Conflict
from inventory.types import ReplacementPlan
from tui import words
from tui.desk import Desk
from tui.dialogs.form import Field, Form

if TYPE_CHECKING:
    from inventory.register import Register

END = next(reversed(PLAN_STATES))
_RETIRE = "retire"
_WITH_DEVICES = {_RETIRE: N_("retire them"), "keep": N_("keep them")}


def plan_end(desk: Desk, operator: str, plan: ReplacementPlan) -> Form[ReplacementPlan]:
    """A form that takes the plan, as it was seen, to its end; Conflict where it was changed meanwhile."""
    check = partial(words.word_typed, _WITH_DEVICES)
    return Form(
        lambda: Text(_("{plan} comes to its end").format(plan=plan.id), "bold"),
        [
            Field("devices", partial(_, N_("Devices")), "", words.titles(_WITH_DEVICES), check=check),
            Field("proof", partial(_, N_("Proof"))),
        ],
        partial(_save, desk, operator, plan),
        draft=f"plan end {plan.id}",
    )


async def _save(desk: Desk, operator: str, seen: ReplacementPlan, said: Mapping[str, str]) -> ReplacementPlan:
    if not said.get("devices"):
        raise UsageFault(_("say what becomes of its devices"))
    devices = words.word_typed(_WITH_DEVICES, said["devices"])

    def store(register: "Register") -> ReplacementPlan:
        if next((one for one in register.plans() if one.id == seen.id), None) != seen:
            raise Conflict(_("{plan} was changed meanwhile; r reads it again").format(plan=seen.id))
        if devices == _RETIRE:
            return register.retire_plan(seen.id, operator, said.get("proof", ""))
        ended = replace(seen, state=END)
        register.change_plan(ended, operator)
        return ended

    return await desk.ask(store)

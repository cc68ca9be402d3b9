"""The forms over a replacement plan: a new one, another state or day, its end, which asks about its devices.

A plan is changed only where it is still as it was seen: Conflict where somebody changed it meanwhile.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from rich.text import Text

from inventory.exits import UsageFault
from inventory.language import N_, _
from inventory.records import PLAN_STATES, next_id
from inventory.store.faults import Conflict
from inventory.types import Device, ReplacementPlan
from tui import words
from tui.desk import Desk
from tui.dialogs.form import Field, Form
from tui.plan_board import state_name

if TYPE_CHECKING:
    from inventory.register import Register

END = next(reversed(PLAN_STATES))
_RETIRE = "retire"
_WITH_DEVICES = {_RETIRE: N_("retire them"), "keep": N_("keep them")}


def plan_form(  # noqa: PLR0917 - what a plan begins with
    desk: Desk,
    operator: str,
    device: Device | None,
    people: Sequence[str],
    taken: Collection[str],
    today: date,
) -> Form[ReplacementPlan]:
    """A new plan, first of all for the device looked at last."""
    wanted = device.id if device else ""

    def title() -> Text:
        text = Text(_("A replacement plan"), "bold")
        return text.append(f"\n{words.printable(device.label)}", "not bold") if device else text

    async def save(said: Mapping[str, str]) -> ReplacementPlan:
        def store(register: "Register") -> ReplacementPlan:
            named = said.get("devices", wanted).replace(",", " ").split()
            plan = ReplacementPlan(
                id=next_id("plan", today, taken),
                devices=tuple(register.device(each).id for each in named),
                reason=said.get("reason", ""),
                successor=said.get("successor", ""),
                due=words.day_typed(said.get("due", "")),
                owner=said.get("owner", operator),
                state=next(iter(PLAN_STATES)),
                budget=_dollars(said["budget"]) if "budget" in said else None,
            )
            register.add_plan(plan, operator)
            return plan

        return await desk.ask(store)

    fields = [
        Field("devices", partial(_, N_("Devices")), wanted),
        Field("reason", partial(_, N_("Why"))),
        Field("successor", partial(_, N_("Replaced by"))),
        Field("due", partial(_, N_("Due")), check=words.day_typed),
        Field("owner", partial(_, N_("Owner")), operator, tuple(people), open_list=True),
        Field("budget", partial(_, N_("Budget (NT$)")), check=_dollars),
    ]
    return Form(title, fields, save, draft="plan")


def plan_change(desk: Desk, operator: str, plan: ReplacementPlan) -> Form[ReplacementPlan]:
    """Another state, but not the last, or another day."""

    async def save(said: Mapping[str, str]) -> ReplacementPlan:
        state = words.word_typed(PLAN_STATES, said["state"]) if said.get("state") else plan.state
        if state == END != plan.state:
            raise UsageFault(_("a takes an installed plan to its end, and asks about its devices"))
        due = words.day_typed(said["due"]) if said.get("due") else plan.due
        return await desk.ask(changing(operator, plan, lambda _plan: state, due))

    fields = [
        Field(
            "state",
            partial(_, N_("State")),
            state_name(plan.state),
            words.titles(PLAN_STATES),
            check=partial(words.word_typed, PLAN_STATES),
        ),
        Field("due", partial(_, N_("Due")), words.day(plan.due), check=words.day_typed),
    ]
    return Form(partial(Text, plan.id, "bold"), fields, save, draft=f"plan {plan.id}")


def plan_end(desk: Desk, operator: str, plan: ReplacementPlan) -> Form[ReplacementPlan]:
    """The end of a plan: are its devices retired with it, and what shows that they are gone?"""

    async def save(said: Mapping[str, str]) -> ReplacementPlan:
        if not said.get("devices"):
            raise UsageFault(_("say what becomes of its devices"))
        devices = words.word_typed(_WITH_DEVICES, said["devices"])

        def retire(register: "Register") -> ReplacementPlan:
            _check_seen(register, plan)
            return register.retire_plan(plan.id, operator, said.get("proof", ""))

        keep = changing(operator, plan, lambda _plan: END, plan.due)
        return await desk.ask(retire if devices == _RETIRE else keep)

    check = partial(words.word_typed, _WITH_DEVICES)
    fields = [
        Field("devices", partial(_, N_("Devices")), "", words.titles(_WITH_DEVICES), check=check),
        Field("proof", partial(_, N_("Proof"))),
    ]
    title = partial(Text, _("{plan} comes to its end").format(plan=plan.id), "bold")
    return Form(title, fields, save, draft=f"plan end {plan.id}")


def changing(
    operator: str, seen: ReplacementPlan, state: Callable[[ReplacementPlan], str], due: date
) -> "Callable[[Register], ReplacementPlan]":
    """What takes the plan to a state and a day."""

    def store(register: "Register") -> ReplacementPlan:
        _check_seen(register, seen)
        changed = replace(seen, state=state(seen), due=due)
        register.change_plan(changed, operator)
        return changed

    return store


def _check_seen(register: "Register", seen: ReplacementPlan) -> None:
    if next((one for one in register.plans() if one.id == seen.id), None) != seen:
        raise Conflict(_("{plan} was changed meanwhile; r reads it again").format(plan=seen.id))


def _dollars(text: str) -> int:
    digits = text.replace(",", "").strip()
    if not digits.isdecimal():
        raise UsageFault(_("{text!r} is no whole number of dollars").format(text=text))
    return int(digits)

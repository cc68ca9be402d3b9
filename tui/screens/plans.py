"""Plans: what is to be replaced, quarter by quarter, with what it waits for and what it is late by."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import work
from textual.binding import Binding, BindingType

from inventory.exits import UsageFault
from inventory.language import N_, _, ngettext
from inventory.records import DONE, PLAN_STATES, next_id, next_state
from inventory.store.faults import Conflict
from inventory.types import Attribute, ReplacementPlan
from tui import words
from tui.dialogs.form import Field, Form
from tui.list_page import ListPage
from tui.widgets.columns import Column

if TYPE_CHECKING:
    from inventory.register import Register


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A plan, and what its devices are called."""

    plan: ReplacementPlan
    devices: tuple[str, ...]


class Plans(ListPage[PlanLine]):
    """The board: quarters above with their counts and budgets, the plans by due date below."""

    NAME: ClassVar[str] = "plans"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "plan", N_("New plan")),
        Binding("a", "advance", N_("Next state")),
        Binding("e", "change_plan", N_("State and day")),
    ]
    CALLS: ClassVar[dict[str, str]] = {
        "plan": "add_plan",
        "advance": "change_plan",
        "change_plan": "change_plan",
    }

    def rows(self, register: "Register") -> Sequence[PlanLine]:
        """Every plan, soonest due first."""
        found = register.plans()
        labels = {
            device: label.label
            for device, label in register.by_id({d for plan in found for d in plan.devices}).items()
        }
        return [PlanLine(plan, tuple(labels.get(each, each) for each in plan.devices)) for plan in found]

    def key_of(self, row: PlanLine) -> str:
        """By its id."""
        return row.plan.id

    def columns(self) -> Sequence[Column[PlanLine]]:
        """When, what, into what, how far."""
        return (
            Column("quarter", N_("Quarter"), lambda row: quarter(row.plan.due), 8),
            Column("due", N_("Due"), self._due, 12, tone=self._tone),
            Column("devices", N_("Devices"), _devices, 18, stretch=2),
            Column("successor", N_("Replaced by"), _successor, 14, stretch=1),
            Column("state", N_("State"), lambda row: state_name(row.plan.state), 10),
            Column("budget", N_("Budget"), _budget, 11, right=True, rank=1),
            Column("owner", N_("Owner"), lambda row: words.printable(row.plan.owner), 12, rank=1),
            Column("id", N_("Plan"), lambda row: words.printable(row.plan.id), 12, rank=2),
        )

    def summary(self) -> Text:
        """What is still open, quarter by quarter: how many devices go, and what that may cost."""
        if not self.listing:
            return Text("")
        waiting = by_quarter([row.plan for row in self.listing if row.plan.state not in DONE])
        late = sum(self._late(row) for row in self.listing)
        dot = f" {words.sign('·')} "
        going = [
            f"{each}: {len({device for plan in plans for device in plan.devices}):,}"
            for each, plans in waiting.items()
        ]
        said = Text(_("Devices to go: "), "bold").append(dot.join(going) or "0", "not bold")
        if late:
            said.append("  ").append(
                ngettext("{count:,} plan late", "{count:,} plans late", late).format(count=late) + " !"
            )
        if waiting:
            costs = [f"{each}: {_cost(plans)}" for each, plans in waiting.items()]
            said.append("\n" + _("Budget (NT$): ")).append(dot.join(costs), "not bold")
        return said

    def explain(self, row: PlanLine) -> Text:
        """The plan in words, with the way it has come."""
        plan = row.plan
        text = Text(f"{plan.id}  {words.day(plan.due)}\n", style="bold")
        text.append(words.printable(", ".join(row.devices)) + "\n", "not bold")
        text.append(_("Why: ")).append(words.printable(plan.reason), "not bold")
        text.append("\n" + _("Replaced by: ")).append(words.printable(plan.successor), "not bold")
        text.append("\n" + _("Budget (NT$): ")).append(_budget(row), "not bold")
        way = f" {words.sign('→')} ".join(
            f"[{state_name(each)}]" if each == plan.state else state_name(each) for each in PLAN_STATES
        )
        return text.append(f"\n{way}", "not bold")

    def nothing(self) -> str:
        """How to make the first."""
        return _("No plan yet. n makes one for the device you looked at last.")

    @work(exclusive=True, group="editing")
    async def action_plan(self) -> None:
        """Plans the replacement of the device looked at last."""
        wanted = self.muster.device_id
        known = await self.ask(
            lambda register: (register.names(Attribute.OWNER), {one.id for one in register.plans()})
        )
        if known is None:
            return
        people, taken = known
        form = Form(
            partial(Text, _("A replacement plan"), "bold"),
            [
                Field("devices", partial(_, N_("Devices")), wanted),
                Field("reason", partial(_, N_("Why"))),
                Field("successor", partial(_, N_("Replaced by"))),
                Field("due", partial(_, N_("Due")), check=words.day_typed),
                Field("owner", partial(_, N_("Owner")), self.muster.operator, people, open_list=True),
                Field("budget", partial(_, N_("Budget (NT$)")), check=_dollars),
            ],
            partial(self._save, next_id("plan", self.muster.today, taken), wanted),
            draft="plan",
        )
        await self.fill_in(form, lambda plan: _("{plan} is in the register").format(plan=plan.id))

    async def _save(self, name: str, wanted: str, said: Mapping[str, str]) -> ReplacementPlan:
        operator = self.muster.operator

        def store(register: "Register") -> ReplacementPlan:
            devices = tuple(
                register.device(each).id for each in said.get("devices", wanted).replace(",", " ").split()
            )
            plan = ReplacementPlan(
                id=name,
                devices=devices,
                reason=said.get("reason", ""),
                successor=said.get("successor", ""),
                due=words.day_typed(said.get("due", "")),
                owner=said.get("owner", operator),
                state=next(iter(PLAN_STATES)),
                budget=_dollars(said["budget"]) if "budget" in said else None,
            )
            register.add_plan(plan, operator)
            return plan

        return await self.muster.desk.ask(store)

    @work(exclusive=True, group="advancing")
    async def action_advance(self) -> None:
        """Takes the plan under the cursor to its next state."""
        row = self.row
        if row is None:
            return
        changed = await self.ask(self._changing(row.plan, lambda plan: next_state(plan.state), row.plan.due))
        if changed is not None:
            self.muster.undoing.note_lines(1)
            self.news(_how_far(changed))
            self.read()

    @work(exclusive=True, group="editing")
    async def action_change_plan(self) -> None:
        """Says another state or another day of the plan under the cursor."""
        row = self.row
        if row is None:
            return
        plan = row.plan
        states = words.titles(PLAN_STATES)
        form = Form(
            partial(Text, plan.id, "bold"),
            [
                Field(
                    "state",
                    partial(_, N_("State")),
                    state_name(plan.state),
                    states,
                    check=partial(words.word_typed, PLAN_STATES),
                ),
                Field("due", partial(_, N_("Due")), words.day(plan.due), check=words.day_typed),
            ],
            partial(self._change, plan),
            draft=f"plan {plan.id}",
        )
        await self.fill_in(form, _how_far)

    async def _change(self, plan: ReplacementPlan, said: Mapping[str, str]) -> ReplacementPlan:
        state = words.word_typed(PLAN_STATES, said["state"]) if said.get("state") else plan.state
        due = words.day_typed(said["due"]) if said.get("due") else plan.due
        return await self.muster.desk.ask(self._changing(plan, lambda _plan: state, due))

    def _changing(
        self, seen: ReplacementPlan, state: Callable[[ReplacementPlan], str], due: date
    ) -> "Callable[[Register], ReplacementPlan]":
        """Changes the plan as it was seen; Conflict where somebody else has changed it meanwhile."""
        operator = self.muster.operator

        def store(register: "Register") -> ReplacementPlan:
            held = next((one for one in register.plans() if one.id == seen.id), None)
            if held != seen:
                raise Conflict(_("{plan} was changed meanwhile; r reads it again").format(plan=seen.id))
            changed = replace(seen, state=state(seen), due=due)
            register.change_plan(changed, operator)
            return changed

        return store

    def _late(self, row: PlanLine) -> bool:
        return row.plan.state not in DONE and row.plan.due < self.muster.today

    def _due(self, row: PlanLine) -> str:
        return f"{words.day(row.plan.due)} !" if self._late(row) else words.day(row.plan.due)

    def _tone(self, row: PlanLine) -> str:
        return "bad" if self._late(row) else ""


def quarter(on: date) -> str:
    """The quarter of a day: `2027Q1`."""
    return f"{words.day(on).partition('/')[0].partition('-')[0]}Q{(on.month + 2) // 3}"


def by_quarter(plans: Sequence[ReplacementPlan]) -> dict[str, list[ReplacementPlan]]:
    """The plans of each quarter, the soonest first."""
    found: dict[str, list[ReplacementPlan]] = {}
    for plan in sorted(plans, key=lambda each: each.due):
        found.setdefault(quarter(plan.due), []).append(plan)
    return found


def _cost(plans: Sequence[ReplacementPlan]) -> str:
    """The sum of the budgets; how many plans have none, so that it is not taken for the whole."""
    known = [plan.budget for plan in plans if plan.budget is not None]
    unknown = len(plans) - len(known)
    if not known:
        return words.sign("–")
    if not unknown:
        return f"{sum(known):,}"
    without = ngettext("{count:,} plan without", "{count:,} plans without", unknown).format(count=unknown)
    return f"{sum(known):,} ({without})"


def _budget(row: PlanLine) -> str:
    return words.sign("–") if row.plan.budget is None else f"{row.plan.budget:,}"


def _dollars(text: str) -> int:
    digits = text.replace(",", "").strip()
    if not digits.isdecimal():
        raise UsageFault(_("{text!r} is no whole number of dollars").format(text=text))
    return int(digits)


def _how_far(plan: ReplacementPlan) -> str:
    line = _("{plan}: {state}, due {day}")
    return line.format(plan=plan.id, state=state_name(plan.state), day=words.day(plan.due))


def _devices(row: PlanLine) -> str:
    return words.printable(", ".join(row.devices))


def _successor(row: PlanLine) -> str:
    return words.printable(row.plan.successor)


def state_name(state: str) -> str:
    """What people call a plan's state."""
    return _(PLAN_STATES[state]) if state in PLAN_STATES else words.printable(state)

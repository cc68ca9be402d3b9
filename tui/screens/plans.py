"""Plans: what is to be replaced, quarter by quarter, with what it waits for and what it is late by."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import work
from textual.binding import Binding, BindingType

from inventory.language import N_, _, ngettext
from inventory.records import DONE, PLAN_STATES, next_id
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
    """The board: quarters above with their counts, the plans by due date below."""

    NAME: ClassVar[str] = "plans"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("n", "plan", N_("New plan"))]
    CALLS: ClassVar[dict[str, str]] = {"plan": "add_plan"}

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
            Column("owner", N_("Owner"), lambda row: words.printable(row.plan.owner), 12, rank=1),
            Column("id", N_("Plan"), lambda row: words.printable(row.plan.id), 12, rank=2),
        )

    def summary(self) -> Text:
        """Quarters and how many devices go in each, those still open before those done."""
        if not self.listing:
            return Text("")
        waiting = Counter[str]()
        for row in self.listing:
            if row.plan.state not in DONE:
                waiting[quarter(row.plan.due)] += len(row.plan.devices)
        late = sum(self._late(row) for row in self.listing)
        parts = [f"{each}: {count:,}" for each, count in sorted(waiting.items())]
        said = Text(_("Devices to go: "), "bold").append(
            f" {words.sign('·')} ".join(parts) or "0", "not bold"
        )
        if late:
            said.append("  ").append(
                ngettext("{count:,} plan late", "{count:,} plans late", late).format(count=late) + " !"
            )
        return said

    def explain(self, row: PlanLine) -> Text:
        """The plan in words, with the way it has come."""
        plan = row.plan
        text = Text(f"{plan.id}  {words.day(plan.due)}\n", style="bold")
        text.append(words.printable(", ".join(row.devices)) + "\n", "not bold")
        text.append(_("Why: ")).append(words.printable(plan.reason), "not bold")
        text.append("\n" + _("Replaced by: ")).append(words.printable(plan.successor), "not bold")
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
            )
            register.add_plan(plan, operator)
            return plan

        return await self.muster.desk.ask(store)

    def _late(self, row: PlanLine) -> bool:
        return row.plan.state not in DONE and row.plan.due < self.muster.today

    def _due(self, row: PlanLine) -> str:
        return f"{words.day(row.plan.due)} !" if self._late(row) else words.day(row.plan.due)

    def _tone(self, row: PlanLine) -> str:
        return "bad" if self._late(row) else ""


def quarter(on: date) -> str:
    """The quarter of a day: `2027Q1`."""
    return f"{words.day(on).partition('/')[0].partition('-')[0]}Q{(on.month + 2) // 3}"


def _devices(row: PlanLine) -> str:
    return words.printable(", ".join(row.devices))


def _successor(row: PlanLine) -> str:
    return words.printable(row.plan.successor)


def state_name(state: str) -> str:
    """What people call a plan's state."""
    return _(PLAN_STATES[state]) if state in PLAN_STATES else words.printable(state)

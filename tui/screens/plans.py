"""Plans: what is to be replaced by when, how far each plan has come, and the board of all by quarter."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import work
from textual.binding import Binding, BindingType

from inventory.language import N_, _, ngettext
from inventory.records import DONE, PLAN_STATES, next_state
from inventory.types import PLAN_DONE, Attribute, ReplacementPlan
from tui import words
from tui.dialogs.form import Form
from tui.dialogs.plan import END, changing, plan_change, plan_end, plan_form
from tui.list_page import ListPage
from tui.plan_board import BoardRow, PlanLine, board, by_quarter, cost, going, quarter, state_name, timeline
from tui.widgets.columns import Column

if TYPE_CHECKING:
    from inventory.register import Register


Line = PlanLine | BoardRow


class Plans(ListPage[Line]):
    """The plans by due date, or the board: `m`. On the board left and right choose the quarter."""

    NAME: ClassVar[str] = "plans"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "plan", N_("New plan")),
        Binding("a", "advance", N_("Next state")),
        Binding("e", "change_plan", N_("State and day")),
        Binding("m", "board", N_("Plans or board")),
        Binding("left", "quarter(-1)", N_("Quarter before"), show=False, key_display="←"),
        Binding("right", "quarter(1)", N_("Next quarter"), show=False, key_display="→"),
    ]
    CALLS: ClassVar[dict[str, str]] = {
        "plan": "add_plan",
        "advance": "change_plan",
        "change_plan": "change_plan",
    }

    def __init__(self) -> None:
        super().__init__()
        self._board = False
        self._chosen = 0

    def rows(self, register: "Register") -> Sequence[Line]:
        """Every plan, soonest due first; or the board."""
        found = register.plans()
        labels = {
            device: label.label
            for device, label in register.by_id({d for plan in found for d in plan.devices}).items()
        }
        lines = [PlanLine(plan, tuple(labels.get(each, each) for each in plan.devices)) for plan in found]
        return board(lines) if self._board else lines

    def key_of(self, row: Line) -> str:
        """By its id, or its state."""
        return row.plan.id if isinstance(row, PlanLine) else row.state

    def columns(self) -> Sequence[Column[Line]]:
        """When, what, into what, how far; or the quarters, those from the chosen one on."""
        columns: Sequence[Column[Line]] = self._board_columns() if self._board else self._plan_columns()  # type: ignore[assignment]
        return columns

    def _plan_columns(self) -> Sequence[Column[PlanLine]]:
        return (
            Column("quarter", N_("Quarter"), lambda row: quarter(row.plan.due), 8),
            Column("due", N_("Due"), self._due, 12, tone=self._tone),
            Column("devices", N_("Devices"), _devices, 18, ideal=30, stretch=2),
            Column("successor", N_("Replaced by"), _successor, 14, ideal=20, stretch=1),
            Column("state", N_("State"), lambda row: state_name(row.plan.state), 10),
            Column("budget", N_("Budget"), _budget, 11, right=True, rank=1),
            Column("owner", N_("Owner"), lambda row: words.printable(row.plan.owner), 12, rank=1),
            Column("id", N_("Plan"), lambda row: words.printable(row.plan.id), 13, rank=2),
        )

    def summary(self) -> Text:
        """What is still open, quarter by quarter: how many devices go, and what that may cost."""
        lines = self._lines
        if not lines:
            return Text("")
        waiting = by_quarter(line for line in lines if line.plan.state not in DONE)
        late = sum(self._late(line) for line in lines)
        dot = f" {words.sign('·')} "
        to_go = [f"{each}: {going(plans):,}" for each, plans in waiting.items()]
        said = Text(_("Devices to go: "), "bold").append(dot.join(to_go) or "0", "not bold")
        if late:
            said.append("  ").append(
                ngettext("{count:,} plan late", "{count:,} plans late", late).format(count=late) + " !"
            )
        if waiting:
            costs = [f"{each}: {cost(plans)}" for each, plans in waiting.items()]
            said.append("\n" + _("Budget (NT$): ")).append(dot.join(costs), "not bold")
        return said

    def explain(self, row: Line) -> Text:
        """The plan in words, with the way it has come; or the plans of the chosen cell."""
        if isinstance(row, BoardRow):
            return self._explain_cell(row)
        plan = row.plan
        text = Text(f"{plan.id}  {words.day(plan.due)}\n", style="bold")
        text.append(words.printable(", ".join(row.devices)) + "\n", "not bold")
        text.append(_("Why: ")).append(words.printable(plan.reason), "not bold")
        text.append("\n" + _("Replaced by: ")).append(words.printable(plan.successor), "not bold")
        text.append("\n" + _("Budget (NT$): ")).append(_budget(row), "not bold")
        way = f" {words.sign('→')} ".join(
            f"[{state_name(each)}]" if each == plan.state else state_name(each) for each in PLAN_STATES
        )
        text.append(f"\n{way}", "not bold")
        for line in timeline(plan, self.moment):
            text.append(f"\n{line}", "not bold")
        return text

    def nothing(self) -> str:
        """How to make the first."""
        return _("No plan yet. n makes one for the device you looked at last.")

    def leads_on(self, row: Line) -> bool:
        """To what may be said of a plan; a cell of the board is told of below."""
        return isinstance(row, PlanLine) and self.check_action("change_plan", ()) is True

    def open_row(self, row: Line) -> None:  # noqa: ARG002
        """Says another state or day."""
        self.action_change_plan()

    def action_board(self) -> None:
        """Shows the board, or the plans again."""
        self._board, self._chosen = not self._board, 0
        self.read()

    def action_quarter(self, by: int) -> None:
        """Chooses another quarter of the board."""
        self._chosen = self._place + by
        self.table.use_columns(self.columns())
        self._explain()

    @work(exclusive=True, group="editing")
    async def action_plan(self) -> None:
        """Plans the replacement of the device looked at last."""
        muster, wanted = self.muster, self.muster.device_id
        known = await self.ask(
            lambda register: (
                register.device(wanted) if wanted else None,
                register.names(Attribute.OWNER),
                {one.id for one in register.plans()},
            )
        )
        if known is not None:
            form = plan_form(muster.desk, muster.operator, *known, muster.today)
            await self.fill_in(form, lambda plan: _("{plan} is in the register").format(plan=plan.id))

    @work(exclusive=True, group="advancing")
    async def action_advance(self) -> None:
        """Takes the plan under the cursor to its next state; at its end asks about its devices."""
        row, operator = self.row, self.muster.operator
        if not isinstance(row, PlanLine):
            return
        if row.plan.state != END and next_state(row.plan.state) == END:
            self._fill_in(plan_end(self.muster.desk, operator, row.plan))
            return
        store = changing(operator, row.plan, lambda plan: next_state(plan.state), row.plan.due)
        changed = await self.ask(store)
        if changed is not None:
            self.muster.undoing.note_lines(1)
            self.news(_how_far(changed))
            self.read()

    def action_change_plan(self) -> None:
        """Says another state or another day of the plan under the cursor."""
        row = self.row
        if isinstance(row, PlanLine):
            self._fill_in(plan_change(self.muster.desk, self.muster.operator, row.plan))

    @work(exclusive=True, group="editing")
    async def _fill_in(self, form: Form[ReplacementPlan]) -> None:
        await self.fill_in(form, _how_far)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A plan is changed where one stands under the cursor; quarters are chosen on the board."""
        if action in {"advance", "change_plan"} and not isinstance(self.row, PlanLine):
            return False
        if action == "quarter" and not self._board:
            return False
        return super().check_action(action, parameters)

    @property
    def _lines(self) -> Sequence[PlanLine]:
        """Every plan once, whichever way they are shown."""
        everything = next((row for row in self.listing if isinstance(row, BoardRow) and not row.state), None)
        if everything is not None:
            return [line for lines in everything.quarters.values() for line in lines]
        return [row for row in self.listing if isinstance(row, PlanLine)]

    @property
    def _place(self) -> int:
        return self._chosen % max(1, len(by_quarter(self._lines)))

    def _board_columns(self) -> Sequence[Column[BoardRow]]:
        quarters = list(by_quarter(self._lines))
        shown = quarters[self._place :] + quarters[: self._place]
        return (
            Column("state", N_("State"), lambda row: state_name(row.state) if row.state else _("all"), 10),
            *(_quarter_column(each, chosen=not place) for place, each in enumerate(shown)),
        )

    def _explain_cell(self, row: BoardRow) -> Text:
        chosen = next(iter([*by_quarter(self._lines)][self._place :]), "")
        state = state_name(row.state) if row.state else _("all")
        text = Text(f"{chosen} {words.sign('·')} {state}\n", "bold")
        for line in row.quarters.get(chosen, ()):
            said = (
                line.plan.id,
                self._due(line),
                _devices(line),
                _successor(line),
                _budget(line),
                line.plan.owner,
            )
            text.append("  ".join(words.printable(part) for part in said if part) + "\n", "not bold")
        return text

    def _late(self, row: PlanLine) -> bool:
        return row.plan.state != PLAN_DONE and row.plan.due < self.muster.today

    def _due(self, row: PlanLine) -> str:
        return f"{words.day(row.plan.due)} !" if self._late(row) else words.day(row.plan.due)

    def _tone(self, row: PlanLine) -> str:
        return "bad" if self._late(row) else ""


def _quarter_column(quarter: str, *, chosen: bool) -> Column[BoardRow]:
    def text(row: BoardRow) -> str:
        lines = row.quarters.get(quarter, ())
        return f"{going(lines):,} {words.sign('·')} {cost(lines)}" if lines else words.sign("·")

    heading = f"[{quarter}]" if chosen else quarter
    return Column(f"in {quarter}", heading, text, 16, rank=0 if chosen else 1, stretch=1)


def _budget(row: PlanLine) -> str:
    return words.sign("–") if row.plan.budget is None else f"{row.plan.budget:,}"


def _how_far(plan: ReplacementPlan) -> str:
    line = _("{plan}: {state}, due {day}")
    return line.format(plan=plan.id, state=state_name(plan.state), day=words.day(plan.due))


def _devices(row: PlanLine) -> str:
    return words.printable(", ".join(row.devices))


def _successor(row: PlanLine) -> str:
    return words.printable(row.plan.successor)

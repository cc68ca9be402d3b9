"""Exceptions: which devices are excepted from which articles, on whose word, until when, with which plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import work
from textual.binding import Binding, BindingType

from inventory.facts import word_called
from inventory.language import N_, _, ngettext
from inventory.names import called
from inventory.records import CAUSES, CONNECTIONS
from inventory.types import ExceptionRecord, ExceptionStanding, ExceptionState, VerdictOutcome, standing
from tui import words
from tui.dialogs.exception import end_form, exception_form, grounds
from tui.list_page import ListPage
from tui.widgets.columns import Column

if TYPE_CHECKING:
    from inventory.register import Register

_SOON = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class ExceptionLine:
    """An exception, how it stands today, and what its device is called."""

    record: ExceptionRecord
    stands: ExceptionStanding
    device: str


class Exceptions(ListPage[ExceptionLine]):
    """`n` excepts the device looked at last, `x` ends an exception; Enter shows the device."""

    NAME: ClassVar[str] = "exceptions"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "except", N_("New exception")),
        Binding("x", "end", N_("End early")),
    ]
    CALLS: ClassVar[dict[str, str]] = {"except": "add_exception", "end": "change_exception"}

    def rows(self, register: "Register") -> Sequence[ExceptionLine]:
        """Every exception, soonest to lapse first."""
        plans, found = register.plans(), register.exceptions()
        devices = register.by_id({each.device for each in found})
        lines = (
            ExceptionLine(each, standing(each, plans, self.muster.today), _name(devices, each.device))
            for each in found
        )
        return sorted(lines, key=lambda line: (line.stands.until, line.record.id))

    def key_of(self, row: ExceptionLine) -> str:
        """By its id."""
        return row.record.id

    def columns(self) -> Sequence[Column[ExceptionLine]]:
        """Which device, from what, until when."""
        return (
            Column(
                "state",
                N_("State"),
                lambda row: self._state(row)[0],
                12,
                tone=lambda row: self._state(row)[1],
            ),
            Column("device", N_("Device"), lambda row: words.printable(row.device), 18, stretch=2),
            Column("articles", N_("Articles"), lambda row: ", ".join(row.record.articles), 12, stretch=1),
            Column("expiry", N_("Until"), lambda row: words.day(row.stands.until), 10),
            Column("plan", N_("Plan"), lambda row: words.printable(row.record.plan) or words.sign("–"), 13),
            Column("approver", N_("Approved by"), _approver, 12, rank=1),
            Column("start", N_("From"), lambda row: words.day(row.record.start), 10, rank=2),
        )

    def summary(self) -> Text:
        """How many are in force, and how many end soon."""
        force = [row for row in self.listing if row.stands.state is ExceptionState.IN_FORCE]
        in_force, soon = len(force), sum(self._ends_soon(row) for row in force)
        said = ngettext("{count:,} in force", "{count:,} in force", in_force).format(count=in_force)
        if soon:
            said += f" {words.sign('·')} " + _("{count:,} end within 60 days").format(count=soon)
        return Text(said, "bold") if self.listing else Text("")

    def explain(self, row: ExceptionLine) -> Text:
        """The exception in words."""
        record = row.record
        text = Text(f"{record.id}  {words.printable(row.device)}\n", style="bold")
        for heading, said in (
            (_("Why: "), record.reason),
            (_("Cause: "), _word(CAUSES, record.cause)),
            (_("Connected: "), _word(CONNECTIONS, record.connection)),
            (_("Meanwhile: "), record.compensating_control),
            (_("Approved by: "), record.approver),
            (_("State: "), word_called(row.stands.state)),
            (_("Plan: "), record.plan or _("none: the exception does not count without one")),
        ):
            text.append(heading).append(words.printable(said) + "\n", "not bold")
        return text

    def nothing(self) -> str:
        """How to make the first."""
        return _("No exception. n makes one for the device you looked at last.")

    def open_row(self, row: ExceptionLine) -> None:
        """Shows the device."""
        self.muster.show_device(row.record.device)

    @work(exclusive=True, group="editing")
    async def action_except(self) -> None:
        """Excepts the device looked at last from the articles it breaches."""
        muster, wanted = self.muster, self.muster.device_id
        found = await self.ask(lambda register: grounds(register, wanted))
        if found is not None:
            form = exception_form(muster.desk, muster.operator, found, muster.today)
            await self.fill_in(form, lambda record: _("{record} is in the register").format(record=record.id))

    @work(exclusive=True, group="editing")
    async def action_end(self) -> None:
        """Ends the exception under the cursor before its time."""
        row, muster = self.row, self.muster
        if row is not None:
            form = end_form(muster.desk, muster.operator, row.record, muster.today)
            line = _("{record} ends on {day}")
            await self.fill_in(form, lambda ended: line.format(record=ended.id, day=words.day(ended.expiry)))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Ending is offered on an exception that has not lapsed."""
        if action == "end" and (self.row is None or self.row.stands.state is ExceptionState.LAPSED):
            return False
        return super().check_action(action, parameters)

    def _state(self, row: ExceptionLine) -> tuple[str, str]:
        """Sign with word, and tone."""
        state = row.stands.state
        if state is ExceptionState.IN_FORCE and self._ends_soon(row):
            return "! " + _("ends soon"), "warn"
        tone = "bad" if state in (ExceptionState.INCOMPLETE, ExceptionState.LAPSED) else ""
        sign = words.symbol(VerdictOutcome.EXCEPTED) if state is ExceptionState.IN_FORCE else "!"
        return f"{sign} {called(state)}", tone

    def _ends_soon(self, row: ExceptionLine) -> bool:
        return row.stands.until < self.muster.today + _SOON


def _approver(row: ExceptionLine) -> str:
    return words.printable(row.record.approver)


def _name(devices: Mapping[str, object], device: str) -> str:
    found = devices.get(device)
    return str(getattr(found, "label", device))


def _word(known: Mapping[str, str], word: str) -> str:
    return _(known[word]) if word in known else words.sign("–")

"""Exceptions: which devices are excepted from which articles, on whose word, until when, with which plan."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import work
from textual.binding import Binding, BindingType

from inventory.exits import UsageFault
from inventory.language import N_, _, ngettext
from inventory.records import CAUSES, CONNECTIONS, next_id
from inventory.store.faults import Conflict
from inventory.types import Attribute, ExceptionRecord, VerdictOutcome
from tui import words
from tui.dialogs.form import Field, Form
from tui.list_page import ListPage
from tui.widgets.columns import Column

if TYPE_CHECKING:
    from inventory.register import Register

_SOON = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class ExceptionLine:
    """An exception, and what its device is called."""

    record: ExceptionRecord
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
        found = sorted(register.exceptions(), key=lambda each: (each.expiry, each.id))
        devices = register.by_id({each.device for each in found})
        return [ExceptionLine(each, _name(devices, each.device)) for each in found]

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
            Column("expiry", N_("Until"), lambda row: words.day(row.record.expiry), 10),
            Column("plan", N_("Plan"), lambda row: words.printable(row.record.plan) or words.sign("–"), 13),
            Column("approver", N_("Approved by"), _approver, 12, rank=1),
            Column("start", N_("From"), lambda row: words.day(row.record.start), 10, rank=2),
        )

    def summary(self) -> Text:
        """How many are in force, and how many end soon."""
        states = [self._state(row)[2] for row in self.listing]
        in_force, soon = sum(state != "lapsed" for state in states), states.count("soon")
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
        wanted = self.muster.device_id
        known = await self.ask(lambda register: _known(register, wanted))
        if known is None:
            return
        articles, plans, people, taken = known
        form = Form(
            partial(Text, _("An exception (Art. 29)"), "bold"),
            [
                Field("device", partial(_, N_("Device")), wanted),
                Field("articles", partial(_, N_("Articles")), ", ".join(articles)),
                Field(
                    "cause", partial(_, N_("Cause")), "", words.titles(CAUSES),
                    check=partial(words.word_typed, CAUSES),
                ),
                Field(
                    "connection", partial(_, N_("Connected")), "", words.titles(CONNECTIONS),
                    check=partial(words.word_typed, CONNECTIONS),
                ),
                Field("reason", partial(_, N_("Why"))),
                Field("control", partial(_, N_("Meanwhile"))),
                Field("approver", partial(_, N_("Approved by")), "", people, open_list=True),
                Field("expiry", partial(_, N_("Until")), check=words.day_typed),
                Field("plan", partial(_, N_("Plan")), "", plans),
            ],
            partial(self._save, next_id("exception", self.muster.today, taken), wanted, articles),
            draft="exception",
        )  # fmt: skip
        await self.fill_in(form, lambda record: _("{record} is in the register").format(record=record.id))

    async def _save(
        self, name: str, wanted: str, articles: tuple[str, ...], said: Mapping[str, str]
    ) -> ExceptionRecord:
        operator, today = self.muster.operator, self.muster.today
        if not said.get("cause") or not said.get("connection"):
            raise UsageFault(_("an exception names its cause, and how the device is connected meanwhile"))
        cause, connection = (
            words.word_typed(CAUSES, said["cause"]),
            words.word_typed(CONNECTIONS, said["connection"]),
        )

        def store(register: "Register") -> ExceptionRecord:
            plan = said.get("plan", "")
            if plan not in {each.id for each in register.plans()}:
                raise UsageFault(_("an exception needs the replacement plan that ends it: 7 makes one"))
            record = ExceptionRecord(
                id=name,
                device=register.device(said.get("device", wanted)).id,
                articles=tuple(said["articles"].replace(",", " ").split())
                if "articles" in said
                else articles,
                reason=said.get("reason", ""),
                compensating_control=said.get("control", ""),
                approver=said.get("approver", ""),
                start=today,
                expiry=words.day_typed(said.get("expiry", "")),
                plan=plan,
                cause=cause,
                connection=connection,
            )
            register.add_exception(record, operator)
            return record

        return await self.muster.desk.ask(store)

    @work(exclusive=True, group="editing")
    async def action_end(self) -> None:
        """Ends the exception under the cursor before its time."""
        row = self.row
        if row is None:
            return
        record, today = row.record, words.day(self.muster.today)
        form = Form(
            lambda: Text(_("End {record}; PgDn: today").format(record=record.id), "bold"),
            [Field("last", partial(_, N_("Last day")), "", (today,), check=words.day_typed)],
            partial(self._end, record),
            draft=f"exception {record.id}",
        )
        line = _("{record} ends on {day}")
        await self.fill_in(form, lambda ended: line.format(record=ended.id, day=words.day(ended.expiry)))

    async def _end(self, seen: ExceptionRecord, said: Mapping[str, str]) -> ExceptionRecord:
        """Keeps the earlier last day; Conflict where somebody else has changed the exception meanwhile."""
        operator, last = self.muster.operator, _earlier(seen, words.day_typed(said["last"]))

        def store(register: "Register") -> ExceptionRecord:
            held = next((one for one in register.exceptions() if one.id == seen.id), None)
            if held != seen:
                raise Conflict(_("{record} was changed meanwhile; r reads it again").format(record=seen.id))
            ended = replace(seen, expiry=last)
            register.change_exception(ended, operator)
            return ended

        return await self.muster.desk.ask(store)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Ending is offered on an exception that has not lapsed."""
        if action == "end" and (self.row is None or self.row.record.expiry < self.muster.today):
            return False
        return super().check_action(action, parameters)

    def _state(self, row: ExceptionLine) -> tuple[str, str, str]:
        """Sign with word, tone, and the word for code."""
        today = self.muster.today
        if row.record.expiry < today:
            return "! " + _("lapsed"), "bad", "lapsed"
        if row.record.expiry < today + _SOON:
            return "! " + _("ends soon"), "warn", "soon"
        return words.symbol(VerdictOutcome.EXCEPTED) + " " + _("in force"), "", "force"


def _approver(row: ExceptionLine) -> str:
    return words.printable(row.record.approver)


def _name(devices: Mapping[str, object], device: str) -> str:
    found = devices.get(device)
    return str(getattr(found, "label", device))


def _earlier(record: ExceptionRecord, last: date) -> date:
    """The day, not before the first; UsageFault for one that would lengthen the exception."""
    if last > record.expiry:
        reason = _("it ends on {day} already; a longer one is a new exception")
        raise UsageFault(reason.format(day=words.day(record.expiry)))
    return max(record.start, last)


def _word(known: Mapping[str, str], word: str) -> str:
    return _(known[word]) if word in known else words.sign("–")


def _known(
    register: "Register", wanted: str
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], Collection[str]]:
    """The articles the device breaches, the plans it is in, the people there are, the exceptions' ids."""
    breached = register.verdicts(device=wanted) if wanted else ()
    articles = {each.article for each in breached if each.outcome is VerdictOutcome.BREACH}
    plans = tuple(plan.id for plan in register.plans() if wanted in plan.devices)
    taken = {one.id for one in register.exceptions()}
    return tuple(sorted(articles)), plans, register.names(Attribute.OWNER), taken

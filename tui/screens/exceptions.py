"""Exceptions: which devices are excepted from which articles, on whose word, until when, with which plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on, work
from textual.binding import Binding, BindingType

from inventory.language import N_, _, ngettext
from inventory.types import Attribute, ExceptionRecord, VerdictOutcome
from tui import words
from tui.dialogs.form import Field, Form
from tui.list_page import ListPage
from tui.widgets.columns import Column
from tui.widgets.windowed_table import WindowedTable

if TYPE_CHECKING:
    from inventory.register import Register

_SOON = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class ExceptionLine:
    """An exception, and what its device is called."""

    record: ExceptionRecord
    device: str


class Exceptions(ListPage[ExceptionLine]):
    """`n` excepts the device looked at last; Enter shows the device."""

    NAME: ClassVar[str] = "exceptions"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("n", "except", N_("New exception"))]
    CALLS: ClassVar[dict[str, str]] = {"except": "add_exception"}

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
            (_("Meanwhile: "), record.compensating_control),
            (_("Approved by: "), record.approver),
            (_("Plan: "), record.plan or _("none: the exception does not count without one")),
        ):
            text.append(heading).append(words.printable(said) + "\n", "not bold")
        return text

    def nothing(self) -> str:
        """How to make the first."""
        return _("No exception. n makes one for the device you looked at last.")

    @on(WindowedTable.Opened, "#rows")
    def _open(self, opened: WindowedTable.Opened) -> None:
        if isinstance(opened.row, ExceptionLine):
            self.muster.show_device(opened.row.record.device)

    @work(exclusive=True, group="editing")
    async def action_except(self) -> None:
        """Excepts the device looked at last from the articles it breaches."""
        wanted = self.muster.device_id
        known = await self.ask(lambda register: _known(register, wanted))
        if known is None:
            return
        articles, plans, people, count = known
        today = self.muster.today
        form = Form(
            partial(Text, _("An exception (Art. 29)"), "bold"),
            [
                Field("device", partial(_, N_("Device")), wanted),
                Field("articles", partial(_, N_("Articles")), ", ".join(articles)),
                Field("reason", partial(_, N_("Why"))),
                Field("control", partial(_, N_("Meanwhile"))),
                Field("approver", partial(_, N_("Approved by")), "", people, open_list=True),
                Field("expiry", partial(_, N_("Until")), check=words.day_typed),
                Field("plan", partial(_, N_("Plan")), "", plans),
            ],
            partial(self._save, f"exception-{today.year}-{count + 1:03}", wanted, articles),
            draft="exception",
        )
        await self.fill_in(form, lambda record: _("{record} is in the register").format(record=record.id))

    async def _save(
        self, name: str, wanted: str, articles: tuple[str, ...], said: Mapping[str, str]
    ) -> ExceptionRecord:
        operator, today = self.muster.operator, self.muster.today

        def store(register: "Register") -> ExceptionRecord:
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
                plan=said.get("plan", ""),
            )
            register.add_exception(record, operator)
            return record

        return await self.muster.desk.ask(store)

    def _tone(self, row: ExceptionLine) -> str:
        return self._state(row)[1]

    def _state(self, row: ExceptionLine) -> tuple[str, str, str]:
        """Sign with word, tone, and the word for code."""
        today = self.muster.today
        if row.record.expiry < today:
            return f"! {_('lapsed')}", "bad", "lapsed"
        if row.record.expiry < today + _SOON:
            return f"! {_('ends soon')}", "warn", "soon"
        return f"{words.symbol(VerdictOutcome.EXCEPTED)} {_('in force')}", "", "force"


def _approver(row: ExceptionLine) -> str:
    return words.printable(row.record.approver)


def _name(devices: Mapping[str, object], device: str) -> str:
    found = devices.get(device)
    return str(getattr(found, "label", device))


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())


def _known(
    register: "Register", wanted: str
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], int]:
    """The articles the device breaches, the plans it is in, the people there are, how many exceptions."""
    breached = register.verdicts(device=wanted) if wanted else ()
    articles = {each.article for each in breached if each.outcome is VerdictOutcome.BREACH}
    plans = tuple(plan.id for plan in register.plans() if wanted in plan.devices)
    return tuple(sorted(articles)), plans, register.names(Attribute.OWNER), len(register.exceptions())

"""The forms over an exception: a new one, and the day on which one ends before its time."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from rich.text import Text

from inventory.exits import UsageFault
from inventory.language import N_, _
from inventory.questions import CURRENT_GUIDELINE
from inventory.records import CAUSES, CONNECTIONS, next_id
from inventory.store.faults import Conflict
from inventory.types import Attribute, Device, ExceptionRecord, Verdict, VerdictOutcome, can_except
from tui import words
from tui.desk import Desk
from tui.dialogs.form import Field, Form

if TYPE_CHECKING:
    from inventory.register import Register


@dataclass(frozen=True, slots=True)
class Grounds:
    """What an exception may begin with: the device, what it breaches, its plans, people, ids taken."""

    device: Device | None
    articles: tuple[str, ...]
    plans: tuple[str, ...]
    people: tuple[str, ...]
    taken: frozenset[str]


def grounds(register: "Register", wanted: str) -> Grounds:
    """Those for the device of that id; for none where it is ""."""
    breached = register.verdicts(device=wanted) if wanted else ()
    named = (_named(each) for each in breached if each.outcome is VerdictOutcome.BREACH)
    return Grounds(
        register.device(wanted) if wanted else None,
        tuple(sorted(set(filter(can_except, named)))),
        tuple(plan.id for plan in register.plans() if wanted in plan.devices),
        register.names(Attribute.OWNER),
        frozenset(one.id for one in register.exceptions()),
    )


def exception_form(desk: Desk, operator: str, on: Grounds, today: date) -> Form[ExceptionRecord]:
    """A new exception from what the device breaches."""
    wanted = on.device.id if on.device else ""

    def title() -> Text:
        text = Text(_("An exception (Art. 29)"), "bold")
        return text.append(f"\n{words.printable(on.device.label)}", "not bold") if on.device else text

    async def save(said: Mapping[str, str]) -> ExceptionRecord:
        if not said.get("cause") or not said.get("connection"):
            raise UsageFault(_("an exception names its cause, and how the device is connected meanwhile"))
        cause, connection = (
            words.word_typed(CAUSES, said["cause"]),
            words.word_typed(CONNECTIONS, said["connection"]),
        )
        typed = said.get("articles", ", ".join(on.articles))

        def store(register: "Register") -> ExceptionRecord:
            plan = said.get("plan", "")
            if plan not in {each.id for each in register.plans()}:
                raise UsageFault(_("an exception needs the replacement plan that ends it: 7 makes one"))
            record = ExceptionRecord(
                id=next_id("exception", today, on.taken),
                device=register.device(said.get("device", wanted)).id,
                articles=tuple(typed.replace(",", " ").split()),
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

        return await desk.ask(store)

    fields = [
        Field("device", partial(_, N_("Device")), wanted),
        Field("articles", partial(_, N_("Articles")), ", ".join(on.articles)),
        Field("cause", partial(_, N_("Cause")), "", words.titles(CAUSES), check=_of(CAUSES)),
        Field(
            "connection", partial(_, N_("Connected")), "", words.titles(CONNECTIONS), check=_of(CONNECTIONS)
        ),
        Field("reason", partial(_, N_("Why"))),
        Field("control", partial(_, N_("Meanwhile"))),
        Field("approver", partial(_, N_("Approved by")), "", on.people, open_list=True),
        Field("expiry", partial(_, N_("Until")), check=words.day_typed),
        Field("plan", partial(_, N_("Plan")), "", on.plans),
    ]
    return Form(title, fields, save, draft="exception")


def end_form(desk: Desk, operator: str, seen: ExceptionRecord, today: date) -> Form[ExceptionRecord]:
    """An earlier last day; Conflict where somebody else has changed the exception meanwhile."""

    async def save(said: Mapping[str, str]) -> ExceptionRecord:
        last = _earlier(seen, words.day_typed(said["last"]))

        def store(register: "Register") -> ExceptionRecord:
            held = next((one for one in register.exceptions() if one.id == seen.id), None)
            if held != seen:
                raise Conflict(_("{record} was changed meanwhile; r reads it again").format(record=seen.id))
            ended = replace(seen, expiry=last)
            register.change_exception(ended, operator)
            return ended

        return await desk.ask(store)

    field = Field("last", partial(_, N_("Last day")), "", (words.day(today),), check=words.day_typed)
    title = partial(Text, _("End {record}; PgDn: today").format(record=seen.id), "bold")
    return Form(title, [field], save, draft=f"exception {seen.id}")


def _named(said: Verdict) -> str:
    """The verdict's article as an exception names it."""
    return said.article if said.pack == CURRENT_GUIDELINE else f"{said.pack}/{said.article}"


def _of(known: Mapping[str, str]) -> partial[str]:
    return partial(words.word_typed, known)


def _earlier(record: ExceptionRecord, last: date) -> date:
    """The day, not before the first; UsageFault for one that would lengthen the exception."""
    if last > record.expiry:
        reason = _("it ends on {day} already; a longer one is a new exception")
        raise UsageFault(reason.format(day=words.day(record.expiry)))
    return max(record.start, last)

"""`muster exception`: what may stay as it is for a while (例外, Art. 29), why, and until when."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from inventory.cli.options import DAY, seen_option
from inventory.console import Session, format_option, pass_session, print_rows
from inventory.exits import UsageFault
from inventory.language import _
from inventory.names import called
from inventory.records import CAUSES, CONNECTIONS
from inventory.types import ExceptionRecord, ExceptionState, SystemClock, standing, today

if TYPE_CHECKING:
    from inventory.register import Register


@click.group()
def exception() -> None:
    """Keep exceptions: what may stay as it is for a while, why, and until when."""


@exception.command("add")
@click.argument("device")
@click.option("--article", "articles", multiple=True, required=True, help="Excepted from (repeatable).")
@click.option("--reason", required=True, help="Why it cannot be mended now.")
@click.option("--control", required=True, help="What compensates for it meanwhile.")
@click.option("--approver", required=True, help="Who has approved it.")
@click.option(
    "--cause",
    type=click.Choice(list(CAUSES)),
    required=True,
    help="A weakness that cannot be updated, or a limit of its functions.",
)
@click.option(
    "--connection",
    type=click.Choice(list(CONNECTIONS)),
    required=True,
    help="Is it disconnected, or connected only when necessary?",
)
@click.option("--plan", "plan_id", required=True, help="The replacement plan that ends it.")
@click.option("--from", "start", type=DAY, help="The first day (today without).")
@click.option("--until", type=DAY, required=True, help="The last day.")
@pass_session
def add(  # noqa: PLR0917 - click passes by name
    session: Session,
    device: str,
    articles: tuple[str, ...],
    reason: str,
    control: str,
    approver: str,
    cause: str,
    connection: str,
    plan_id: str,
    start: date | None,
    until: date,
) -> None:
    """Except DEVICE from articles for a while.

    It counts only with an approved replacement plan for the device (`muster plan new`), asks for measured
    isolation (Art. 29), and lapses by itself after its last day, or the plan's if that is sooner.
    """
    clock = SystemClock()
    with session.opened(clock) as register:
        excepted, on = register.device(device).id, today(clock)
        _judged(register, articles)
        record = ExceptionRecord(
            id="",
            device=excepted,
            articles=articles,
            reason=reason.strip(),
            compensating_control=control.strip(),
            approver=approver.strip(),
            start=start or on,
            expiry=until,
            plan=plan_id,
            cause=cause,
            connection=connection,
        )
        record = register.add_exception(record, session.operator)
        results = register.results({record.device}).get(record.device, ())
        counts = standing(record, [register.plan(plan_id)], on).state is not ExceptionState.INCOMPLETE
    click.echo(_("{record} is in the register").format(record=record.id))
    if not counts:
        text = _("It counts once its plan is approved: see `muster plan advance {plan}`.")
        click.echo(text.format(plan=plan_id), err=True)
    if not any(one.check == "isolation" and one.facts.get("measured") == "isolated" for one in results):
        text = _("Its isolation is not shown by a measurement yet (Art. 29): see `muster isolation`.")
        click.echo(text, err=True)


@exception.command("list")
@click.option("--all", "every", is_flag=True, help="Those that have lapsed as well.")
@format_option
@pass_session
def list_exceptions(session: Session, *, every: bool, form: str) -> None:
    """List exceptions, the soonest to end first, and whether they count."""
    on = today(SystemClock())
    with session.opened(SystemClock()) as register:
        plans = register.plans()
        stood = [(one, standing(one, plans, on)) for one in register.exceptions()]
        found = [each for each in stood if every or each[1].state is not ExceptionState.LAPSED]
        devices = register.by_id({one.device for one, _stands in found})
    rows = [
        {
            "id": one.id,
            "device": one.device,
            "label": devices[one.device].label if one.device in devices else "",
            "articles": list(one.articles),
            "cause": one.cause if form == "json" or not one.cause else _(CAUSES[one.cause]),
            "connection": one.connection
            if form == "json" or not one.connection
            else _(CONNECTIONS[one.connection]),
            "reason": one.reason,
            "control": one.compensating_control,
            "approver": one.approver,
            "start": one.start.isoformat(),
            "expiry": stands.until.isoformat(),
            "state": stands.state if form == "json" else called(stands.state),
            "plan": one.plan,
        }
        for one, stands in sorted(found, key=lambda each: (each[1].until, each[0].id))
    ]
    headings = {
        "id": _("Exception"),
        "device": _("Device"),
        "label": _("What"),
        "articles": _("Articles"),
        "cause": _("Cause"),
        "connection": _("Connected"),
        "reason": _("Reason"),
        "control": _("Meanwhile"),
        "approver": _("Approved by"),
        "start": _("From"),
        "expiry": _("Until"),
        "state": _("State"),
        "plan": _("Plan"),
    }
    print_rows(rows, headings, form)


def _judged(register: "Register", named: Sequence[str]) -> None:
    """UsageFault where a pack that was judged by has no such article: the exception would cover nothing."""
    from inventory.questions import CURRENT_GUIDELINE

    numbers: dict[str, list[str]] = {}
    for article in register.articles():
        numbers.setdefault(article.pack, []).append(article.number)
    for name in named:
        pack, _slash, number = name.rpartition("/")
        known = numbers.get(pack or CURRENT_GUIDELINE)
        if known and number not in known:
            reason = _("{pack} has no article {number}; it has {numbers}")
            words = {"pack": pack or CURRENT_GUIDELINE, "number": number, "numbers": ", ".join(known)}
            raise UsageFault(reason.format(**words))


@exception.command("end")
@click.argument("exception_id")
@click.option("--on", type=DAY, help="The last day it holds (today without).")
@seen_option
@pass_session
def end(session: Session, exception_id: str, on: date | None, *, seen: datetime | None) -> None:
    """End an exception before its time; it stays in the register."""
    clock = SystemClock()
    with session.opened(clock, seen=seen) as register:
        found = register.exception(exception_id)
        last = on or today(clock)
        if last > found.expiry:
            reason = _("it ends on {day} already; a longer one is a new exception")
            raise UsageFault(reason.format(day=found.expiry))
        register.change_exception(replace(found, expiry=max(found.start, last)), session.operator)
    click.echo(_("{record} ends on {day}").format(record=exception_id, day=max(found.start, last)))

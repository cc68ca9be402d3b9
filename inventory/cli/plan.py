"""`muster plan`: which devices are to be replaced (汰換計畫), by what, when, and how far that has come."""

import sys
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from inventory.cli.options import DAY, seen_option
from inventory.cli.portrait import moment
from inventory.console import Session, format_option, pass_session, print_rows
from inventory.exits import UsageFault
from inventory.language import _, current
from inventory.records import PLAN_STATES, next_state, quarter
from inventory.types import PLAN_DONE, FindingState, ReplacementPlan, SystemClock, today

if TYPE_CHECKING:
    from inventory.register import Register


@click.group()
def plan() -> None:
    """Plan what is to be replaced, by what and when."""


@plan.command("new")
@click.argument("devices", nargs=-1, required=True)
@click.option("--reason", default="", help="Why they go (without: their open findings and ends of support).")
@click.option("--successor", default="", help="What comes in their place.")
@click.option("--due", type=DAY, required=True, help="By when.")
@click.option("--owner", default="", help="Who sees to it (you without).")
@click.option("--budget", type=click.IntRange(min=0), help="What it may cost, in whole New Taiwan dollars.")
@pass_session
def new(
    session: Session,
    devices: tuple[str, ...],
    *,
    reason: str,
    successor: str,
    due: date,
    owner: str,
    budget: int | None,
) -> None:
    """Plan the replacement of DEVICES."""
    clock = SystemClock()
    with session.opened(clock) as register:
        going = tuple(dict.fromkeys(register.device(each).id for each in devices))
        why = reason.strip() or _why(register, going)
        if not why:
            raise UsageFault(_("nothing on record says why they go: give a --reason"))
        record = ReplacementPlan(
            id="",
            devices=going,
            reason=why,
            successor=successor.strip(),
            due=due,
            owner=owner.strip() or session.operator,
            state=next(iter(PLAN_STATES)),
            budget=budget,
        )
        record = register.add_plan(record, session.operator)
    click.echo(_("{record} is in the register").format(record=record.id))


@plan.command("list")
@click.option("--all", "every", is_flag=True, help="Those that are done as well.")
@format_option
@pass_session
def list_plans(session: Session, *, every: bool, form: str) -> None:
    """List plans, the soonest due first."""
    clock = SystemClock()
    with session.opened(clock) as register:
        found = [one for one in register.plans() if every or one.state != PLAN_DONE]
    rows = [
        {
            "id": one.id,
            "quarter": quarter(one.due),
            "due": one.due.isoformat(),
            "late": late if form == "json" else _("late") if late else "",
            "state": one.state if form == "json" else _(PLAN_STATES.get(one.state, one.state)),
            "devices": list(one.devices),
            "successor": one.successor,
            "reason": one.reason,
            "owner": one.owner,
            "budget": one.budget if form == "json" else f"{one.budget:,}" if one.budget is not None else "",
        }
        for one in found
        for late in [one.state != PLAN_DONE and one.due < today(clock)]
    ]
    headings = {
        "id": _("Plan"),
        "quarter": _("Quarter"),
        "due": _("Due"),
        "late": _("Late"),
        "state": _("State"),
        "devices": _("Devices"),
        "successor": _("Replaced by"),
        "reason": _("Reason"),
        "owner": _("Owner"),
        "budget": _("Budget"),
    }
    print_rows(rows, headings, form)


@plan.command("show")
@click.argument("plan_id")
@format_option
@pass_session
def show(session: Session, plan_id: str, *, form: str) -> None:
    """Show the way a plan has come: who said which state and day when, and by how many days it slipped."""
    with session.opened(SystemClock()) as register:
        found = register.plan(plan_id)
    days = [step.due for step in found.steps]
    rows = [
        {
            "at": moment(step.at, form),
            "by": step.by,
            "state": step.state if form == "json" else _(PLAN_STATES.get(step.state, step.state)),
            "due": step.due.isoformat(),
            "slipped": (step.due - before).days,
        }
        for step, before in zip(found.steps, (*days[:1], *days), strict=False)
    ]
    headings = {
        "at": _("When"),
        "by": _("Who"),
        "state": _("State"),
        "due": _("Due"),
        "slipped": _("Days slipped"),
    }
    print_rows(rows, headings, form)


@plan.command("advance")
@click.argument("plan_id")
@click.option("--to", "state", type=click.Choice(list(PLAN_STATES)), help="The state (the next without).")
@click.option("--due", type=DAY, help="Another day: the slip is kept.")
@click.option(
    "--devices",
    type=click.Choice(["retire", "keep"]),
    help="With the plan's end: its devices are retired and their findings closed, or stay as they are.",
)
@click.option(
    "--proof", default="", help="What shows that they are gone: a disposal record's number, a file."
)
@seen_option
@pass_session
def advance(
    session: Session,
    plan_id: str,
    *,
    state: str | None,
    due: date | None,
    devices: str | None,
    proof: str,
    seen: datetime | None,
) -> None:
    """Say how far a plan has come: draft, approved, ordered, installed, retired.

    A plan that comes to its end takes its devices along, if you say so: they are retired, and their findings
    closed with the plan and the proof. `muster register undo` takes all of it back at once.
    """
    with session.opened(SystemClock(), seen=seen) as register:
        found = register.plan(plan_id)
        to = state or (found.state if due else next_state(found.state))
        if to != PLAN_DONE and (devices or proof):
            raise UsageFault(_("--devices and --proof belong to a plan that comes to its end"))
        changed = replace(found, state=to, due=due or found.due)
        if to == PLAN_DONE and _goes(found, devices):
            register.retire_plan(found.id, session.operator, proof.strip())
        else:
            register.change_plan(changed, session.operator)
    line = _("{plan}: {state}, due {day}")
    click.echo(line.format(plan=plan_id, state=_(PLAN_STATES[to]), day=changed.due))


@plan.command("forecast")
@format_option
@pass_session
def forecast(session: Session, *, form: str) -> None:
    """How many devices must go and what that costs, quarter by quarter.

    Devices whose vendor's support ends and that are in no plan stand beside those that are. Plans without a
    budget are counted, so that a sum is not taken for the whole.
    """
    from inventory.export.replacement import forecast as by_quarter
    from inventory.snapshot import Snapshot

    clock = SystemClock()
    with session.opened(clock) as register, register.reading() as state:
        now = Snapshot(
            label="",
            on=today(clock),
            devices=state.devices(),
            results=tuple(result for several in state.results().values() for result in several),
            plans=state.plans(),
        )
    rows = [
        {
            "quarter": one.name,
            "planned": one.planned,
            "unplanned": one.unplanned,
            "budget": one.budget if form == "json" else f"{one.budget:,}",
            "without_budget": one.without_budget,
        }
        for one in by_quarter(now, current())
    ]
    headings = {
        "quarter": _("Quarter"),
        "planned": _("Devices in a plan"),
        "unplanned": _("Support ends, in no plan"),
        "budget": _("Budget"),
        "without_budget": _("Plans without a budget"),
    }
    print_rows(rows, headings, form)


def _why(register: "Register", devices: tuple[str, ...]) -> str:
    """What speaks for replacing the devices: the end of their support, then their open findings by id."""
    results = register.results(devices)
    ends = (
        result.facts["ends"]
        for device in devices
        for result in results.get(device, ())
        if result.check == "firmware" and result.facts.get("ends")
    )
    findings = (
        f"{found.id} ({found.article})"
        for device in devices
        for found in register.findings(device=device)
        if found.state in (FindingState.OPEN, FindingState.CONTINUING)
    )
    told = [_("support ends {day}").format(day=day) for day in dict.fromkeys(ends)]
    return "; ".join([*told, *dict.fromkeys(findings)])


def _goes(plan: ReplacementPlan, devices: str | None) -> bool:
    """Whether the devices are retired with the plan: as said, else asked at a terminal."""
    if devices is None and sys.stdin.isatty():
        question = _("Retire {devices} too, and close their findings?")
        return click.confirm(question.format(devices=", ".join(plan.devices)))
    if devices is None:
        raise UsageFault(_("say what becomes of its devices: --devices retire, or --devices keep"))
    return devices == "retire"

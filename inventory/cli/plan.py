"""`muster plan`: which devices are to be replaced (汰換計畫), by what, when, and how far that has come."""

from collections import defaultdict
from dataclasses import replace
from datetime import datetime

import click

from inventory.console import Session, format_option, pass_session, print_rows
from inventory.exits import UsageFault
from inventory.language import _
from inventory.records import DONE, PLAN_STATES, next_id, next_state, quarter
from inventory.types import ReplacementPlan, SystemClock, today

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def plan() -> None:
    """Plan what is to be replaced, by what and when."""


@plan.command("new")
@click.argument("devices", nargs=-1, required=True)
@click.option("--reason", required=True, help="Why they go.")
@click.option("--successor", default="", help="What comes in their place.")
@click.option("--due", type=_DAY, required=True, help="By when.")
@click.option("--owner", default="", help="Who sees to it (you without).")
@click.option("--budget", type=click.IntRange(min=0), help="What it may cost, in whole New Taiwan dollars.")
@pass_session
def new(
    session: Session,
    devices: tuple[str, ...],
    *,
    reason: str,
    successor: str,
    due: datetime,
    owner: str,
    budget: int | None,
) -> None:
    """Plan the replacement of DEVICES."""
    clock = SystemClock()
    with session.opened(clock) as register:
        record = ReplacementPlan(
            id=next_id("plan", today(clock), {one.id for one in register.plans()}),
            devices=tuple(dict.fromkeys(register.device(each).id for each in devices)),
            reason=reason.strip(),
            successor=successor.strip(),
            due=due.date(),
            owner=owner.strip() or session.operator,
            state=next(iter(PLAN_STATES)),
            budget=budget,
        )
        register.add_plan(record, session.operator)
    click.echo(_("{record} is in the register").format(record=record.id))


@plan.command("list")
@click.option("--all", "every", is_flag=True, help="Those that are done as well.")
@format_option
@pass_session
def list_plans(session: Session, *, every: bool, form: str) -> None:
    """List plans, the soonest due first."""
    clock = SystemClock()
    with session.opened(clock) as register:
        found = [one for one in register.plans() if every or one.state not in DONE]
    rows = [
        {
            "id": one.id,
            "quarter": quarter(one.due),
            "due": one.due.isoformat(),
            "late": one.state not in DONE and one.due < today(clock),
            "state": one.state if form == "json" else _(PLAN_STATES.get(one.state, one.state)),
            "devices": list(one.devices),
            "successor": one.successor,
            "reason": one.reason,
            "owner": one.owner,
            "budget": one.budget if form == "json" else f"{one.budget:,}" if one.budget is not None else "",
        }
        for one in found
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


@plan.command("advance")
@click.argument("plan_id")
@click.option("--to", "state", type=click.Choice(list(PLAN_STATES)), help="The state (the next without).")
@click.option("--due", type=_DAY, help="Another day: the slip is kept in the log.")
@pass_session
def advance(session: Session, plan_id: str, state: str | None, due: datetime | None) -> None:
    """Say how far a plan has come: draft, approved, ordered, installed, retired."""
    with session.opened(SystemClock()) as register:
        found = next((one for one in register.plans() if one.id == plan_id), None)
        if found is None:
            raise UsageFault(_("there is no plan {plan}").format(plan=plan_id))
        to = state or (found.state if due else next_state(found.state))
        changed = replace(found, state=to, due=due.date() if due else found.due)
        register.change_plan(changed, session.operator)
    line = _("{plan}: {state}, due {day}")
    click.echo(line.format(plan=plan_id, state=_(PLAN_STATES[to]), day=changed.due))


@plan.command("forecast")
@format_option
@pass_session
def forecast(session: Session, *, form: str) -> None:
    """How many devices must go and what that costs, quarter by quarter.

    Plans without a budget are counted, so that a sum is not taken for the whole.
    """
    with session.opened(SystemClock()) as register:
        open_plans = [one for one in register.plans() if one.state not in DONE]
    by_quarter: dict[str, list[ReplacementPlan]] = defaultdict(list)
    for one in open_plans:
        by_quarter[quarter(one.due)].append(one)
    rows = [
        {
            "quarter": name,
            "plans": len(plans),
            "devices": len({device for one in plans for device in one.devices}),
            "budget": sum(one.budget or 0 for one in plans),
            "without_budget": sum(one.budget is None for one in plans),
        }
        for name, plans in sorted(by_quarter.items())
    ]
    headings = {
        "quarter": _("Quarter"),
        "plans": _("Plans"),
        "devices": _("Devices"),
        "budget": _("Budget"),
        "without_budget": _("Without a budget"),
    }
    print_rows(rows, headings, form)

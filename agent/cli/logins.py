"""`muster check logins`: try the published initial logins where a scope allows it; say what came of it."""

import asyncio
import threading
from typing import TYPE_CHECKING

import click

from inventory.console import Session, print_rows
from inventory.language import N_, _

if TYPE_CHECKING:
    from agent.service.logins import LoginRun

OUTCOMES = {
    "default": N_("initial login still works"),
    "changed": N_("initial logins refused"),
    "no-login-asked": N_("no login asked"),
    "locked": N_("stopped at a lock-out"),
    "not-evaluable": N_("not settled"),
    "skipped": N_("skipped"),
}


def try_logins(session: Session, devices: tuple[str, ...], form: str, *, dry_run: bool) -> None:
    """Tests the chosen devices' logins (all where none is named), or with `dry_run` prints the plan."""
    from agent.logins.secrecy import seal
    from agent.service.logins import LoginRun
    from agent.vantage import vantage
    from inventory.register import Register
    from inventory.types import SystemClock

    seal()  # to the end: the command has nothing else to do
    clock = SystemClock()
    with Register.open(session.register_place, clock, create=False) as register:
        run = LoginRun(register, session.settings, clock, vantage(), threading.Event())
        if dry_run:
            _print_plans(run, devices, form)
            return
        tested = asyncio.run(run.run(devices))
    rows = [
        {
            "device": one.device.id,
            "label": one.device.label,
            "outcome": one.result.outcome.value if form == "json" else _(OUTCOMES[one.result.outcome]),
            "account": one.result.account,
            "protocol": one.result.protocol,
            "service": one.result.service,
            "tried": one.result.tried,
            "reason": one.result.reason,
        }
        for one in tested
    ]
    headings = {
        "device": _("Device"),
        "label": _("Name"),
        "outcome": _("Outcome"),
        "account": _("Account"),
        "protocol": _("Protocol"),
        "service": _("Port"),
        "tried": _("Tries"),
        "reason": _("Reason"),
    }
    print_rows(rows, headings, form)
    if form == "table":
        click.echo(_("Next: `muster check default_login` judges what was found."))


def _print_plans(run: "LoginRun", devices: tuple[str, ...], form: str) -> None:
    from inventory.types import Touch

    rows: list[dict[str, object]] = []
    for plan, _permit in run.plans(devices):
        common: dict[str, object] = {"device": plan.device.id, "label": plan.device.label}
        for step in plan.steps:
            ways = " ".join(f"{way.protocol} {way.service}{way.path}" for way in step.ways)
            rows.append(common | {"account": step.pair.account, "on": ways, "source": step.pair.source})
        if not plan.steps:
            why = plan.skip or "; ".join((*plan.untried, *plan.waiting)) or _("nothing left to try")
            rows.append(common | {"account": "", "on": why, "source": ""})
    headings = {
        "device": _("Device"),
        "label": _("Name"),
        "account": _("Account"),
        "on": _("Tried on, or why not"),
        "source": _("Published at"),
    }
    print_rows(rows, headings, form)
    if form == "table" and not any(scope.touch is Touch.LOGIN for scope in run.register.scopes()):
        text = _("No scope allows logins; `muster scope change NETWORK --touch login` would")
        click.echo(text, err=True)

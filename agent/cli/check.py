"""`muster check`: run the checks on the evidence at hand."""

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import click

from inventory.cli.options import DAY
from inventory.console import Session, format_option, pass_session, print_rows, say, say_next
from inventory.exits import UsageFault
from inventory.language import N_, _, is_chinese
from inventory.names import called

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agent.feeds.shelf import Kept
STATES = {
    "supported": N_("supported"),
    "ending": N_("ending"),
    "security-ended": N_("security updates ended"),
    "ended": N_("ended"),
    "unknown": N_("unknown"),
}


@click.command()
@click.argument("words", nargs=-1, metavar="[run|list|eol|logins] [CHECK]...")
@click.option("--device", "devices", multiple=True, metavar="ID", help="Only this device (repeatable).")
@click.option("--where", "query", metavar="QUERY", help="Only these, as `register list` would.")
@click.option("--due", is_flag=True, help="Only what expired, or rests on older evidence or facts.")
@click.option("--each", is_flag=True, help="List every result, not only how many of each outcome.")
@click.option("--dry-run", is_flag=True, help="logins: print what would be tried, and try nothing.")
@click.option("--by", "day", type=DAY, help="eol: look ahead to this day.")
@format_option
@pass_session
def check(  # noqa: PLR0917 - click gives every option by name
    session: Session,
    words: tuple[str, ...],
    devices: tuple[str, ...],
    query: str | None,
    due: bool,
    each: bool,
    dry_run: bool,
    day: date | None,
    form: str,
) -> None:
    """Judge what was observed, check by check; no packet is sent (but for `logins`).

    CHECKs name what to run (all of them by default); `muster check list` shows them. Each device gets pass,
    fail, not applicable, unknown or error. The table counts them; --each, --device and the other forms list
    every result with its reason and the day it expires.

    `muster check eol --by 2028-01-01` runs nothing: it lists the devices whose support or security updates
    will have ended by that day, the soonest first.

    `muster check logins` tries the initial logins that vendors published for the models found, once per
    account and window, where a scope allows logins (docs/logins.md).
    """
    from agent.checks import CHECKS

    if words[:1] == ("logins",):
        from agent.cli.logins import try_logins

        if words[1:] or each or day or query or due:
            raise UsageFault(_("`muster check logins` takes --device and --dry-run only"))
        try_logins(session, devices, form, dry_run=dry_run)
        return
    if dry_run:
        raise UsageFault(_("--dry-run goes with `muster check logins`"))
    if words[:1] == ("eol",):
        if words[1:] or each or query or due:
            raise UsageFault(_("`muster check eol` takes no further words"))
        _forecast(session, devices, day, form)
        return
    if day is not None:
        raise UsageFault(_("--by belongs to `muster check eol`"))
    verb, names = (words[0], words[1:]) if words[:1] in (("run",), ("list",)) else ("run", words)
    if verb == "list":
        if names or devices or query or due:
            raise UsageFault(_("`muster check list` takes no further words"))
        rows = [{"check": known.name, "title": _(known.title)} for known in CHECKS]
        print_rows(rows, {"check": _("Check"), "title": _("Title")}, form)
        return
    if devices and query:
        raise UsageFault(_("--device and --where cannot be given together"))
    wanted = _Wanted(names, devices, query or "", only_due=due)
    _run(session, wanted, summary=form == "table" and not each and not devices, form=form)


class _Wanted(NamedTuple):
    """Which checks, on which devices, and whether all of them or only those that are due."""

    names: tuple[str, ...]
    devices: tuple[str, ...]
    query: str
    only_due: bool


def _run(session: Session, wanted: _Wanted, *, summary: bool, form: str) -> None:
    from agent.checks.runner import chosen
    from agent.service.assess import CheckRun
    from agent.service.assess import check as run_checks
    from inventory.query import parse
    from inventory.register import Register
    from inventory.types import CheckOutcome, SystemClock

    checks, query = chosen(wanted.names), parse(wanted.query)
    clock = SystemClock()
    with Register.open(session.register_place, clock, create=False) as register:
        done: CheckRun = run_checks(
            register,
            session.settings,
            clock,
            checks=checks,
            devices=wanted.devices,
            query=query,
            only_due=wanted.only_due,
        )
        labels = {device.id: device.label for device in register.devices()}
    _say_stale(_stale_feeds(session, clock.now().date()))
    if summary:
        rows: list[dict[str, object]] = [
            {
                "check": each.name,
                **{outcome.value: done.counts.get((each.name, outcome), 0) for outcome in CheckOutcome},
            }
            for each in checks
        ]
        print_rows(rows, {"check": _("Check"), **{each.value: called(each) for each in CheckOutcome}}, form)
        if labels:
            say_next("check --each", "assess")
        else:
            click.echo(_("no devices yet; `muster scan` finds them"), err=True)
        return
    plain = form == "json"
    rows = [
        {
            "device": result.device,
            "label": labels.get(result.device, ""),
            "check": result.check,
            "outcome": result.outcome,
            "reason": result.told(chinese=is_chinese()),
            "expires": result.expires.date().isoformat() if result.expires else "",
            **({"facts": dict(result.facts), "evidence": list(result.evidence)} if plain else {}),
        }
        for result in done.results
    ]
    headings = {
        "device": _("Device"),
        "label": _("Name"),
        "check": _("Check"),
        "outcome": _("Outcome"),
        "reason": _("Reason"),
        "expires": _("Expires"),
    }
    print_rows(rows, headings, form)


def _forecast(session: Session, devices: tuple[str, ...], by: date | None, form: str) -> None:
    from agent.service.forecast import forecast, rows
    from inventory.register import Register
    from inventory.types import SystemClock

    clock = SystemClock()
    with Register.open(session.register_place, clock, create=False) as register:
        found = forecast(register, session.settings, clock, by or clock.now().date(), devices)
    headings = {
        "ends": _("Ends"),
        "device": _("Device"),
        "label": _("Name"),
        "firmware": _("Firmware"),
        "now": _("Today"),
        "then": _("By then"),
        "source": _("Source"),
    }
    listed = rows(found.leaving)
    if form != "json":
        listed = [
            {**row, "now": _(STATES[str(row["now"])]), "then": _(STATES[str(row["then"])])} for row in listed
        ]
    print_rows(listed, headings, form)
    _say_stale(found.stale)
    words = _("{count} of {all} devices; of {unknown} nobody says how long they are supported")
    said = words.format(count=len(found.leaving), all=found.looked_at, unknown=found.unknown)
    say(said, err=True)


def _stale_feeds(session: Session, today: date) -> "tuple[Kept, ...]":
    from agent.feeds.shelf import shelf_beside

    days = session.settings.check.feed_days
    return tuple(one for one in shelf_beside(session.register_place).index() if one.is_stale(today, days))


def _say_stale(stale: "Iterable[Kept]") -> None:
    for one in stale:
        words = _("the feed {name} is stale (of {day}); import a newer one with `muster feed import FILE`")
        click.echo(words.format(name=one.name, day=one.dated or one.imported), err=True)

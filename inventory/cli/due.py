"""`muster due`: the calendar of what is due: findings, exceptions, plans, answers and confirmations."""

from datetime import timedelta

import click

from inventory.console import Session, pass_session, print_rows
from inventory.language import _
from inventory.types import SystemClock, today

_NAMED = 3


@click.command()
@click.option("--within", type=click.IntRange(0, 3660), default=90, show_default=True, help="Days ahead.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv", "ics"]),
    default="table",
    show_default=True,
    help="How to print the list; ics is a calendar that office programs take in (RFC 5545).",
)
@pass_session
def due(session: Session, *, within: int, form: str) -> None:
    """Say what is due, the most urgent first; what is late stands on top."""
    from inventory.due import findings_due, records_due

    clock = SystemClock()
    on = today(clock)
    with session.opened(clock) as register, register.reading() as state:
        found = sorted(one for one in (*records_due(state, on), *findings_due(state)))
    wanted = [one for one in found if one.day <= on + timedelta(days=within)]
    if form == "ics":
        from inventory.ical import calendar

        click.echo(calendar(wanted, clock.now()).encode("utf-8"), nl=False)
        return
    rows = [
        {
            "due": one.day.isoformat(),
            "late": one.day < on if form == "json" else _("late") if one.day < on else "",
            "kind": one.kind if form != "json" else one.kind.value,
            "id": one.id,
            "device": " ".join(one.devices) if form == "json" else _shown(one.devices),
            "what": one.what,
        }
        for one in wanted
    ]
    headings = {
        "due": _("Due"),
        "late": _("Late"),
        "kind": _("Kind"),
        "id": _("Record"),
        "device": _("Device"),
        "what": _("What"),
    }
    print_rows(rows, headings, form)


def _shown(devices: tuple[str, ...]) -> str:
    left_out = len(devices) - _NAMED
    return " ".join(devices[:_NAMED]) + (f" +{left_out}" if left_out > 0 else "")

"""`muster register`, the rest of it: confirm, undo, split, diff, directory, move."""

from datetime import UTC, date, datetime, time

import click

from inventory.cli.portrait import shown
from inventory.console import Session, format_option, pass_session, print_rows
from inventory.exits import UsageFault
from inventory.language import _, ngettext
from inventory.types import Duty, Kind, SystemClock


def moment_of(text: str) -> datetime:
    """`2025-06-30` is the end of that day where the firm is, `2025-06-30T08:00` a moment; UsageFault else."""
    try:
        if len(text) == len("2025-06-30"):
            return datetime.combine(date.fromisoformat(text), time.max).astimezone(UTC)
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError as error:
        raise UsageFault(_("{text!r} is not a day (try 2025-06-30)").format(text=text)) from error


@click.command("confirm")
@click.argument("query", nargs=-1)
@click.option("--device", "ids", multiple=True, help="Only this device; may be given again.")
@click.option("--location", help="Every device at a location that begins so.")
@click.option("--half-yearly", is_flag=True, help="CC-14000's confirmation, not the yearly one.")
@click.option("--signer", help="Who looked; the operator where nobody is named.")
@pass_session
def confirm(
    session: Session,
    /,
    *,
    query: tuple[str, ...],
    ids: tuple[str, ...],
    location: str | None,
    half_yearly: bool,
    signer: str | None,
) -> None:
    """Confirm that the register is right about devices: the ones QUERY asks for, or those named.

    \b
    muster register confirm --location 'hq / 3F'
    muster register confirm class:printer site:hq --half-yearly
    """
    from inventory.query import parse
    from inventory.types import Attribute

    if not (query or ids or location):
        raise UsageFault(_("say which devices: a query, --location or --device"))
    duty = Duty.HALF_YEARLY if half_yearly else Duty.YEARLY
    with session.opened(SystemClock()) as register:
        chosen = list(ids)
        if query or location:
            found = register.devices(parse(" ".join(query)))
            chosen += [
                one.id for one in found if not location or one.text(Attribute.LOCATION).startswith(location)
            ]
        made = register.confirm(chosen, duty, signer or session.operator, session.operator)
    count = len(made)
    said = ngettext("{count} device confirmed", "{count} devices confirmed", count).format(count=count)
    due = made[0].next_due if made else None
    click.echo(f"{said}; " + _("due again on {day}").format(day=due) if due else said)


@click.command("undo")
@click.argument("entry", type=int, required=False)
@pass_session
def undo(session: Session, entry: int | None) -> None:
    """Take back your last change, or the one of ENTRY (see `audit`); an undo can be undone."""
    with session.opened(SystemClock()) as register:
        number = register.undo(session.operator, entry)
    click.echo(_("entry {number} undone").format(number=number))


@click.command("split")
@click.argument("device_id")
@pass_session
def split(session: Session, device_id: str) -> None:
    """Part the last two records that were joined as DEVICE_ID; each gets back what it brought."""
    with session.opened(SystemClock()) as register:
        device = register.split(device_id, session.operator)
    click.echo(_("{id} is a record of its own again").format(id=device.id))


@click.command("diff")
@click.argument("earlier")
@click.argument("later")
@format_option
@pass_session
def diff(session: Session, *, earlier: str, later: str, form: str) -> None:
    """Show what differs between two days, device by device: `diff 2025-01-31 2025-06-30`."""
    with session.opened(SystemClock()) as register:
        found = register.differences(moment_of(earlier), moment_of(later))
    rows = [
        {"device": one.device, "what": one.what, "before": one.before, "after": one.after} for one in found
    ]
    headings = {
        "device": _("Device"),
        "what": _("What"),
        "before": _("Before"),
        "after": _("After"),
    }
    print_rows(rows, headings, form)


@click.command("directory")
@click.argument("kind", type=click.Choice([kind.value for kind in Kind]))
@click.argument("name", required=False)
@click.option("--set", "details", multiple=True, metavar="WHAT=TEXT", help="May be given again.")
@click.option("--as-of", metavar="DAY", help="As it was on that day.")
@format_option
@pass_session
def directory(
    session: Session, *, kind: str, name: str | None, details: tuple[str, ...], as_of: str | None, form: str
) -> None:
    """List owners, places, suppliers or contracts, or say what NAME is.

    \b
    muster register directory owner 'Wang' --set department=IT --set contact=6101
    muster register directory place 'hq / 3F / copy room' --set kind=room
    """
    said = dict(pair_of(each) for each in details)
    with session.opened(SystemClock()) as register:
        if name:
            register.note(Kind(kind), name, said, session.operator)
        moment = moment_of(as_of) if as_of else None
        entries = register.directory(Kind(kind), as_of=moment)
    rows = [
        {"name": one.name, **one.details, "by": one.by, "since": shown(one.valid_from)}
        for one in entries
        if not name or one.name == name or len(entries) == 1
    ]
    names = dict.fromkeys(key for row in rows for key in row)
    print_rows(rows, {key: key.capitalize() for key in names}, form)


@click.command("move")
@click.argument("url")
@pass_session
def move(session: Session, url: str) -> None:
    """Carry the register to another place: a path, or postgresql://…; it must be empty. The old one stays."""
    from inventory.store.database import Database
    from inventory.store.moving import move as carry

    source = Database.open(session.register_place, create=False)
    try:
        target = Database.open(url)
        try:
            count = carry(source, target)
        finally:
            target.close()
    finally:
        source.close()
    moved = ngettext("{count} row moved and read back equal", "{count} rows moved and read back equal", count)
    click.echo(moved.format(count=count))


def pair_of(text: str) -> tuple[str, str]:
    """`WHAT=TEXT` as the two; UsageFault else."""
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageFault(_("{text!r} is not WHAT=TEXT").format(text=text))
    return name.strip(), value

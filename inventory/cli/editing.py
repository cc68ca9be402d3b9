"""`muster register`, what people say of devices: edit, accept, status, enter, confirm, directory."""

from collections.abc import Sequence
from datetime import datetime

import click

from inventory.cli.options import as_of_option, moment_of, pair_of, query_of, seen_option
from inventory.cli.portrait import shown
from inventory.console import Session, format_option, pass_session, print_rows, say
from inventory.entered import place_path
from inventory.exits import UsageFault
from inventory.language import _, ngettext
from inventory.types import EDITABLE, Attribute, DeviceChange, DeviceStatus, Duty, Entry, Kind, SystemClock

_MOST_TOLD = 10


def _value_options(command: click.decorators.FC) -> click.decorators.FC:
    """One option for each attribute a person may say something about."""
    for attribute in reversed(EDITABLE):
        command = click.option(f"--{attribute.value.replace('_', '-')}", attribute.value, metavar="TEXT")(
            command
        )
    return command


@click.command("edit")
@click.argument("device_ids", nargs=-1, required=True)
@_value_options
@click.option(
    "--field", "fields", multiple=True, metavar="NAME=TEXT", help="A field declared in muster.toml."
)
@seen_option
@pass_session
def edit(
    session: Session,
    /,
    *,
    device_ids: tuple[str, ...],
    fields: tuple[str, ...],
    seen: datetime | None,
    **values: str | None,
) -> None:
    """Set values on one or more devices; no scan replaces them. An empty text takes your value back.

    \b
    muster register edit d-7k d-9x --owner 王小明 --location '3F east'
    muster register edit d-7k --owner 林 --seen 2026-11-20T09:30
    """
    changes = {Attribute(name): text for name, text in values.items() if text is not None}
    custom = dict(pair_of(each) for each in fields)
    if not (changes or custom):
        raise UsageFault(_("nothing to change: name a value, for instance --owner"))
    declared = session.settings.custom_fields
    for name in sorted(custom.keys() - set(declared)):
        reason = _("{name!r} is not among custom_fields of muster.toml ({known})")
        raise UsageFault(reason.format(name=name, known=", ".join(declared)))
    with session.opened(SystemClock(), seen=seen) as opened:
        done = opened.edit(device_ids, changes, session.operator, custom=custom)
    _say_changes(done)


@click.command("accept")
@click.argument("device_id")
@click.argument("attribute", type=click.Choice([attribute.value for attribute in EDITABLE]))
@click.argument("value", default="")
@seen_option
@pass_session
def accept(session: Session, device_id: str, attribute: str, value: str, *, seen: datetime | None) -> None:
    """Take the value that disagrees with the one that is held (see `show`); with VALUE only that one."""
    with session.opened(SystemClock(), seen=seen) as opened:
        done = opened.accept(device_id, Attribute(attribute), session.operator, value)
    _say_changes(done)


@click.command("status")
@click.argument("status", type=click.Choice(["confirmed", "in-service", "retired", "discovered"]))
@click.argument("device_ids", nargs=-1, required=True)
@seen_option
@pass_session
def status(session: Session, *, status: str, device_ids: tuple[str, ...], seen: datetime | None) -> None:
    """Say where devices stand: confirmed, in service or retired. Nothing is ever deleted."""
    with session.opened(SystemClock(), seen=seen) as opened:
        done = opened.set_status(device_ids, DeviceStatus(status), session.operator)
    _say_changes(done)


@click.command("enter")
@click.option("--site", required=True, help="The site it stands at.")
@click.option("--segment", default="", help="The segment it is on, if any.")
@click.option("--ip", default="", help="Its address, if it has one.")
@click.option("--mac", default="", help="Its MAC, if it has one.")
@_value_options
@pass_session
def enter(session: Session, /, *, site: str, segment: str, ip: str, mac: str, **values: str | None) -> None:
    """Enter a device by hand: a sensor no probe can see, an analogue fax behind an adapter.

    \b
    muster register enter --site hq --device-class environmental-sensor --location 'server room'
    """
    said = {Attribute(name): text for name, text in values.items() if text}
    with session.opened(SystemClock(), create=True) as opened:
        device = opened.enter(said, session.operator, site=site, segment=segment, ip=ip, mac=mac)
    click.echo(_("entered as {id}").format(id=device.id))


@click.command("confirm")
@click.argument("query", nargs=-1)
@click.option("--device", "ids", multiple=True, help="Only this device; may be given again.")
@click.option("--location", help="Every device at a location that begins so.")
@click.option("--half-yearly", is_flag=True, help="CC-14000's confirmation, not the yearly one.")
@click.option("--signer", help="Who looked; the operator where nobody is named.")
@seen_option
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
    seen: datetime | None,
) -> None:
    """Confirm that the register is right about devices: the ones QUERY asks for, or those named.

    \b
    muster register confirm --location 'hq / 3F'
    muster register confirm class:printer site:hq --half-yearly
    """
    if not (query or ids or location):
        raise UsageFault(_("say which devices: a query, --location or --device"))
    duty = Duty.HALF_YEARLY if half_yearly else Duty.YEARLY
    with session.opened(SystemClock(), seen=seen) as register:
        chosen = list(ids)
        if query or location:
            begins = place_path(location or "")
            found = register.devices(query_of(query))
            chosen += [one.id for one in found if place_path(one.text(Attribute.LOCATION)).startswith(begins)]
        if not chosen:
            raise UsageFault(_("no device fits the query"))
        made = register.confirm(chosen, duty, signer or session.operator, session.operator)
    count = len(made)
    said = ngettext("{count} device confirmed", "{count} devices confirmed", count).format(count=count)
    due = made[0].next_due if made else None
    click.echo(f"{said}; " + _("due again on {day}").format(day=due) if due else said)


@click.command("directory")
@click.argument("kind", type=click.Choice([kind.value for kind in Kind]))
@click.argument("name", required=False)
@click.option("--set", "details", multiple=True, metavar="WHAT=TEXT", help="May be given again.")
@as_of_option
@seen_option
@format_option
@pass_session
def directory(
    session: Session,
    *,
    kind: str,
    name: str | None,
    details: tuple[str, ...],
    as_of: str | None,
    seen: datetime | None,
    form: str,
) -> None:
    """List owners, places, suppliers or contracts, or say (--set) what NAME is.

    \b
    muster register directory owner 'Wang' --set department=IT --set contact=6101
    muster register directory place 'hq / 3F / copy room' --set kind=room
    """
    said = dict(pair_of(each) for each in details)
    moment = moment_of(as_of) if as_of else None
    if said and (moment or not name):
        raise UsageFault(_("--set needs a name, and says what it is now"))
    with session.opened(SystemClock(), seen=seen) as register:
        if name and said:
            entries: tuple[Entry, ...] = (register.note(Kind(kind), name, said, session.operator),)
        else:
            entries = register.directory(Kind(kind), as_of=moment)
    if name and not said:
        entries = tuple(one for one in entries if one.name == name)
        if not entries:
            raise UsageFault(
                _("there is no {kind} {name}: --set says what it is").format(kind=kind, name=name)
            )
    rows = [
        {"name": one.name, **one.details, "by": one.by, "since": shown(one.valid_from)} for one in entries
    ]
    names = dict.fromkeys(key for row in rows for key in row)
    print_rows(rows, {key: key.capitalize() for key in names}, form)


def _say_changes(changes: Sequence[DeviceChange]) -> None:
    """How many values changed, and the first that replace another."""
    for one in [each for each in changes if each.before][:_MOST_TOLD]:
        say(f"{one.device} {one.what}: {one.before!r} → {one.after!r}")
    count = len(changes)
    click.echo(ngettext("{count} value changed", "{count} values changed", count).format(count=count))

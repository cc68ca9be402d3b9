"""`muster register`: list, show, export and move; its other commands stand in the files it imports."""

import sys
from pathlib import Path

import click

from inventory.cli.editing import accept, confirm, directory, edit, enter, status
from inventory.cli.history import audit, diff, log, undo
from inventory.cli.options import as_of_option, moment_of, query_of
from inventory.cli.pairs import apart, join, review, split
from inventory.cli.portrait import attribute_rows, change_headings, change_row, service_rows, shown
from inventory.console import Session, format_option, pass_session, print_rows
from inventory.exits import UsageFault
from inventory.export import EXPORTERS
from inventory.garbage import nothing_to_collect
from inventory.language import _, current, ngettext
from inventory.types import Attribute, Device, SystemClock, today

EXPORT_FORMS = tuple(exporter.name for exporter in EXPORTERS if not exporter.judged)


@click.group()
def register() -> None:
    """List, show, edit and export the device register."""


@register.command("list")
@click.argument("query", nargs=-1)
@click.option("--sort", metavar="KEY", help="ip, vendor, class, last_seen …; a leading - turns it round.")
@as_of_option
@format_option
@pass_session
def list_devices(
    session: Session, *, query: tuple[str, ...], sort: str | None, as_of: str | None, form: str
) -> None:
    """List devices; all of them, or those that QUERY asks for.

    \b
    muster register list class:printer owner:none
    muster register list 'seg:iot -vendor:axis status:unseen'
    muster register list port:23 ip:10.10.20.0/24 --sort -last_seen
    """
    wanted = query_of(query, sort)
    with session.opened(SystemClock()) as opened:
        devices = opened.page_at(wanted, moment_of(as_of), 0, None).rows if as_of else opened.devices(wanted)
    if not devices and form == "table":
        nobody = _("no device fits the query") if query else _("no devices yet; `muster scan` finds them")
        click.echo(nobody, err=True)
        return
    headings = {
        "id": _("Id"),
        "status": _("Status"),
        "device_class": _("Class"),
        "vendor": _("Vendor"),
        "model": _("Model"),
        "ip": _("IP address"),
        "mac": _("MAC"),
        "hostname": _("Hostname"),
        "segment": _("Segment"),
        "owner": _("Owner"),
        "location": _("Location"),
        "last_seen": _("Last seen"),
    }
    print_rows([_row(device, form) for device in devices], headings, form)


@register.command("show")
@click.argument("device_id")
@click.option("--history", "with_history", is_flag=True, help="Also everything that changed.")
@as_of_option
@format_option
@pass_session
def show(session: Session, *, device_id: str, with_history: bool, as_of: str | None, form: str) -> None:
    """Show one device, each value with its source and time; DEVICE_ID may be the beginning of an id."""
    with session.opened(SystemClock()) as opened:
        device = opened.device_at(device_id, moment_of(as_of)) if as_of else opened.device(device_id)
        history = opened.history(device.id) if with_history else ()
    if form == "json":
        from inventory.export.as_json import public_form

        changes = [change_row(change, form) for change in history]
        print_rows([public_form(device) | ({"history": changes} if with_history else {})], {}, form)
        return
    names = {
        "what": _("Attribute"),
        "value": _("Value"),
        "source": _("Source"),
        "at": _("Confirmed"),
        "note": _("Note"),
    }
    print_rows(attribute_rows(device), names, form)
    if device.services:
        click.echo()
        columns = {
            "port": _("Port"),
            "name": _("Service"),
            "product": _("Product"),
            "version": _("Version"),
            "last_seen": _("Last seen"),
        }
        print_rows(service_rows(device), columns, form)
    if history:
        click.echo()
        print_rows([change_row(change, form) for change in history], change_headings(), form)


@register.command("move")
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


@register.command("export")
@click.argument("query", nargs=-1)
@click.option("--format", "form", type=click.Choice(EXPORT_FORMS), default="json", show_default=True)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file.")
@pass_session
def export(session: Session, *, query: tuple[str, ...], form: str, out: Path | None) -> None:
    """Write the register (or what QUERY asks for) as JSON, CSV, XLSX or HTML."""
    from inventory.export.listing import Listing

    if out is None and form == "xlsx":
        raise UsageFault(_("an XLSX goes to a file: say --out FILE"))
    clock = SystemClock()
    listing = Listing(query_of(query), form, current(), today(clock))
    with session.opened(clock) as opened, nothing_to_collect():
        if out is None:
            listing.write(opened, sys.stdout.buffer.write)
            return
        count = listing.save(opened, out)
    click.echo(_("{count} devices written to {file}").format(count=count, file=out), err=True)


def _row(device: Device, form: str) -> dict[str, object]:
    first = device.addresses[0] if device.addresses else None
    return {
        "id": device.id,
        "status": device.status,
        "device_class": device.device_class,
        "vendor": device.text(Attribute.VENDOR),
        "model": device.text(Attribute.MODEL),
        "ip": [each.ip for each in device.addresses] if form == "json" else (first.ip if first else ""),
        "mac": (first.mac if first else None) or "",
        "hostname": device.text(Attribute.HOSTNAME),
        "site": device.site,
        "segment": device.segment,
        "owner": device.text(Attribute.OWNER),
        "location": device.text(Attribute.LOCATION),
        "purpose": device.text(Attribute.PURPOSE),
        "last_seen": shown(device.last_seen) if form == "table" else device.last_seen.isoformat(),
    }


for _command in (edit, accept, status, enter, confirm, directory, review, join, apart, split):
    register.add_command(_command)
for _command in (log, diff, audit, undo):
    register.add_command(_command)

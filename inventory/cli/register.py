"""`muster register`: list, show, edit and export the devices."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from inventory.cli.desk import confirm, diff, directory, moment_of, move, pair_of, split, undo
from inventory.cli.portrait import attribute_rows, change_headings, change_row, service_rows, shown
from inventory.console import Session, format_option, pass_session, print_rows
from inventory.exits import Exit, NotAllowed, UsageFault
from inventory.language import _, current, ngettext
from inventory.types import EDITABLE, Attribute, Device, DeviceStatus, SystemClock, today

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from inventory.query import DeviceQuery
    from inventory.register import Register

EXPORT_FORMS = ("json", "csv", "xlsx", "html")


def _value_options(command: click.decorators.FC) -> click.decorators.FC:
    """One option for each attribute a person may say something about."""
    for attribute in reversed(EDITABLE):
        command = click.option(f"--{attribute.value.replace('_', '-')}", attribute.value, metavar="TEXT")(
            command
        )
    return command


@click.group()
def register() -> None:
    """List, show, edit and export the device register."""


@register.command("list")
@click.argument("query", nargs=-1)
@click.option("--sort", metavar="KEY", help="ip, vendor, class, last_seen …; a leading - turns it round.")
@click.option("--as-of", metavar="DAY", help="As it stood on that day (2025-06-30).")
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
    wanted = _query(query, sort)
    with _open(session) as opened:
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
@click.option("--as-of", metavar="DAY", help="As it stood on that day (2025-06-30).")
@format_option
@pass_session
def show(session: Session, *, device_id: str, with_history: bool, as_of: str | None, form: str) -> None:
    """Show one device, each value with its source and time; DEVICE_ID may be the beginning of an id."""
    with _open(session) as opened:
        device = opened.device_at(device_id, moment_of(as_of)) if as_of else opened.device(device_id)
        history = opened.history(device.id) if with_history else ()
    if form == "json":
        from inventory.export.as_json import public_form

        changes = [change_row(change) for change in history]
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
        print_rows([change_row(change) for change in history], change_headings(), form)


@register.command("edit")
@click.argument("device_ids", nargs=-1, required=True)
@_value_options
@click.option(
    "--field", "fields", multiple=True, metavar="NAME=TEXT", help="A field declared in muster.toml."
)
@click.option("--seen", metavar="MOMENT", help="When you looked: refused where somebody changed it since.")
@pass_session
def edit(
    session: Session,
    /,
    *,
    device_ids: tuple[str, ...],
    fields: tuple[str, ...],
    seen: str | None,
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
    with _open(session) as opened:
        were = [opened.device_at(each, moment_of(seen)) for each in device_ids] if seen else []
        done = opened.edit(device_ids, changes, session.operator, seen=were, custom=custom)
    _say_changes(len(done))


@register.command("accept")
@click.argument("device_id")
@click.argument("attribute", type=click.Choice([attribute.value for attribute in EDITABLE]))
@pass_session
def accept(session: Session, device_id: str, attribute: str) -> None:
    """Take the value that disagrees with the one that is held (see `show`)."""
    with _open(session) as opened:
        done = opened.accept(device_id, Attribute(attribute), session.operator)
    _say_changes(len(done))


@register.command("status")
@click.argument("status", type=click.Choice(["confirmed", "in-service", "retired", "discovered"]))
@click.argument("device_ids", nargs=-1, required=True)
@pass_session
def status(session: Session, *, status: str, device_ids: tuple[str, ...]) -> None:
    """Say where devices stand: confirmed, in service or retired. Nothing is ever deleted."""
    with _open(session) as opened:
        done = opened.set_status(device_ids, DeviceStatus(status), session.operator)
    _say_changes(len(done))


@register.command("log")
@click.argument("device_id")
@format_option
@pass_session
def log(session: Session, device_id: str, form: str) -> None:
    """Show everything that changed on one device, oldest first."""
    with _open(session) as opened:
        history = opened.history(device_id)
    print_rows([change_row(change) for change in history], change_headings(), form)


@register.command("enter")
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
    with _open(session, create=True) as opened:
        device = opened.enter(said, session.operator, site=site, segment=segment, ip=ip, mac=mac)
    click.echo(_("entered as {id}").format(id=device.id))


@register.command("review")
@format_option
@pass_session
def review(session: Session, form: str) -> None:
    """List pairs of records that may be one device; settle them with `join` or `apart`."""
    with _open(session) as opened:
        pairs = opened.review()
        devices = opened.by_id({each for one in pairs for each in (one.device, one.other)})
    rows = [
        {
            "number": one.id,
            "device": one.device,
            "label": devices[one.device].label,
            "other": one.other,
            "other_label": devices[one.other].label,
            "agrees": list(one.agrees),
            "differs": list(one.differs),
        }
        for one in pairs
    ]
    headings = {
        "number": _("No."),
        "device": _("Device"),
        "label": _("What"),
        "other": _("May be"),
        "other_label": _("What"),
        "agrees": _("Agrees"),
        "differs": _("Differs"),
    }
    print_rows(rows, headings, form)


@register.command("join")
@click.argument("device_ids", nargs=-1, required=True)
@pass_session
def join(session: Session, device_ids: tuple[str, ...]) -> None:
    """Say that two or more records are one device; every history is kept."""
    with _open(session) as opened:
        device = opened.join(device_ids, session.operator)
    click.echo(_("joined as {id}").format(id=device.id))


@register.command("apart")
@click.argument("number", type=int)
@pass_session
def apart(session: Session, number: int) -> None:
    """Say that the pair NUMBER of `review` is two devices."""
    with _open(session) as opened:
        opened.keep_apart(number, session.operator)
    click.echo(_("noted: two devices"))


@register.command("audit")
@click.argument("subject", default="")
@click.option("--verify", is_flag=True, help="Only say whether the log is as it was written.")
@format_option
@click.pass_context
def audit(ctx: click.Context, *, subject: str, verify: bool, form: str) -> None:
    """List who did what, oldest first; of SUBJECT (a device's id, a network) where one is named."""
    with _open(ctx.ensure_object(Session)) as opened:
        entries = opened.audit(subject)
        broken = opened.audit_break() if verify else None
    if broken is not None:
        click.echo(_("the log was altered at entry {number}").format(number=broken), err=True)
        ctx.exit(Exit.FINDINGS)
    if verify:
        click.echo(_("the log is as it was written"))
        return
    rows = [
        {
            "number": one.number,
            "at": shown(one.at) if form == "table" else one.at.isoformat(),
            "by": one.by,
            "action": one.action,
            "subject": one.subject,
            "detail": dict(one.detail) if form == "json" else _in_words(one.detail),
        }
        for one in entries
    ]
    headings = {
        "number": _("No."),
        "at": _("When"),
        "by": _("Who"),
        "action": _("Action"),
        "subject": _("Subject"),
        "detail": _("Detail"),
    }
    print_rows(rows, headings, form)


@register.command("export")
@click.argument("query", nargs=-1)
@click.option("--format", "form", type=click.Choice(EXPORT_FORMS), default="json", show_default=True)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file.")
@pass_session
def export(session: Session, *, query: tuple[str, ...], form: str, out: Path | None) -> None:
    """Write the register (or what QUERY asks for) as JSON, CSV, XLSX or HTML."""
    from inventory.export import EXPORTERS
    from inventory.snapshot.value import Snapshot

    if out is None and form == "xlsx":
        raise UsageFault(_("an XLSX goes to a file: say --out FILE"))
    clock = SystemClock()
    with _open(session) as opened:
        devices = opened.devices(_query(query, None))
    render = {exporter.name: exporter.render for exporter in EXPORTERS}[form]
    content = render(Snapshot(label="", on=today(clock), devices=devices), current())
    if out is None:
        sys.stdout.buffer.write(content)
        return
    try:
        _replace(out, content)
    except OSError as error:
        raise NotAllowed(
            _("{file} cannot be written: {reason}").format(file=out, reason=error.strerror)
        ) from error
    click.echo(_("{count} devices written to {file}").format(count=len(devices), file=out), err=True)


def _replace(file: Path, content: bytes) -> None:
    """Writes the file whole or not at all: where the disk is full, what it held before is still there."""
    if file.exists() and not file.is_file():  # /dev/stdout, a pipe
        file.write_bytes(content)
        return
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        beside.write_bytes(content)
        beside.replace(file)
    except OSError:
        beside.unlink(missing_ok=True)
        raise


def _in_words(detail: "Mapping[str, str]") -> str:
    return "; ".join(f"{what}: {text}" for what, text in detail.items())


def _open(session: Session, *, create: bool = False) -> "AbstractContextManager[Register]":
    return session.opened(SystemClock(), create=create)


def _query(words: tuple[str, ...], sort: str | None) -> "DeviceQuery":
    from inventory.query import parse

    if len(words) == 1:
        query = parse(words[0])
    else:
        # The shell took the quotation marks off words with spaces; the query language wants them back.
        query = parse(" ".join(f'"{word}"' if " " in word and '"' not in word else word for word in words))
    return query.sorted_by(sort) if sort else query


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


def _say_changes(count: int) -> None:
    click.echo(ngettext("{count} value changed", "{count} values changed", count).format(count=count))


for _command in (confirm, undo, split, diff, directory, move):
    register.add_command(_command)

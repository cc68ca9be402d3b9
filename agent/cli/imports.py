"""`muster import`: what other tools found, with a report of every line that was refused and why."""

import uuid
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from inventory.cli.importing import import_register
from inventory.console import Session, pass_session, say
from inventory.exits import BadInput
from inventory.json_text import json_text
from inventory.language import _

if TYPE_CHECKING:
    from agent.imports.taken import Taken

Reader = Callable[[str, datetime], "Taken"]

_LARGEST = 256 * 1024 * 1024
_MOST_SHOWN = 50

_file = click.argument("file", type=click.Path(path_type=Path))
_form = click.option(
    "--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True
)
_dry = click.option("--dry-run", is_flag=True, help="Read and report, and keep nothing.")


@click.group("import")
def import_() -> None:
    """Take in what other tools found. Only what lies in scope is kept, under its own source."""


@import_.command("leases")
@_file
@_dry
@_form
@pass_session
def leases(session: Session, file: Path, dry_run: bool, form: str) -> None:
    """DHCP leases of ISC dhcpd, Kea, dnsmasq or Windows (Export-Csv)."""
    from agent.imports import leases as reader

    _take(session, file, lambda text, now: reader.read(text.splitlines(), now), dry_run=dry_run, form=form)


@import_.command("nmap")
@_file
@_dry
@_form
@pass_session
def nmap(session: Session, file: Path, dry_run: bool, form: str) -> None:
    """Hosts and open ports in nmap's XML (-oX)."""
    from agent.imports import scanners

    _take(session, file, lambda text, _now: scanners.nmap(text), dry_run=dry_run, form=form)


@import_.command("masscan")
@_file
@_dry
@_form
@pass_session
def masscan(session: Session, file: Path, dry_run: bool, form: str) -> None:
    """Open ports in masscan's JSON (-oJ)."""
    from agent.imports import scanners

    _take(session, file, lambda text, _now: scanners.masscan(text.splitlines()), dry_run=dry_run, form=form)


@import_.command("arp-scan")
@_file
@_dry
@_form
@pass_session
def arp_scan(session: Session, file: Path, dry_run: bool, form: str) -> None:
    """Addresses and MACs in arp-scan's output."""
    from agent.imports import scanners

    _take(session, file, lambda text, _now: scanners.arp_scan(text.splitlines()), dry_run=dry_run, form=form)


def _take(session: Session, file: Path, read: Reader, *, dry_run: bool, form: str) -> None:
    """Reads, keeps what is in scope in one transaction, and reports; BadInput where nothing can be read."""
    from agent.fingerprints import Fingerprinter
    from agent.permit import Gate
    from agent.service.taking_in import sightings
    from agent.vantage import vantage
    from inventory.register import Register
    from inventory.types import SystemClock

    clock = SystemClock()
    taken = read(_text(file), clock.now())
    readable = bool(taken.entries)
    with Register.open(session.register_place, clock) as register:
        made = sightings(
            taken,
            Gate(register.scopes()),
            Fingerprinter.load(),
            clock,
            run=f"import-{uuid.uuid4().hex[:12]}",
            vantage=vantage(),
        )
        if made and not dry_run:
            register.ingest(made)
    _report(file, taken, len(made), form)
    if not readable and taken.refused:
        raise BadInput(_("{path}: nothing in it could be taken in").format(path=file))


def _text(file: Path) -> str:
    from agent.probes.charset import decoded

    try:
        if file.stat().st_size > _LARGEST:
            raise BadInput(_("{path}: is larger than {size} MB").format(path=file, size=_LARGEST >> 20))
        raw = file.read_bytes()
    except OSError as error:
        raise BadInput(f"{file}: {error.strerror}") from error
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    return decoded(raw.removeprefix(b"\xef\xbb\xbf"))


def _report(file: Path, taken: "Taken", kept: int, form: str) -> None:
    if form == "json":
        refused = [{"line": one.line, "reason": one.reason} for one in taken.refused]
        click.echo(json_text({"file": str(file), "kept": kept, "refused": refused}))
        return
    for one in taken.refused[:_MOST_SHOWN]:
        say(f"{file}:{one.line}: {one.reason}", err=True)
    if len(taken.refused) > _MOST_SHOWN:
        text = _("… and {count} more; --format json has all of them")
        click.echo(text.format(count=len(taken.refused) - _MOST_SHOWN), err=True)
    text = _("{kept} devices taken in, {refused} lines refused")
    click.echo(text.format(kept=kept, refused=len(taken.refused)))


import_.add_command(import_register)

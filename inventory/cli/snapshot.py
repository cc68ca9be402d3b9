"""`muster snapshot`: freeze the register for the auditor, verify what was frozen, compare two."""

import re
import sys
from datetime import date
from importlib.metadata import version
from pathlib import Path

import click

from inventory.cli.options import DAY
from inventory.cli.snapshot_rows import difference_rows, posture_rows
from inventory.console import Session, format_option, pass_session, print_rows, say, say_next
from inventory.exits import BadInput, Exit, UsageFault
from inventory.export.harmless import visible
from inventory.export.statement import coverage_statement, judgement_statement
from inventory.export.wording import label
from inventory.garbage import nothing_to_collect
from inventory.language import _, current
from inventory.settings import default_register
from inventory.snapshot import PreviousSnapshot, Unreadable
from inventory.snapshot.comparison import compare
from inventory.snapshot.folder import digest_at, duplicate, load, snapshots_in, summary_at
from inventory.snapshot.manifest import PUBLIC_KEY
from inventory.snapshot.nameless import copy_without_names
from inventory.snapshot.signing import fingerprint, is_public_key, own_public_key, signer_at
from inventory.snapshot.verification import Verification, verify
from inventory.types import WORST_FIRST, SystemClock, VerdictOutcome, today

_CYCLES = {
    "year": re.compile(r"\d{4}"),
    "half": re.compile(r"\d{4}H[12]"),
    "month": re.compile(r"\d{4}-(0[1-9]|1[0-2])"),
}
_FOLDER = click.Path(path_type=Path)


@click.group()
def snapshot() -> None:
    """Freeze the register for the auditor."""


@snapshot.command()
@click.option("--year", metavar="YYYY", help="For the yearly register, e.g. 2026.")
@click.option("--half", metavar="YYYYH1|H2", help="For the half-yearly register, e.g. 2026H1.")
@click.option("--month", metavar="YYYY-MM", help="For a monthly inspection, e.g. 2026-11.")
@click.option("--on", type=DAY, help="The day it speaks of (default: today).")
@click.option("--out", type=_FOLDER, help="The new folder (default: snapshots/… beside the register).")
@pass_session
def create(
    session: Session,
    *,
    year: str | None,
    half: str | None,
    month: str | None,
    on: date | None,
    out: Path | None,
) -> None:
    """Freeze the register, as last assessed, into a new folder."""
    from inventory.snapshot.freezing import freeze

    clock = SystemClock()
    day = _day(on, today(clock))
    name = _cycle(year=year, half=half, month=month) or str(day)
    place = out or _snapshots(session) / name
    with session.opened(clock) as register, nothing_to_collect():
        signer = signer_at(_data_folder(session))
        frozen, stored = freeze(register, place, signer, label=name, on=day, version=version("muster"))
    for sentence in (*coverage_statement(frozen, current()), *judgement_statement(frozen, current())):
        click.echo(sentence)
    click.echo()
    click.echo(_("snapshot  {name} in {place}").format(name=name, place=stored.place))
    click.echo(_("manifest  SHA-256 {digest}").format(digest=stored.digest))
    click.echo(_("signer    {fingerprint}").format(fingerprint=fingerprint(signer.public_pem)))
    if frozen.previous:
        click.echo(_("follows   {name} of {on}").format(name=frozen.previous.label, on=frozen.previous.on))
    say_next(f"snapshot verify {stored.place}")


@snapshot.command("verify")
@click.argument("folder", metavar="DIR|NAME")
@click.option("--key", type=_FOLDER, help="The public key (PEM) it must be signed with.")
@click.option("--original", metavar="DIR|NAME", help="The snapshot of which it is the copy without names.")
@pass_session
def verify_command(session: Session, folder: str, key: Path | None, original: str | None) -> None:
    """Say whether a snapshot is still what was signed.

    Exits with 10, naming each file, where it is not.
    """
    place = folder_of(session, folder)
    own = own_public_key(_data_folder(session))
    at_home = place.resolve().is_relative_to(_data_folder(session).resolve())
    trusted = _key(key) if key else (own if at_home else None)
    whole = folder_of(session, original) if original else None
    seen = verify(place, trusted, whole)
    for problem in seen.problems:
        click.echo(visible(str(problem)))
    if seen.problems:
        click.echo(_("{place}: NOT as it was signed").format(place=place))
        sys.exit(Exit.FINDINGS)
    click.echo(_("{place}: as it was signed, {files} files").format(place=place, files=seen.files))
    click.echo(_("manifest  SHA-256 {digest}").format(digest=seen.digest))
    say(_signer_line(seen, trusted, own))
    say(_chain_line(seen))
    if seen.redacts:
        say(_original_line(seen.redacts, compared=whole is not None))


@snapshot.command()
@click.argument("folder", metavar="DIR|NAME")
@click.option("--redact", is_flag=True, help="A number instead of each person's name.")
@click.option("--out", type=_FOLDER, help="The new folder (default: NAME-copy or NAME-redacted beside it).")
@pass_session
def copy(session: Session, *, folder: str, redact: bool, out: Path | None) -> None:
    """Make a verified copy of a snapshot, without personal names if asked.

    Refused where the snapshot is not as it was signed. `verify --original` proves whose copy it is.
    """
    source = folder_of(session, folder)
    problems = verify(source).problems
    if problems:
        raise Unreadable(
            _("{place}: NOT as it was signed: {problem}").format(
                place=source, problem=visible(str(problems[0]))
            )
        )
    place = out or source.parent / f"{source.name}-{'redacted' if redact else 'copy'}"
    if redact:
        with nothing_to_collect():
            copy_without_names(source, place, signer_at(_data_folder(session)))
    else:
        duplicate(source, place)
    click.echo(_("copied    {source} to {place}").format(source=source, place=place))
    click.echo(_("manifest  SHA-256 {digest}").format(digest=digest_at(place)))


@snapshot.command()
@click.argument("earlier", metavar="EARLIER")
@click.argument("later", metavar="LATER")
@format_option
@pass_session
def diff(session: Session, earlier: str, later: str, form: str) -> None:
    """Say what is different in LATER, and why.

    Exits with 10 where anything is.
    """
    before, after = load(folder_of(session, earlier)), load(folder_of(session, later))
    if before.on > after.on:
        raise UsageFault(
            _("{earlier} is of {before}, after {later} of {after}: name the earlier one first").format(
                earlier=earlier, before=before.on, later=later, after=after.on
            )
        )
    found = compare(before, after)
    columns = {
        "kind": _("Kind"),
        "device": _("Device"),
        "what": _("What"),
        "before": _("Before"),
        "after": _("After"),
        "why": _("Why"),
    }
    print_rows(list(difference_rows(found, plain=form == "json")), columns, form)
    if not found.same:
        sys.exit(Exit.FINDINGS)


@snapshot.command()
@click.argument("folder", metavar="DIR|NAME")
@format_option
@pass_session
def show(session: Session, folder: str, form: str) -> None:
    """Print a snapshot's statement and its posture by article."""
    frozen = load(folder_of(session, folder))
    if form == "table":
        say(_("Snapshot {name} of {on}").format(name=frozen.label, on=frozen.on))
        for sentence in (*coverage_statement(frozen, current()), *judgement_statement(frozen, current())):
            click.echo(f"  {visible(sentence)}")
        click.echo()
    columns = {
        "pack": _("Pack"),
        "edition": _("Edition"),
        "article": _("Article"),
        "title": _("Title"),
        **{str(outcome): label(outcome, current()) for outcome in WORST_FIRST},
        "not-judged": _("Not judged"),
    }
    print_rows(list(posture_rows(frozen)), columns, form)


@snapshot.command("list")
@format_option
@pass_session
def list_command(session: Session, form: str) -> None:
    """List the snapshots beside the register, oldest first."""
    columns = {
        "label": _("Snapshot"),
        "on": _("As of"),
        "devices": _("Devices"),
        "breaching": _("In breach"),
        "findings": _("Open findings"),
        "digest": _("Manifest SHA-256"),
        "folder": _("Folder"),
    }
    rows = []
    for place in snapshots_in(_snapshots(session)):
        told = summary_at(place)
        rows.append(
            {
                "label": told.label,
                "on": told.on,
                "devices": told.standing.devices,
                "breaching": told.standing.by_worst[VerdictOutcome.BREACH],
                "findings": told.standing.live,
                "digest": digest_at(place),
                "folder": place,
            }
        )
    print_rows(sorted(rows, key=lambda row: (str(row["on"]), str(row["label"]))), columns, form)


def _day(on: date | None, this_day: date) -> date:
    day = on or this_day
    if day > this_day:
        raise UsageFault(_("{on} has not come yet; today is {today} (UTC)").format(on=day, today=this_day))
    return day


def _cycle(**asked: str | None) -> str:
    """The cycle's name from the one option given; "" where none was."""
    given = {option: value for option, value in asked.items() if value is not None}
    if len(given) > 1:
        raise UsageFault(_("a snapshot is for one cycle: give only one of --year, --half, --month"))
    for option, value in given.items():
        if not _CYCLES[option].fullmatch(value):
            forms = {"year": "2026", "half": "2026H1", "month": "2026-11"}
            raise UsageFault(
                _("--{option} {value}: write it like {form}").format(
                    option=option, value=value, form=forms[option]
                )
            )
        return value
    return ""


def _data_folder(session: Session) -> Path:
    """Where the signing key and the snapshots lie: beside the register's file, or the platform's folder."""
    place = session.register_place
    return Path(default_register()).parent if "://" in place else Path(place).parent


def _snapshots(session: Session) -> Path:
    return _data_folder(session) / "snapshots"


def folder_of(session: Session, name: str) -> Path:
    """The folder of that path, or the snapshot of that name beside the register."""
    for place in (Path(name), _snapshots(session) / name):
        if place.is_dir():
            return place
    known = ", ".join(place.name for place in snapshots_in(_snapshots(session))) or _("none")
    raise Unreadable(
        _("{name}: no such snapshot; beside the register: {known}").format(name=name, known=known)
    )


def _key(file: Path) -> bytes:
    try:
        pem = file.read_bytes()
    except OSError as error:
        raise BadInput(f"{file}: {error.strerror}") from error
    if not is_public_key(pem):
        raise BadInput(
            _("{file}: not a snapshot's public key ({name} is one)").format(file=file, name=PUBLIC_KEY)
        )
    return pem


def _signer_line(seen: Verification, trusted: bytes | None, own: bytes | None) -> str:
    line = _("signer    {fingerprint}").format(fingerprint=seen.signer)
    if trusted is not None or (own is not None and fingerprint(own) == seen.signer):
        return line + " " + _("(the trusted key)")
    return line + " " + _("(NOT compared with a key you trust: give --key, or compare this by telephone)")


def _original_line(original: PreviousSnapshot, *, compared: bool) -> str:
    line = _("without the personal names of {name} of {on}, SHA-256 {digest}").format(
        name=original.label, on=original.on, digest=original.digest
    )
    return line if compared else line + " " + _("(NOT compared with it: give --original)")


def _chain_line(seen: Verification) -> str:
    if seen.previous is None:
        return _("follows   no earlier snapshot")
    line = _("follows   {name} of {on}").format(name=seen.previous.label, on=seen.previous.on)
    return line if seen.chain_checked else line + " " + _("(not at hand, so NOT compared)")

"""`muster register`, what was: log, diff, audit, and undo, which takes a change back."""

from collections.abc import Mapping

import click

from inventory.cli.options import moment_of
from inventory.cli.portrait import change_headings, change_row, shown
from inventory.console import Session, format_option, pass_session, print_rows
from inventory.exits import Exit
from inventory.language import _
from inventory.record_names import action_called, value_called, what_called
from inventory.types import SystemClock


@click.command("log")
@click.argument("device_id")
@format_option
@pass_session
def log(session: Session, device_id: str, form: str) -> None:
    """Show everything that changed on one device, oldest first."""
    with session.opened(SystemClock()) as opened:
        history = opened.history(device_id)
    print_rows([change_row(change, form) for change in history], change_headings(), form)


@click.command("diff")
@click.argument("earlier")
@click.argument("later")
@format_option
@pass_session
def diff(session: Session, *, earlier: str, later: str, form: str) -> None:
    """Show what differs between two days, device by device: `diff 2025-01-31 2025-06-30`."""
    with session.opened(SystemClock()) as register:
        found = register.differences(moment_of(earlier), moment_of(later))
    headings = {
        "device": _("Device"),
        "what": _("What"),
        "before": _("Before"),
        "after": _("After"),
    }
    rows = [change_row(one, form) for one in found]
    print_rows([{key: row[key] for key in headings} for row in rows], headings, form)


@click.command("audit")
@click.argument("subject", default="")
@click.option("--verify", is_flag=True, help="Only say whether the log is as it was written.")
@click.option("--holds", metavar="DIGEST", help="Verify, and that the entry with this digest is still in.")
@click.option(
    "--clock-is-right",
    is_flag=True,
    help="Write that this machine's clock is right, and that of the last entry was ahead.",
)
@format_option
@click.pass_context
def audit(
    ctx: click.Context, *, subject: str, verify: bool, holds: str | None, clock_is_right: bool, form: str
) -> None:
    """List who did what, oldest first; of SUBJECT (a device's id, a network) where one is named.

    Each entry's digest covers all before it: who keeps the last one elsewhere can show later (--holds) that
    nothing was taken off the end either.
    """
    session = ctx.ensure_object(Session)
    with session.opened(SystemClock()) as opened:
        if clock_is_right:
            opened.accept_clock(session.operator)
        entries = opened.audit("" if verify or holds else subject)
        broken = opened.audit_break() if verify or holds else None
    if broken is not None:
        click.echo(_("the log was altered at entry {number}").format(number=broken), err=True)
        ctx.exit(Exit.FINDINGS)
    if holds and not any(one.digest == holds.strip().lower() for one in entries):
        click.echo(_("no entry of the log has this digest: its end was removed"), err=True)
        ctx.exit(Exit.FINDINGS)
    if verify or holds:
        click.echo(_("the log is as it was written"))
        if entries:
            click.echo(_("last digest: {digest}").format(digest=entries[-1].digest))
        return
    rows = [
        {
            "number": one.number,
            "at": shown(one.at) if form == "table" else one.at.isoformat(),
            "by": one.by,
            "action": one.action if form == "json" else action_called(one.action),
            "subject": one.subject,
            "detail": dict(one.detail) if form == "json" else _in_words(one.detail),
            "digest": one.digest,
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


@click.command("undo")
@click.argument("entry", type=int, required=False)
@pass_session
def undo(session: Session, entry: int | None) -> None:
    """Take back your last change, or the one of ENTRY (see `audit`); an undo can be undone."""
    with session.opened(SystemClock()) as register:
        number = register.undo(session.operator, entry)
    click.echo(_("entry {number} undone").format(number=number))


def _in_words(detail: Mapping[str, str]) -> str:
    return "; ".join(f"{what_called(what)}: {value_called(what, text)}" for what, text in detail.items())

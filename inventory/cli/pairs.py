"""`muster register`, which records are one device: review, join, apart, split."""

import click

from inventory.console import Session, format_option, pass_session, print_rows
from inventory.language import _
from inventory.types import SystemClock


@click.command("review")
@format_option
@pass_session
def review(session: Session, form: str) -> None:
    """List pairs of records that may be one device; settle them with `join` or `apart`."""
    with session.opened(SystemClock()) as opened:
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


@click.command("join")
@click.argument("device_ids", nargs=-1, required=True)
@pass_session
def join(session: Session, device_ids: tuple[str, ...]) -> None:
    """Say that two or more records are one device; every history is kept."""
    with session.opened(SystemClock()) as opened:
        device = opened.join(device_ids, session.operator)
    click.echo(_("joined as {id}").format(id=device.id))


@click.command("apart")
@click.argument("number", type=int)
@pass_session
def apart(session: Session, number: int) -> None:
    """Say that the pair NUMBER of `review` is two devices."""
    with session.opened(SystemClock()) as opened:
        opened.keep_apart(number, session.operator)
    click.echo(_("noted: two devices"))


@click.command("split")
@click.argument("device_id")
@pass_session
def split(session: Session, device_id: str) -> None:
    """Part the last two records that were joined as DEVICE_ID; each gets back what it brought."""
    with session.opened(SystemClock()) as register:
        device = register.split(device_id, session.operator)
    click.echo(_("{id} is a record of its own again").format(id=device.id))

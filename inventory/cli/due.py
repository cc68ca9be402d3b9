"""`muster due`: the calendar of what is due: findings, exceptions, plans and signed answers."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

import click

from inventory.console import Session, format_option, pass_session, print_rows
from inventory.language import _, is_chinese
from inventory.records import DONE
from inventory.types import Attestation, FindingState, SystemClock, today

if TYPE_CHECKING:
    from inventory.register import Register


@click.command()
@click.option("--within", type=click.IntRange(0, 3660), default=90, show_default=True, help="Days ahead.")
@format_option
@pass_session
def due(session: Session, *, within: int, form: str) -> None:
    """Say what is due, the most urgent first; what is late stands on top."""
    clock = SystemClock()
    on = today(clock)
    with session.opened(clock) as register:
        found = sorted(one for one in _dates(register) if one[0] <= on + timedelta(days=within))
    rows = [
        {"due": day.isoformat(), "late": day < on, "kind": kind, "id": record, "device": device, "what": what}
        for day, kind, record, device, what in found
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


def _dates(register: "Register") -> Iterator[tuple[date, str, str, str, str]]:
    """Day, kind, id, device and words of everything with a day."""
    for finding in register.findings():
        if finding.state not in (FindingState.RESOLVED, FindingState.EXCEPTED):
            reason = finding.reason_zh if is_chinese() else finding.reason_en
            yield finding.due, _("finding"), finding.id, finding.device, reason
    for exception in register.exceptions():
        yield exception.expiry, _("exception ends"), exception.id, exception.device, exception.reason
    for plan in register.plans():
        if plan.state not in DONE:
            yield plan.due, _("plan"), plan.id, " ".join(plan.devices), plan.reason
    latest: dict[tuple[str, str], Attestation] = {}
    for record in register.attestations():  # in order of signing: a later answer replaces an earlier one
        latest[record.article, record.device] = record
    for record in latest.values():
        if record.next_due is not None:
            yield record.next_due, _("answer again"), record.id, record.device, record.article

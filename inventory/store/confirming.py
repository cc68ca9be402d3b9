"""Confirmations: somebody looked, and the register is right about a device. Each is an attestation."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select

from inventory.records import months_later
from inventory.store import audit, steps
from inventory.store.columns import table
from inventory.store.judged_tables import AttestationRow
from inventory.store.paperwork import attestation_values
from inventory.store.records import chunks
from inventory.types import CONFIRMATION, Attestation, Duty

_ATTESTATION = table(AttestationRow)
_EVIDENCE = "register"


def confirm(
    connection: Connection, devices: Sequence[str], duty: Duty, *, signer: str, by: str, at: datetime
) -> tuple[Attestation, ...]:
    """One attestation a device, dated today where the firm is; a second one of the same day is left out."""
    day = at.astimezone().date()
    made = [
        Attestation(
            id=f"{CONFIRMATION}{duty.value.lower()}-{day:%Y%m%d}-{device}",
            article=duty.value,
            device=device,
            answer=True,
            signer=signer,
            signed=day,
            evidence=_EVIDENCE,
            next_due=months_later(day, duty.months),
        )
        for device in devices
    ]
    known: set[str] = set()
    for part in chunks([one.id for one in made]):
        known |= set(
            connection.execute(select(_ATTESTATION.c.id).where(_ATTESTATION.c.id.in_(part))).scalars()
        )
    fresh = [one for one in made if one.id not in known]
    if not fresh:
        return ()
    rows = [attestation_values(one) for one in fresh]
    connection.execute(insert(_ATTESTATION), rows)
    detail = {"article": duty.value, "signer": signer, "devices": str(len(fresh))}
    subject = fresh[0].device if len(fresh) == 1 else f"{len(fresh)} devices"
    entry = audit.record(connection, at=at, by=by, action="confirm", subject=subject, detail=detail)
    for row in rows:
        steps.note_row(connection, entry, _ATTESTATION, None, AttestationRow(**row))
    return tuple(fresh)

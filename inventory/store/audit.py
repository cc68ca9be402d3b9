"""The append-only log of human changes, each entry chained to the one before by its digest."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, insert, or_, select

from inventory.language import _
from inventory.store.columns import table
from inventory.store.faults import Conflict
from inventory.store.judged_tables import AuditRow, StepRow
from inventory.store.mapping import from_json, to_json
from inventory.types import AuditEntry

CLOCK = "clock is right"
_SLACK = timedelta(minutes=10)  # two machines' clocks, or one that was put right by a little
_AUDIT, _STEP = table(AuditRow), table(StepRow)


def record(
    connection: Connection, *, at: datetime, by: str, action: str, subject: str, detail: Mapping[str, str]
) -> int:
    """Appends one entry; gives its number. Conflict where the clock was set back: histories need an order.

    An entry whose action is CLOCK says that the clock is right now, whatever the one before was stamped with.
    """
    last = connection.execute(select(_AUDIT).order_by(_AUDIT.c.number.desc()).limit(1)).first()
    if last is not None and at < last.at - _SLACK and action != CLOCK:
        reason = _(
            "this machine's clock says {now}, but entry {number} of the log was made at {last}: set the clock"
            " right (or see `muster register audit --clock-is-right`)"
        )
        now, then = (one.strftime("%Y-%m-%d %H:%M") for one in (at, last.at))
        raise Conflict(reason.format(now=now, number=last.number, last=then))
    number, before = (last.number + 1, last.digest) if last else (1, "")
    entry = AuditEntry(number, at, by, action, subject, dict(detail))
    connection.execute(
        insert(_AUDIT).values(
            number=number,
            at=at,
            by=by,
            action=action,
            subject=subject,
            detail=to_json(dict(detail)),
            digest=chained_digest(entry, before),
        )
    )
    return number


def entries(connection: Connection, *, subject: str = "") -> tuple[AuditEntry, ...]:
    """The log, oldest first; of one subject where one is named."""
    statement = select(_AUDIT).order_by(_AUDIT.c.number)
    if subject:
        about = select(_STEP.c.entry).where(_STEP.c.subject == subject)
        statement = statement.where(or_(_AUDIT.c.subject == subject, _AUDIT.c.number.in_(about)))
    return tuple(
        AuditEntry(row.number, row.at, row.by, row.action, row.subject, from_json(row.detail), row.digest)
        for row in connection.execute(statement)
    )


def headless(connection: Connection) -> int | None:
    """The number of the first entry that left a step and is no longer in the log; None where all are."""
    lost = select(func.min(_STEP.c.entry)).where(_STEP.c.entry.not_in(select(_AUDIT.c.number)))
    found = connection.execute(lost).scalar()
    return None if found is None else int(found)


def first_break(log: tuple[AuditEntry, ...]) -> int | None:
    """The number of the first entry that was altered, or follows a removed one; None where all is sound."""
    before = ""
    for number, entry in enumerate(log, start=1):
        if entry.number != number or entry.digest != chained_digest(entry, before):
            return number
        before = entry.digest
    return None


def chained_digest(entry: AuditEntry, before: str) -> str:
    """SHA-256 over the entry and the digest of the one before it."""
    said = [
        before,
        entry.number,
        entry.at.isoformat(),
        entry.by,
        entry.action,
        entry.subject,
        dict(entry.detail),
    ]
    return hashlib.sha256(to_json(said).encode()).hexdigest()

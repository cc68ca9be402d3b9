"""What people say of pairs: they are one device, or they are two. Each leaves a line in the audit log."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, select, update

from inventory.exits import UsageFault
from inventory.language import _
from inventory.merge import join
from inventory.store import audit, steps
from inventory.store.columns import table
from inventory.store.edits import person, stored_of
from inventory.store.faults import Conflict, NotFound
from inventory.store.joining import APART, absorb, is_kept_by_person
from inventory.store.revisions import Revisions
from inventory.store.tables import AmbiguityRow

_AMBIGUITY = table(AmbiguityRow)


def join_records(connection: Connection, ids: Sequence[str], *, by: str, at: datetime) -> str:
    """Makes one record of several, on a person's word; gives the id that stays."""
    records = {one.device.id: one for one in stored_of(connection, ids)}
    if len(records) < 2:
        raise UsageFault(_("joining takes two devices or more"))
    first, *others = sorted(
        records.values(), key=lambda one: (not is_kept_by_person(one), one.device.first_seen, one.device.id)
    )
    absorbed = [other.device.id for other in others]
    unite(connection, first.device.id, absorbed, by=by, at=at)
    detail = {"absorbed": " ".join(absorbed)}
    audit.record(connection, at=at, by=by, action="join", subject=first.device.id, detail=detail)
    return first.device.id


def unite(connection: Connection, device: str, others: Sequence[str], *, by: str, at: datetime) -> None:
    """Lets `device` absorb the others; Conflict where one of them is no longer a record of its own."""
    first, *absorbed = stored_of(connection, [device, *others])
    if [one.device.id for one in (first, *absorbed)] != [device, *others]:
        raise Conflict(_("{device} was joined with another record since").format(device=device))
    survivor = first
    revisions = Revisions(connection)
    for other in absorbed:
        survivor = replace(survivor, record=join(survivor.record, other.record))
        absorb(connection, revisions, other, device, ours=first, at=at, by=person(by))
    revisions.add(first, survivor, at=at, source=person(by))
    revisions.write()


def keep_apart(connection: Connection, number: int, *, by: str, at: datetime) -> None:
    """Settles an ambiguity: the two records are two devices."""
    row = connection.execute(
        select(_AMBIGUITY).where(_AMBIGUITY.c.id == number, _AMBIGUITY.c.settled_at.is_(None))
    ).first()
    if row is None:
        raise NotFound(_("there is no open question {number}").format(number=number))
    open_one = _AMBIGUITY.c.id == number
    connection.execute(
        update(_AMBIGUITY).where(open_one).values(settled_at=at, settled_by=person(by), decision=APART)
    )
    settled = connection.execute(select(_AMBIGUITY).where(open_one)).one()
    entry = audit.record(
        connection, at=at, by=by, action="keep apart", subject=row.device, detail={"other": row.other}
    )
    steps.note_row(connection, entry, _AMBIGUITY, row, settled)

"""A replacement plan carried out: its devices are retired, and their findings closed with it as the proof."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from inventory.store import paperwork, steps
from inventory.store.columns import table
from inventory.store.devices import full_id
from inventory.store.judged_tables import CommentRow, FindingRow
from inventory.store.records import chunks, load_stored
from inventory.store.revisions import Revisions
from inventory.store.tables import ChangeRow
from inventory.types import DeviceStatus, FindingState, ReplacementPlan

_FINDING, _COMMENT, _CHANGE = table(FindingRow), table(CommentRow), table(ChangeRow)


def retire(
    connection: Connection, plan: ReplacementPlan, proof: str, *, entry: int, by: str, at: datetime
) -> ReplacementPlan:
    """The plan in state retired, with every device of it; what was open of their findings is resolved.

    Each finding gets a comment that names the plan and the proof. All of it is one entry's, to be undone
    together. A device that a scan meets again afterwards is back, and so are its breaches.
    """
    retired = paperwork.put_plan(
        connection, replace(plan, state="retired"), entry=entry, new=False, by=by, at=at
    )
    stored = load_stored(connection, {full_id(connection, each) for each in plan.devices})
    pairs = [
        (one, replace(one, standing=DeviceStatus.RETIRED))
        for one in stored.values()
        if one.standing is not DeviceStatus.RETIRED
    ]
    revisions = Revisions(connection)
    for before, after in pairs:
        revisions.add(before, after, at=at, source=f"person:{by}")
    revisions.write()
    steps.note_devices(connection, entry, pairs)
    said = " · ".join(part for part in (plan.id, proof) if part)
    for finding in _open_findings(connection, sorted(stored)):
        _resolve(connection, finding, said, entry=entry, by=by, at=at)
    return retired


def _open_findings(connection: Connection, devices: Sequence[str]) -> list[Row[Any]]:
    unresolved = select(_FINDING).where(_FINDING.c.state != FindingState.RESOLVED.value)
    return [
        row
        for part in chunks(devices)
        for row in connection.execute(
            unresolved.where(_FINDING.c.device.in_(part)).order_by(_FINDING.c.id)
        ).all()
    ]


def _resolve(
    connection: Connection,
    finding: Row[Any],
    said: str,
    *,
    entry: int,
    by: str,
    at: datetime,
) -> None:
    own = _FINDING.c.id == finding.id
    resolved = {"state": FindingState.RESOLVED.value, "resolved": at.astimezone().date()}
    connection.execute(update(_FINDING).where(own).values(resolved))
    after = connection.execute(select(_FINDING).where(own)).first()
    steps.note_row(connection, entry, _FINDING, finding, after)
    comment = {"finding": finding.id, "at": at, "by": by, "text": said}
    made = connection.execute(insert(_COMMENT).values(comment).returning(_COMMENT.c.id)).scalar_one()
    kept = connection.execute(select(_COMMENT).where(_COMMENT.c.id == made)).first()
    steps.note_row(connection, entry, _COMMENT, None, kept)
    connection.execute(
        insert(_CHANGE).values(
            device=finding.device,
            at=at,
            what=f"finding {finding.pack} {finding.article} {finding.rule}",
            before=finding.state,
            after=FindingState.RESOLVED.value,
            source=f"person:{by}",
        )
    )

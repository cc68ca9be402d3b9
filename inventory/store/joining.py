"""Two records become one: the survivor holds everything, the absorbed keeps its history and can be found."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, insert, or_, select, update

from inventory.store.columns import table
from inventory.store.mapping import to_json
from inventory.store.records import Revisions, Stored, chunks
from inventory.store.tables import AmbiguityRow, DeviceRow, JoinedRow, ObservationRow
from inventory.types import DeviceChange, DeviceStatus

_DEVICE, _OBSERVATION = table(DeviceRow), table(ObservationRow)
_JOINED, _AMBIGUITY = table(JoinedRow), table(AmbiguityRow)

SAME, APART = "same", "apart"


def absorb(
    connection: Connection, revisions: Revisions, absorbed: Stored, device: str, *, at: datetime, by: str
) -> None:
    """Ends `absorbed` as a record of its own, in favour of `device` (whose revision the caller writes)."""
    was = absorbed.record.device
    empty = replace(
        absorbed,
        record=replace(
            absorbed.record, device=replace(was, attributes={}, addresses=(), services=(), identifiers=())
        ),
    )
    quiet = Revisions(connection)
    quiet.add(absorbed, empty, at=at, source=by)
    quiet.write(log=False)
    revisions.log(
        (
            DeviceChange(was.id, at, "joined", was.id, device, by),
            DeviceChange(device, at, "joined", "", was.id, by),
        )
    )
    identifiers = [[each.kind.value, each.value, each.scope] for each in was.identifiers]
    places = [[each.site, each.ip] for each in was.addresses]
    connection.execute(update(_DEVICE).where(_DEVICE.c.id == was.id).values(absorbed_by=device))
    connection.execute(
        insert(_JOINED).values(
            device=device,
            absorbed=was.id,
            at=at,
            by=by,
            before=to_json({"identifiers": identifiers, "addresses": places}),
        )
    )
    connection.execute(update(_OBSERVATION).where(_OBSERVATION.c.device == was.id).values(device=device))
    connection.execute(
        update(_AMBIGUITY)
        .where(
            or_(_AMBIGUITY.c.device == was.id, _AMBIGUITY.c.other == was.id),
            _AMBIGUITY.c.settled_at.is_(None),
        )
        .values(settled_at=at, settled_by=by, decision=SAME)
    )


def is_kept_by_person(stored: Stored) -> bool:
    """Has anybody confirmed the record or entered a value?"""
    confirmed = stored.standing is not DeviceStatus.DISCOVERED
    return confirmed or any(held.locked for held in stored.record.device.attributes.values())


def live_ids(connection: Connection, ids: Collection[str]) -> dict[str, str]:
    """Each id with the record that now speaks for it: itself, or the one that absorbed it."""
    found = {each: each for each in ids}
    asked = set(ids)
    while asked:
        following: dict[str, str] = {}
        for part in chunks(asked):
            condition = _DEVICE.c.id.in_(part) & _DEVICE.c.absorbed_by.is_not(None)
            for row in connection.execute(select(_DEVICE.c.id, _DEVICE.c.absorbed_by).where(condition)):
                following[row.id] = row.absorbed_by
        found = {each: following.get(live, live) for each, live in found.items()}
        asked = set(following.values())
    return found

"""Two records become one: the survivor holds everything, the absorbed keeps its history and can be found.

What each side held is kept in the `joined` row, so that `inventory.store.splitting` can part them again.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, Table, insert, or_, select, update

from inventory.store.columns import table
from inventory.store.judged_tables import AttestationRow, ExceptionRow, FindingRow, PlanRow
from inventory.store.mapping import Values, from_json, sides_of_a_join, to_json
from inventory.store.records import Stored, chunks
from inventory.store.revisions import Revisions
from inventory.store.tables import AmbiguityRow, DeviceRow, JoinedRow, ObservationRow
from inventory.types import DeviceChange, DeviceStatus

_DEVICE, _OBSERVATION = table(DeviceRow), table(ObservationRow)
_JOINED, _AMBIGUITY = table(JoinedRow), table(AmbiguityRow)
_FINDING, _PLAN = table(FindingRow), table(PlanRow)

SAME, APART = "same", "apart"
WITHDRAWN = "withdrawn"  # stands in `absorbed_by` of a record whose entering was undone
MOVING = (_OBSERVATION, table(AttestationRow), table(ExceptionRow))
"""Tables whose rows go to the survivor as they are; findings go where it has none of the same rule."""


def absorb(
    connection: Connection,
    revisions: Revisions,
    absorbed: Stored,
    device: str,
    *,
    ours: Stored | None,
    at: datetime,
    by: str,
) -> None:
    """Ends `absorbed` as a record of its own, in favour of `device` (whose revision the caller writes).

    `ours` is the survivor as it was before; None where it is as new as the joining itself.
    """
    was = absorbed.record.device
    bare = replace(was, attributes={}, addresses=(), services=(), identifiers=(), custom={})
    quiet = Revisions(connection)
    quiet.add(absorbed, replace(absorbed, record=replace(absorbed.record, device=bare)), at=at, source=by)
    quiet.write(log=False)
    revisions.log(
        (
            DeviceChange(was.id, at, "joined", was.id, device, by),
            DeviceChange(device, at, "joined", "", was.id, by),
        )
    )
    moved = {source.name: _move(connection, source, was.id, device) for source in MOVING}
    moved[_FINDING.name] = _move_findings(connection, was.id, device)
    plans = _rename_in_plans(connection, was.id, device)
    before = sides_of_a_join(
        was,
        absorbed.standing.value,
        absorbed.last_run,
        ours.device if ours else None,
        ours.record.claims if ours else (),
    )
    connection.execute(update(_DEVICE).where(_DEVICE.c.id == was.id).values(absorbed_by=device))
    connection.execute(
        insert(_JOINED).values(
            device=device,
            absorbed=was.id,
            at=at,
            by=by,
            before=to_json({**before, "moved": moved, "plans": plans}),
        )
    )
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
            absorbed = _DEVICE.c.absorbed_by.is_not(None) & (_DEVICE.c.absorbed_by != WITHDRAWN)
            condition = _DEVICE.c.id.in_(part) & absorbed
            for row in connection.execute(select(_DEVICE.c.id, _DEVICE.c.absorbed_by).where(condition)):
                following[row.id] = row.absorbed_by
        found = {each: following.get(live, live) for each, live in found.items()}
        asked = set(following.values())
    return found


def kept_apart(connection: Connection, devices: Collection[str]) -> set[frozenset[str]]:
    """Pairs with one of these devices that a person said are two: identity does not join them."""
    pairs: set[frozenset[str]] = set()
    for part in chunks(devices):
        mine = or_(_AMBIGUITY.c.device.in_(part), _AMBIGUITY.c.other.in_(part))
        rows = connection.execute(
            select(_AMBIGUITY.c.device, _AMBIGUITY.c.other).where(
                mine, _AMBIGUITY.c.decision == APART, _AMBIGUITY.c.settled_by.startswith("person:")
            )
        )
        pairs |= {frozenset(row) for row in rows}
    return pairs


def _move(connection: Connection, source: Table, old: str, new: str) -> list[int | str]:
    mine = source.c.device == old
    ids = list(connection.execute(select(source.c.id).where(mine)).scalars())
    if ids:
        connection.execute(update(source).where(mine).values(device=new))
    return ids


def _move_findings(connection: Connection, old: str, new: str) -> list[int | str]:
    """The survivor's own finding of a rule stays, opened and due when the earlier of the two was."""
    rows = connection.execute(select(_FINDING).where(_FINDING.c.device.in_([old, new]))).all()
    own = {(row.pack, row.article, row.rule): row for row in rows if row.device == new}
    moved: list[int | str] = []
    for row in rows:
        if row.device == new:
            continue
        same = own.get((row.pack, row.article, row.rule))
        if same is None:
            moved.append(row.id)
            connection.execute(update(_FINDING).where(_FINDING.c.id == row.id).values(device=new))
        elif row.resolved is None and same.resolved is None and row.opened < same.opened:
            earlier: Values = {"opened": row.opened, "due": min(row.due, same.due)}
            connection.execute(update(_FINDING).where(_FINDING.c.id == same.id).values(earlier))
    return moved


def _rename_in_plans(connection: Connection, old: str, new: str) -> dict[str, bool]:
    """The plans that named the old one, and whether they named the new one too."""
    renamed: dict[str, bool] = {}
    for row in connection.execute(select(_PLAN).where(_PLAN.c.devices.contains(old, autoescape=True))).all():
        devices = from_json(row.devices)
        renamed[row.id] = new in devices
        named = list(dict.fromkeys(new if each == old else each for each in devices))
        connection.execute(update(_PLAN).where(_PLAN.c.id == row.id).values(devices=to_json(named)))
    return renamed

"""Reads devices: pages, single ones by a prefix of their id, their history, and what waits for a person."""

import difflib
from collections.abc import Collection

from sqlalchemy import Connection, select

from inventory.exits import UsageFault
from inventory.language import _
from inventory.query import DeviceQuery
from inventory.store.columns import table
from inventory.store.faults import NotFound
from inventory.store.intake import DISPUTED
from inventory.store.joining import live_ids
from inventory.store.mapping import from_json
from inventory.store.paging import page_ids
from inventory.store.records import load_devices
from inventory.store.selecting import sought
from inventory.store.tables import AmbiguityRow, ChangeRow, DeviceRow, JoinedRow
from inventory.types import Ambiguity, Attribute, Device, DeviceChange, Page

_DEVICE, _CHANGE = table(DeviceRow), table(ChangeRow)
_AMBIGUITY, _JOINED = table(AmbiguityRow), table(JoinedRow)

ID_PREFIX = "d-"


def page(connection: Connection, query: DeviceQuery, *, offset: int, limit: int | None) -> Page:
    """Rows `offset` … `offset + limit` of the devices the query asks for, and how many those are."""
    ids, total = page_ids(connection, sought(connection, query), query, offset=offset, limit=limit)
    found = load_devices(connection, ids)
    return Page(tuple(found[each] for each in ids), total)


def ids(connection: Connection, query: DeviceQuery) -> tuple[str, ...]:
    """The ids of all devices the query asks for, in its order."""
    return tuple(page_ids(connection, sought(connection, query), query, offset=0, limit=None)[0])


def names(connection: Connection, attribute: Attribute) -> tuple[str, ...]:
    """Every text live devices have under this attribute now, each once."""
    column = _DEVICE.c[attribute.value]
    found = connection.execute(select(column).where(column != "", _DEVICE.c.absorbed_by.is_(None)).distinct())
    return tuple(sorted(text for (text,) in found))


def device(connection: Connection, text: str) -> Device:
    """The one device with this id, or with an id that begins so; NotFound names the nearest."""
    found = full_id(connection, text)
    return load_devices(connection, [found])[found]


def by_id(connection: Connection, ids: Collection[str]) -> dict[str, Device]:
    """Devices by the ids they were asked for; an absorbed record's id leads to its survivor."""
    live = live_ids(connection, ids)
    found = load_devices(connection, set(live.values()))
    return {each: found[live[each]] for each in ids if live[each] in found}


def full_id(connection: Connection, text: str) -> str:
    """The id that `text` is, or begins; the survivor's where the record was absorbed."""
    wanted = text.strip().lower()
    prefixed = wanted if wanted.startswith(ID_PREFIX) else ID_PREFIX + wanted
    if len(prefixed) > len(ID_PREFIX):
        starts = _DEVICE.c.id.between(prefixed, prefixed + "~")  # every letter of an id sorts before it
        ids = (
            connection.execute(select(_DEVICE.c.id).where(starts).order_by(_DEVICE.c.id).limit(6))
            .scalars()
            .all()
        )
        if prefixed in ids:
            ids = [prefixed]
        live = sorted(set(live_ids(connection, ids).values()))
        if len(live) == 1:
            return live[0]
        if live:
            reason = _("{text} may be {ids}: give more of the id")
            raise UsageFault(reason.format(text=text, ids=", ".join(live)))
    raise NotFound(_not_found(connection, text, prefixed))


def history(connection: Connection, device_id: str) -> tuple[DeviceChange, ...]:
    """Everything that changed on a device and on the records it absorbed, oldest first."""
    ids = [device_id, *_absorbed_into(connection, device_id)]
    rows = connection.execute(
        select(_CHANGE).where(_CHANGE.c.device.in_(ids)).order_by(_CHANGE.c.at, _CHANGE.c.id)
    )
    return tuple(
        DeviceChange(row.device, row.at, row.what, row.before, row.after, row.source) for row in rows
    )


def review(connection: Connection) -> tuple[Ambiguity, ...]:
    """Pairs of records that may be one device, oldest first."""
    rows = connection.execute(
        select(_AMBIGUITY)
        .where(_AMBIGUITY.c.settled_at.is_(None), _AMBIGUITY.c.kind == DISPUTED)
        .order_by(_AMBIGUITY.c.at, _AMBIGUITY.c.id)
    )
    return tuple(
        Ambiguity(
            row.id,
            row.device,
            row.other,
            tuple(from_json(row.agrees)),
            tuple(from_json(row.differs)),
            row.run,
            row.at,
        )
        for row in rows
    )


def _absorbed_into(connection: Connection, device_id: str) -> list[str]:
    found: list[str] = []
    asked = [device_id]
    while asked:
        rows = connection.execute(
            select(_JOINED.c.absorbed).where(_JOINED.c.device.in_(asked), _JOINED.c.undone_at.is_(None))
        )
        asked = [each for each in rows.scalars() if each not in found]
        found += asked
    return found


def _not_found(connection: Connection, text: str, prefixed: str) -> str:
    ids = (
        connection.execute(select(_DEVICE.c.id).where(_DEVICE.c.absorbed_by.is_(None)).limit(5000))
        .scalars()
        .all()
    )
    near = difflib.get_close_matches(prefixed, ids, n=3, cutoff=0.5)
    if near:
        return _("there is no device {text}; did you mean {near}?").format(text=text, near=", ".join(near))
    return _("there is no device {text}; `muster register list` shows them all").format(text=text)

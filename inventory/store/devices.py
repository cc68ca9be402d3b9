"""Reads devices: pages, single ones by a prefix of their id, their history, and what waits for a person."""

import difflib
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, case, func, not_, or_, select, true

from inventory.exits import UsageFault
from inventory.language import _
from inventory.networks import bounds
from inventory.query import ANY, ATTRIBUTE_OF, NONE, Condition, DeviceQuery, Field, SortKey
from inventory.store.columns import table
from inventory.store.faults import NotFound
from inventory.store.intake import DISPUTED
from inventory.store.joining import live_ids
from inventory.store.mapping import from_json
from inventory.store.records import load_devices
from inventory.store.tables import (
    AddressRow,
    AmbiguityRow,
    ChangeRow,
    DeviceRow,
    JoinedRow,
    ServiceRow,
    ValueRow,
)
from inventory.types import Ambiguity, Device, DeviceChange, DeviceStatus, Page

_DEVICE, _VALUE, _ADDRESS = table(DeviceRow), table(ValueRow), table(AddressRow)
_SERVICE, _CHANGE, _AMBIGUITY = table(ServiceRow), table(ChangeRow), table(AmbiguityRow)
_JOINED = table(JoinedRow)

ID_PREFIX = "d-"


def page(connection: Connection, query: DeviceQuery, *, offset: int, limit: int | None) -> Page:
    """Rows `offset` … `offset + limit` of the devices the query asks for, and how many those are."""
    condition = _wanted(query)
    total = connection.execute(select(func.count()).select_from(_DEVICE).where(condition)).scalar_one()
    statement = select(_DEVICE.c.id).where(condition).order_by(*_order(query)).offset(offset)
    ids = connection.execute(statement if limit is None else statement.limit(limit)).scalars().all()
    found = load_devices(connection, ids)
    return Page(tuple(found[each] for each in ids), total)


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
        starts = _DEVICE.c.id.startswith(prefixed, autoescape=True)
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
        rows = connection.execute(select(_JOINED.c.absorbed).where(_JOINED.c.device.in_(asked)))
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


def _wanted(query: DeviceQuery) -> ColumnElement[bool]:
    live = _DEVICE.c.absorbed_by.is_(None)
    words = [_DEVICE.c.search.contains(word, autoescape=True) for word in query.text]
    return and_(live, *words, *(_holds(condition) for condition in query.conditions))


def _holds(condition: Condition) -> ColumnElement[bool]:
    either = or_(*(_is(condition.field, value) for value in condition.values))
    return not_(either) if condition.negated else either


def _is(field: Field, value: str) -> ColumnElement[bool]:
    if field in _TESTS:
        return _TESTS[field](value)
    column = _HEAD_COLUMNS.get(field)
    if column is not None:
        return _compare(column, value, exact=field in _EXACT)
    return _attribute(field, value)


def _compare(column: ColumnElement[str], value: str, *, exact: bool) -> ColumnElement[bool]:
    if value == NONE:
        return column == ""
    if value == ANY:
        return column != ""
    return column == value if exact else func.lower(column).contains(value, autoescape=True)


def _attribute(field: Field, value: str) -> ColumnElement[bool]:
    """A condition on a value the head row does not repeat."""
    mine = [_VALUE.c.attribute == ATTRIBUTE_OF[field].value, _VALUE.c.valid_to.is_(None)]
    if value in (NONE, ANY):
        return _any_or_none(_VALUE, mine, value)
    return _among(_VALUE, *mine, func.lower(_VALUE.c.value).contains(value, autoescape=True))


def _ip(value: str) -> ColumnElement[bool]:
    if value in (NONE, ANY):
        return _compare(_DEVICE.c.ip, value, exact=True)
    spans = [_ADDRESS.c.ip_key.between(*bounds(network)) for network in value.split(",")]
    return _among(_ADDRESS, _ADDRESS.c.ended.is_(None), or_(*spans))


def _mac(value: str) -> ColumnElement[bool]:
    if value in (NONE, ANY):
        return _compare(_DEVICE.c.mac, value, exact=True)
    return _among(_ADDRESS, _ADDRESS.c.ended.is_(None), _ADDRESS.c.mac.contains(value, autoescape=True))


def _port(value: str) -> ColumnElement[bool]:
    mine = [_SERVICE.c.ended.is_(None)]
    if value in (NONE, ANY):
        return _any_or_none(_SERVICE, mine, value)
    proto, _slash, number = value.rpartition("/")
    return _among(
        _SERVICE, *mine, _SERVICE.c.port == int(number), *([_SERVICE.c.proto == proto] if proto else [])
    )


def _any_or_none(source: Table, mine: Sequence[ColumnElement[bool]], value: str) -> ColumnElement[bool]:
    some = _among(source, *mine)
    return some if value == ANY else not_(some)


def _among(source: Table, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Devices with such a row. Not a correlated EXISTS: SQLite would choose its index blindly, row by row."""
    return _DEVICE.c.id.in_(select(source.c.device).where(*conditions))


def _status(value: str) -> ColumnElement[bool]:
    retired = _DEVICE.c.standing == DeviceStatus.RETIRED.value
    if value == DeviceStatus.UNSEEN:
        return and_(_DEVICE.c.unseen, not_(retired))
    if value == DeviceStatus.RETIRED:
        return retired
    if value in (NONE, ANY):
        return true() if value == ANY else not_(true())
    return and_(_DEVICE.c.standing == value, not_(_DEVICE.c.unseen))


def _class(value: str) -> ColumnElement[bool]:
    unknown = _DEVICE.c.device_class.in_(["", "unknown"])
    if value in (NONE, "unknown"):
        return unknown
    return not_(unknown) if value == ANY else _DEVICE.c.device_class == value


def _order(query: DeviceQuery) -> list[ColumnElement[Any]]:
    columns = [_SORT_COLUMNS[query.sort]]
    if query.sort is SortKey.VENDOR:
        columns.append(_DEVICE.c.model)
    ordered = [column.desc() if query.descending else column.asc() for column in columns]
    return [*ordered, _DEVICE.c.ip_key, _DEVICE.c.id]


_TESTS = {Field.IP: _ip, Field.MAC: _mac, Field.PORT: _port, Field.STATUS: _status, Field.CLASS: _class}
_EXACT = frozenset({Field.CONNECTION, Field.IN_SCOPE})
_HEAD_COLUMNS: dict[Field, ColumnElement[str]] = {
    Field.ID: _DEVICE.c.id,
    Field.VENDOR: _DEVICE.c.vendor,
    Field.MODEL: _DEVICE.c.model,
    Field.FIRMWARE: _DEVICE.c.firmware,
    Field.SERIAL: _DEVICE.c.serial,
    Field.HOSTNAME: _DEVICE.c.hostname,
    Field.CONNECTION: _DEVICE.c.connection_method,
    Field.SITE: _DEVICE.c.site,
    Field.SEGMENT: _DEVICE.c.segment,
    Field.OWNER: _DEVICE.c.owner,
    Field.LOCATION: _DEVICE.c.location,
    Field.PURPOSE: _DEVICE.c.purpose,
    Field.IN_SCOPE: _DEVICE.c.in_scope,
}
_SORT_COLUMNS: dict[SortKey, ColumnElement[Any]] = {
    SortKey.IP: _DEVICE.c.ip_key,
    SortKey.ID: _DEVICE.c.id,
    SortKey.CLASS: _DEVICE.c.device_class,
    SortKey.VENDOR: _DEVICE.c.vendor,
    SortKey.MODEL: _DEVICE.c.model,
    SortKey.FIRMWARE: _DEVICE.c.firmware,
    SortKey.HOSTNAME: _DEVICE.c.hostname,
    SortKey.SITE: _DEVICE.c.site,
    SortKey.SEGMENT: _DEVICE.c.segment,
    SortKey.OWNER: _DEVICE.c.owner,
    SortKey.LOCATION: _DEVICE.c.location,
    SortKey.PURPOSE: _DEVICE.c.purpose,
    SortKey.STATUS: case((_DEVICE.c.unseen, DeviceStatus.UNSEEN.value), else_=_DEVICE.c.standing),
    SortKey.FIRST_SEEN: _DEVICE.c.first_seen,
    SortKey.LAST_SEEN: _DEVICE.c.last_seen,
}

"""The register as it stood at a moment, read from the intervals; and what differs between two moments."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    case,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
    union_all,
)

from inventory.exits import UsageFault
from inventory.language import _
from inventory.merge import changes_between
from inventory.networks import bounds, ip_address, sort_key
from inventory.query import ANY, ATTRIBUTE_OF, DAYS, NONE, Condition, DeviceQuery, Field
from inventory.store.columns import Moment, table
from inventory.store.devices import full_id
from inventory.store.faults import NotFound
from inventory.store.mapping import address_of, custom_name, held_of, known_attribute, service_of
from inventory.store.records import chunks
from inventory.store.selecting import Folded, order, sort_columns, within
from inventory.store.tables import AddressRow, ChangeRow, DeviceRow, JoinedRow, ServiceRow, ValueRow
from inventory.types import Attribute, Device, DeviceChange, DeviceStatus, Page

_DEVICE, _VALUE, _ADDRESS = table(DeviceRow), table(ValueRow), table(AddressRow)
_SERVICE, _CHANGE, _JOINED = table(ServiceRow), table(ChangeRow), table(JoinedRow)
_TELLS_STATUS = ("status", "device")
_START = {_VALUE.name: "valid_from", _ADDRESS.name: "first_seen", _SERVICE.name: "first_seen"}
_END = {_VALUE.name: "valid_to", _ADDRESS.name: "ended", _SERVICE.name: "ended"}


def device_at(connection: Connection, text: str, moment: datetime) -> Device:
    """The record of this id as it then was: by the id as written, where that was a record of its own."""
    exact = connection.execute(select(_DEVICE.c.id).where(_DEVICE.c.id == text.strip().lower())).scalar()
    for wanted in dict.fromkeys((exact, full_id(connection, text))):
        found = devices_at(connection, [wanted] if wanted else [], moment)
        if found:
            return found[0]
    reason = _("there was no device {text} on {moment}")
    raise NotFound(reason.format(text=text, moment=f"{moment:%Y-%m-%d %H:%M}"))


def page_at(
    connection: Connection, query: DeviceQuery, moment: datetime, *, offset: int, limit: int | None
) -> Page:
    """Rows of the list as it then was, and how many; sites, segments, ends of support, order are today's."""
    held = [_held(each, moment) for each in query.conditions] + [_says(word, moment) for word in query.text]
    columns = [_DEVICE.c[name] for name in dict.fromkeys(("id", *sort_columns(query)))]
    there = union_all(*(select(*columns).where(was, *held) for was in _was_there(moment))).cte("there")
    total = select(func.count()).select_from(there).scalar_subquery()
    statement = select(there.c.id, total.label("total")).order_by(*order(query, there.c)).offset(offset)
    rows = connection.execute(statement if limit is None else statement.limit(limit)).all()
    ids = [row.id for row in rows]
    found = {each.id: each for each in devices_at(connection, ids, moment)}
    count = rows[0].total if rows else connection.execute(select(total)).scalar_one()
    return Page(tuple(found[each] for each in ids if each in found), count)


def differences(connection: Connection, earlier: datetime, later: datetime) -> tuple[DeviceChange, ...]:
    """What is different at the later moment, by device; a device that was not there yet is one change."""
    touched = connection.execute(
        select(_CHANGE.c.device)
        .where(_CHANGE.c.at > earlier, _CHANGE.c.at <= later)
        .distinct()
        .order_by(_CHANGE.c.device)
    )
    found: list[DeviceChange] = []
    for part in chunks(list(touched.scalars())):
        before = {each.id: each for each in devices_at(connection, part, earlier)}
        after = {each.id: each for each in devices_at(connection, part, later)}
        for device in part:
            if device in after:
                source = "entered" if device not in before else "changed"
                found += changes_between(before.get(device), after[device], at=later, source=source)
            elif device in before:
                found.append(DeviceChange(device, later, "device", before[device].status.value, "", "joined"))
    return tuple(found)


def devices_at(connection: Connection, ids: Sequence[str], moment: datetime) -> list[Device]:
    """These records as they stood, those that were there; identifiers have no intervals and are left out."""
    found = []
    for part in chunks(ids):
        heads = connection.execute(select(_DEVICE).where(_DEVICE.c.id.in_(part), or_(*_was_there(moment))))
        values = _then(connection, _VALUE, part, moment)
        addresses = _then(connection, _ADDRESS, part, moment)
        services = _then(connection, _SERVICE, part, moment)
        statuses = _statuses(connection, part, moment)
        for head in heads:
            named = {row.attribute: held_of(row) for row in values[head.id]}
            then = tuple(sorted(map(address_of, addresses[head.id]), key=lambda a: (sort_key(a.ip), a.site)))
            found.append(
                Device(
                    id=head.id,
                    status=statuses.get(head.id, DeviceStatus.DISCOVERED),
                    site=then[0].site if then else head.site,
                    segment=then[0].segment if then else head.segment,
                    first_seen=head.first_seen,
                    last_seen=min(head.last_seen, moment),
                    attributes={
                        Attribute(name): held for name, held in sorted(named.items()) if known_attribute(name)
                    },
                    addresses=then,
                    services=tuple(
                        sorted(map(service_of, services[head.id]), key=lambda s: (s.proto, s.port))
                    ),
                    custom={
                        name.removeprefix(custom_name("")): held
                        for name, held in named.items()
                        if name.startswith(custom_name(""))
                    },
                )
            )
    return found


def _was_there(moment: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Seen by the moment and not absorbed then: of the records live now, and of the absorbed ones."""
    apart_again = or_(_JOINED.c.undone_at.is_(None), _JOINED.c.undone_at > moment)
    gone = _DEVICE.c.id.in_(select(_JOINED.c.absorbed).where(_JOINED.c.at <= moment, apart_again))
    seen = and_(_DEVICE.c.first_seen <= moment, not_(gone))
    later = _DEVICE.c.id.in_(select(_JOINED.c.absorbed).where(_JOINED.c.at > moment))
    return and_(_DEVICE.c.absorbed_by.is_(None), seen), and_(_DEVICE.c.absorbed_by.is_not(None), later, seen)


def _in_force(source: Table, moment: datetime) -> ColumnElement[bool]:
    start, end = source.c[_START[source.name]], source.c[_END[source.name]]
    return and_(start <= moment, or_(end.is_(None), end > moment))


def _then(
    connection: Connection, source: Table, ids: Sequence[str], moment: datetime
) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    condition = and_(source.c.device.in_(ids), _in_force(source, moment))
    for row in connection.execute(select(source).where(condition)):
        found[row.device].append(row)
    return found


def _statuses(connection: Connection, ids: Sequence[str], moment: datetime) -> dict[str, DeviceStatus]:
    said = select(_CHANGE.c.device, _CHANGE.c.after).where(
        _CHANGE.c.device.in_(ids), _CHANGE.c.at <= moment, _CHANGE.c.what.in_(_TELLS_STATUS)
    )
    rows = connection.execute(said.order_by(_CHANGE.c.at, _CHANGE.c.id))
    return {row.device: DeviceStatus(row.after) for row in rows if row.after}


def _at(source: Table, moment: datetime, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return _DEVICE.c.id.in_(select(source.c.device).where(_in_force(source, moment), *conditions))


def _says(word: str, moment: datetime) -> ColumnElement[bool]:
    """Whether a value held the word or the address was it; asked where it is said now or given up since."""
    about = and_(_VALUE.c.device == _DEVICE.c.id, Folded(_VALUE.c.value).contains(word, autoescape=True))
    said = exists().where(about, _in_force(_VALUE, moment))
    given_up = select(_VALUE.c.device).where(
        _VALUE.c.valid_to > moment, Folded(_VALUE.c.value).contains(word, autoescape=True)
    )
    maybe = or_(_DEVICE.c.search.contains(word, autoescape=True), _DEVICE.c.id.in_(given_up))
    try:
        ip = ip_address(word)
    except UsageFault:
        return and_(maybe, said)
    return or_(and_(maybe, said), _at(_ADDRESS, moment, _ADDRESS.c.ip == ip))


def _held(condition: Condition, moment: datetime) -> ColumnElement[bool]:
    either = or_(*(_is(condition.field, value, moment) for value in condition.values))
    return not_(either) if condition.negated else either


def _is(field: Field, value: str, moment: datetime) -> ColumnElement[bool]:
    if field is Field.STATUS:
        return _status_then(value, moment)
    if field in DAYS:
        return _days_then(field, value, moment)
    if field in (Field.ID, Field.SITE, Field.SEGMENT):
        column = _DEVICE.c[field.value]
        return (
            column == ""
            if value == NONE
            else column.icontains("" if value == ANY else value, autoescape=True)
        )
    conditions, source = _about(field, value)
    some = _at(source, moment, *conditions)
    return not_(some) if value == NONE else some


def _days_then(field: Field, value: str, moment: datetime) -> ColumnElement[bool]:
    if field is Field.EOL:
        ends = _DEVICE.c.support_ends
        return {NONE: ends == "", ANY: ends != ""}[value] if value in (NONE, ANY) else within(ends, value)
    if value in (NONE, ANY):
        return literal(value == ANY)
    seen = _DEVICE.c[field.value]
    return within(case((seen > moment, literal(moment, Moment)), else_=seen), value)


def _status_then(value: str, moment: datetime) -> ColumnElement[bool]:
    """By the last change of status until the moment; of two at once the later noted."""
    if value in (NONE, ANY):
        return literal(value == ANY)
    mine = and_(_CHANGE.c.device == _DEVICE.c.id, _CHANGE.c.at <= moment, _CHANGE.c.what.in_(_TELLS_STATUS))
    last = (
        select(_CHANGE.c.after)
        .where(mine, _CHANGE.c.after != "")
        .order_by(_CHANGE.c.at.desc(), _CHANGE.c.id.desc())
        .limit(1)
        .correlate(_DEVICE)
        .scalar_subquery()
    )
    then = func.coalesce(last, DeviceStatus.DISCOVERED.value) == value
    since = select(_CHANGE.c.device).where(_CHANGE.c.at > moment, _CHANGE.c.what.in_(_TELLS_STATUS))
    as_now = and_(_DEVICE.c.absorbed_by.is_(None), _DEVICE.c.id.not_in(since))
    return or_(and_(as_now, _DEVICE.c.status == value), and_(not_(as_now), then))


def _about(field: Field, value: str) -> tuple[list[ColumnElement[bool]], Table]:
    open_question = value in (NONE, ANY)
    if field is Field.IP:
        spans = (
            [] if open_question else [_ADDRESS.c.ip_key.between(*bounds(each)) for each in value.split(",")]
        )
        return ([or_(*spans)] if spans else []), _ADDRESS
    if field is Field.MAC:
        return [_ADDRESS.c.mac != "" if open_question else _ADDRESS.c.mac.contains(value)], _ADDRESS
    if field is Field.PORT:
        proto, _slash, number = value.rpartition("/")
        wanted = [] if open_question else [_SERVICE.c.port == int(number)]
        return wanted + ([_SERVICE.c.proto == proto] if proto else []), _SERVICE
    mine = [_VALUE.c.attribute == ATTRIBUTE_OF[field].value]
    if field is Field.CLASS:
        return mine + ([] if open_question else [_VALUE.c.value == value]), _VALUE
    return mine + ([] if open_question else [Folded(_VALUE.c.value).contains(value, autoescape=True)]), _VALUE

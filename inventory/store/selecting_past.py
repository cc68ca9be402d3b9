"""Queries to SQL over the intervals: which devices a list had as it stood at a moment.

A condition asks whether the device is one of all that then had the value. Sites, segments and ends of support
are today's.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, Table, and_, case, exists, func, literal, not_, or_, select
from sqlalchemy import text as sql

from inventory.exits import UsageFault
from inventory.networks import bounds, ip_address
from inventory.query import ANY, ATTRIBUTE_OF, DAYS, NONE, Condition, DeviceQuery, Field, OwnField
from inventory.store.columns import Moment, table
from inventory.store.paging import LIVE, Sought
from inventory.store.selecting import Folded, within
from inventory.store.tables import (
    TELLS_STATUS,
    AddressRow,
    ChangeRow,
    DeviceRow,
    JoinedRow,
    ServiceRow,
    ValueRow,
)
from inventory.types import DeviceStatus

_DEVICE, _VALUE, _ADDRESS = table(DeviceRow), table(ValueRow), table(AddressRow)
_SERVICE, _CHANGE, _JOINED = table(ServiceRow), table(ChangeRow), table(JoinedRow)
OF_STATUS = sql(f"change.{TELLS_STATUS}")  # as the partial index says it
_START = {_VALUE.name: "valid_from", _ADDRESS.name: "first_seen", _SERVICE.name: "first_seen"}
_END = {_VALUE.name: "valid_to", _ADDRESS.name: "ended", _SERVICE.name: "ended"}


def sought_at(query: DeviceQuery, moment: datetime) -> Sought:
    """Which devices the query asks for, as the list stood: those live now, and those absorbed since."""
    asked = [
        *(_holds(each, moment) for each in query.conditions),
        *(_says(word, moment) for word in query.text),
    ]
    index = "device_search" if query.text else None if query.conditions else "device_first_seen"
    return Sought([and_(each, *asked) for each in was_there(moment)], index, gathered=bool(asked))


def was_there(moment: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Seen by the moment and not absorbed then: of the records live now, and of the absorbed ones."""
    apart_again = or_(_JOINED.c.undone_at.is_(None), _JOINED.c.undone_at > moment)
    gone = _DEVICE.c.id.in_(select(_JOINED.c.absorbed).where(_JOINED.c.at <= moment, apart_again))
    seen = and_(_DEVICE.c.first_seen <= moment, not_(gone))
    later = _DEVICE.c.id.in_(select(_JOINED.c.absorbed).where(_JOINED.c.at > moment))
    return and_(LIVE, seen), and_(_DEVICE.c.absorbed_by.is_not(None), later, seen)


def _in_force(source: Table, moment: datetime) -> ColumnElement[bool]:
    """Whether a row of values, addresses or services held at the moment."""
    start, end = source.c[_START[source.name]], source.c[_END[source.name]]
    return and_(start <= moment, or_(end.is_(None), end > moment))


def _holds(condition: Condition, moment: datetime) -> ColumnElement[bool]:
    either = or_(*(_is(condition.field, value, moment) for value in condition.values))
    return not_(either) if condition.negated else either


def _says(word: str, moment: datetime) -> ColumnElement[bool]:
    """Whether a value held the word or the address was it; asked where it is said now or given up since."""
    contained = Folded(_VALUE.c.value).contains(word, autoescape=True)
    said = exists().where(_VALUE.c.device == _DEVICE.c.id, _in_force(_VALUE, moment), contained)
    given_up = select(_VALUE.c.device).where(_VALUE.c.valid_to > moment, contained)
    maybe = or_(_DEVICE.c.search.contains(word, autoescape=True), _DEVICE.c.id.in_(given_up))
    try:
        ip = ip_address(word)
    except UsageFault:
        return and_(maybe, said)
    return or_(and_(maybe, said), _some(_ADDRESS, moment, _ADDRESS.c.ip == ip))


def _some(source: Table, moment: datetime, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return _DEVICE.c.id.in_(select(source.c.device).where(_in_force(source, moment), *conditions))


def _is(field: Field | OwnField, value: str, moment: datetime) -> ColumnElement[bool]:
    if field is Field.STATUS:
        return _status(value, moment)
    if isinstance(field, Field) and field in DAYS:
        return _days(field, value, moment)
    if field in (Field.ID, Field.SITE, Field.SEGMENT):
        column = _DEVICE.c[field.value]
        if value == NONE:
            return column == ""
        return column.icontains("" if value == ANY else value, autoescape=True)
    conditions, source = _about(field, value)
    some = _some(source, moment, *conditions)
    return not_(some) if value == NONE else some


def _days(field: Field, value: str, moment: datetime) -> ColumnElement[bool]:
    if field is Field.EOL:
        ends = _DEVICE.c.support_ends
        return {NONE: ends == "", ANY: ends != ""}[value] if value in (NONE, ANY) else within(ends, value)
    if value in (NONE, ANY):
        return literal(value == ANY)
    seen = _DEVICE.c[field.value]
    return within(case((seen > moment, literal(moment, Moment)), else_=seen), value)


def _status(value: str, moment: datetime) -> ColumnElement[bool]:
    """By the last change of status until the moment; of two at once the later noted."""
    if value in (NONE, ANY):
        return literal(value == ANY)
    last = (
        select(_CHANGE.c.after)
        .where(_CHANGE.c.device == _DEVICE.c.id, _CHANGE.c.at <= moment, OF_STATUS, _CHANGE.c.after != "")
        .order_by(_CHANGE.c.at.desc(), _CHANGE.c.id.desc())
        .limit(1)
        .correlate(_DEVICE)
        .scalar_subquery()
    )
    then = func.coalesce(last, DeviceStatus.DISCOVERED.value) == value
    since = select(_CHANGE.c.device).where(_CHANGE.c.at > moment, OF_STATUS)
    as_now = and_(LIVE, _DEVICE.c.id.not_in(since))
    return or_(and_(as_now, _DEVICE.c.status == value), and_(not_(as_now), then))


def _about(field: Field | OwnField, value: str) -> tuple[list[ColumnElement[bool]], Table]:
    open_question = value in (NONE, ANY)
    if field is Field.IP:
        spans = (
            [] if open_question else [_ADDRESS.c.ip_key.between(*bounds(each)) for each in value.split(",")]
        )
        return ([or_(*spans)] if spans else []), _ADDRESS
    if field is Field.MAC:
        return [
            _ADDRESS.c.mac != "" if open_question else _ADDRESS.c.mac.contains(value, autoescape=True)
        ], _ADDRESS
    if field is Field.PORT:
        if open_question:
            return [], _SERVICE
        proto, _slash, number = value.rpartition("/")
        protos = [proto] if proto else ["tcp", "udp"]
        return [_SERVICE.c.port == int(number), _SERVICE.c.proto.in_(protos)], _SERVICE
    attribute = field if isinstance(field, OwnField) else ATTRIBUTE_OF[field]
    mine = [_VALUE.c.attribute == attribute.value]
    if field is Field.CLASS:
        return mine + ([] if open_question else [_VALUE.c.value == value]), _VALUE
    return mine + ([] if open_question else [Folded(_VALUE.c.value).contains(value, autoescape=True)]), _VALUE

"""Queries to SQL over the head rows, as a matter of indexes; `inventory.store.paging` makes pages of them.

A word is looked for among the *distinct* values of a column first, where these are few: `vendor:ric` is
`vendor IN ('Ricoh')`, which an index answers.
"""

from datetime import datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, literal, not_, or_, select
from sqlalchemy import text as sql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from inventory.networks import bounds
from inventory.query import ANY, ATTRIBUTE_OF, DAYS, NONE, Condition, DeviceQuery, Field, OwnField, span
from inventory.store.columns import Moment, table
from inventory.store.paging import LIVE, Sought, having
from inventory.store.tables import AddressRow, DeviceRow, ValueRow

_DEVICE, _ADDRESS, _VALUE = table(DeviceRow), table(AddressRow), table(ValueRow)
FEW = 2000  # distinct values
NEVER = literal(1) == 0  # false() would swallow the conditions beside it, by which the index is found
SEVERAL = sql("device.several")  # as the partial index says it


def sought(connection: Connection, query: DeviceQuery) -> Sought:
    """Which live devices the query asks for."""
    wanted = _Wanted(connection)
    words = [_DEVICE.c.search.contains(word, autoescape=True) for word in query.text]
    wanting_first = sorted(query.conditions, key=lambda each: each.negated)
    condition = and_(LIVE, *map(wanted.holds, wanting_first), *words)
    told_elsewhere = any(isinstance(each.field, OwnField) for each in query.conditions)
    return Sought([condition], "device_search" if words else wanted.index, gathered=told_elsewhere)


class Folded(FunctionElement[str]):
    """A text without case, as far as LIKE minds it: SQLite's does not, and lower() costs more than LIKE."""

    inherit_cache = True
    name = "folded"


@compiles(Folded)
def _lower(element: Folded, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - SQLAlchemy's
    return f"lower({compiler.process(element.clauses, **options)})"


@compiles(Folded, "sqlite")
def _as_it_is(element: Folded, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - SQLAlchemy's
    return compiler.process(element.clauses, **options)


class _Wanted:
    """The conditions of one query."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._distinct: dict[str, list[str] | None] = {}
        self._asked: list[str] = []

    @property
    def index(self) -> str | None:
        """The index that answers the first of the conditions that has one."""
        return next((_INDEXES[name] for name in self._asked if name in _INDEXES), None)

    def holds(self, condition: Condition) -> ColumnElement[bool]:
        """What a device must fulfil for this condition."""
        either = or_(*(self._is(condition.field, value) for value in condition.values))
        return not_(either) if condition.negated else either

    def _is(self, field: Field | OwnField, value: str) -> ColumnElement[bool]:
        if isinstance(field, OwnField):
            return _says(field, value)
        if value == NONE or (field is Field.CLASS and value == "unknown"):
            return self._is_empty(field)
        if value == ANY:
            return not_(self._is_empty(field))
        if field in DAYS:
            return within(self._column(_COLUMNS[field]), value)
        if field is Field.IP:
            spans = [_ADDRESS.c.ip_key.between(*bounds(network)) for network in value.split(",")]
            there = select(_ADDRESS.c.device).where(_ADDRESS.c.ended.is_(None), or_(*spans))
            return self._column("id").in_(there)
        if field is Field.PORT:
            keys = [value] if "/" in value else [f"tcp/{value}", f"udp/{value}"]
            return self._contains("ports", *(f" {key} " for key in keys))
        if field in _EXACT:
            return self._column(_COLUMNS[field]) == value
        found = self._contains(_COLUMNS[field], value)
        if field is not Field.MAC:
            return found
        several = select(_DEVICE.c.id).where(SEVERAL, LIVE)  # the head row has the first one's MAC
        more = select(_ADDRESS.c.device).where(
            _ADDRESS.c.device.in_(several),
            _ADDRESS.c.ended.is_(None),
            _ADDRESS.c.mac.contains(value, autoescape=True),
        )
        return or_(found, self._column("id").in_(more))

    def _column(self, name: str) -> ColumnElement[Any]:
        self._asked.append(name)
        return _DEVICE.c[name]

    def _is_empty(self, field: Field) -> ColumnElement[bool]:
        column = self._column(_COLUMNS[field])
        if isinstance(column.type, Moment):
            return NEVER
        return column.in_(["", "unknown"]) if field is Field.CLASS else column == ""

    def _contains(self, name: str, *parts: str) -> ColumnElement[bool]:
        """Whether one of the parts stands in the column."""
        values = self._distinct_values(name)
        if values is None:
            column = Folded(self._column(name))
            return or_(*(column.contains(part, autoescape=True) for part in parts))
        said = [each for each in values if any(part in each.casefold() for part in parts)]
        return self._column(name).in_(said) if said else NEVER

    def _distinct_values(self, name: str) -> list[str] | None:
        """Every value of a column, leaping from one to the next along its index; None where they are many."""
        if name not in _INDEXES or name in _EACH_ITS_OWN:
            return None
        if name not in self._distinct:
            leap = sql(_LEAP.format(column=name, most=FEW + 1))
            values = list(self._connection.execute(leap).scalars())
            self._distinct[name] = values if len(values) <= FEW else None
        return self._distinct[name]


def _says(field: OwnField, value: str) -> ColumnElement[bool]:
    said = [] if value in (NONE, ANY) else [Folded(_VALUE.c.value).contains(value, autoescape=True)]
    having_it = having(field).where(*said)
    return _DEVICE.c.id.not_in(having_it) if value == NONE else _DEVICE.c.id.in_(having_it)


_LEAP = (
    "WITH RECURSIVE leap(value) AS ("
    " SELECT min({column}) FROM device WHERE absorbed_by IS NULL"
    " UNION ALL"
    " SELECT (SELECT min({column}) FROM device WHERE absorbed_by IS NULL AND {column} > leap.value)"
    " FROM leap WHERE leap.value IS NOT NULL"
    ") SELECT value FROM leap WHERE value IS NOT NULL LIMIT {most}"
)


def within(column: ColumnElement[Any], days: str) -> ColumnElement[bool]:
    """Whether a moment, or a day written in ISO, lies in the span; days begin as on this machine."""
    first, after = span(days)
    if isinstance(column.type, Moment):
        begin, end = (datetime.combine(day, time.min).astimezone() if day else None for day in (first, after))
        sides = [column >= begin] if begin else []
        return and_(*sides, column < end) if end else and_(*sides)
    known = column >= str(first) if first else column != ""
    return and_(known, column < str(after)) if after else known


_EXACT = frozenset({Field.STATUS, Field.CLASS, Field.CONNECTION, Field.IN_SCOPE})
_EACH_ITS_OWN = frozenset({"mac", "serial", "hostname", "asset_tag"})  # there are as many as devices
_COLUMNS: dict[Field, str] = {
    **{field: attribute.value for field, attribute in ATTRIBUTE_OF.items()},
    Field.ID: "id",
    Field.STATUS: "status",
    Field.SITE: "site",
    Field.SEGMENT: "segment",
    Field.FIRST_SEEN: "first_seen",
    Field.LAST_SEEN: "last_seen",
    Field.EOL: "support_ends",
    Field.IP: "ip",
    Field.MAC: "mac",
    Field.PORT: "ports",
}
_INDEXES = {
    columns[0]: str(index.name)
    for index in _DEVICE.indexes
    if (columns := index.columns.keys())[1:] and columns[-2:] == ["ip_key", "id"] and columns[0] != "ip_key"
}

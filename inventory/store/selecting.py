"""Queries to SQL over the head rows, so that any filter and sort of 100,000 devices is a matter of indexes.

Four tricks, each for what was measured on SQLite (`make bench`); PostgreSQL does not mind them:

- A word is looked for among the *distinct* values of a column first, where these are few: `vendor:ric` is
  `vendor IN ('Ricoh')`, which an index answers.
- A rare condition is answered first and its devices sorted; a frequent one is counted, and tried along the
  sort's own index until the page is full.
- SQLite is told which index to read along; left to itself it takes any, and looks into every row.
- Every index of the head row ends in (ip_key, id), the list's usual order.
"""

from datetime import datetime, time
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, and_, func, literal, not_, or_, select
from sqlalchemy import text as sql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from inventory.networks import bounds
from inventory.query import ANY, ATTRIBUTE_OF, DAYS, NONE, Condition, DeviceQuery, Field, SortKey, span
from inventory.store.columns import Moment, table
from inventory.store.database import INDEX
from inventory.store.tables import AddressRow, DeviceRow

_DEVICE, _ADDRESS = table(DeviceRow), table(AddressRow)
_LIVE = _DEVICE.c.absorbed_by.is_(None)
RARE = 2000  # devices: fewer are sorted at once, more are soon met along the sort's index
FEW = 2000  # distinct values
NEVER = literal(1) == 0  # false() would swallow the conditions beside it, by which the index is found
SEVERAL = sql("device.several")  # as the partial index says it


def select_ids(
    connection: Connection, query: DeviceQuery, *, offset: int, limit: int | None
) -> tuple[list[str], int]:
    """The ids of one page of the query, in its order, and how many devices the query asks for in all."""
    wanted = _Wanted(connection, query)
    condition = wanted.condition()
    along = {INDEX: wanted.index}
    total = None
    if query.conditions or query.text:
        some = select(_DEVICE.c.id).where(condition).limit(RARE + 1)
        found = connection.execute(some, execution_options=along).scalars().all()
        if len(found) <= RARE:
            total, condition = len(found), _DEVICE.c.id.in_(found)
    if total is None:
        count = select(func.count()).select_from(_DEVICE).where(condition)
        total = connection.execute(count, execution_options=along).scalar_one()
        if limit is not None:
            condition = wanted.condition(opaque=True)
    if total <= offset:
        return [], total
    statement = select(_DEVICE.c.id).where(condition).order_by(*order(query)).offset(offset)
    ids = connection.execute(statement if limit is None else statement.limit(limit)).scalars().all()
    return list(ids), total


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
    """The conditions of one query; `opaque` ones hide their columns from every index but the sort's."""

    def __init__(self, connection: Connection, query: DeviceQuery) -> None:
        self._connection = connection
        self._query = query
        self._opaque = False
        self._distinct: dict[str, list[str] | None] = {}
        self._asked: list[str] = ["search"] if query.text else []

    def condition(self, *, opaque: bool = False) -> ColumnElement[bool]:
        """What a live device must fulfil."""
        self._opaque = opaque
        words = [_DEVICE.c.search.contains(word, autoescape=True) for word in self._query.text]
        wanting_first = sorted(self._query.conditions, key=lambda each: each.negated)
        return and_(_LIVE, *(self._holds(each) for each in wanting_first), *words)

    @property
    def index(self) -> str | None:
        """The index that answers most of the conditions by itself, if one does."""
        return next((f"device_{name}" for name in self._asked if name in _INDEXED or name == "search"), None)

    def _holds(self, condition: Condition) -> ColumnElement[bool]:
        either = or_(*(self._is(condition.field, value) for value in condition.values))
        return not_(either) if condition.negated else either

    def _is(self, field: Field, value: str) -> ColumnElement[bool]:
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
        several = select(_DEVICE.c.id).where(SEVERAL, _LIVE)  # the head row has the first one's MAC
        more = select(_ADDRESS.c.device).where(
            _ADDRESS.c.device.in_(several),
            _ADDRESS.c.ended.is_(None),
            _ADDRESS.c.mac.contains(value, autoescape=True),
        )
        return or_(found, self._column("id").in_(more))

    def _column(self, name: str) -> ColumnElement[Any]:
        self._asked.append(name)
        column: ColumnElement[Any] = _DEVICE.c[name]
        if not self._opaque:
            return column
        if isinstance(column.type, Moment):
            return func.nullif(column, literal(-1, BigInteger), type_=Moment)
        return column.concat("")

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
        if name not in _INDEXED:
            return None
        if name not in self._distinct:
            leap = sql(_LEAP.format(column=name, most=FEW + 1))
            values = list(self._connection.execute(leap).scalars())
            self._distinct[name] = values if len(values) <= FEW else None
        return self._distinct[name]


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


def order(query: DeviceQuery, columns: Any = _DEVICE.c) -> list[ColumnElement[Any]]:  # noqa: ANN401 - SQLAlchemy's
    """What the list is sorted by, among the columns of the head row or others of the same names."""
    keys = [columns[name] for name in sort_columns(query)]
    return [key.desc() if query.descending else key.asc() for key in keys]


def sort_columns(query: DeviceQuery) -> tuple[str, ...]:
    """The names of the columns that the list is sorted by."""
    return _SORT_COLUMNS[query.sort]


_EXACT = frozenset({Field.STATUS, Field.CLASS, Field.CONNECTION, Field.IN_SCOPE})
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
_INDEXED = frozenset(index.columns.keys()[0] for index in _DEVICE.indexes if len(index.columns) == 3)
_SORT_COLUMNS: dict[SortKey, tuple[str, ...]] = {
    **{key: (key.value, "ip_key", "id") for key in SortKey},
    SortKey.IP: ("ip_key", "id"),
    SortKey.ID: ("id",),
    SortKey.CLASS: ("device_class", "ip_key", "id"),
    SortKey.VENDOR: ("vendor", "model", "ip_key", "id"),
}

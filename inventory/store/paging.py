"""One page of a long list: which devices it shows, and how many the list has in all.

However many of 100,000 devices are sought and whatever they are sorted by, one of three ways is short
(measured on SQLite by `make bench`; PostgreSQL does not mind them):

- A few are found along the filter's index, and sorted.
- Many are soon met on a walk along the sort's own index, and need only be counted.
- Those met late, or told by their history, are gathered once, counted, and met again along the sort's index,
  where nothing needs to be looked into.

Every index of the head row ends in (ip_key, id), the list's usual order. SQLite is told which one to read
along; left to itself it takes any, and looks into every row.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Select,
    and_,
    func,
    literal,
    literal_column,
    select,
    true,
    tuple_,
    union_all,
)

from inventory.query import DeviceQuery, OwnField, SortKey
from inventory.store.columns import table
from inventory.store.engines import along
from inventory.store.tables import DeviceRow, ValueRow

_DEVICE, _VALUE = table(DeviceRow), table(ValueRow)
LIVE = _DEVICE.c.absorbed_by.is_(None)
ABSORBED = _DEVICE.c.absorbed_by.is_not(None)
RARE = 2000  # devices: fewer are sorted at once
SOON = 5000  # devices: what is not met among so many is gathered


@dataclass(frozen=True, slots=True)
class Sought:
    """Which devices a list has: those that fulfil any of the conditions, of which no two hold of one device.

    `along` is the index that answers the most of the first, which is about live devices. Conditions that are
    costly to ask of one device after another are `gathered`.
    """

    conditions: Sequence[ColumnElement[bool]]
    along: str | None = None
    gathered: bool = False


def page_ids(
    connection: Connection, sought: Sought, query: DeviceQuery, *, offset: int, limit: int | None
) -> tuple[list[str], int]:
    """The ids of one page in the query's order, and how many devices the list has in all."""
    if isinstance(query.sort, OwnField):
        return _by_own_field(connection, sought, query, offset=offset, limit=limit)
    page = _Page(connection, sought, query, offset, limit)
    if sought.gathered:
        return page.gathered()
    if query.conditions or query.text:
        ids, total = page.of_few()
        if total <= RARE:
            return ids, total
    walked = page.walked()
    return page.gathered() if walked is None else (walked, page.count())


def having(field: OwnField) -> Select[Any]:
    """The devices that have a field of the firm's own now; a record that another absorbed has none."""
    return select(_VALUE.c.device).where(_VALUE.c.attribute == field.value, _VALUE.c.valid_to.is_(None))


def _by_own_field(
    connection: Connection, sought: Sought, query: DeviceQuery, *, offset: int, limit: int | None
) -> tuple[list[str], int]:
    """Those that have the field, by what it says; behind them the others, in the list's usual order."""
    field, by_address = OwnField(query.sort), replace(query, sort=SortKey.IP)
    ids, total = _Page(connection, sought, query, offset, limit).having(field)
    if limit is not None and len(ids) == limit:
        return ids, total
    without = _DEVICE.c.id.not_in(having(field))
    others = replace(sought, conditions=[and_(each, without) for each in sought.conditions])
    skipped = 0
    if offset and not ids:
        skipped = offset - total + _Page(connection, others, by_address, 0, None).count()
    left = None if limit is None else limit - len(ids)
    return ids + page_ids(connection, others, by_address, offset=skipped, limit=left)[0], total


class _Page:
    def __init__(
        self, connection: Connection, sought: Sought, query: DeviceQuery, offset: int, limit: int | None
    ) -> None:
        self._connection = connection
        self._sought = sought
        own = isinstance(query.sort, OwnField)
        self._names = ("value", "ip_key", "id") if own else _SORT_COLUMNS[SortKey(query.sort)]
        self._keys = [(_VALUE if name == "value" else _DEVICE).c[name] for name in self._names]
        self._along = _ALONG.get(self._names)
        self._narrowed = bool(query.conditions or query.text)
        self._descending = query.descending
        self._offset, self._limit = offset, limit
        self._row = literal_column("device.rowid") if connection.dialect.name == "sqlite" else _DEVICE.c.id

    def count(self) -> int:
        """How many are sought."""
        found = self._found([_DEVICE.c.id]).subquery()
        return self._connection.execute(select(func.count()).select_from(found)).scalar_one()

    def of_few(self) -> tuple[list[str], int]:
        """The page and the number of all, where that is no more than RARE; else no page."""
        found = self._found([self._row.label("row")]).limit(RARE + 1).cte("found")
        few = select(found.c.row).where(select(func.count()).select_from(found).scalar_subquery() <= RARE)
        return self._told(found, select(*self._keys).where(self._row.in_(few)))

    def gathered(self) -> tuple[list[str], int]:
        """The page and the number of all, all being found once."""
        found = self._found([self._row.label("row")]).cte("found")
        mine = select(*self._keys).where(self._row.in_(select(found.c.row)))
        live, absorbed = (
            along(_DEVICE, self._along, mine.where(LIVE)),
            along(_DEVICE, "device_absorbed", mine.where(ABSORBED)),
        )
        return self._told(found, _either(live, absorbed) if len(self._sought.conditions) > 1 else live)

    def having(self, field: OwnField) -> tuple[list[str], int]:
        """The page of those that have the field, sorted by it, and the number of all that are sought."""
        told = having(field).join_from(_VALUE, _DEVICE, _VALUE.c.device == _DEVICE.c.id)
        rows = along(_VALUE, "value_of_attribute", told.with_only_columns(*self._keys))
        if self._narrowed:
            found = self._found([_DEVICE.c.id]).cte("found")
            return self._told(found, rows.where(_VALUE.c.device.in_(select(found.c.id))))
        page = self._ordered(rows.where(self._sought.conditions[0]), rows.selected_columns)
        ids = self._connection.execute(page.offset(self._offset).limit(self._limit)).all()
        return [row.id for row in ids], self.count()

    def walked(self) -> list[str] | None:
        """The page, where it is met SOON along the sort's index."""
        near, everywhere = self._near()
        first, *others = (select(*self._keys).where(each, near) for each in self._sought.conditions)
        rows = _either(along(_DEVICE, self._along, first), *others)
        page = self._ordered(rows, rows.selected_columns).offset(self._offset).limit(self._limit)
        ids = [row.id for row in self._connection.execute(page)]
        return ids if everywhere or len(ids) == self._limit else None

    def _near(self) -> tuple[ColumnElement[bool], bool]:
        """Whether a device stands so near in the list that it is met soon, and whether all do."""
        if self._limit is None:
            return true(), True
        standing = self._ordered(along(_DEVICE, self._along, select(*self._keys).where(LIVE)), _DEVICE.c)
        far = self._connection.execute(standing.offset(self._offset + self._limit + SOON).limit(1)).first()
        if far is None:
            return true(), True
        here = tuple_(*self._keys)
        there = tuple_(*(literal(value, key.type) for value, key in zip(far, self._keys, strict=True)))
        return (here > there if self._descending else here < there), False

    def _told(self, found: CTE, rows: Any) -> tuple[list[str], int]:  # noqa: ANN401 - selects of any kind
        count = select(func.count().label("total")).select_from(found).subquery("counted")
        page = self._ordered(rows, rows.selected_columns).offset(self._offset).limit(self._limit)
        part = page.subquery("page")
        both = select(count.c.total, part.c.id).select_from(count.outerjoin(part, true()))
        told = self._connection.execute(self._ordered(both, part.c)).all()
        return [row.id for row in told if row.id is not None], told[0].total

    def _found(self, columns: Sequence[ColumnElement[Any]]) -> Any:  # noqa: ANN401 - selects of any kind
        first, *others = (select(*columns).where(each) for each in self._sought.conditions)
        return _either(along(_DEVICE, self._sought.along, first), *others)

    def _ordered(self, statement: Any, columns: Any) -> Any:  # noqa: ANN401 - selects of any kind
        keys = [columns[name] for name in self._names]
        return statement.order_by(*(key.desc() if self._descending else key.asc() for key in keys))


def _either(*selects: Select[Any]) -> Any:  # noqa: ANN401 - selects of any kind
    return union_all(*selects) if len(selects) > 1 else selects[0]


_SORT_COLUMNS: dict[SortKey, tuple[str, ...]] = {
    **{key: (key.value, "ip_key", "id") for key in SortKey},
    SortKey.IP: ("ip_key", "id"),
    SortKey.ID: ("id",),
    SortKey.CLASS: ("device_class", "ip_key", "id"),
    SortKey.VENDOR: ("vendor", "model", "ip_key", "id"),
}
_ALONG = {tuple(index.columns.keys()): str(index.name) for index in _DEVICE.indexes} | {("id",): "device_id"}

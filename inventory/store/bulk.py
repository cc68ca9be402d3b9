"""Many new rows at once, as the driver takes them: SQLAlchemy's own way costs three times as much.

Only here is the driver spoken to directly; its faults are the database's (see `Database`).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table

from inventory.store.mapping import Values


class NewRows:
    """Rows that wait to be added to one table."""

    def __init__(self, target: Table) -> None:
        self._target = target
        self._waiting: dict[tuple[str, ...], list[tuple[Any, ...]]] = defaultdict(list)

    def add(self, values: Values) -> None:
        """One row, by the names of its columns."""
        self.add_row(tuple(values), tuple(values.values()))

    def add_row(self, columns: tuple[str, ...], row: tuple[Any, ...]) -> None:
        """One row whose values stand in the order of its columns."""
        self._waiting[columns].append(row)

    def write(self, connection: Connection) -> None:
        """Adds what waits, in its order."""
        quote = connection.dialect.identifier_preparer.quote
        for columns, rows in self._waiting.items():
            names = ", ".join(map(quote, columns))
            into = f"{quote(self._target.name)} ({names})"
            stored = self._as_stored(connection, columns, rows)
            if connection.dialect.name == "postgresql":
                _copy(connection, f"COPY {into} FROM STDIN", stored)
            else:
                places = ", ".join("?" * len(columns))
                statement = f"INSERT INTO {into} VALUES ({places})"  # noqa: S608 - names of our own
                connection.exec_driver_sql(statement, list(stored))
        self._waiting.clear()

    def _as_stored(
        self, connection: Connection, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]
    ) -> Iterable[tuple[Any, ...]]:
        stored: list[Iterable[Any]] = []
        for name, said in zip(columns, zip(*rows, strict=True), strict=True):
            kind = self._target.c[name].type.dialect_impl(connection.dialect)
            bind = kind.bind_processor(connection.dialect)
            stored.append(_bound(said, bind) if bind else said)
        return zip(*stored, strict=True)


def _bound(said: Sequence[Any], bind: Callable[[Any], Any]) -> Iterable[Any]:
    """The values as the driver wants them; one batch says the same few moments over and over."""
    bound = {value: bind(value) for value in set(said)}
    return map(bound.__getitem__, said)


def _copy(connection: Connection, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
    cursor: Any = connection.connection.cursor()
    with cursor, cursor.copy(statement) as copying:
        for row in rows:
            copying.write_row(row)

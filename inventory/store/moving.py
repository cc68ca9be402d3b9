"""Carries a whole register from one database to another, and proves that the two are equal."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import BigInteger, Connection, Row, Table, func, insert, select, text

from inventory.exits import StoreFault
from inventory.language import _
from inventory.store import (  # noqa: F401 - they fill the metadata
    directory_tables,
    judged_tables,
    scan_tables,
    surroundings_tables,
    tables,
)
from inventory.store.columns import Base
from inventory.store.database import Database
from inventory.store.faults import Conflict
from inventory.store.mapping import to_json

AT_ONCE = 2000


def move(source: Database, target: Database) -> int:
    """Copies every row in one transaction; how many. Conflict where the target holds anything.

    StoreFault, and nothing written, where what was written does not read back equal. The source is only read.
    """
    with source.read() as old, target.write() as new:
        every = Base.metadata.sorted_tables
        for part in every:
            if new.execute(select(func.count()).select_from(part)).scalar_one():
                raise Conflict(
                    _("{place} is not empty: it holds {table}").format(place=target.place, table=part.name)
                )
        moved = sum(_copy(_rows(source, old, part), new, part) for part in every)
        for part in every:
            if _digest(_rows(source, old, part)) != _digest(_rows(target, new, part)):
                raise StoreFault(
                    _("{table} did not arrive as it was: nothing was moved").format(table=part.name)
                )
        return moved


def _digest(parts: Iterable[Sequence[Row[Any]]]) -> str:
    hashed = hashlib.sha256()
    for rows in parts:
        for row in rows:
            hashed.update(to_json([str(value) for value in row]).encode())
    return hashed.hexdigest()


def _copy(parts: Iterable[Sequence[Row[Any]]], new: Connection, part: Table) -> int:
    count = 0
    for rows in parts:
        new.execute(insert(part), [row._asdict() for row in rows])
        count += len(rows)
    key = list(part.primary_key.columns)
    numbered = len(key) == 1 and isinstance(key[0].type, BigInteger) and part.name != "audit"
    if count and numbered and new.dialect.name == "postgresql":
        # Rows came with their numbers; the next one the server gives must be higher.
        sequence = f"pg_get_serial_sequence('\"{part.name}\"', '{key[0].name}')"
        highest = f'(SELECT max("{key[0].name}") FROM "{part.name}")'  # noqa: S608 - names of our own tables
        new.execute(text(f"SELECT setval({sequence}, {highest})"))
    return count


def _rows(database: Database, connection: Connection, part: Table) -> Iterator[Sequence[Row[Any]]]:
    """The rows of one table in the order of their key; a fault names the database it is of."""
    statement = select(part).order_by(*part.primary_key.columns)
    with database.guard():
        result = connection.execution_options(yield_per=AT_ONCE).execute(statement)
        yield from result.partitions(AT_ONCE)

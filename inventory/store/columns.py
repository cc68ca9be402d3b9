"""What every table is made of: moments, row numbers, JSON columns, and the metadata they all belong to.

Moments are whole microseconds since 1970 in UTC: exact, small, sortable, the same in SQLite and PostgreSQL.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Dialect, Integer, MetaData, Table, Text, TypeDecorator, text
from sqlmodel import Field, SQLModel

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Moment(TypeDecorator[datetime]):
    """A timezone-aware datetime as microseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], int | None]:  # noqa: ARG002
        """Datetime to number; a naive datetime is a programmer's mistake."""
        return _stored

    def result_processor(
        self,
        dialect: Dialect,  # noqa: ARG002
        coltype: object,  # noqa: ARG002
    ) -> Callable[[int | None], datetime | None]:
        """Number to datetime in UTC."""
        return _read


@lru_cache(maxsize=4096)  # a page, a batch, an office: few moments, each of them thousands of times
def microseconds(at: datetime) -> int:
    """A moment as it is stored."""
    return (at - _EPOCH) // timedelta(microseconds=1)


@lru_cache(maxsize=4096)
def moment_of(number: int) -> datetime:
    """The moment that is stored so, in UTC."""
    return _EPOCH + timedelta(microseconds=number)


@lru_cache(maxsize=4096)
def _stored(at: datetime | None) -> int | None:
    return None if at is None else microseconds(at)


@lru_cache(maxsize=4096)
def _read(number: int | None) -> datetime | None:
    return None if number is None else moment_of(number)


@lru_cache(maxsize=65536)
def once(text: str) -> str:
    """The text; what many rows say alike is one object, for who holds a hundred thousand devices."""
    return text


class Base(SQLModel):
    """The register's own metadata, so that no other SQLModel in the process mixes with it."""

    metadata = MetaData()


# SQLite numbers rows only where the column is plainly INTEGER; PostgreSQL wants 64 bits.
RowId: Any = BigInteger().with_variant(Integer(), "sqlite")


def serial() -> Any:  # noqa: ANN401 - SQLModel's Field is untyped
    """A row number the database gives."""
    return Field(default=None, primary_key=True, sa_type=RowId)


def moment(*, index: bool = False) -> Any:  # noqa: ANN401 - the same
    """A moment that is always there."""
    return Field(sa_type=Moment, index=index)


def moment_or_none() -> Any:  # noqa: ANN401 - the same
    """A moment that may not have come yet."""
    return Field(default=None, sa_type=Moment, nullable=True)


def json_text() -> Any:  # noqa: ANN401 - the same
    """A list or mapping as JSON text."""
    return Field(sa_type=Text)


def json_list() -> Any:  # noqa: ANN401 - the same
    """A list as JSON text, empty where an earlier schema had none."""
    return Field(default="[]", sa_type=Text, sa_column_kwargs={"server_default": "[]"})


def where(condition: str) -> dict[str, Any]:
    """What makes an index one of the rows alone that meet the condition."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


def table(row: type[Base]) -> Table:
    """The table behind a row class, for statements over many rows at once."""
    return Base.metadata.tables[str(row.__tablename__)]

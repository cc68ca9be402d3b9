"""What every table is made of: moments, row numbers, JSON columns, and the metadata they all belong to.

Moments are whole microseconds since 1970 in UTC: exact, small, sortable, the same in SQLite and PostgreSQL.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Dialect, Integer, MetaData, Table, Text, TypeDecorator
from sqlmodel import Field, SQLModel

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Moment(TypeDecorator[datetime]):
    """A timezone-aware datetime as microseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Datetime to number; a naive datetime is a programmer's mistake."""
        return None if value is None else (value - _EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ANN401, ARG002
        """Number to datetime in UTC."""
        return None if value is None else _EPOCH + timedelta(microseconds=value)


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


def table(row: type[Base]) -> Table:
    """The table behind a row class, for statements over many rows at once."""
    return Base.metadata.tables[str(row.__tablename__)]

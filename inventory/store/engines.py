"""From the place a register lies at to the engine that speaks to it there, and how SQLite is set up."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, FromClause, Select, create_engine, event, make_url
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import StaticPool

from inventory.exits import StoreFault, Unavailable, UsageFault
from inventory.language import _

_BUSY_SECONDS = 30
_MAPPED = "mmap_size=1073741824"
_CACHED = "cache_size=-65536"  # 64 MiB instead of 2: pages read the same indexes over and over
_PRAGMAS = (
    "journal_mode=WAL",
    "foreign_keys=ON",
    "synchronous=NORMAL",
    _CACHED,
    _MAPPED,
)


def url_of(place: str) -> URL:
    """The URL of a path, `:memory:` or an SQLAlchemy URL; UsageFault where no register can lie there."""
    if place == ":memory:":
        return URL.create("sqlite", database=":memory:")
    if "://" not in place:
        return URL.create("sqlite", database=str(Path(place).expanduser()))
    try:
        url = make_url(place)
    except ArgumentError as error:
        raise UsageFault(_("{place} is not a path or a database URL").format(place=place)) from error
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        reason = _("a register lies in SQLite or PostgreSQL, not in {kind}")
        raise UsageFault(reason.format(kind=url.get_backend_name()))
    return url.set(drivername="postgresql+psycopg") if url.drivername == "postgresql" else url


def prepare_file(url: URL, *, create: bool) -> None:
    """Makes the file that SQLite will fill; StoreFault where there is none and none may be."""
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return
    file = Path(str(url.database))
    try:
        if file.is_dir():
            raise StoreFault(_("{place} is a folder, not a register").format(place=file))
        if file.exists():
            return
        if not create:
            reason = _("there is no register at {place} yet: `muster scope add` makes one")
            raise StoreFault(reason.format(place=file))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)  # it tells an attacker where the weak devices are: nobody else's to read
    except OSError as error:
        reason = _("{place} cannot be reached: {reason}")
        raise StoreFault(reason.format(place=file, reason=error.strerror)) from error


def engine_of(url: URL) -> Engine:
    """An engine whose transactions begin when asked to; Unavailable where the URL's driver is not there."""
    if url.get_backend_name() != "sqlite":
        try:
            return create_engine(url, pool_pre_ping=True)
        except (ModuleNotFoundError, NoSuchModuleError) as error:
            reason = _("PostgreSQL needs its driver: pip install 'muster[postgresql]'")
            raise Unavailable(reason) from error
    arguments: dict[str, Any] = {"timeout": _BUSY_SECONDS, "check_same_thread": False}
    if url.database in (None, "", ":memory:"):
        engine = create_engine(url, connect_args=arguments, poolclass=StaticPool)
    else:
        engine = create_engine(url, connect_args=arguments)
    event.listen(engine, "connect", _set_up_connection)
    event.listen(engine, "begin", _begin)
    engine.dialect.statement_compiler = _HintedCompiler
    return engine


@contextmanager
def unmapped(connection: Connection) -> Iterator[None]:
    """Who reads everything once does not keep it in memory for that."""
    if connection.dialect.name != "sqlite":
        yield
        return
    for pragma in ("mmap_size=0", "cache_size=-8192"):
        connection.exec_driver_sql(f"PRAGMA {pragma}")
    try:
        yield
    finally:
        for pragma in (_MAPPED, _CACHED):
            connection.exec_driver_sql(f"PRAGMA {pragma}")


def shown(url: URL) -> str:
    """The place as messages name it: a path, or a URL without its password."""
    return (
        str(url.database) if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)
    )


def along(source: FromClause, index: str | None, statement: Select[Any]) -> Select[Any]:
    """The statement, which SQLite is to read along this index of the table `source`."""
    return statement if index is None else statement.with_hint(source, f"INDEXED BY {index}", "sqlite")


def _set_up_connection(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own transactions begin too late (at the first write) and end around schema changes.
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("muster_begin", "BEGIN"))


class _HintedCompiler(SQLiteCompiler):
    """Writes a table's hint behind its name, where SQLite wants it; SQLAlchemy leaves it out."""

    def get_from_hint_text(self, table: FromClause, text: str | None) -> str | None:  # noqa: ARG002
        return text

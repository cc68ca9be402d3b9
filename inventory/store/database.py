"""Opens the register, brings it to this version's schema, says in one line what is wrong with it."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any, NoReturn

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    create_engine,
    event,
    inspect,
    make_url,
    text,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import StaticPool

from inventory.exits import StoreFault, Unavailable, UsageFault
from inventory.language import _
from inventory.store.engines import HintedCompiler
from inventory.store.schema import KNOWN_SCHEMAS, SCHEMA

BUSY_SECONDS = 30
_ROOM_NEEDED = 64 * 1024  # octets: SQLite's shared memory file and the first frames of its log
_MAPPED = "mmap_size=1073741824"
_CACHED = "cache_size=-65536"  # 64 MiB instead of 2: pages read the same indexes over and over
_PRAGMAS = (
    "journal_mode=WAL",
    "foreign_keys=ON",
    "synchronous=NORMAL",
    _CACHED,
    _MAPPED,
)
_TURN = 0x6D7573746572  # "muster": whoever holds this advisory lock writes
Watch = Callable[[Connection, bool], AbstractContextManager[None]]  # the flag: will it be kept?
_MIGRATIONS = Path(__file__).parent / "migrations"


class Database:
    """The register's database with the two ways into it: `read()` and `write()`."""

    def __init__(self, engine: Engine, place: str) -> None:
        self._engine = engine
        self.place = place

    @classmethod
    def open(cls, place: str, *, create: bool = True) -> "Database":
        """The database at a path, `:memory:` or an SQLAlchemy URL, at this version's schema.

        StoreFault when it is missing and not to be created, is no register, is of a newer version, or cannot
        be read and written; Unavailable when the URL's driver is not installed.
        """
        url = _url(place)
        _prepare_file(url, create=create)
        engine = _engine(url)
        database = cls(engine, _shown(url))
        try:
            with database._guard():
                database._bring_up(create=create)
        except BaseException:
            engine.dispose()
            raise
        return database

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one consistent state."""
        with self._guard(), self._engine.connect() as connection:
            if self._engine.dialect.name != "sqlite":  # where the default is to see each commit at once
                connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def one_state(self) -> Iterator["Database"]:
        """This database as it stands now: every `read()` of it inside sees the same state."""
        with self.read() as connection, _unmapped(connection):
            yield _OneState(self._engine, self.place, connection)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction, committed whole or leaving nothing; writers take turns, from the start."""
        with self._guard(), self._engine.connect() as connection:
            writing = connection.execution_options(muster_begin="BEGIN IMMEDIATE")
            with writing.begin():
                if writing.dialect.name == "postgresql":
                    writing.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": _TURN})
                yield writing

    def watched(self, watch: Watch) -> "Database":
        """This database, each write to it going through `watch` inside its transaction."""
        return _Watched(self._engine, self.place, watch)

    @contextmanager
    def trial(self) -> Iterator[Connection]:
        """A transaction that is rolled back at its end, whatever was done in it."""
        with self._guard(), self._engine.connect() as connection:
            trying = connection.execution_options(muster_begin="BEGIN IMMEDIATE")
            transaction = trying.begin()
            try:
                yield trying
            finally:
                transaction.rollback()

    def close(self) -> None:
        """Gives every connection back."""
        self._engine.dispose()

    @contextmanager
    def _guard(self) -> Iterator[None]:
        """Turns what the database library raises into one clear line."""
        try:
            yield
        except (DBAPIError, self._engine.dialect.loaded_dbapi.Error) as error:  # the latter from store.bulk
            cause = error.orig if isinstance(error, DBAPIError) else error
            raise StoreFault(_explain(self.place, str(cause), full=self._is_disk_full())) from error
        except SQLAlchemyError as error:
            raise StoreFault(_explain(self.place, str(error))) from error

    def _is_disk_full(self) -> bool:
        """SQLite says no more than "disk I/O error" where there is no room for the log it reads with."""
        file = self._engine.url.database
        if self._engine.dialect.name != "sqlite" or not file or not Path(file).exists():
            return False
        return shutil.disk_usage(file).free < _ROOM_NEEDED

    def _bring_up(self, *, create: bool) -> None:
        with self._engine.connect() as connection:
            found = _schema_of(connection)
        if found == SCHEMA:
            return
        if found is None and not create:
            raise StoreFault(_("{place} is not a register").format(place=self.place))
        if found is not None and found not in KNOWN_SCHEMAS:
            reason = _("{place} was written by a newer Muster (schema {found}): update Muster to open it")
            raise StoreFault(reason.format(place=self.place, found=found))
        self._migrate(found)

    def _migrate(self, found: str | None) -> None:
        from alembic import command
        from alembic.config import Config

        if found is not None and self._engine.dialect.name == "sqlite":
            self._back_up(found)
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        with self.write() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, SCHEMA)

    def _back_up(self, found: str) -> None:
        """Copies a file register to `FILE.schema-NNNN` before its schema changes."""
        file = self._engine.url.database
        if not file or file == ":memory:":
            return
        beside = Path(f"{file}.schema-{found}")
        beside.touch(mode=0o600)
        with closing(sqlite3.connect(file)) as old, closing(sqlite3.connect(beside)) as copy:
            old.backup(copy)


class _OneState(Database):
    """A database whose reads all share one transaction, and which is not written to."""

    def __init__(self, engine: Engine, place: str, connection: Connection) -> None:
        super().__init__(engine, place)
        self._connection = connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """The one connection."""
        yield self._connection

    def write(self) -> NoReturn:
        """Refused: it would change what the readings share."""
        raise UsageFault(_("a reading of the register cannot be written to"))

    def close(self) -> None:
        """Nothing: the database outlives this reading."""


class _Watched(Database):
    """A database whose writes are watched; it is closed by who opened it."""

    def __init__(self, engine: Engine, place: str, watch: Watch) -> None:
        super().__init__(engine, place)
        self._watch = watch

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction as the watch lets it pass."""
        with super().write() as connection, self._watch(connection, True):
            yield connection

    @contextmanager
    def trial(self) -> Iterator[Connection]:
        """A trial as the watch lets it pass."""
        with super().trial() as connection, self._watch(connection, False):
            yield connection

    def close(self) -> None:
        """Nothing: the database outlives this watch."""


def _url(place: str) -> URL:
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


def _prepare_file(url: URL, *, create: bool) -> None:
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


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        try:
            return create_engine(url, pool_pre_ping=True)
        except (ModuleNotFoundError, NoSuchModuleError) as error:
            reason = _("PostgreSQL needs its driver: pip install 'muster[postgresql]'")
            raise Unavailable(reason) from error
    arguments: dict[str, Any] = {"timeout": BUSY_SECONDS, "check_same_thread": False}
    if url.database in (None, "", ":memory:"):
        engine = create_engine(url, connect_args=arguments, poolclass=StaticPool)
    else:
        engine = create_engine(url, connect_args=arguments)
    event.listen(engine, "connect", _set_up_connection)
    event.listen(engine, "begin", _begin)
    engine.dialect.statement_compiler = HintedCompiler
    return engine


@contextmanager
def _unmapped(connection: Connection) -> Iterator[None]:
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


def _set_up_connection(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own transactions begin too late (at the first write) and end around schema changes.
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("muster_begin", "BEGIN"))


def _schema_of(connection: Connection) -> str | None:
    """The schema's number; None for an empty database; StoreFault where somebody else's tables lie."""
    tables = set(inspect(connection).get_table_names())
    if "alembic_version" in tables:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if tables:
        reason = _("{place} is a database, but not a register: it holds the table {table}")
        raise StoreFault(reason.format(place=_shown(connection.engine.url), table=min(tables)))
    return None


def _shown(url: URL) -> str:
    """The place as messages name it: a path, or a URL without its password."""
    return (
        str(url.database) if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)
    )


def _explain(place: str, message: str, *, full: bool = False) -> str:
    if full and "disk I/O error" in message:
        message = "disk is full"
    first_line = message.strip().splitlines()[0] if message.strip() else ""
    known = (
        ("not a database", _("{place} is not a register (not an SQLite database)")),
        ("readonly", _("{place} cannot be written: the file or its folder is read-only")),
        ("read-only", _("{place} cannot be written: the file or its folder is read-only")),
        ("disk is full", _("{place} cannot be written: the disk is full; nothing was lost")),
        ("No space left", _("{place} cannot be written: the disk is full; nothing was lost")),
        ("unable to open", _("{place} cannot be opened: check that the folder exists and may be written")),
        ("locked", _("{place} is in use by another Muster that has not finished: try again")),
        ("malformed", _("{place} is damaged: restore it from a backup")),
    )
    for sign, line in known:
        if sign in message:
            return line.format(place=place)
    return _("{place} cannot be used: {reason}").format(place=place, reason=first_line)

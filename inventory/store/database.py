"""Opens the register, brings it to this version's schema, says in one line what is wrong with it."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import NoReturn

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from inventory.exits import StoreFault, UsageFault
from inventory.language import _
from inventory.store.engines import engine_of, prepare_file, shown, unmapped, url_of
from inventory.store.schema import KNOWN_SCHEMAS, SCHEMA

_ROOM_NEEDED = 64 * 1024  # octets: SQLite's shared memory file and the first frames of its log
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
        url = url_of(place)
        prepare_file(url, create=create)
        engine = engine_of(url)
        database = cls(engine, shown(url))
        try:
            with database.guard():
                database._bring_up(create=create)
        except BaseException:
            engine.dispose()
            raise
        return database

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one consistent state."""
        with self.guard(), self._engine.connect() as connection:
            if self._engine.dialect.name != "sqlite":  # where the default is to see each commit at once
                connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def one_state(self) -> Iterator["Database"]:
        """This database as it stands now: every `read()` of it inside sees the same state."""
        with self.read() as connection, unmapped(connection):
            yield _OneState(self._engine, self.place, connection)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction, committed whole or leaving nothing; writers take turns, from the start."""
        with self.guard(), self._engine.connect() as connection:
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
        with self.guard(), self._engine.connect() as connection:
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
    def guard(self) -> Iterator[None]:
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


def _schema_of(connection: Connection) -> str | None:
    """The schema's number; None for an empty database; StoreFault where somebody else's tables lie."""
    tables = set(inspect(connection).get_table_names())
    if "alembic_version" in tables:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if tables:
        reason = _("{place} is a database, but not a register: it holds the table {table}")
        raise StoreFault(reason.format(place=shown(connection.engine.url), table=min(tables)))
    return None


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

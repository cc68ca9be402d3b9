"""The file under the register: schema, faults in one line, nothing lost when the process is killed."""

import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from random import Random

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from inventory.exits import StoreFault, Unavailable, UsageFault
from inventory.register import Register
from inventory.store import database
from inventory.store.columns import Base
from inventory.store.database import Database
from inventory.types import Attribute, FixedClock
from tests.inventory.heard import MAC_1, MONDAY, WEEK, heard

CLOCK = FixedClock(MONDAY)
MIGRATIONS = Path(database.__file__).parent / "migrations"


@pytest.fixture
def place(tmp_path):
    return tmp_path / "register.sqlite"


def opened(place, **options):
    return Register.open(str(place), CLOCK, **options)


class TestSchema:
    def test_the_migrations_make_the_tables_of_the_code(self, place):
        store = Database.open(str(place))
        with store.read() as connection:
            assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
        store.close()

    def test_this_version_knows_its_newest_schema(self):
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        scripts = ScriptDirectory.from_config(config)
        assert scripts.get_current_head() == database.SCHEMA
        assert sorted(script.revision for script in scripts.walk_revisions()) == sorted(
            database.KNOWN_SCHEMAS
        )

    def test_before_a_schema_changes_the_register_is_copied_beside(self, place):
        with opened(place) as register:
            register.ingest([heard("10.0.0.5", MAC_1)])
            register._database._back_up("0000")
            before = register.devices()
        copy = Path(f"{place}.schema-0000")
        assert copy.stat().st_mode & 0o077 == 0
        with opened(copy, create=False) as kept:
            assert kept.devices() == before

    def test_what_was_stored_is_there_after_opening_again(self, place):
        with opened(place) as register:
            register.ingest([heard("10.0.0.5", MAC_1, vendor="Ricoh")])
            before = register.devices()
        with opened(place, create=False) as register:
            assert register.devices() == before

    def test_opening_an_up_to_date_register_does_not_load_the_migration_tool(self, place):
        opened(place).close()
        script = (
            "import sys\n"
            "from inventory.register import Register\n"
            "from inventory.types import SystemClock\n"
            f"Register.open({str(place)!r}, SystemClock()).close()\n"
            "print('alembic' in sys.modules)\n"
        )
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "False"

    def test_a_reading_is_of_one_state_whoever_writes_meanwhile(self, place):
        with opened(place) as register, opened(place) as other:
            register.ingest([heard("10.0.0.5", MAC_1, vendor="Ricoh")])
            with register.reading() as frozen:
                before = frozen.devices()
                other.edit([before[0].id], {Attribute.OWNER: "Lin"}, by="Wang")
                assert frozen.devices() == before
                assert frozen.audit() == ()
                with pytest.raises(UsageFault, match="cannot be written"):
                    frozen.edit([before[0].id], {Attribute.OWNER: "Chen"}, by="Wang")
            assert register.devices()[0].text(Attribute.OWNER) == "Lin"

    def test_a_new_register_is_for_nobody_else_to_read(self, place):
        opened(place).close()
        assert place.stat().st_mode & 0o077 == 0

    def test_readers_do_not_wait_for_writers(self, place):
        opened(place).close()
        raw = sqlite3.connect(place)
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        raw.close()


class TestFaults:
    def test_a_missing_register_is_not_made_by_reading(self, place):
        with pytest.raises(StoreFault, match="there is no register at"):
            opened(place, create=False)
        assert not place.exists()

    def test_a_file_that_is_no_database(self, place):
        place.write_text("dear diary " * 200)
        with pytest.raises(StoreFault, match="not an SQLite database"):
            opened(place)
        assert place.read_text().startswith("dear diary")

    def test_an_empty_file_becomes_a_register_only_when_asked_to(self, place):
        place.touch()
        with pytest.raises(StoreFault, match="is not a register"):
            opened(place, create=False)

    def test_somebody_elses_database_is_left_alone(self, place):
        raw = sqlite3.connect(place)
        raw.execute("CREATE TABLE songs (name TEXT)")
        raw.commit()
        raw.close()
        with pytest.raises(StoreFault, match="holds the table songs"):
            opened(place)

    def test_a_newer_schema_is_refused(self, place):
        opened(place).close()
        raw = sqlite3.connect(place)
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
        raw.commit()
        raw.close()
        with pytest.raises(StoreFault, match=r"newer Muster \(schema 9999\)"):
            opened(place)

    def test_a_folder(self, tmp_path):
        with pytest.raises(StoreFault, match="is a folder"):
            opened(tmp_path)

    def test_a_folder_that_cannot_be_made(self, tmp_path):
        (tmp_path / "file").touch()
        with pytest.raises(StoreFault, match="cannot be reached"):
            opened(tmp_path / "file" / "register.sqlite")

    def test_a_register_that_may_not_be_written(self, place):
        with opened(place) as register:
            with register._database.read() as connection:
                connection.exec_driver_sql("PRAGMA query_only=ON")
            with pytest.raises(StoreFault, match="cannot be written: the file or its folder is read-only"):
                register.ingest([heard("10.0.0.5")])

    def test_a_full_disk_loses_nothing(self, place):
        with opened(place) as register:
            register.ingest([heard("10.0.0.5", MAC_1)])
        with opened(place) as register:
            store = register._database
            with store.read() as connection:
                pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
                connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
                # The limit belongs to the connection: what follows must use this one.
            with pytest.raises(StoreFault, match="the disk is full"):
                register.ingest([heard(f"10.0.{n}.5", hostname="x" * 400) for n in range(200)])
            assert [device.addresses[0].ip for device in register.devices()] == ["10.0.0.5"]

    def test_a_damaged_page_is_a_clear_line(self, place):
        with opened(place) as register:
            register.ingest([heard(f"10.0.{n}.5", hostname=f"host-{n}") for n in range(200)])
        content = bytearray(place.read_bytes())
        content[4096 * 3 :] = b"\xff" * (len(content) - 4096 * 3)
        place.write_bytes(content)
        with pytest.raises(StoreFault, match=r"damaged|cannot be used"), opened(place) as register:
            register.devices()

    def test_a_damaged_row_is_a_clear_line(self, place):
        with opened(place) as register:
            register.ingest([heard("10.0.0.5", vendor="Ricoh")])
            with register._database.write() as connection:
                connection.exec_driver_sql("UPDATE value SET disagreeing = 'what?'")
            with pytest.raises(StoreFault, match="a row of the register is damaged"):
                register.devices()

    def test_a_word_of_a_later_version_is_passed_over(self, place):
        with opened(place) as register:
            register.ingest([heard("10.0.0.5", vendor="Ricoh")])
            with register._database.write() as connection:
                connection.exec_driver_sql("UPDATE value SET attribute = 'blood_group'")
            assert register.devices()[0].attributes == {}

    @pytest.mark.parametrize(
        ("url", "fault"),
        [
            ("mysql://u:p@h/d", UsageFault),
            ("://", UsageFault),
            ("postgresql://u:secret@127.0.0.1:1/d", Unavailable),
        ],
    )
    def test_urls(self, url, fault):
        if fault is Unavailable and _has_psycopg():
            fault = StoreFault
        with pytest.raises(fault) as raised:
            opened(url)
        assert "secret" not in str(raised.value)
        assert "\n" not in str(raised.value)


class TestTransactions:
    def test_a_batch_that_fails_leaves_nothing(self, place):
        with opened(place) as register:
            ids = iter(["d-0000000001", "d-0000000002"])
            register._new_id = lambda: next(ids)
            with pytest.raises(StopIteration):
                register.ingest([heard("10.0.0.5", MAC_1), heard("10.0.0.6"), heard("10.0.0.7")])
            assert register.devices() == ()

    @pytest.mark.parametrize("kills", [6, pytest.param(200, marks=pytest.mark.slow)])
    def test_killed_at_any_moment_what_was_acknowledged_is_there(self, place, kills):
        opened(place).close()
        chance = Random(kills)
        acknowledged = 0
        for attempt in range(kills):
            acknowledged += killed_while_writing(place, attempt, batches=1 + attempt % 12, chance=chance)
            with opened(place, create=False) as register:
                addresses = [device.addresses[0].ip for device in register.devices()]
                assert len(addresses) == len(set(addresses))
                assert len(addresses) % 10 == 0  # a batch of ten is there whole or not at all
                assert len(addresses) >= 10 * acknowledged

    @pytest.mark.parametrize("kills", [4, pytest.param(100, marks=pytest.mark.slow)])
    def test_killed_while_it_is_made_the_register_opens_all_the_same(self, tmp_path, kills):
        chance = Random(kills)
        for attempt in range(kills):
            place = tmp_path / f"{attempt}.sqlite"
            child = subprocess.Popen(
                [sys.executable, "-c", WRITER, str(place), "0"], stdout=subprocess.DEVNULL
            )
            kill_after(child, 0.3 + 0.5 * chance.random())
            with opened(place) as register:
                assert len(register.devices()) % 10 == 0

    def test_writers_take_turns(self, place):
        failures = []

        def write(number):
            try:
                with opened(place) as register:
                    for turn in range(5):
                        register.ingest([heard(f"10.{number}.0.{turn}", hostname=f"h{number}-{turn}")])
            except Exception as error:  # noqa: BLE001 - the test reports whatever went wrong
                failures.append(error)

        opened(place).close()
        threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        assert failures == []
        with opened(place) as register:
            assert len(register.devices()) == 20

    def test_a_list_can_be_read_while_somebody_writes(self, place):
        with opened(place) as writer, opened(place) as reader:
            writer.ingest([heard("10.0.0.5", MAC_1)])
            with writer._database.write() as connection:
                connection.exec_driver_sql("UPDATE device SET vendor = 'half done'")
                assert reader.devices()[0].text(Attribute.VENDOR) == ""
            writer.ingest([heard("10.0.0.5", MAC_1, run="run-2", at=MONDAY + WEEK)])
            assert reader.devices()[0].last_seen == MONDAY + WEEK


WRITER = """
import sys
from inventory.register import Register
from inventory.types import SystemClock
from tests.inventory.heard import heard
place, attempt = sys.argv[1:]
with Register.open(place, SystemClock()) as register:
    for batch in range(40):
        ten = [heard(f"10.{attempt}.{batch}.{n}", hostname=f"h{attempt}-{batch}-{n}") for n in range(10)]
        register.ingest(ten)
        print("done", flush=True)
"""


def killed_while_writing(place, attempt, *, batches, chance):
    """Starts a writer, kills it some time after it acknowledged `batches`; how many it did acknowledge."""
    child = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(place), str(attempt)], stdout=subprocess.PIPE, text=True
    )
    lines = [child.stdout.readline() for _ in range(batches)]
    kill_after(child, 0.03 * chance.random())
    rest = child.stdout.read()
    child.stdout.close()
    return "".join([*lines, rest]).count("done\n")


def kill_after(child, seconds):
    try:
        child.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        child.send_signal(signal.SIGKILL)
        child.wait(timeout=20)


def _has_psycopg():
    try:
        import psycopg  # noqa: F401 - only whether it is there
    except ImportError:
        return False
    return True

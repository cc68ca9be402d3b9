"""Registers on a PostgreSQL server of our own, for what holds for both kinds; commands on a small one."""

from datetime import date

import pytest
from click.testing import CliRunner

from inventory.exits import MusterError
from inventory.language import choose
from inventory.register import Register
from inventory.types import Assessment, Finding, FindingState, FixedClock, Severity
from muster import cli
from tests.inventory.heard import MAC_1, MONDAY, heard
from tests.inventory.postgresql import missing, running


@pytest.fixture(scope="session")
def postgresql():
    """Gives URLs of fresh registers, each in a database of its own."""
    if reason := missing():
        pytest.skip(reason)
    with running() as fresh:
        yield fresh


@pytest.fixture(scope="session")
def emptied(postgresql):
    """Gives one register on the server again and again, each time without a row: much quicker than anew."""
    import psycopg

    url = postgresql()
    with psycopg.connect(url, autocommit=True, options="-c lock_timeout=30s") as connection:
        found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in found if name != "alembic_version"]
        every = "; ".join(f'DELETE FROM "{name}"' for name in tables)
        anew = "SELECT setval(seqrelid::regclass, 1, false) FROM pg_sequence"

        def again():
            connection.execute(f"SET session_replication_role = replica; {every}; {anew}")
            return url

        yield again


@pytest.fixture(params=["sqlite", "postgresql"])
def any_place(request):
    """Where a fresh register may lie: in memory, and on a real PostgreSQL server."""
    if request.param == "sqlite":
        return ":memory:"
    return request.getfixturevalue("emptied")()


@pytest.fixture
def clock():
    return FixedClock(MONDAY)


@pytest.fixture
def register(any_place, clock):
    """A register without a row; of another clock where the tests say so."""
    with Register.open(any_place, clock) as opened:
        yield opened


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MUSTER_OPERATOR", "chen")
    return tmp_path / "register.sqlite"


@pytest.fixture
def muster(place):
    """Runs a command on the register; what it raises is one line and a code, as the front door makes it."""

    def run(*arguments, lang="en"):
        result = CliRunner().invoke(cli, ["--register", str(place), "--lang", lang, *arguments])
        if isinstance(result.exception, MusterError):
            assert "\n" not in str(result.exception)
            return result.exception.exit_code, str(result.exception)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.exit_code, result.output

    yield run
    choose("en")


@pytest.fixture
def office(place):
    """A register with a printer that somebody owns and a camera that nobody does."""
    with Register.open(str(place), FixedClock(MONDAY)) as register:
        register.ingest(
            [
                heard(
                    "10.0.0.5",
                    MAC_1,
                    vendor="RICOH",
                    model="IM C3000",
                    device_class="printer",
                    firmware="1.0",
                ),
                heard("10.0.1.6", vendor="=cmd()", device_class="camera", segment="iot"),
            ]
        )
        printer, camera = register.devices()
        register.save_assessment(
            Assessment(date(2026, 1, 5), findings=tuple(_findings(printer.id, camera.id)))
        )
        return printer.id, camera.id


def _findings(*devices):
    states = (FindingState.OPEN, FindingState.RESOLVED)
    for number, (device, state) in enumerate(zip(devices, states, strict=True)):
        yield Finding(
            id=f"f-{number}",
            device=device,
            pack="guideline",
            article="22",
            rule="22-owner",
            state=state,
            severity=Severity.HIGH,
            opened=date(2026, 1, 5),
            last_judged=date(2026, 1, 5),
            due=date(2026, 2, 4),
            reason_en="The owner is missing",
            reason_zh="未填管理人員",
            remedy_en="Enter the owner",
        )

"""A PostgreSQL server of our own for what holds for both kinds of register; commands on a small register."""

import os
import shutil
import subprocess
import tempfile
import time
from datetime import date
from itertools import count
from pathlib import Path

import pytest
from click.testing import CliRunner

from inventory.exits import MusterError
from inventory.language import choose
from inventory.register import Register
from inventory.types import Assessment, Finding, FindingState, FixedClock, Severity, SystemClock
from muster import cli
from tests.inventory.heard import MAC_1, MONDAY, heard

_FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))


def _program(name):
    found = shutil.which(name, path=str(_FOLDERS[-1])) if _FOLDERS else None
    return found or shutil.which(name)


def _as_nobody_special():
    """PostgreSQL refuses to run as root; `setpriv` also ends it when the tests are killed."""
    if os.geteuid() != 0:
        return ["setpriv", "--pdeathsig", "KILL"]
    return ["setpriv", "--pdeathsig", "KILL", "--reuid=postgres", "--regid=postgres", "--clear-groups"]


def _missing():
    try:
        import psycopg  # noqa: F401 - only whether it is there
    except ImportError:
        return "the psycopg driver is not installed"
    absent = [name for name in ("initdb", "postgres", "setpriv") if _program(name) is None]
    return f"PostgreSQL's {', '.join(absent)} not found" if absent else ""


@pytest.fixture(scope="session")
def postgresql():
    """Gives URLs of fresh registers, each in a database of its own."""
    if reason := _missing():
        pytest.skip(reason)
    import psycopg

    folder = Path(tempfile.mkdtemp(prefix="muster-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    user = _as_nobody_special()
    made = [_program("initdb"), "-D", str(folder / "data"), "-A", "trust", "-U", "muster", "--no-sync"]
    subprocess.run([*user, *made], check=True, capture_output=True, timeout=120, cwd=folder)
    quiet = ["-c", "fsync=off", "-c", "listen_addresses=", "-c", "log_min_messages=panic"]
    server = subprocess.Popen(
        [*user, _program("postgres"), "-D", str(folder / "data"), "-k", str(folder), *quiet],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
    )

    def url(name):
        return f"postgresql://muster@/{name}?host={folder}"

    def command(statement):
        with psycopg.connect(url("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    try:
        _wait_for(server, lambda: command("SELECT 1"))
        command("CREATE DATABASE furnished")
        Register.open(url("furnished"), SystemClock()).close()
        numbers = count(1)

        def fresh():
            name = f"register_{next(numbers)}"
            command(f"CREATE DATABASE {name} TEMPLATE furnished")
            return url(name)

        yield fresh
    finally:
        server.terminate()
        server.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(server, answers):
    import psycopg

    deadline = time.monotonic() + 30
    while True:
        try:
            return answers()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.05)


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

"""A PostgreSQL server of our own, in a folder of its own, for as long as somebody needs it."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from inventory.register import Register
from inventory.types import SystemClock

_FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))


def _program(name):
    found = shutil.which(name, path=str(_FOLDERS[-1])) if _FOLDERS else None
    return found or shutil.which(name)


def _as_nobody_special():
    """PostgreSQL refuses to run as root; `setpriv` also ends it when the tests are killed."""
    if os.geteuid() != 0:
        return ["setpriv", "--pdeathsig", "KILL"]
    return ["setpriv", "--pdeathsig", "KILL", "--reuid=postgres", "--regid=postgres", "--clear-groups"]


def missing():
    """Why there can be none here, or nothing."""
    try:
        import psycopg  # noqa: F401 - only whether it is there
    except ImportError:
        return "the psycopg driver is not installed"
    absent = [name for name in ("initdb", "postgres", "setpriv") if _program(name) is None]
    return f"PostgreSQL's {', '.join(absent)} not found" if absent else ""


@contextmanager
def running(*, durable: bool = False) -> Iterator[Callable[[], str]]:
    """Gives URLs of fresh registers, each in a database of its own; `durable` ones outlive a power cut."""
    import psycopg

    folder = Path(tempfile.mkdtemp(prefix="muster-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    user = _as_nobody_special()
    made = [_program("initdb"), "-D", str(folder / "data"), "-A", "trust", "-U", "muster", "--no-sync"]
    subprocess.run([*user, *made], check=True, capture_output=True, timeout=120, cwd=folder)
    said = (f"fsync={'on' if durable else 'off'}", "listen_addresses=", "log_min_messages=panic")
    options = [word for setting in said for word in ("-c", setting)]
    server = subprocess.Popen(
        [*user, _program("postgres"), "-D", str(folder / "data"), "-k", str(folder), *options],
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

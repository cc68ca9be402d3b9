"""A try that is cut short: it counts, and neither a core file nor anything else tells the password."""

import asyncio
import base64
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from logins import MARKER, NOW, door, family, server, sighting

from agent.logins.trial import LoginOutcome
from agent.service.logins import LoginRun
from inventory.register import Register
from inventory.settings import Settings
from inventory.types import FixedClock, ScanRun, Scope, Touch, TryOutcome

SCRIPT = Path(__file__).parent / "logins_run_alone.py"
ROOT = SCRIPT.parent.parent.parent
HIDDEN = (MARKER.encode(), base64.b64encode(f"admin:{MARKER}".encode()))
SHOWN_OF_A_PROCESS = ("cmdline", "environ", "comm", "status")


@dataclass
class Stalling:
    """A web server that asks for a login and lets whoever answers wait; `tries` is its book."""

    tries: int = 0
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if b"Authorization" in head:
            self.tries += 1
            self.asked.set()
            await self.over.wait()
        writer.write(b'HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm="R"\r\nContent-Length: 0\r\n\r\n')
        await writer.drain()


@dataclass
class Stopped:
    """A run that a signal ended in the middle of its try: what is left of it."""

    folder: Path
    said: bytes
    of_the_process: tuple[bytes, ...]
    site: Stalling

    @property
    def place(self) -> str:
        return str(self.folder / "register.sqlite")

    @property
    def left(self) -> dict[str, bytes]:
        """Every file that it left, by name."""
        return {path.name: path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}

    @property
    def cores(self) -> list[bytes]:
        """Its core files."""
        return [data for name, data in self.left.items() if name.startswith("core")]


@pytest.fixture
async def site() -> AsyncIterator[tuple[Stalling, int]]:
    stalling = Stalling()
    async with server(stalling.handle) as port:
        yield stalling, port
        stalling.over.set()


async def stopped(folder: Path, site: tuple[Stalling, int], by: signal.Signals, *how: str) -> Stopped:
    """Runs the script in `folder` until it waits for the answer to its try, and ends it there."""
    stalling, port = site
    place = str(folder / "register.sqlite")
    with Register.open(place, FixedClock(NOW)) as register:
        register.add_scope(Scope("127.0.0.0/8", "hq", "here", Touch.LOGIN), "tester")
        register.begin_scan(ScanRun("run-1", "here", NOW))
        register.ingest([sighting(port)])
    run = await asyncio.create_subprocess_exec(
        sys.executable, "-X", "faulthandler", str(SCRIPT), place, *how,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd=folder,
        env=os.environ | {"PYTHONPATH": f"{ROOT}:{SCRIPT.parent}", "PYTHONASYNCIODEBUG": "1"},
    )  # fmt: skip
    try:
        async with asyncio.timeout(30):
            await stalling.asked.wait()
            shown = shown_of(run.pid)
            run.send_signal(by)
            said, _none = await run.communicate()
    finally:
        if run.returncode is None:
            run.kill()
            await run.wait()
    assert run.returncode == -by, said.decode()
    return Stopped(folder, said, shown, stalling)


def shown_of(process: int) -> tuple[bytes, ...]:
    """What anybody may see of a process."""
    return tuple(Path(f"/proc/{process}/{name}").read_bytes() for name in SHOWN_OF_A_PROCESS)


async def test_a_run_that_is_killed_in_the_middle_of_a_try_has_made_it(
    tmp_path: Path, site: tuple[Stalling, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    killed = await stopped(tmp_path, site, signal.SIGKILL)
    killed.site.over.set()
    monkeypatch.setattr("agent.logins.families.all_families", lambda: (family(("admin", MARKER)),))
    with Register.open(killed.place, FixedClock(NOW)) as register:
        (device,) = register.devices()
        assert [one.outcome for one in register.login_tries(device)] == [TryOutcome.BEGUN]
        for hours, tries, outcome in ((23, 1, LoginOutcome.SKIPPED), (25, 2, LoginOutcome.CHANGED)):
            clock = FixedClock(NOW + timedelta(hours=hours))
            (tested,) = await LoginRun(register, Settings(), clock, "here", door=door()).run()
            assert (killed.site.tries, tested.result.outcome) == (tries, outcome)


@pytest.mark.skipif(sys.platform != "linux", reason="prctl(2) is Linux's")
@pytest.mark.parametrize("by", [signal.SIGSEGV, pytest.param(signal.SIGABRT, marks=pytest.mark.slow)])
async def test_a_crash_in_the_middle_of_a_try_leaves_no_password_behind(
    tmp_path: Path, site: tuple[Stalling, int], by: signal.Signals
) -> None:
    crashed = await stopped(tmp_path, site, by)
    assert not crashed.cores
    assert b"Fatal Python error" in crashed.said  # the crash reporter did speak
    left = [crashed.said, *crashed.of_the_process, *crashed.left.values()]
    assert not [word for word in HIDDEN if any(word in each for each in left)]


PLANNING = """
import os, resource, signal, sys
from click.testing import CliRunner
from muster import cli
_soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
done = CliRunner().invoke(cli, ["--register", sys.argv[1], "check", "logins", "--dry-run"])
assert done.exit_code == 0, done.output
os.kill(os.getpid(), signal.SIGSEGV)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="prctl(2) is Linux's")
def test_the_command_leaves_none_behind_though_it_crashes_after_its_last_password(tmp_path: Path) -> None:
    """What was freed is not wiped."""
    place = str(tmp_path / "register.sqlite")
    with Register.open(place, FixedClock(NOW)) as register:
        register.add_scope(Scope("127.0.0.0/8", "hq", "here", Touch.LOGIN), "tester")
        register.begin_scan(ScanRun("run-1", "here", NOW))
        register.ingest([sighting(80)])
    done = subprocess.run(
        [sys.executable, "-c", PLANNING, place], capture_output=True, text=True, timeout=60, check=False,
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == -signal.SIGSEGV, done.stderr
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("core")]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="prctl(2) is Linux's")
async def test_without_the_seal_the_same_crash_would_have_written_the_password_down(
    tmp_path: Path, site: tuple[Stalling, int]
) -> None:
    """Else the test above would prove nothing here."""
    crashed = await stopped(tmp_path, site, signal.SIGSEGV, "bare")
    if not crashed.cores:
        pytest.skip("this system writes no core files into the folder a process runs in")
    assert any(HIDDEN[0] in core for core in crashed.cores)

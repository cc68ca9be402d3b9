"""The office itself, as PID 1 of its sandbox: wires, starts everyone, runs a command, goes home.

Everything here runs inside the namespaces that lab/sandbox.py made; when it returns, the kernel
ends whatever is left.
"""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from lab import sandbox
from lab.errors import BringUpFailed, Exit, LabError
from lab.health import examine
from lab.journal import Journal
from lab.plan import Plan, vantage_namespace
from lab.players import Players
from lab.running_daemons import Daemons
from lab.wiring import awake, unready, wire

LINK_SECONDS = 10.0
FAREWELL_SECONDS = 3.0
_MOST_FAULTS = 5
NAMESPACES = "MUSTER_LAB_NAMESPACES"
"""In a command's environment: the folder that pins the office's namespaces."""

_COMMAND_NOT_FOUND = 127
_TERMINATED = 128 + signal.SIGTERM


@dataclass(frozen=True)
class Errand:
    """What to do once the office is up."""

    command: tuple[str, ...] = ()
    """Run this at the vantage and end with its exit code; nothing = stay until told to go."""
    vantage: str = ""
    """Empty = the topology's first vantage."""
    health: Path | None = None
    """Write the health report here as JSON at the end."""
    quiet: bool = False
    announce: Callable[[str], None] = field(default=lambda _: None)
    """Told `ok`, or what went wrong, once the office is up or is not."""


def hold(plan: Plan, folder: Path, errand: Errand, leash: int) -> int:
    """Brings the office up, does the errand, takes it down; returns the exit code."""
    wake = _mind_signals()
    office = _Running(plan, folder)
    began = time.monotonic()
    try:
        office.bring_up(leash, wake)
    except (LabError, OSError) as error:
        office.take_down()
        errand.announce(str(error))
        _say(str(error))
        return int(error.exit_code if isinstance(error, LabError) else Exit.FAILED)
    if not errand.quiet:
        took = time.monotonic() - began
        _say(f"{len(plan.stations)} devices up in {took:.1f} s")
        for words in office.left_out:
            _say(words)
    errand.announce("ok")
    code = office.do(errand, leash, wake)
    office.take_down()
    _report(plan, folder, errand)
    return code


class _Running:
    """The processes of an office, PID 1's own children."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self._plan = plan
        self._folder = folder
        self._pins = folder / "namespaces"
        self._players = Players(plan, folder, self._pins)
        self._daemons = Daemons(plan, folder, self._pins)

    def bring_up(self, leash: int, wake: int) -> None:
        """Raises LabError or OSError when it cannot, or when told to go meanwhile."""
        for name in ("namespaces", "traffic", "dead", "daemons"):
            (self._folder / name).mkdir(exist_ok=True)
        Journal(self._folder).prepare()
        _no_name_service(self._folder)
        wire(self._plan, self._pins)
        self._players.start()
        self._daemons.start()
        self._players.await_ready(leash, wake)
        self._await_links(leash, wake)
        self._daemons.await_listening(leash, wake)
        (self._folder / "left-out.txt").write_text("\n".join(self.left_out), encoding="utf-8")

    def do(self, errand: Errand, leash: int, wake: int) -> int:
        """Runs the errand's command, or waits; ends early when the leash or a signal says so."""
        if not errand.command:
            select.select([leash, wake], [], [])
            return int(Exit.OK)
        signal.signal(signal.SIGINT, lambda *_: None)  # from now on it is meant for the command
        try:
            command = self._start_command(errand)
        except OSError as error:
            _say(f"{errand.command[0]}: {error.strerror}")
            return _COMMAND_NOT_FOUND
        ended = os.pidfd_open(command.pid)
        try:
            ready, _, _ = select.select([ended, leash, wake], [], [])
            if ended in ready:
                code = command.wait()
                return code if code >= 0 else 128 - code
            command.terminate()
            with suppress(subprocess.TimeoutExpired):
                command.wait(FAREWELL_SECONDS)
            return _TERMINATED
        finally:
            os.close(ended)

    @property
    def left_out(self) -> list[str]:
        """The daemons that do without, and why."""
        return self._daemons.left_out

    def take_down(self) -> None:
        """Ends every process of the office, kindly first."""
        deadline = time.monotonic() + FAREWELL_SECONDS
        self._daemons.terminate()
        self._players.end(deadline)
        self._daemons.wait(deadline)

    def _start_command(self, errand: Errand) -> subprocess.Popen[bytes]:
        vantages = {vantage.name: vantage for vantage in self._plan.office.vantages}
        vantage = vantages.get(errand.vantage, self._plan.office.vantages[0])
        first = vantage == self._plan.office.vantages[0]
        with sandbox.entered(self._pins / vantage_namespace(vantage)):
            surroundings = os.environ | {NAMESPACES: str(self._pins)}
            return subprocess.Popen(errand.command if first else awake(errand.command), env=surroundings)

    def _await_links(self, leash: int, wake: int) -> None:
        deadline = time.monotonic() + LINK_SECONDS
        waiting = list(self._pins.iterdir())
        while waiting := unready(waiting):
            if time.monotonic() > deadline:
                names = ", ".join(pin.name for pin in waiting)
                raise BringUpFailed(f"{names} did not come up in time")
            if select.select([leash, wake], [], [], 0.02)[0]:
                raise BringUpFailed("told to stop while the office came up")


def _no_name_service(folder: Path) -> None:
    """Nobody answers DNS here: say so at once instead of after a timeout."""
    target = Path("/etc/resolv.conf").resolve()
    if target.exists():
        empty = folder / "resolv.conf"
        empty.write_text("# the lab has no name server\n", encoding="ascii")
        with suppress(OSError):
            sandbox.bind(empty, target)


def _mind_signals() -> int:
    """A descriptor that becomes readable when a signal asks the office to go.

    Handlers and not SIG_IGN: execve(2) gives commands the default back.
    """
    read, write = os.pipe()
    os.set_blocking(write, False)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, lambda *_: os.write(write, b"!"))
    signal.signal(signal.SIGQUIT, lambda *_: None)
    return read


def _report(plan: Plan, folder: Path, errand: Errand) -> None:
    health = examine(plan.office, folder)
    if not errand.quiet:
        _say(health.line().removeprefix("lab: "))
    for words in health.faults[:_MOST_FAULTS]:
        _say(f"a fault of the lab itself: {words}")
    if errand.health:
        try:
            errand.health.write_text(health.as_json(), encoding="utf-8")
        except OSError as error:
            _say(f"the health report could not be written to {errand.health}: {error.strerror}")


def _say(message: str) -> None:
    print(f"lab: {message}", file=sys.stderr, flush=True)

"""Daemons that run: started in their devices' namespaces, watched until they listen, read at the end."""

import os
import re
import select
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lab import sandbox
from lab.daemon_commands import Seat, program_path
from lab.daemons import DAEMONS, Daemon, missing
from lab.errors import BringUpFailed, CannotBuild, LabError
from lab.journal import Journal, Login
from lab.layout import Office
from lab.plan import Plan, Station

LISTENING_SECONDS = 20.0
_LISTENING = {"tcp": "0A", "udp": "07"}


@dataclass(frozen=True)
class RunningDaemon:
    """One daemon process of one device."""

    daemon: Daemon
    station: Station
    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def title(self) -> str:
        """`mosquitto of mqtt-1`."""
        return f"{self.daemon.name} of {self.station.device.name}"

    def listening(self) -> bool:
        """True when its port is open; asked inside its namespace."""
        if self.daemon.transport == "frame":
            return True
        suffix = f":{self.port:04X}"
        for table in (self.daemon.transport, f"{self.daemon.transport}6"):
            path = Path("/proc/net", table)
            lines = path.read_text(encoding="ascii").splitlines()[1:] if path.exists() else []
            for line in lines:
                columns = line.split()
                if columns[1].endswith(suffix) and columns[3] == _LISTENING[self.daemon.transport]:
                    return True
        return False

    def obituary(self) -> str:
        """Why it ended, in its own last words."""
        words = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        last = f": {words[-1].strip()}" if words else ""
        return f"{self.title} ended at once{last}; going on without it"


class Daemons:
    """All daemons of an office; `left_out` says which do without, and why."""

    def __init__(self, plan: Plan, folder: Path, pins: Path) -> None:
        self._plan = plan
        self._folder = folder
        self._pins = pins
        self._running: list[RunningDaemon] = []
        self.left_out: list[str] = []

    def start(self) -> None:
        """Starts each in its device's namespace; what cannot be started is left out."""
        for station in self._plan.stations:
            for served in station.device.persona.serves:
                if served.by == "daemon":
                    with sandbox.entered(self._pins / station.namespace):
                        self._start(station, served.name)

    def await_listening(self, leash: int, wake: int) -> None:
        """Until each listens or has ended, or patience has; BringUpFailed when told to go."""
        deadline = time.monotonic() + LISTENING_SECONDS
        waiting = list(self._running)
        while waiting and time.monotonic() < deadline:
            if select.select([leash, wake], [], [], 0.05)[0]:
                raise BringUpFailed("told to stop while the office came up")
            for daemon in tuple(waiting):
                with sandbox.entered(self._pins / daemon.station.namespace):
                    listening = daemon.listening()
                if listening or daemon.process.poll() is not None:
                    waiting.remove(daemon)
                if daemon.process.poll() is not None:
                    self.left_out.append(daemon.obituary())
        self.left_out += [f"{one.title} does not listen yet; going on" for one in waiting]

    def terminate(self) -> None:
        """Asks every one to go."""
        for daemon in self._running:
            daemon.process.terminate()

    def wait(self, deadline: float) -> None:
        """Waits a little for each to go; the kernel ends the rest."""
        for daemon in self._running:
            with suppress(subprocess.TimeoutExpired):
                daemon.process.wait(max(0.0, min(0.5, deadline - time.monotonic())))

    def _start(self, station: Station, name: str) -> None:
        try:
            self._running.append(start_daemon(station, name, self._folder))
        except LabError as error:
            if str(error) not in self.left_out:
                self.left_out.append(str(error))


def start_daemon(station: Station, name: str, folder: Path) -> RunningDaemon:
    """Starts a device's daemon in the namespace this process stands in.

    Raises CannotBuild when its program is not installed or cannot run here.
    """
    daemon = next(one for one in DAEMONS if one.name == name)
    absent = missing(daemon)
    if absent:
        raise CannotBuild(
            f"{name} is left out: {', '.join(absent)} not installed (packages {daemon.packages})"
        )
    if daemon.needs_root and not _many_users():
        raise CannotBuild(f"{name} is left out: it needs the lab to be run by root")
    device = station.device
    served = next(one for one in device.persona.serves if one.by == "daemon" and one.name == name)
    home = _home(folder, device.name, name)
    home.mkdir(parents=True, exist_ok=True)
    seat = Seat(
        device=device.name,
        ip=device.ip,
        interface=station.interface or "",
        hostname=device.hostname or device.name,
        folder=home,
        paper=Journal(folder).paper_of(device.name),
    )
    command = daemon.command(seat, served.settings(device.values()))
    command[0] = program_path(command[0])
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    log = home / "output"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=home,
            env={"PATH": path, "HOME": str(home), "TZ": "UTC"},
            start_new_session=True,
        )
    return RunningDaemon(daemon, station, served.port, process, log)


def daemon_logins(office: Office, folder: Path, year: int) -> tuple[Login, ...]:
    """The logins that the daemons' own logs tell of; `year` is for clocks that name none."""
    return tuple(
        login
        for device in office.devices
        for served in device.persona.serves
        if served.by == "daemon"
        for login in _logins(device.name, served.name, folder, year)
    )


def _logins(device: str, name: str, folder: Path, year: int) -> Iterator[Login]:
    daemon = next(one for one in DAEMONS if one.name == name)
    home = _home(folder, device, name)
    for log in (home / "output", home / "log"):
        text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
        for words in daemon.login_words:
            for found in re.finditer(words.pattern, text):
                at, clock = found["at"], words.clock
                if "%Y" not in clock:
                    at, clock = f"{year} {at}", f"%Y {clock}"
                moment = datetime.strptime(at, clock).replace(tzinfo=UTC)
                yield Login(
                    moment.isoformat(timespec="milliseconds"),
                    device,
                    name,
                    found["account"] or "",
                    words.outcome,
                )


def _home(folder: Path, device: str, name: str) -> Path:
    return folder / "daemons" / f"{device}-{name}"


def _many_users() -> bool:
    """True outside user namespaces of a single user id (user_namespaces(7))."""
    maps = Path("/proc/self/uid_map").read_text(encoding="ascii").split()
    return int(maps[2]) > 1

"""A daemon that runs: started in its device's namespace, watched until it listens, read at the end."""

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lab.daemon_commands import Seat, program_path
from lab.daemons import DAEMONS, Daemon, missing
from lab.errors import CannotBuild
from lab.journal import Journal, Login
from lab.layout import Office
from lab.plan import Station

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

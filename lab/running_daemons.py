"""A daemon that runs: started in its device's namespace, watched until it listens, read at the end."""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from lab.daemons import DAEMONS, Daemon, Seat, missing, program_path
from lab.errors import CannotBuild
from lab.journal import Journal
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

    def collect_logins(self, journal: Journal) -> None:
        """Notes the logins its log tells of."""
        text = self.log.read_text(encoding="utf-8", errors="replace")
        own_log = self.log.parent / "log"
        if own_log.exists():
            text += own_log.read_text(encoding="utf-8", errors="replace")
        for pattern, outcome in self.daemon.login_words:
            for found in re.finditer(pattern, text):
                journal.log_login(self.station.device.name, self.daemon.name, found["account"], outcome)


def start_daemon(station: Station, name: str, folder: Path) -> RunningDaemon:
    """Starts a device's daemon in the namespace this process stands in.

    Raises CannotBuild when its program is not installed or cannot run here.
    """
    daemon = next(one for one in DAEMONS if one.name == name)
    if missing(daemon):
        raise CannotBuild(
            f"{daemon.program} is not installed (package {daemon.package}); going on without it"
        )
    if daemon.needs_root and not _many_users():
        raise CannotBuild(f"{daemon.name} needs the lab to be run by root; going on without it")
    device = station.device
    served = next(one for one in device.persona.serves if one.by == "daemon" and one.name == name)
    home = folder / "daemons" / f"{device.name}-{name}"
    home.mkdir(parents=True, exist_ok=True)
    seat = Seat(
        device=device.name,
        ip=device.ip,
        interface=station.interface or "",
        hostname=device.hostname,
        folder=home,
        paper=Journal(folder).paper_of(device.name),
    )
    command = daemon.command(seat, served.settings(device.values()))
    command[0] = program_path(command[0])
    log = home / "output"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=home,
            env={"PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin", "HOME": str(home)},
            start_new_session=True,
        )
    return RunningDaemon(daemon, station, served.port, process, log)


def _many_users() -> bool:
    """True outside user namespaces of a single user id (user_namespaces(7))."""
    maps = Path("/proc/self/uid_map").read_text(encoding="ascii").split()
    return int(maps[2]) > 1

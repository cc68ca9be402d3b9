"""Real daemons beside the personas: what each needs, and how its log tells of logins.

A daemon answers with code that nobody here wrote, so it keeps our own protocol servers honest.
Each runs in its device's own network namespace, bound to the device's address, with its files
in the device's own folder, in the foreground, as a child that dies with the lab.
A daemon whose program is not installed is said once, and the rest goes on.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from lab import daemon_commands as start
from lab import daemon_settings as settings
from lab.daemon_commands import SYSTEM_PATH, Seat
from lab.speaks.settings import PortSettings


@dataclass(frozen=True)
class LoginWords:
    """How a daemon's log tells of a login."""

    pattern: str
    """Regular expression with the groups `account` and `at`."""
    outcome: Literal["accepted", "refused"]
    clock: str
    """strptime format of `at`, UTC; a year is put before it where it has none."""


@dataclass(frozen=True)
class Daemon:
    """One kind of daemon: its name in a persona, its program and how to start it."""

    name: str
    transport: Literal["tcp", "udp", "frame"]
    settings: type[PortSettings]
    programs: tuple[str, ...]
    packages: str
    """The Debian packages that bring the programs."""
    command: Callable[[Seat, Any], list[str]]
    """Writes the configuration into the seat's folder and returns the command to run there."""
    needs_root: bool = False
    """True when it cannot run inside a user namespace with a single user id."""
    login_words: tuple[LoginWords, ...] = ()


_DROPBEAR_CLOCK = r"(?P<at>[A-Z][a-z]{2} [ \d]\d [\d:]{8})"
_VSFTPD_CLOCK = r"(?P<at>[A-Z][a-z]{2} +\d+ [\d:]{8} \d{4}) \[pid \d+\]"

_DROPBEAR_LOGINS = (
    LoginWords(
        _DROPBEAR_CLOCK + r" (?:Bad password attempt for|Login attempt for nonexistent user from)"
        r"(?: '(?P<account>[^']*)')?",
        "refused",
        "%b %d %H:%M:%S",
    ),
    LoginWords(
        _DROPBEAR_CLOCK + r" Password auth succeeded for '(?P<account>[^']*)'",
        "accepted",
        "%b %d %H:%M:%S",
    ),
)
_VSFTPD_LOGINS = (
    LoginWords(_VSFTPD_CLOCK + r" \[(?P<account>.*)\] FAIL LOGIN", "refused", "%b %d %H:%M:%S %Y"),
    LoginWords(_VSFTPD_CLOCK + r" \[(?P<account>.*)\] OK LOGIN", "accepted", "%b %d %H:%M:%S %Y"),
)
_TELNETD_LOGINS = (
    LoginWords(r"(?P<at>[\d-]+T[\d:]+) refused (?P<account>.*)", "refused", "%Y-%m-%dT%H:%M:%S"),
)

DAEMONS: tuple[Daemon, ...] = (
    Daemon("snmpd", "udp", settings.SnmpdSettings, ("snmpd",), "snmpd", start.snmpd),
    Daemon(
        "dropbear",
        "tcp",
        settings.DropbearSettings,
        ("dropbear", "dropbearkey", "openssl"),
        "dropbear-bin openssl",
        start.dropbear,
        login_words=_DROPBEAR_LOGINS,
    ),
    Daemon(
        "ippeveprinter",
        "tcp",
        settings.IppEvePrinterSettings,
        ("ippeveprinter", "avahi-daemon", "dbus-daemon"),
        "cups-ipp-utils avahi-daemon dbus-daemon",
        start.ippeveprinter,
    ),
    Daemon("p910nd", "tcp", settings.P910ndSettings, ("p910nd",), "p910nd", start.p910nd),
    Daemon("minidlna", "tcp", settings.MinidlnaSettings, ("minidlnad",), "minidlna", start.minidlna),
    Daemon(
        "vsftpd",
        "tcp",
        settings.VsftpdSettings,
        ("vsftpd",),
        "vsftpd",
        start.vsftpd,
        login_words=_VSFTPD_LOGINS,
    ),
    Daemon(
        "telnetd",
        "tcp",
        settings.TelnetdSettings,
        ("telnetd", "inetutils-inetd"),
        "inetutils-telnetd inetutils-inetd",
        start.telnetd,
        login_words=_TELNETD_LOGINS,
    ),
    Daemon("mosquitto", "tcp", settings.MosquittoSettings, ("mosquitto",), "mosquitto", start.mosquitto),
    Daemon("lldpd", "frame", settings.LldpdSettings, ("lldpd",), "lldpd", start.lldpd, needs_root=True),
)


def missing(daemon: Daemon) -> tuple[str, ...]:
    """The daemon's programs that are not installed here."""
    return tuple(name for name in daemon.programs if shutil.which(name, path=SYSTEM_PATH) is None)

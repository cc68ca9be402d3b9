"""Real daemons beside the personas: what each needs and how it is started.

A daemon answers with code that nobody here wrote, so it keeps our own protocol servers honest.
Each runs in its device's own network namespace, bound to the device's address, with its files
in the device's own folder, in the foreground, as a child that dies with the lab.
A daemon whose program is not installed is said once, and the rest goes on.
"""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from lab.speaks.settings import PortSettings, YesNo

_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Seat:
    """Where a daemon sits: its device's name, address, interface and private folder."""

    device: str
    ip: str
    interface: str
    hostname: str
    folder: Path
    paper: Path
    """The file a raw print port writes to: each byte in it is paper wasted."""


@dataclass(frozen=True)
class Daemon:
    """One kind of daemon: its name in a persona, its program and how to start it."""

    name: str
    transport: Literal["tcp", "udp", "frame"]
    settings: type[PortSettings]
    program: str
    package: str
    """The Debian package that brings the program."""
    command: Callable[[Seat, Any], list[str]]
    """Writes the configuration into the seat's folder and returns the command to run there."""
    needs_root: bool = False
    """True when it cannot run inside a user namespace with a single user id."""
    login_words: tuple[tuple[str, str], ...] = ()
    """(pattern with a group `account` for a line of its log, outcome it stands for)."""


class SnmpdSettings(PortSettings):
    """net-snmp's agent; `community` is read-only."""

    community: str = "public"
    sys_name: str = "{hostname}"
    sys_descr: str = ""
    location: str = ""
    contact: str = ""


class DropbearSettings(PortSettings):
    """Dropbear SSH; `accounts` (name to password) really log in, to a command that does nothing."""

    accounts: dict[str, str] = Field(default_factory=dict)


class IppEvePrinterSettings(PortSettings):
    """CUPS' IPP Everywhere printer."""

    name: str
    manufacturer: str
    model: str
    location: str = ""


class MinidlnaSettings(PortSettings):
    """ReadyMedia's UPnP media server; its description is on `port`, its SSDP on 1900/udp."""

    name: str
    model: str = ""
    serial: str = ""


class VsftpdSettings(PortSettings):
    """vsftpd; `anonymous: yes` lets everybody read an empty folder."""

    anonymous: YesNo = False
    banner: str = ""


class TelnetdSettings(PortSettings):
    """inetutils' telnetd, whose login asks for a name and a password and lets nobody in."""

    banner: str = ""


class MosquittoSettings(PortSettings):
    """Eclipse Mosquitto; `anonymous: yes` lets everybody connect."""

    anonymous: YesNo = True


class LldpdSettings(PortSettings):
    """lldpd, announcing the device to its neighbours (IEEE 802.1AB)."""

    port: Literal[0] = 0
    description: str = ""
    platform: str = ""


def missing(daemon: Daemon) -> bool:
    """True when the daemon's program is not installed here."""
    return shutil.which(daemon.program, path=_SYSTEM_PATH) is None


def program_path(name: str) -> str:
    """The full path of a system program, sbin included; the bare name when it is missing."""
    return shutil.which(name, path=_SYSTEM_PATH) or name


def _snmpd(seat: Seat, settings: SnmpdSettings) -> list[str]:
    lines = [
        f"agentAddress udp:{seat.ip}:{settings.port}",
        f"rocommunity {settings.community}",
        f"sysName {settings.sys_name.replace('{hostname}', seat.hostname)}",
        f"sysLocation {settings.location}",
        f"sysContact {settings.contact}",
    ]
    if settings.sys_descr:
        lines.append(f"sysDescr {settings.sys_descr}")
    config = _write(seat, "snmpd.conf", "\n".join(line for line in lines if line.split()[1:]))
    persistent = f"[snmp] persistentDir {seat.folder}"
    return ["snmpd", "-f", "-Le", "-C", "-c", config, f"--{persistent[7:].replace(' ', '=')}"]


def _dropbear(seat: Seat, settings: DropbearSettings) -> list[str]:
    passwd = ["root:x:0:0:root:/:/bin/sh"]
    shadow = ["root:*:19000::::::"]
    for account, password in settings.accounts.items():
        if account != "root":
            passwd.append(f"{account}:x:0:0::/:/bin/sh")
        shadow = [line for line in shadow if not line.startswith(f"{account}:")]
        shadow.append(f"{account}:{_hashed(password)}:19000::::::")
    accounts = _write(seat, "passwd", "\n".join(passwd))
    secrets = _write(seat, "shadow", "\n".join(shadow))
    start = (
        f"mount --bind '{accounts}' /etc/passwd && mount --bind '{secrets}' /etc/shadow && "
        f"dropbearkey -t ed25519 -f '{seat.folder}/hostkey' >/dev/null && "
        f"exec dropbear -F -E -m -j -k -c /bin/true -P '{seat.folder}/pid' "
        f"-r '{seat.folder}/hostkey' -p {seat.ip}:{settings.port}"
    )
    return ["unshare", "-m", "sh", "-c", start]


def _ippeveprinter(seat: Seat, settings: IppEvePrinterSettings) -> list[str]:
    spool = seat.folder / "spool"
    spool.mkdir(exist_ok=True)
    command = ["ippeveprinter", "-p", str(settings.port), "-r", "off", "-d", str(spool)]
    command += ["-K", str(seat.folder), "-M", settings.manufacturer, "-m", settings.model]
    command += ["-n", seat.ip, "-f", "application/pdf,image/pwg-raster"]
    command += ["-c", str(_paper_command(seat))]
    if settings.location:
        command += ["-l", settings.location]
    return [*command, settings.name]


def _p910nd(seat: Seat, settings: PortSettings) -> list[str]:
    number = settings.port - 9100
    return ["p910nd", "-d", "-b", seat.ip, "-f", str(seat.paper), str(number)]


def _minidlna(seat: Seat, settings: MinidlnaSettings) -> list[str]:
    media = seat.folder / "media"
    media.mkdir(exist_ok=True)
    lines = [
        f"port={settings.port}",
        f"network_interface={seat.interface}",
        f"friendly_name={settings.name}",
        f"media_dir={media}",
        f"db_dir={seat.folder}",
        f"log_dir={seat.folder}",
        "inotify=no",
    ]
    lines += [f"model_name={settings.model}"] if settings.model else []
    lines += [f"serial={settings.serial}"] if settings.serial else []
    config = _write(seat, "minidlna.conf", "\n".join(lines))
    return ["minidlnad", "-S", "-f", config, "-P", str(seat.folder / "pid")]


def _vsftpd(seat: Seat, settings: VsftpdSettings) -> list[str]:
    empty = seat.folder / "empty"
    empty.mkdir(exist_ok=True)
    empty.chmod(0o555)
    lines = [
        "listen=YES",
        "background=NO",
        f"listen_address={seat.ip}",
        f"listen_port={settings.port}",
        f"anonymous_enable={'YES' if settings.anonymous else 'NO'}",
        f"anon_root={empty}",
        f"secure_chroot_dir={empty}",
        "local_enable=NO",
        "seccomp_sandbox=NO",
        "run_as_launching_user=YES",
        "xferlog_enable=YES",
        "dual_log_enable=YES",
        f"vsftpd_log_file={seat.folder / 'log'}",
        f"xferlog_file={seat.folder / 'transfers'}",
    ]
    lines += [f"ftpd_banner={settings.banner}"] if settings.banner else []
    return ["vsftpd", _write(seat, "vsftpd.conf", "\n".join(lines))]


def _telnetd(seat: Seat, settings: TelnetdSettings) -> list[str]:
    login = seat.folder / "login"
    login.write_text(
        "#!/bin/sh\n"
        f"printf '%s\\r\\nlogin: ' '{settings.banner.replace(chr(39), '')}'\n"
        "read -r account || exit 0\n"
        "stty -echo; printf 'Password: '; read -r _; stty echo\n"
        f"printf 'refused login for %s\\n' \"$account\" >> '{seat.folder / 'log'}'\n"
        "sleep 1; printf '\\r\\nLogin incorrect\\r\\n'\n"
    )
    login.chmod(0o755)
    config = _write(
        seat,
        "inetd.conf",
        f"{seat.ip}:{settings.port} stream tcp nowait root {program_path('telnetd')} telnetd -h -E {login}",
    )
    return ["inetutils-inetd", "-d", f"--pidfile={seat.folder / 'pid'}", config]


def _mosquitto(seat: Seat, settings: MosquittoSettings) -> list[str]:
    lines = [
        f"listener {settings.port} {seat.ip}",
        f"allow_anonymous {'true' if settings.anonymous else 'false'}",
        "user root",
        "persistence false",
    ]
    return ["mosquitto", "-c", _write(seat, "mosquitto.conf", "\n".join(lines))]


def _lldpd(seat: Seat, settings: LldpdSettings) -> list[str]:
    command = ["lldpd", "-d", "-I", seat.interface, "-C", seat.interface, "-m", seat.ip]
    command += ["-u", str(seat.folder / "socket"), "-O", _write(seat, "lldpd.conf", "")]
    command += ["-S", settings.description] if settings.description else []
    command += ["-P", settings.platform] if settings.platform else []
    return command


DAEMONS: tuple[Daemon, ...] = (
    Daemon("snmpd", "udp", SnmpdSettings, "snmpd", "snmpd", _snmpd),
    Daemon(
        "dropbear",
        "tcp",
        DropbearSettings,
        "dropbear",
        "dropbear-bin",
        _dropbear,
        login_words=(
            (r"Bad password attempt for '(?P<account>[^']*)'", "refused"),
            (r"Password auth succeeded for '(?P<account>[^']*)'", "accepted"),
            (r"Login attempt for (?P<account>nonexistent) user", "refused"),
        ),
    ),
    Daemon(
        "ippeveprinter",
        "tcp",
        IppEvePrinterSettings,
        "ippeveprinter",
        "cups-ipp-utils",
        _ippeveprinter,
    ),
    Daemon("p910nd", "tcp", PortSettings, "p910nd", "p910nd", _p910nd),
    Daemon("minidlna", "tcp", MinidlnaSettings, "minidlnad", "minidlna", _minidlna),
    Daemon(
        "vsftpd",
        "tcp",
        VsftpdSettings,
        "vsftpd",
        "vsftpd",
        _vsftpd,
        login_words=(
            (r"\[(?P<account>[^\]]*)\] FAIL LOGIN", "refused"),
            (r"\[(?P<account>[^\]]*)\] OK LOGIN", "accepted"),
        ),
    ),
    Daemon(
        "telnetd",
        "tcp",
        TelnetdSettings,
        "telnetd",
        "inetutils-telnetd",
        _telnetd,
        login_words=((r"refused login for (?P<account>.*)", "refused"),),
    ),
    Daemon("mosquitto", "tcp", MosquittoSettings, "mosquitto", "mosquitto", _mosquitto),
    Daemon("lldpd", "frame", LldpdSettings, "lldpd", "lldpd", _lldpd, needs_root=True),
)


def _paper_command(seat: Seat) -> Path:
    """A print command that puts the job on our paper."""
    command = seat.folder / "print"
    command.write_text(f"#!/bin/sh\ncat \"$@\" >> '{seat.paper}'\n")
    command.chmod(0o755)
    return command


def _hashed(password: str) -> str:
    """A crypt(5) hash that dropbear's libc can check."""
    ran = subprocess.run(
        ["openssl", "passwd", "-6", "-salt", "lab", "-stdin"],
        input=password,
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout.strip()


def _write(seat: Seat, name: str, text: str) -> str:
    path = seat.folder / name
    path.write_text(text + "\n", encoding="utf-8")
    path.chmod(0o600)
    return str(path)

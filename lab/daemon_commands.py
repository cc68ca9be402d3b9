"""How each real daemon is started: its configuration, written into its seat, and its command.

Every function takes the seat and the daemon's settings and returns the command to run there, in
the foreground, so that it dies with the lab.
"""

import shlex
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from lab.daemon_settings import (
    DropbearSettings,
    IppEvePrinterSettings,
    LldpdSettings,
    MinidlnaSettings,
    MosquittoSettings,
    P910ndSettings,
    SnmpdSettings,
    TelnetdSettings,
    VsftpdSettings,
)

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

_PRIVATE_RUN = "mount -t tmpfs tmpfs /run"
"""Several of one daemon cannot share its sockets, locks and pid files there."""

_BUS = """\
<busconfig>
  <type>system</type>
  <listen>unix:path={socket}</listen>
  <policy context="default">
    <allow user="*"/> <allow own="*"/> <allow send_type="method_call"/>
    <allow send_type="signal"/> <allow receive_type="method_call"/>
    <allow receive_type="signal"/> <allow send_requested_reply="true"/>
    <allow receive_requested_reply="true"/>
  </policy>
</busconfig>"""


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


def snmpd(seat: Seat, settings: SnmpdSettings) -> list[str]:
    """net-snmp's agent, read-only."""
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


def dropbear(seat: Seat, settings: DropbearSettings) -> list[str]:
    """With accounts of its own, and a command that does nothing for those who log in."""
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


def ippeveprinter(seat: Seat, settings: IppEvePrinterSettings) -> list[str]:
    """With an avahi and a message bus of its own: it refuses to start without DNS-SD."""
    (seat.folder / "spool").mkdir(exist_ok=True)
    bus = "/run/bus"
    config = _write(seat, "bus.conf", _BUS.format(socket=bus))
    names = f"[server]\nhost-name={seat.hostname}\nuse-ipv6=no\n[publish]\npublish-workstation=no"
    avahi = ["avahi-daemon", "--no-drop-root", "--no-chroot", "-f", _write(seat, "avahi.conf", names)]
    # avahi hands its folder to a user of its own, whom a lab of an ordinary user does not have.
    users = _write(seat, "passwd", "root:x:0:0::/:/bin/sh\navahi:x:0:0::/:/bin/sh")
    groups = _write(seat, "group", "root:x:0:\navahi:x:0:\nnetdev:x:0:")
    printer = ["ippeveprinter", "-p", str(settings.port)]
    printer += ["-d", str(seat.folder / "spool"), "-K", str(seat.folder)]
    printer += ["-M", settings.manufacturer, "-m", settings.model]
    printer += ["-f", "application/pdf,image/pwg-raster", "-c", str(_paper_command(seat))]
    printer += ["-l", settings.location] if settings.location else []
    start = (
        f"hostname {shlex.quote(seat.hostname)} && {_PRIVATE_RUN} && mkdir /run/avahi-daemon && "
        f"mount --bind '{users}' /etc/passwd && mount --bind '{groups}' /etc/group && "
        f"export DBUS_SYSTEM_BUS_ADDRESS=unix:path={bus} && "
        f"dbus-daemon --config-file={config} --fork && ({shlex.join(avahi)} &) && "
        # It gives up at once when avahi is not on the bus yet.
        f"for _ in $(seq 50); do {shlex.join([*printer, settings.name])}; sleep 0.1; done"
    )
    return ["unshare", "-m", "-u", "sh", "-c", start]


def p910nd(seat: Seat, settings: P910ndSettings) -> list[str]:
    """With a lock folder of its own."""
    seat.paper.touch()  # it opens its device and never makes one
    number = str(settings.port - 9100)
    start = shlex.join(["p910nd", "-d", "-i", seat.ip, "-f", str(seat.paper), number])
    return ["unshare", "-m", "sh", "-c", f"{_PRIVATE_RUN} && mkdir -p /run/lock/p910nd && exec {start}"]


def minidlna(seat: Seat, settings: MinidlnaSettings) -> list[str]:
    """With an empty media folder."""
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


def vsftpd(seat: Seat, settings: VsftpdSettings) -> list[str]:
    """With an empty folder to show."""
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


def telnetd(seat: Seat, settings: TelnetdSettings) -> list[str]:
    """Behind an inetd, with a login program that lets nobody in."""
    login = seat.folder / "login"
    login.write_text(
        "#!/bin/sh\n"
        f"printf '%s\\r\\nlogin: ' '{settings.banner.replace(chr(39), '')}'\n"
        "read -r account || exit 0\n"
        "stty -echo; printf 'Password: '; read -r _; stty echo\n"
        f"echo \"$(date -u +%Y-%m-%dT%H:%M:%S) refused $account\" >> '{seat.folder / 'log'}'\n"
        "sleep 1; printf '\\r\\nLogin incorrect\\r\\n'\n"
    )
    login.chmod(0o755)
    config = _write(
        seat,
        "inetd.conf",
        f"{seat.ip}:{settings.port} stream tcp nowait root {program_path('telnetd')} telnetd -h -E {login}",
    )
    return ["inetutils-inetd", "-d", f"--pidfile={seat.folder / 'pid'}", config]


def mosquitto(seat: Seat, settings: MosquittoSettings) -> list[str]:
    """With nothing kept."""
    lines = [
        f"listener {settings.port} {seat.ip}",
        f"allow_anonymous {'true' if settings.anonymous else 'false'}",
        "user root",
        "persistence false",
    ]
    return ["mosquitto", "-c", _write(seat, "mosquitto.conf", "\n".join(lines))]


def lldpd(seat: Seat, settings: LldpdSettings) -> list[str]:
    """On the device's interface only."""
    config = _write(seat, "lldpd.conf", f"configure system hostname {seat.hostname}")
    command = ["lldpd", "-d", "-I", seat.interface, "-C", seat.interface, "-m", seat.ip]
    command += ["-O", config]
    command += ["-S", settings.description] if settings.description else []
    command += ["-P", settings.platform] if settings.platform else []
    start = (
        f"hostname {shlex.quote(seat.hostname)} && {_PRIVATE_RUN} && mkdir -m 755 /run/lldpd && "
        f"exec {shlex.join(command)}"
    )
    return ["unshare", "-m", "-u", "sh", "-c", start]


def program_path(name: str) -> str:
    """The full path of a system program, sbin included; the bare name when it is missing."""
    return shutil.which(name, path=SYSTEM_PATH) or name


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

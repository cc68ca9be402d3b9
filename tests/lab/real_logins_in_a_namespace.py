"""Runs inside `unshare -nm` as root: logins tried on real daemons, of a root with our password; prints JSON.

A shadow and a /var/log of the namespace's own hide the system's; nothing outside it changes.
"""

import asyncio
import json
import os
import re
import socket
import subprocess
import sys
import threading
from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import TemporaryDirectory

from agent.logins.protocol import Way
from tests.lab.test_logins_counted import RIGHT, WRONG, daemon, tried

SSH, FTP, TELNET, BASIC, DIGEST = 2022, 2021, 2023, 2080, 2081
REFUSED = r"wrong password|password doesn't match"
LOGS = Path("/var/log")
UTMP_BYTES, USER = 384, 7  # utmp(5) on 64 bits


def main() -> None:
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with TemporaryDirectory() as name:
        folder = Path(name)
        accounts(folder)
        with (
            dropbear(folder),
            vsftpd(folder),
            lighttpd(folder, "basic", BASIC),
            lighttpd(folder, "digest", DIGEST),
        ):
            listening = socket.create_server(("127.0.0.1", TELNET))
            threading.Thread(target=telnetd, daemon=True, args=(listening,)).start()
            told = asyncio.run(asked())
        print(json.dumps({"told": told, "counted": counted(folder)}))


def accounts(folder: Path) -> None:
    """root with our password, in files that hide the system's; and the records of refused logins."""
    made = subprocess.run(["openssl", "passwd", "-6", RIGHT], check=True, capture_output=True, text=True)
    shadow = Path("/etc/shadow").read_text()
    (folder / "shadow").write_text(re.sub(r"(?m)^root:[^:]*:", f"root:{made.stdout.strip()}:", shadow))
    subprocess.run(["mount", "--bind", str(folder / "shadow"), "/etc/shadow"], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "none", "/var/log"], check=True)
    for name in ("btmp", "wtmp"):
        (LOGS / name).touch()


def dropbear(folder: Path) -> AbstractContextManager[None]:
    key = str(folder / "key")
    subprocess.run(["dropbearkey", "-t", "ed25519", "-f", key], check=True, capture_output=True)
    command = ("dropbear", "-F", "-E", "-r", key, "-p", f"127.0.0.1:{SSH}")
    return daemon(folder / "dropbear.log", "Not backgrounding", *command)


def vsftpd(folder: Path) -> AbstractContextManager[None]:
    settings = folder / "vsftpd.conf"
    said = {
        "listen": "YES", "listen_address": "127.0.0.1", "listen_port": FTP, "local_enable": "YES",
        "anonymous_enable": "NO", "xferlog_enable": "YES", "log_ftp_protocol": "YES", "background": "NO",
        "vsftpd_log_file": folder / "vsftpd.log", "pam_service_name": "login", "secure_chroot_dir": folder,
    }  # fmt: skip
    settings.write_text("".join(f"{name}={value}\n" for name, value in said.items()))
    (folder / "vsftpd.log").touch()
    return daemon(folder / "vsftpd.out", "", "vsftpd", str(settings))


def lighttpd(folder: Path, kind: str, port: int) -> AbstractContextManager[None]:
    (folder / "users").write_text(f"root:{RIGHT}\n")
    settings, log = folder / f"{kind}.conf", folder / f"{kind}.log"
    settings.write_text(
        f'server.document-root = "{folder}/www"\nserver.bind = "127.0.0.1"\nserver.port = {port}\n'
        'server.modules = ("mod_auth", "mod_authn_file", "mod_accesslog")\n'
        'index-file.names = ("index.html")\n'
        f'accesslog.filename = "{log}"\naccesslog.format = "%s %u"\n'
        f'auth.backend = "plain"\nauth.backend.plain.userfile = "{folder}/users"\n'
        f'auth.require = ("/" => ("method" => "{kind}", "realm" => "box", "require" => "valid-user"))\n'
    )
    (folder / "www").mkdir(exist_ok=True)
    (folder / "www" / "index.html").write_text("<html>hello</html>")
    return daemon(folder / f"{kind}.out", "server started", "lighttpd", "-D", "-f", str(settings))


def telnetd(listening: socket.socket) -> None:
    """What inetd does: a telnetd for each connection."""
    while True:
        connection, _address = listening.accept()
        with connection:
            subprocess.Popen(["/usr/sbin/telnetd"], stdin=connection, stdout=connection)


async def asked() -> dict[str, list[str]]:
    """What the right and the wrong password come to, by way."""
    told = {}
    for name, way in {
        "ssh": Way("ssh", SSH), "ftp": Way("ftp", FTP), "telnet": Way("telnet", TELNET),
        "basic": Way("web", BASIC), "digest": Way("web", DIGEST),
    }.items():  # fmt: skip
        told[name] = [(await tried(way, "root", word, patience=3)).outcome.value for word in (RIGHT, WRONG)]
    return told


def counted(folder: Path) -> dict[str, list[int]]:
    """How many logins the daemons' own books say were accepted and refused."""
    book = {path.stem: path.read_text() for path in folder.glob("*.log")}
    errors = {path.stem: path.read_text() for path in folder.glob("*.out")}
    return {
        "ssh": [
            book["dropbear"].count(said)
            for said in ("succeeded for 'root'", "Bad password attempt for 'root'")
        ],
        "ftp": [book["vsftpd"].count("OK LOGIN"), book["vsftpd"].count("FAIL LOGIN")],
        "telnet": [records(LOGS / "wtmp"), records(LOGS / "btmp")],
        **{
            kind: [book[kind].count("200 "), len(re.findall(REFUSED, errors[kind]))]
            for kind in ("basic", "digest")
        },
    }


def records(file: Path) -> int:
    """How many records of a user a file of utmp(5) has; their kind stands at the beginning of each."""
    data = file.read_bytes()
    return [data[at] for at in range(0, len(data), UTMP_BYTES)].count(USER)


if __name__ == "__main__":
    if os.geteuid() != 0:
        sys.exit("only root may hide the system's shadow")
    main()

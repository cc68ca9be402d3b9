"""Runs inside `unshare`: SNMP probe and gear's tables against a real snmpd with v3 users; prints JSON."""

import asyncio
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from agent.permit import Gate, Permit
from agent.probes import snmp
from agent.probes.gear import read_tables
from agent.probes.reply import Context
from agent.transport.door import Door
from agent.transport.limits import Limits
from agent.transport.pace import Pace
from agent.transport.talk import Failed
from inventory.register import Register
from inventory.types import Scope, SystemClock, Touch
from inventory.vault import SnmpUser

PORT = 161
USERS = (
    SnmpUser("md5only", "md5", "first passphrase"),
    SnmpUser("shaonly", "sha", "second passphrase"),
    SnmpUser("shaaes", "sha", "third passphrase", "aes", "other passphrase"),
    SnmpUser("shades", "sha", "fourth passphrase", "des", "other passphrase"),
    SnmpUser("sha256aes", "sha256", "fifth passphrase", "aes", "other passphrase"),
    SnmpUser("sha512aes", "sha512", "sixth passphrase", "aes", "other passphrase"),
)
NAMES = {"md5": "MD5", "sha": "SHA", "sha256": "SHA-256", "sha512": "SHA-512", "aes": "AES", "des": "DES"}


def settings() -> str:
    lines = [f"agentAddress udp:127.0.0.1:{PORT}", "sysDescr a switch of the lab", "sysServices 2"]
    for user in USERS:
        words = [user.name, NAMES[user.authentication], f'"{user.secret}"']
        words += [NAMES[user.privacy], f'"{user.privacy_secret}"'] if user.privacy else []
        lines += [f"createUser {' '.join(words)}", f"rouser {user.name} {'priv' if user.privacy else 'auth'}"]
    return "\n".join(lines) + "\n"


async def ask(user: SnmpUser) -> dict[str, Any]:
    permit = Gate([Scope("127.0.0.0/8", "hq", "here")]).admit("127.0.0.1", Touch.QUERY)
    assert isinstance(permit, Permit)
    door = Door(Pace(1e6, 1e6), Limits(), 2, randomness=random.Random(1))
    context = Context((), 1.0, lambda _oid: (), (user,))
    (reply,) = await snmp.ask(door, permit, PORT, context)
    packets = sum(door.tally.packets.values())
    tables = await read_tables(door, permit, PORT, context)
    own = [] if isinstance(tables, Failed) else sorted(tables.own)
    return {"facts": {one.name: one.value for one in reply.facts}, "own": own, "packets": packets}


def scan(folder: Path, user: SnmpUser) -> dict[str, str]:
    """What `muster scan` of the agent has in the register, the user standing in a sealed vault."""
    muster = [sys.executable, "-m", "muster", "--register", str(folder / "register.sqlite")]
    environment = os.environ | {
        "MUSTER_VAULT": str(folder / "vault.json"),
        "MUSTER_VAULT_PASSPHRASE": "opens the vault",
        "MUSTER_SCAN__TIMEOUT": "0.5",
    }

    def run(*words: str, given: str = "") -> str:
        done = subprocess.run(
            [*muster, *words],
            input=given,
            env=environment,
            text=True,
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, (words, done.stderr)
        return done.stdout

    which = [
        "--kind",
        "snmp-v3",
        "--user",
        user.name,
        "--auth",
        user.authentication,
        "--privacy",
        user.privacy,
    ]
    run("vault", "set", "lab", *which, given=f"{user.secret}\n{user.privacy_secret}\n")
    run("scope", "add", "127.0.0.1", "--site", "hq", "--segment", "lab", "--allow-loopback")
    run("scan", "-q", "--connect")
    with Register.open(str(folder / "register.sqlite"), SystemClock()) as register:
        (device,) = register.devices()
        heard = register.observations(device.id)
    return {fact.name: fact.value for one in heard if one.source == "snmp" for fact in one.facts}


def until_it_answers() -> None:
    ends = time.monotonic() + 20
    while not asyncio.run(ask(USERS[1]))["facts"] and time.monotonic() < ends:
        time.sleep(0.1)


def main() -> None:
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with TemporaryDirectory() as folder:
        place = Path(folder) / "snmpd.conf"
        place.write_text(settings(), encoding="utf-8")
        words = ["snmpd", "-f", "-Lo", "-C", "-c", str(place), "-I", "-smux", f"-p{folder}/pid"]
        words += [f"--persistentDir={folder}"]
        daemon = subprocess.Popen(words, stdout=sys.stderr, stderr=sys.stderr)
        try:
            until_it_answers()
            told = {user.name: asyncio.run(ask(user)) for user in USERS}
            scanned = scan(Path(folder), USERS[2])
            wrong = asyncio.run(ask(SnmpUser("shaonly", "sha", "a wrong passphrase")))
        finally:
            daemon.terminate()
            daemon.wait()
    print(json.dumps({"users": told, "wrong": wrong, "scanned": scanned}))


if __name__ == "__main__":
    main()

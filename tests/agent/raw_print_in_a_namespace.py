"""Runs inside `unshare`: every way Muster scans, and all that asks sent astray; the printer's kernel counts.

A packet to a raw print port that is neither SYN nor RST is a completed connection or a payload byte; nftables
counts those, and UDP to the same numbers. p910nd holds port 9100 with a plain file for paper, where it is
installed. Prints one JSON object for the test to judge.
"""

import asyncio
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from agent import second_opinion
from agent.logins import LOGINS
from agent.logins.protocol import Credential, Seen, Way
from agent.permit import Gate, Permit
from agent.probes import PROBES
from agent.probes.gear import read_tables
from agent.probes.reply import Context
from agent.transport.door import Door
from agent.transport.guard import PRINTER_ONLY_PORTS, RAW_PRINT_PORTS
from agent.transport.limits import Limits
from agent.transport.pace import Pace
from agent.transport.tally import Tally
from inventory.secret import Secret
from inventory.settings import ScanSettings
from inventory.types import Scope, Touch

NEAR = """
link set lo up
netns add far
link add near0 type veth peer name far0 netns far
addr add 10.99.0.1/24 dev near0
link set near0 up
"""
FAR = """
link set lo up
addr add 10.99.0.2/24 dev far0
link set far0 up
"""
COUNTERS = """
table ip proof {
  set raw { type inet_service; flags interval; elements = { 515, 9100-9107, 9112-9116, 9999 } }
  counter asked {}
  counter touched {}
  counter datagrams {}
  chain in {
    type filter hook input priority 0;
    tcp dport @raw tcp flags & (syn | rst) == syn counter name asked
    tcp dport @raw tcp flags & (syn | rst) == 0 counter name touched
    udp dport @raw counter name datagrams
  }
}
"""
LISTENER = """
import socket, sys
held = []
for port in (80, 515, 9101, 9102, 9107, 9112, 9116, 9999, *map(int, sys.argv[1:])):
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("0.0.0.0", port))
    server.listen(64)
    held.append(server)
print("ready", flush=True)
sys.stdin.read()
"""
IN_FAR = ["ip", "netns", "exec", "far"]


def run(*words: str, given: str = "") -> str:
    return subprocess.run(words, input=given, text=True, check=True, capture_output=True).stdout


def counters() -> dict[str, int]:
    listed = json.loads(run(*IN_FAR, "nft", "-j", "list", "counters"))["nftables"]
    return {one["counter"]["name"]: one["counter"]["packets"] for one in listed if "counter" in one}


def main() -> None:
    run("mount", "-t", "tmpfs", "none", "/run")
    Path("/run/netns").mkdir(parents=True, exist_ok=True)
    run("ip", "-force", "-batch", "-", given=NEAR)
    run("ip", "-n", "far", "-force", "-batch", "-", given=FAR)
    run(*IN_FAR, "nft", "-f", "-", given=COUNTERS)
    with TemporaryDirectory() as folder:
        paper = Path(folder) / "paper"
        paper.touch()
        daemon = None
        if shutil.which("p910nd"):
            words = [*IN_FAR, "p910nd", "-d", "-f", str(paper), "0"]
            daemon = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with subprocess.Popen(
            [*IN_FAR, sys.executable, "-c", LISTENER, *([] if daemon else ["9100"])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as listener:
            assert listener.stdout
            assert listener.stdin
            listener.stdout.readline()
            seen = profiles(Path(folder) / "register.sqlite")
            listener.stdin.close()
        if daemon:
            daemon.terminate()
            daemon.wait()
        print(json.dumps({"profiles": seen, "paper": paper.stat().st_size, "p910nd": bool(daemon)}))


def profiles(register: Path) -> dict[str, dict[str, int]]:
    """What each way of scanning added to the counters."""
    muster = [sys.executable, "-m", "muster", "--register", str(register)]
    environment = os.environ | {"MUSTER_SCAN__TIMEOUT": "0.5"}
    add = [*muster, "scope", "add", "10.99.0.2", "--site", "hq", "--segment", "office", "--touch", "login"]
    subprocess.run([*add, "--caps", "lifted"], check=True, capture_output=True)
    ports = "515,9100-9107,9112-9116,9999"
    ways = {
        "scan": ["scan", "-q"],
        "scan again": ["scan", "-q"],
        "scan --connect": ["scan", "-q", "--connect"],
        "sweep": ["sweep", "10.99.0.2", "--ports", ports, "--rate", "max", "--per-host", "max"],
        "sweep --connect": ["sweep", "10.99.0.2", "--ports", ports, "--connect"],
        "check logins": ["check", "logins"],
        "scan 10.99.0.2": ["scan", "10.99.0.2", "-q"],
        "sweep --udp": ["sweep", "10.99.0.2", "--udp", "161,5353"],
    }
    if shutil.which("nmap"):
        ways["scan --nmap"] = ["scan", "-q", "--nmap"]
    seen: dict[str, dict[str, int]] = {}

    def note(name: str, way: Callable[[], object]) -> None:
        before = counters()
        way()
        time.sleep(0.2)  # what is on its way arrives
        after = counters()
        seen[name] = {counter: after[counter] - before[counter] for counter in after}

    def command(words: list[str]) -> None:
        done = subprocess.run(
            [*muster, *words], capture_output=True, env=environment, timeout=100, check=False
        )
        assert done.returncode == 0, (words, done.stderr)

    for name, words in ways.items():
        note(name, lambda words=words: command(words))  # type: ignore[misc]
    for name, astray in ASTRAY.items():
        note(name, lambda astray=astray: asyncio.run(astray()))  # type: ignore[misc]
    note("somebody else", lambda: socket.create_connection(("10.99.0.2", 9101), 5).close())
    return seen


def door() -> Door:
    return Door(Pace(1e6, 1e6), Limits().scaled(0.2), 2)


def permit() -> Permit:
    admitted = Gate([Scope("10.99.0.2/32", "hq", "office", Touch.LOGIN)]).admit("10.99.0.2", Touch.LOGIN)
    assert isinstance(admitted, Permit)
    return admitted


async def every_probe() -> None:
    context = Context(("public",), 0.1, lambda _oid: ())
    for port in PORTS:
        for probe in PROBES:
            await probe.ask(door(), permit(), port, context)
        await read_tables(door(), permit(), port, context)


async def every_login() -> None:
    for port in PORTS:
        for login in LOGINS:
            way = Way(login.name, port, path="/", transport=login.transport)
            seen = await login.look(door(), permit(), way)
            # Without what looking would have shown some fail in themselves: what counts is what they send.
            for shown in (seen, Seen()):
                with contextlib.suppress(AttributeError, TypeError, AssertionError):
                    await login.attempt(door(), permit(), way, shown, Credential("a", Secret("b")))


async def every_knock() -> None:
    async def talk(link: Any) -> None:
        await link.write(b"x")

    for port in PORTS:
        await door().knock(permit(), port)
        await door().is_alive(permit(), port)
        await door().ask(permit(), port, b"x", wait=0.1)
        for tls in (False, True):
            await door().converse(permit(), port, talk, tls=tls)


async def nmap() -> None:
    if shutil.which("nmap"):  # guarded ports alone: it is not even started
        await second_opinion.ask(permit().target, PORTS, ScanSettings(), Tally())


PORTS = tuple(sorted(RAW_PRINT_PORTS | PRINTER_ONLY_PORTS))
ASTRAY = {
    "every probe astray": every_probe,
    "every login astray": every_login,
    "every knock astray": every_knock,
    "nmap astray": nmap,
}


if __name__ == "__main__":
    main()

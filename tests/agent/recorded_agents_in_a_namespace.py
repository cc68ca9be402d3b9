"""Runs inside `unshare`: `muster scan` of every N-th recorded SNMP agent, played by snmpsim; prints JSON.

Each agent has an address, an engine id and a folder of its own. What is printed stands by the case's id: the
facts the register has from the agent's address, what it has of the device (None where several addresses came
to be one device), and how many requests went there to identify it, as counted on the wire. Network gear is
asked for its tables later (agent/probes/gear.py): it opens with ipAdEntAddr and is not counted.
"""

import asyncio
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from agent.permit import Gate, Permit
from agent.probes import snmp
from agent.probes.reply import Context
from agent.transport.door import Door
from agent.transport.limits import Limits
from agent.transport.pace import Pace
from inventory.register import Register
from inventory.types import Attribute, Scope, SystemClock, Touch
from tests.live_accuracy import agent_of

BATCH = 25  # one process plays them all: more of them would be asked again before it has answered
SECONDS = 8  # for an answer, with the same reason
PORT = 161
_TO_US = 0  # linux/if_packet.h: what arrives; over loopback every datagram does, once
_TABLES = bytes.fromhex("2b0601020104140101")  # 1.3.6.1.2.1.4.20.1.1
_DEVICE = {
    "vendor": Attribute.VENDOR, "model": Attribute.MODEL, "version": Attribute.FIRMWARE,
    "serial": Attribute.SERIAL, "device_class": Attribute.DEVICE_CLASS,
}  # fmt: skip


@contextmanager
def played(corpus: Path, cases: dict[str, str], folder: Path) -> Iterator[None]:
    """The agents of `cases` (id by address) answer to `public` while inside."""
    words: list[str] = []
    for number, (ip, identity) in enumerate(cases.items(), 1):
        place = folder / "agents" / str(number)
        place.mkdir(parents=True)
        shutil.copy(agent_of(corpus, identity), place / "public.snmprec")
        words += [f"--v3-engine-id=80001f88{number:016x}", f"--agent-udpv4-endpoint={ip}:{PORT}"]
        words += [f"--data-dir={place}"]
    responder = Path(sys.executable).parent / "snmpsim-command-responder"
    quiet = ["--quiet", "--logging-method=null", f"--cache-dir={folder / 'cache'}"]
    quiet += ["--process-user=root", "--process-group=root"]
    with subprocess.Popen([str(responder), *quiet, *words], stdout=sys.stderr) as daemon:
        try:
            asyncio.run(_until_all_answer(tuple(cases)))
            yield
        finally:
            daemon.terminate()
            daemon.wait(timeout=20)


async def _until_all_answer(addresses: tuple[str, ...]) -> None:
    """Asks each agent once, so that its file is read before somebody counts."""
    gate = Gate([Scope("127.0.0.0/8", "hq", "here")])
    door = Door(Pace(1e6, 1e6), Limits(), 2, randomness=random.Random(1))
    ends = time.monotonic() + 120
    for ip in addresses:
        permit = gate.admit(ip, Touch.QUERY)
        assert isinstance(permit, Permit)
        while time.monotonic() < ends:
            (reply,) = await snmp.ask(door, permit, PORT, Context(("public",), 3.0, lambda _oid: ()))
            if any(fact.name == "snmp.version" for fact in reply.facts):
                break
            await asyncio.sleep(0.2)


@contextmanager
def counted() -> Iterator[Counter[str]]:
    """Requests that leave for port 161 while inside, by address, until tables are asked for."""
    seen: Counter[str] = Counter()
    done: set[str] = set()
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
    wire.bind(("lo", 0x0800))
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    wire.settimeout(0.2)
    ended = threading.Event()

    def listen() -> None:
        nonlocal done
        while not ended.is_set():
            try:
                packet, where = wire.recvfrom(65535)
            except TimeoutError:
                continue
            start = (packet[0] & 15) * 4
            if where[2] == _TO_US and packet[9] == socket.IPPROTO_UDP:
                asked = socket.inet_ntoa(packet[16:20])
                if int.from_bytes(packet[start + 2 : start + 4]) == PORT:
                    done |= {asked} if _TABLES in packet else set()
                    seen[asked] += asked not in done

    thread = threading.Thread(target=listen)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()
        wire.close()


def scan(folder: Path, addresses: tuple[str, ...]) -> None:
    """`muster scan` of the addresses, as anybody would type it."""
    muster = [sys.executable, "-m", "muster", "--register", str(folder / "register.sqlite")]
    environment = os.environ | {"MUSTER_SCAN__TIMEOUT": str(SECONDS)}
    last = f"{addresses[0]}-{addresses[-1]}"
    scope = ["scope", "add", "127.10.0.0/24", "--site", "hq", "--segment", "lab", "--allow-loopback"]
    for words in (scope, ["scan", "-q", "--connect", "--rate", "100000", last]):
        done = subprocess.run(
            [*muster, *words], env=environment, text=True, capture_output=True, timeout=400, check=False
        )
        assert done.returncode == 0, (words, done.stderr)


def registered(folder: Path, cases: dict[str, str]) -> dict[str, dict[str, Any]]:
    """By case what the register heard at its address, and what the device there is."""
    heard: dict[str, list[tuple[str, str]]] = {ip: [] for ip in cases}
    devices: dict[str, dict[str, str | None]] = {}
    with Register.open(str(folder / "register.sqlite"), SystemClock()) as register:
        for device in register.devices():
            for one in register.observations(device.id):
                if one.source == "snmp" and one.target.ip in heard:
                    heard[one.target.ip] += [(fact.name, fact.value) for fact in one.facts]
            if len(device.addresses) == 1:
                told = {field: device.text(attribute) or None for field, attribute in _DEVICE.items()}
                devices[device.addresses[0].ip] = told
    return {identity: {"facts": heard[ip], "device": devices.get(ip)} for ip, identity in cases.items()}


def main(corpus: Path, every: int) -> None:
    """Batch by batch."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with (corpus / "snmp" / "cases.jsonl").open(encoding="utf-8") as lines:
        office = [case["id"] for line in lines if (case := json.loads(line))["office"]][::every]
    told: dict[str, dict[str, Any]] = {}
    for start in range(0, len(office), BATCH):
        part = office[start : start + BATCH]
        cases = {f"127.10.0.{number}": identity for number, identity in enumerate(part, 1)}
        with TemporaryDirectory() as place:
            folder = Path(place)
            with played(corpus, cases, folder), counted() as requests:
                scan(folder, tuple(cases))
            found = registered(folder, cases)
            told |= {one: found[one] | {"requests": requests[ip]} for ip, one in cases.items()}
    print(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))

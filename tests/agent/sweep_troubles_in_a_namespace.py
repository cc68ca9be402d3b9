"""Runs inside `unshare`: sweeps that are killed, cut off or lied to. Prints one JSON object for the test.

near (us) ── 10.99.0.0/24 ── far, which routes to 10.98.0.0/24 and holds all of it (AnyIP); port 80 is open.
On 10.97.0.0/24, a wire of its own, a liar answers for everybody.
"""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.l2 import ARP, Ether

from agent.faults import NoWay
from agent.transport.raw.cookie import Cookies
from agent.transport.raw.fill import Filler
from agent.transport.raw.layouts import Kind, Source, lay_out
from agent.transport.raw.link import Link, Outbox
from tests.agent.relay import TUN, Relay, tap
from tests.agent.sweep_in_a_namespace import Wire, into, ip

NEAR = """
link set lo up
netns add far
link add near0 type veth peer name far0 netns far
link add near1 type veth peer name liar0 netns far
addr add 10.99.0.1/24 dev near0
addr add 10.97.0.1/24 dev near1
link set near0 up
link set near1 up
route add 10.98.0.0/24 via 10.99.0.2
"""
MENDED = """
addr replace 10.99.0.1/24 dev near0
link set near0 up
route replace 10.98.0.0/24 via 10.99.0.2
"""
FAR = """
link set lo up
addr add 10.99.0.2/24 dev far0
link set far0 up
link set liar0 up
route add local 10.98.0.0/24 dev lo
"""
LISTENER = """
import socket, sys
server = socket.socket()
server.bind(("0.0.0.0", 80))
server.listen(512)
print("ready", flush=True)
sys.stdin.read()
"""
FAR_RELAY = "addr add 10.95.0.2/24 dev relay1\nroute add local 10.95.0.64/27 dev lo"
MAC = "02:00:00:00:00:66"
REJECTIONS = (
    "tcp reset",
    "icmp port-unreachable",
    "icmp admin-prohibited",
    "icmp host-prohibited",
    "icmp net-prohibited",
    "icmp host-unreachable",
)


class Syns:
    """Counts the SYNs that arrive, by address and port."""

    def __init__(self) -> None:
        self.of: Counter[tuple[str, int]] = Counter()

    def hear(self, frame: bytes, _at: float, _wire: socket.socket) -> None:
        if frame[12:14] == b"\x08\0" and frame[23] == 6 and frame[47] == 0x02:
            self.of[socket.inet_ntoa(frame[30:34]), int.from_bytes(frame[36:38])] += 1

    def wait_for(self, packets: int) -> None:
        until = time.monotonic() + 10
        while self.of.total() < packets and time.monotonic() < until:
            time.sleep(0.01)


class Liar:
    """Answers every question for hosts that are not there, in one wrong way after the other."""

    def __init__(self) -> None:
        self.told = 0

    def hear(self, frame: bytes, _at: float, wire: socket.socket) -> None:
        for lie in lies(Ether(frame)):
            self.told += 1
            wire.send(lie)


def lies(heard: Ether) -> list[bytes]:
    """What comes back for an ARP request and for a SYN; one thing alone is true, that 10.97.0.5 is there."""
    back = Ether(dst=heard.src, src=MAC)
    if ARP in heard and heard.op == 1:
        true = back / ARP(op=2, hwsrc=MAC, psrc=heard.pdst, hwdst=heard.src, pdst=heard.psrc)
        group, asking, cut = true.copy(), true.copy(), bytes(true)[:30]
        group[ARP].hwsrc = "01:00:5e:00:00:01"
        asking[ARP].op = 1
        wrong = [bytes(group), bytes(asking), cut, bytes(true)[:21] + b"\x09" + bytes(true)[22:]]
        return [*wrong, bytes(true)] if heard.pdst == "10.97.0.5" else wrong
    if TCP not in heard or heard[TCP].flags != "S":
        return []
    seq = heard[TCP].seq
    reply = back / IP(src=heard[IP].dst, dst=heard[IP].src)
    said = TCP(sport=heard[TCP].dport, dport=heard[TCP].sport, flags="SA", seq=7, ack=seq + 1)
    true = bytes(reply / said)
    spoofed = bytes(reply / TCP(**said.fields | {"ack": (seq + 2) % 2**32}))
    other = bytes(back / IP(src="10.97.0.77", dst=heard[IP].dst and heard[IP].src) / said)
    quote = bytes(heard[IP])[:28]
    unasked = bytes(reply / ICMP(type=3, code=1) / (quote[:24] + b"\0\0\0\0"))
    damaged = [true[:24] + bytes((true[24] ^ 1,)) + true[25:], true[:50] + bytes((true[50] ^ 1,)) + true[51:]]
    long = true[:14] + b"\x4f" + true[15:]
    return [spoofed, other, unasked, *damaged, true[:40], long, bytes(reply / UDP(sport=80, dport=9) / b"x")]


class World:
    """`muster sweep` as it is run, with its register and its journal in a folder."""

    def __init__(self, folder: Path) -> None:
        self.journal = folder / "sweep.journal"
        self._muster = [sys.executable, "-m", "muster", "--register", str(folder / "register.sqlite")]

    def allow(self, network: str) -> None:
        words = [*self._muster, "scope", "add", network, "--site", "hq", "--segment", "office"]
        subprocess.run(words, check=True, capture_output=True)

    def start(self, *more: str) -> "subprocess.Popen[str]":
        words = [*self._muster, "sweep", "--format", "json", *more]
        return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def sweep(self, *more: str) -> dict[str, Any]:
        """Its answers, summary, exit code and what it said."""
        running = self.start(*more)
        said, complained = running.communicate(timeout=30)
        lines = [json.loads(line) for line in said.splitlines()]
        summary = next((line["summary"] for line in lines if "summary" in line), None)
        answers = [f"{line['ip']} {line['port']} {line['state']}" for line in lines if "ip" in line]
        ports = [f"{line['proto']}/{line['port']} {line['state']}" for line in lines if "ip" in line]
        told = {"answers": answers, "ports": ports, "summary": summary}
        return told | {"code": running.returncode, "said": complained}


def interrupted(world: World, how: Callable[["subprocess.Popen[str]"], object]) -> dict[str, Any]:
    """A sweep that is ended by `how` half-way, and the same command again."""
    syns = Syns()
    words = ("10.98.0.0/24", "--ports", "80,81", "--rate", "600", "--resume", str(world.journal))
    with Wire("far0", syns.hear):
        running = world.start(*words)
        syns.wait_for(320)
        asked_by_then = syns.of.total()
        how(running)
        said, complained = running.communicate(timeout=20)
        first, left = syns.of.total(), world.journal.exists()
        ip("-force", batch=MENDED)
        second = world.sweep(*words)
    return {
        "code": running.returncode,
        "syns_by_then": asked_by_then,
        "said": complained,
        "first_answers": said.count('"state"'),
        "first_syns": first,
        "journal_left": left,
        "second": second,
        "syns": syns.of.total(),
        "asked": len(syns.of),
        "journal_at_the_end": world.journal.exists(),
    }


def another_sweep(world: World) -> dict[str, Any]:
    """The journal of one sweep given to another, and a file that is none."""
    running = world.start("10.98.0.0/24", "--ports", "80", "--rate", "50", "--resume", str(world.journal))
    until = time.monotonic() + 20
    while not world.journal.exists() and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(0.2)
    in_use = world.sweep("10.98.0.0/24", "--ports", "80", "--resume", str(world.journal))
    running.send_signal(signal.SIGTERM)
    running.communicate(timeout=20)
    other = world.sweep("10.98.0.0/24", "--ports", "81", "--resume", str(world.journal))
    world.journal.write_text("not a journal\n" * 1000, encoding="utf-8")
    none = world.sweep("10.98.0.0/24", "--ports", "80", "--resume", str(world.journal))
    world.journal.unlink()
    return {"in_use": in_use, "other": other, "none": none}


def full_queue() -> dict[str, Any]:
    """A TAP device nobody reads from takes what its queue holds, and then ENOBUFS; with a reader, all."""
    if not Path(TUN).exists():
        return {"stuck": None}
    queue = tap("tap0")
    ip("-force", batch="addr add 10.96.0.1/24 dev tap0\nlink set tap0 txqueuelen 100 up\n")
    mac = json.loads(
        subprocess.run(["ip", "-j", "link", "show", "tap0"], capture_output=True, check=True).stdout
    )
    source = Source("tap0", mac[0]["address"], "10.96.0.1")
    filler = Filler(lay_out(Kind.SYN, source, 40_000), Cookies(bytes(16)), 400)
    outbox = Outbox(filler.frames, filler.length)
    with Link("tap0", "10.96.0.1", 40_000) as link:
        try:
            stuck = f"sent {link.send(outbox, 400)}"
        except NoWay as reason:
            stuck = str(reason)
    os.close(queue)
    return {"stuck": stuck}


def shuffled(world: World) -> dict[str, Any]:
    """Over a wire that loses one frame in ten, either way, and lets the others overtake each other."""
    if not Path(TUN).exists():
        return {"answers": None}
    ends = []
    for name, commands in (("relay0", "addr add 10.95.0.1/24 dev relay0"), ("relay1", FAR_RELAY)):
        made = threading.Thread(
            target=lambda name=name: (name == "relay1" and into("far"), ends.append(tap(name)))
        )
        made.start()
        made.join()
        where = ("-n", "far") if name == "relay1" else ()
        ip(*where, "-force", batch=f"link set {name} up\n{commands}\n")
    with Relay((ends[0], ends[1]), lost=10, late=0.03, chance=random.Random(7)) as relay:
        told = world.sweep("10.95.0.64/27", "--ports", "80,81", "--retries", "4", "--wait", "0.2")
    return told | {"dropped": relay.dropped, "overtaken": relay.overtaken}


def forbidden(world: World) -> dict[str, Any]:
    """A firewall of our own drops what we send."""
    rule = "type filter hook output priority 0; ip daddr 10.98.0.0/24 drop"
    subprocess.run(["nft", f"table ip own {{ chain out {{ {rule}; }}; }}"], check=True)
    try:
        return world.sweep("10.98.0.1-2", "--ports", "80", "--udp", "53", "--connect", "--retries", "0")
    finally:
        subprocess.run(["nft", "delete", "table", "ip", "own"], check=True)


def rejected(world: World) -> dict[str, Any]:
    """A firewall beyond says no in every way there is, each at a port of its own, and for the host itself."""
    ways = [f"reject with {kind}" for kind in REJECTIONS]
    rules = [f"tcp dport {port} {way}" for port, way in enumerate(ways, 1001)]
    rules += [f"udp dport {port} {way}" for port, way in enumerate(ways[1:], 1002)]
    table = "table ip wall { chain in { type filter hook input priority 0;\n" + "\n".join(rules) + "\n}\n}\n"
    nft = ["ip", "netns", "exec", "far", "nft"]
    subprocess.run([*nft, "-f", "-"], input=table, text=True, check=True)
    subprocess.run([*nft[:-1], "sysctl", "-qw", "net.ipv4.icmp_ratelimit=0"], check=True)
    ports = f"1001-{1000 + len(ways)}"
    words = ("10.98.0.7", "--ports", f"80,81,{ports}", "--udp", ports, "--retries", "0")
    try:
        return {"raw": world.sweep(*words), "connect": world.sweep(*words, "--connect")}
    finally:
        subprocess.run([*nft, "delete", "table", "ip", "wall"], check=True)


def main() -> None:
    subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
    Path("/run/netns").mkdir(parents=True)
    ip("-force", batch=NEAR)
    ip("-n", "far", batch=FAR)
    far = ["ip", "netns", "exec", "far"]
    result: dict[str, Any] = {}
    with (
        TemporaryDirectory() as folder,
        subprocess.Popen(
            [*far, sys.executable, "-c", LISTENER], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as listener,
    ):
        assert listener.stdout is not None
        assert listener.stdin is not None
        listener.stdout.readline()
        world = World(Path(folder))
        for network in ("10.95.0.0/24", "10.98.0.0/24", "10.97.0.0/24", "10.99.0.0/24", "10.90.0.0/24"):
            world.allow(network)
        result["killed"] = interrupted(world, lambda running: running.kill())
        result["stopped"] = interrupted(world, lambda running: running.send_signal(signal.SIGTERM))
        result["unplugged"] = interrupted(world, lambda _: ip("link", "set", "near0", "down"))
        result["moved"] = interrupted(world, lambda _: ip("addr", "del", "10.99.0.1/24", "dev", "near0"))
        result["unasked"] = world.sweep("10.99.0.1-2", "10.90.0.0/29", "--ports", "80", "--retries", "0")
        result["another"] = another_sweep(world)
        result["queue"] = full_queue()
        result["shuffled"] = shuffled(world)
        result["forbidden"] = forbidden(world)
        result["rejected"] = rejected(world)
        liar = Liar()
        with Wire("liar0", liar.hear):
            result["lied_to"] = world.sweep("10.97.0.2-60", "--ports", "80", "--retries", "0")
        result["lies"] = liar.told
        listener.stdin.close()
    print(json.dumps(result))


if __name__ == "__main__":
    main()

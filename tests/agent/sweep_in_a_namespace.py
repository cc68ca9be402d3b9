"""Runs inside `unshare`: two network namespaces and a router between them, swept by the raw engine.

near (us) ── 10.99.0.0/24 ── far: 10.99.0.2 and 10.99.0.64/27 (AnyIP), which also routes to 10.98.0.0/24,
of which it holds 10.98.0.64/27. Ports 80, 443 and 9100 listen on all of them; 9100 counts who connects.
Prints one JSON object for the test to judge.
"""

import asyncio
import ctypes
import json
import random
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Self

from agent.areas import Area
from agent.permit import Gate
from agent.ranges import addresses
from agent.sweeps.connect import ConnectSweeper
from agent.sweeps.found import Host, PortState
from agent.sweeps.raw import RawSweeper
from agent.transport.door import Door
from agent.transport.limits import Limits
from agent.transport.pace import Pace
from agent.transport.raw.tempo import Caps
from agent.transport.tally import Tally
from inventory.types import Scope

_NETWORK = 0x40000000  # CLONE_NEWNET
_TIMESTAMPS = 35  # SO_TIMESTAMPNS
# More than a host may be asked in a second, three of them open, each of which costs the kernel's RST as well.
PORTS = (80, 443, 9100, *range(81, 125))
SET_UP = """
link set lo up
netns add far
link add near0 type veth peer name far0 netns far
addr add 10.99.0.1/24 dev near0
link set near0 up
route add 10.98.0.0/24 via 10.99.0.2
"""
FAR = """
link set lo up
addr add 10.99.0.2/24 dev far0
link set far0 up
route add local 10.99.0.64/27 dev lo
route add local 10.98.0.64/27 dev lo
"""
LISTENER = """
import select, socket, sys
servers = []
for port in (80, 443, 9100):
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("0.0.0.0", port))
    server.listen(512)
    servers.append(server)
print("ready", flush=True)
accepted = 0
while True:
    ready, _, _ = select.select([sys.stdin, servers[2]], [], [])
    if sys.stdin in ready:
        break
    servers[2].accept()
    accepted += 1
print(accepted, flush=True)
"""


def ip(*arguments: str, batch: str = "") -> None:
    words = ["ip", *arguments, *(["-batch", "-"] if batch else [])]
    subprocess.run(words, input=batch, text=True, check=True, capture_output=True)


def drop_every_fourth_answer() -> None:
    rules = """
table inet loss {
  chain out {
    type filter hook postrouting priority 0;
    oifname "far0" numgen inc mod 4 0 drop
  }
}
"""
    subprocess.run(["ip", "netns", "exec", "far", "nft", "-f", "-"], input=rules, text=True, check=True)


def fastest_second(capture: "list[tuple[float, str]]") -> int:
    most = 0
    for host in {who for _at, who in capture}:
        times = sorted(at for at, who in capture if who == host)
        for first, at in enumerate(times):
            most = max(most, sum(1 for other in times[first:] if other < at + 1))
    return most


def into(namespace: str) -> None:
    """Moves this thread, and the sockets it will open, into the namespace (setns(2))."""
    libc = ctypes.CDLL(None, use_errno=True)
    with Path("/run/netns", namespace).open() as place:
        if libc.setns(place.fileno(), _NETWORK):
            raise OSError(ctypes.get_errno(), "setns")


class Wire(threading.Thread):
    """Gives every frame that arrives at an interface of the far side to `hear`, with the time it came.

    Over there, because a frame that bypasses the queues is seen by nobody on this side.
    """

    def __init__(self, interface: str, hear: Callable[[bytes, float, socket.socket], None]) -> None:
        super().__init__()
        self._interface, self._hear = interface, hear
        self._ready, self._ended = threading.Event(), threading.Event()

    def run(self) -> None:
        into("far")
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)) as wire:
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_000_000)
            wire.setsockopt(socket.SOL_SOCKET, _TIMESTAMPS, 1)
            wire.bind((self._interface, 3))
            wire.settimeout(0.1)
            self._ready.set()
            while not self._ended.is_set():
                try:
                    frame, (about,), _flags, where = wire.recvmsg(2048, 64)
                except (TimeoutError, OSError):  # a link that goes down says so once
                    continue
                if where[2] != socket.PACKET_OUTGOING:
                    seconds, nanoseconds = struct.unpack("qq", about[2])
                    self._hear(frame, seconds + nanoseconds / 1e9, wire)

    def __enter__(self) -> Self:
        self.start()
        self._ready.wait()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._ended.set()
        self.join()


SCOPES = (
    Scope("10.99.0.0/25", "hq", "near", do_not_probe=("10.99.0.70",)),
    Scope("10.98.0.0/25", "hq", "beyond"),
)


def sweeper(caps: Caps, retries: int, stop: threading.Event) -> RawSweeper:
    gate = Gate(SCOPES)
    door = Door(Pace(1000, 40), Limits(), 2)
    connect = ConnectSweeper(door, gate, retries, stop, lambda _progress: None)
    return RawSweeper(caps, connect, retries, Tally(), stop, lambda _progress: None, random.Random(7))


def answers(hosts: Iterable[Host]) -> list[str]:
    """A line per answer, as `muster sweep` would print it."""
    tcp = [f"{host.ip} tcp/{port} {state}" for host in hosts for port, state in host.ports.items()]
    udp = [f"{host.ip} udp/{port} {state}" for host in hosts for port, state in host.udp_ports.items()]
    return sorted(tcp + udp)


def further(gate: Gate, areas: list[Area]) -> dict[str, object]:
    """The engine alone beside plain connections, a sweep that is stopped, and one whose interface goes."""
    asked = (81, 443, 80), (123,)
    raw, _dropped = asyncio.run(sweeper(Caps(1000, 40), 1, threading.Event()).sweep(areas, *asked))
    plain = ConnectSweeper(
        Door(Pace(1000, 40), Limits(connect_seconds=1.0), 2),
        gate,
        1,
        threading.Event(),
        lambda _progress: None,
    )
    connected, _none = asyncio.run(plain.sweep(areas, *asked))
    stopping = threading.Event()
    timer = threading.Timer(0.3, stopping.set)
    timer.start()
    stopped = asyncio.run(sweeper(Caps(100, 40), 1, stopping).find_hosts(areas))
    timer.join()
    lost = sweeper(Caps(200, 40), 1, threading.Event())
    unplugging = threading.Timer(0.4, lambda: ip("link", "set", "near0", "down"))
    unplugging.start()
    unplugged = asyncio.run(lost.find_hosts(areas))
    unplugging.join()
    return {
        "raw": answers(raw),
        "connected": answers(connected),
        "faults": lost.faults,
        "unplugged_not_reached": len(unplugged.not_reached),
        "stopped_not_reached": len(stopped.not_reached),
    }


def main() -> None:
    subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
    subprocess.run(["mkdir", "-p", "/run/netns"], check=True)
    ip("-force", batch=SET_UP)
    ip("-n", "far", batch=FAR)
    # Else the kernel tells of few closed UDP ports a second.
    unlimited = ["net.ipv4.icmp_ratemask=0", "net.ipv4.icmp_msgs_per_sec=100000"]
    subprocess.run(["ip", "netns", "exec", "far", "sysctl", "-qw", *unlimited], check=True)
    listener = subprocess.Popen(
        ["ip", "netns", "exec", "far", sys.executable, "-c", LISTENER],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert listener.stdout
    assert listener.stdin
    listener.stdout.readline()
    gate = Gate(SCOPES)
    areas = [gate.area(addresses([scope.network]), scope) for scope in SCOPES]
    if "--loss" in sys.argv:
        drop_every_fourth_answer()
    stop = threading.Event()
    gentle = sweeper(Caps(1000, 40), 1, stop)
    seen: list[tuple[float, str]] = []

    def hear(frame: bytes, at: float, _wire: socket.socket) -> None:
        if frame[12:14] == b"\x08\0":
            seen.append((at, socket.inet_ntoa(frame[30:34])))
        elif frame[12:14] == b"\x08\x06":
            seen.append((at, socket.inet_ntoa(frame[38:42])))

    with Wire("far0", hear):
        roll = asyncio.run(gentle.find_hosts(areas))
        hosts = asyncio.run(gentle.find_ports(areas, roll.hosts, PORTS))
    # With answers lost only whether everybody is still found is of interest.
    more = {} if "--loss" in sys.argv else further(gate, areas)
    listener.stdin.write("end\n")
    listener.stdin.close()
    accepted = int(listener.stdout.readline())
    listener.wait()
    print(
        json.dumps(
            {
                "hosts": {host.ip: host.mac for host in roll.hosts},
                "open": {host.ip: list(host.open_ports) for host in hosts},
                "closed": sum(state is PortState.CLOSED for host in hosts for state in host.ports.values()),
                "fastest": fastest_second(seen),
                "barred_asked": sum(who == "10.99.0.70" for _at, who in seen),
                "accepted_9100": accepted,
                "packets": dict(gentle.tally.packets),
            }
            | more
        )
    )


if __name__ == "__main__":
    main()

"""Runs inside `unshare`: an office, a router with walls of every kind, and IoT behind it. Prints JSON.

office (us) 10.99.10.2, fd00:10::2 ── router ── iot 10.99.20.0/24, fd00:20::/64, with a real snmpd and a TCP
listener at .5 and ::5. What the router does is different for each address (WALLS). Later the
router's kernel routes multicast, and a real avahi-daemon reflects mDNS.
"""

import asyncio
import json
import os
import random
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from agent.isolation.asking import Vantage
from agent.isolation.devices import Known, Met
from agent.permit import Gate
from agent.service.measuring import device_asker
from agent.transport.door import Door
from agent.transport.limits import Limits
from agent.transport.pace import Pace
from inventory.settings import Settings
from inventory.types import Scope
from tests.agent.sweep_in_a_namespace import into, ip

NOW = datetime(2026, 7, 1, 3, 0, tzinfo=UTC)
HERE = """
link set lo up
netns add router
netns add iot
link add office0 type veth peer name r-office netns router
addr add 10.99.10.2/24 dev office0
addr add fd00:10::2/64 dev office0 nodad
link set office0 up
route add 10.99.20.0/24 via 10.99.10.1
route add fd00:20::/64 via fd00:10::1
"""
ROUTER = """
link set lo up
addr add 10.99.10.1/24 dev r-office
addr add fd00:10::1/64 dev r-office nodad
link set r-office up
link add r-iot type veth peer name iot0 netns iot
addr add 10.99.20.1/24 dev r-iot
addr add fd00:20::1/64 dev r-iot nodad
link set r-iot up
"""
IOT = """
link set lo up
addr add 10.99.20.2/24 dev iot0
addr add fd00:20::2/64 dev iot0 nodad
addr add fd00:20::5/64 dev iot0 nodad
addr add fd00:20::6/64 dev iot0 nodad
link set iot0 up
route add default via 10.99.20.1
route add default via fd00:20::1
"""
WALLS = """
table inet walls {
  chain forward {
    type filter hook forward priority 0;
    ip daddr { 10.99.20.6, 10.99.20.12 } drop
    ip6 daddr fd00:20::6 drop
    ip daddr 10.99.20.7 reject with icmp admin-prohibited
    ip daddr 10.99.20.8 meta l4proto tcp reject with tcp reset
    ip daddr 10.99.20.8 reject with icmp port-unreachable
  }
  chain divert {
    type nat hook prerouting priority -100;
    ip daddr 10.99.20.11 meta l4proto tcp redirect to :80
  }
}
"""
LISTENER = """
import socket, sys
servers = []
for address in sys.argv[1:]:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    servers.append(socket.create_server((address, 80), family=family))
print("ready", flush=True)
sys.stdin.read()
"""
AVAHI = """
[server]
use-ipv4=yes
use-ipv6=yes
enable-dbus=no
allow-interfaces=r-office,r-iot
[publish]
disable-publishing=yes
[reflector]
enable-reflector=yes
"""
# By its address' last number: no wall, a silent one, three that refuse, nobody there, nothing listens, a
# firewall that accepts for it, and one that was met too long ago.
OPEN, DROPPED, FORBIDDEN, RESET, ABSENT, SHUT, DIVERTED, LONG_AGO = 5, 6, 7, 8, 9, 10, 11, 12
ENGINE = {"snmp.engine_id": "80001f8880"}


def known() -> Iterator[Known]:
    """What a roll call called when there was no wall would have met."""
    for last in (OPEN, DROPPED, FORBIDDEN, RESET, ABSENT, SHUT, DIVERTED, LONG_AGO):
        at = NOW - timedelta(hours=2 if last == LONG_AGO else 0)
        ports = [Met("tcp", 80, at), Met("udp", 161, at, ENGINE)]
        if last == DROPPED:
            secret = {"snmp.community": "***", "snmp.version": "2c"}
            ports += [Met("tcp", 9100, at), Met("udp", 5353, at), Met("udp", 514, at)]
            yield Known("iot", "10.99.20.13", (Met("udp", 161, at, secret),))
        yield Known("iot", f"10.99.20.{last}", tuple(ports))
        if last in (OPEN, DROPPED):
            yield Known("iot", f"fd00:20::{last}", tuple(ports[:2]))


def devices() -> dict[str, dict[str, list[str]]]:
    """The state of each port and why, by address, asked from the office."""
    gate = Gate([Scope("10.99.20.0/24", "hq", "iot"), Scope("fd00:20::/64", "hq", "iot")])
    door = Door(Pace(1000, 20), Limits(), 2, randomness=random.Random(1))
    asker = device_asker(gate, door, Settings(), raw=True)
    made = asyncio.run(asker.ask(Vantage("desk", "hq", "office"), tuple(known()), NOW))
    told: dict[str, dict[str, list[str]]] = {}
    for one in made:
        told.setdefault(one.ip, {})[one.service] = [one.state.value, one.reason]
    return told


def route_multicast() -> list[socket.socket]:
    """Has the router's kernel pass SSDP on from the office to iot; as long as the sockets are open.

    linux/mroute.h and mroute6.h: MRT_INIT, MRT_ADD_VIF, MRT_ADD_MFC, and the same for IPv6.
    """
    init, add_interface, add_route, by_index = 200, 202, 204, 8
    older = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_IGMP)
    older.setsockopt(socket.IPPROTO_IP, init, struct.pack("@i", 1))
    newer = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
    newer.setsockopt(socket.IPPROTO_IPV6, init, struct.pack("@i", 1))
    for number, name in enumerate(("r-office", "r-iot")):
        index = socket.if_nametoindex(name)
        older.setsockopt(
            socket.IPPROTO_IP, add_interface, struct.pack("@HBBIi4x", number, by_index, 1, 0, index)
        )
        newer.setsockopt(socket.IPPROTO_IPV6, add_interface, struct.pack("@HBBHI", number, 0, 1, index, 0))
    way = socket.inet_aton("10.99.10.2") + socket.inet_aton("239.255.255.250") + struct.pack("@H", 0)
    older.setsockopt(
        socket.IPPROTO_IP, add_route, struct.pack("@10s32s2xIIIi", way, bytes((0, 1)), 0, 0, 0, 0)
    )
    ends = [
        struct.pack("@HHI16sI", socket.AF_INET6, 0, 0, socket.inet_pton(socket.AF_INET6, address), 0)
        for address in ("fd00:10::2", "ff05::c")
    ]
    newer.setsockopt(
        socket.IPPROTO_IPV6, add_route, struct.pack("@28s28sH2x8I", *ends, 0, 1 << 1, 0, 0, 0, 0, 0, 0, 0)
    )
    return [older, newer]


def within(namespace: str, *words: str, env: dict[str, str] | None = None) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        ["ip", "netns", "exec", namespace, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=env,
    )


def reflecting(folder: Path) -> "subprocess.Popen[str] | None":
    """avahi-daemon at the router, once it reflects; None where it is not installed."""
    try:
        (folder / "avahi.conf").write_text(AVAHI)
        begun = within(
            "router", "avahi-daemon", "--no-drop-root", "--no-chroot", "-f", f"{folder}/avahi.conf"
        )
    except FileNotFoundError:
        return None
    for line in begun.stdout or ():
        if "Server startup complete" in line:
            return begun
    return None


def measured(folder: Path, muster: list[str], number: int) -> dict[str, str]:
    """The groups' ways and one to tell that the answerers answer, as `muster isolation` has them."""
    services = [word for each in ("mdns", "ssdp", "icmp") for word in ("--service", each)]
    journal, token = folder / f"iot-{number}.jsonl", {"MUSTER_ISOLATION_TOKEN": "a token of the tests"}
    serve = [*muster, "isolation", "serve", "--segment", "iot", "--journal", str(journal), "--seconds", "60"]
    addresses = ("10.99.20.2", "fd00:20::2")
    own = [word for each in addresses for word in ("--address", each)]
    serving = within("iot", *serve, *own, *services, env=os.environ | token)
    for _address in addresses:
        assert serving.stdout
        assert "answering" in (line := serving.stdout.readline()), line
    try:
        to = [word for each in addresses for word in ("--to", f"iot={each}")]
        probe = ["isolation", "probe", "--site", "hq", "--from", "office", "--no-devices", "--format", "json"]
        done = subprocess.run(
            [*muster, *probe, *to, *services, "--journal", str(journal)],
            env=os.environ | token,
            text=True,
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    finally:
        serving.terminate()
        serving.communicate(timeout=20)
    return {f"{row['service']} IPv{row['family']}": row["measured"] for row in json.loads(done.stdout)}


def groups(folder: Path) -> dict[str, object]:
    """What comes through before, and after the router lets multicast pass."""
    muster = [sys.executable, "-m", "muster", "--register", str(folder / "register.sqlite")]
    for network, segment in (
        ("10.99.10.0/24", "office"), ("fd00:10::/64", "office"),
        ("10.99.20.0/24", "iot"), ("fd00:20::/64", "iot"),
    ):  # fmt: skip
        words = ["scope", "add", network, "--site", "hq", "--segment", segment]
        subprocess.run([*muster, *words], check=True, capture_output=True, timeout=30)
    before = measured(folder, muster, 1)
    kept: list[socket.socket] = []

    def at_the_router() -> None:
        into("router")
        kept.extend(route_multicast())

    thread = threading.Thread(target=at_the_router)
    thread.start()
    thread.join()
    reflector = reflecting(folder)
    try:
        after = measured(folder, muster, 2)
    finally:
        if reflector:
            reflector.terminate()
            reflector.communicate(timeout=20)
    return {"before": before, "after": after, "reflected": reflector is not None}


def main() -> None:
    Path("/run").joinpath("netns").mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)
    for name in ("netns", "avahi-daemon"):
        Path("/run", name).mkdir()
    ip(batch=HERE)
    ip("-n", "router", batch=ROUTER)
    every = "".join(f"addr add 10.99.20.{last}/24 dev iot0\n" for last in (5, 6, 7, 8, 10, 11, 12, 13))
    ip("-n", "iot", batch=IOT + every)
    for key in ("net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"):
        ip("netns", "exec", "router", "sysctl", "-q", "-w", f"{key}=1")
    subprocess.run(["ip", "netns", "exec", "router", "nft", "-f", "-"], input=WALLS, text=True, check=True)
    with TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "snmpd.conf").write_text(
            "agentAddress udp:10.99.20.5:161,udp6:[fd00:20::5]:161\nrocommunity public\nrocommunity6 public\n"
        )
        listening = [
            within(name, sys.executable, "-c", LISTENER, *own)
            for name, own in (("iot", ("10.99.20.5", "fd00:20::5")), ("router", ("0.0.0.0",)))
        ]
        agent = within(
            "iot", "snmpd", "-f", "-Lo", "-C", "-c", f"{folder}/snmpd.conf", f"--persistentDir={folder}"
        )
        try:
            for one in listening:
                assert one.stdout
                assert one.stdout.readline() == "ready\n"
            for line in agent.stdout or ():
                if "NET-SNMP version" in line:
                    break
            print(json.dumps({"devices": devices(), **groups(folder)}))
        finally:
            for one in (*listening, agent):
                one.terminate()
                one.communicate(timeout=20)


if __name__ == "__main__":
    main()

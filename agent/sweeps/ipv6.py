"""IPv6: one echo to all nodes of our own wires, solicitations or connections to addresses that are named.

A /64 cannot be gone through address by address; who is there answers an echo to ff02::1 (RFC 4291, 2.7.1)
from its address in the network that asks, and a named address its solicitation (RFC 4861, 7.2). An answer
counts only with the echo's cookie, or for an address that was asked. Beyond a router, and without
CAP_NET_RAW, named addresses are asked by connections. So are ports, everywhere.
"""

import asyncio
import contextlib
import functools
import ipaddress
import json
import socket
import struct
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from agent.faults import NoRawSockets, NoWay
from agent.permit import Permit, SixArea
from agent.sweeps import ICMP6
from agent.sweeps.connect import ConnectSweeper, Only
from agent.sweeps.found import Host, PortState, Roll
from inventory.language import _
from inventory.networks import is_countable
from inventory.types import Touch

_ETH_P_IPV6: Final = 0x86DD
_SOL_PACKET, _PACKET_STATISTICS = 263, 6
_RECEIVE_BYTES: Final = 4 * 1024 * 1024
_SECONDS: Final = 1.0
_LOOK_UP: Final = 0.1
_MOST_ANSWERS: Final = 65_536
_ICMPV6, _ECHO_REPLY, _ADVERTISEMENT = 58, 129, 136
_ALL_NODES: Final = "ff02::1"


@dataclass(frozen=True, slots=True)
class Wire:
    """An interface in the network that is asked; `ip` is the address we ask from, `own` are all of ours."""

    interface: str
    mac: str
    ip: str
    own: frozenset[str]


@dataclass
class SixSweeper:
    """Finds IPv6 hosts and their open ports; stops within a second.

    It shares the door, the gate and the stop of `unprivileged`, which asks where no frame of ours may or can.
    `remarks` tells of networks that could not be asked.
    """

    unprivileged: ConnectSweeper
    privileged: bool
    remarks: list[str] = field(default_factory=list)

    async def find_hosts(self, areas: Sequence[SixArea]) -> Roll:
        """Everybody in the areas who answers; of those asked by name also who does not."""
        rolls = [await self._look(area) for area in areas]
        return functools.reduce(Roll.joined, rolls, Roll())

    async def find_ports(
        self, areas: Sequence[SixArea], hosts: Sequence[Host], ports: Sequence[int], only: Only | None = None
    ) -> tuple[Host, ...]:
        """The hosts with the state of each port that may be connected to."""
        return await self.unprivileged.find_ports(areas, hosts, ports, only)

    async def sweep(self, areas: Sequence[SixArea], ports: Sequence[int]) -> tuple[Host, ...]:
        """Whoever is there and may be asked, with the ports that accept or refuse."""
        roll = await self.find_hosts(areas)
        admit = self.unprivileged.gate.admit
        allowed = [h for h in roll.hosts if isinstance(admit(h.ip, Touch.QUERY, mac=h.mac), Permit)]
        hosts = await self.find_ports(areas, allowed, ports)
        return tuple(
            replace(host, ports={p: s for p, s in host.ports.items() if s is not PortState.FILTERED})
            for host in hosts
        )

    async def _look(self, area: SixArea) -> Roll:
        wire = await asyncio.to_thread(wire_in, ipaddress.IPv6Network(area.network))
        own = frozenset(ip for ip in area.named if wire and ip in wire.own)
        named = [ip for ip in area.named if ip not in own]
        whole = frozenset[str]() if is_countable(area.network) else frozenset([area.network])
        if wire is None or not self.privileged:
            if not area.named:
                text = _("{network}: no interface of this machine is in it, and no address there is known")
                self.remarks.append(text.format(network=area.network))
            by_connection = await self.unprivileged.find_hosts((), named) if named else Roll()
            return replace(by_connection, own=own, partly=whole)
        try:
            found, dropped = await self._ask(wire, named, everybody=area.everybody)
        except NoWay as fault:
            self.remarks.append(str(fault))
            return Roll(no_route=frozenset(named), own=own, partly=whole)
        met = {ip: mac for ip, mac in found.items() if area.covers(ip) and ip not in wire.own}
        hosts = [Host(ip, met[ip], (ICMP6.name,)) for ip in sorted(met, key=ipaddress.IPv6Address)]
        left = frozenset(named) - set(met) if self.unprivileged.stop.is_set() else frozenset[str]()
        partly = frozenset[str]() if area.everybody else whole
        return Roll(tuple(hosts), not_reached=left, own=own, partly=partly, dropped=dropped)

    async def _ask(self, wire: Wire, named: Sequence[str], *, everybody: bool) -> tuple[dict[str, str], int]:
        """(address → MAC of whoever answered, answers the kernel dropped); NoWay when the wire fails."""
        cookie = self.unprivileged.door.randomness.getrandbits(32)
        found: dict[str, str] = {}
        questions = {ip: _solicitation(wire, ip) for ip in named}
        questions |= {_ALL_NODES: _echo_to_all(wire, cookie)} if everybody else {}
        with _packet_socket() as link:
            try:
                link.bind((wire.interface, _ETH_P_IPV6))
                hearing = asyncio.create_task(_hear(link, wire, cookie, frozenset(named), found))
                try:
                    for _turn in range(1 + max(1, self.unprivileged.retries)):
                        await self._send(link, {ip: questions[ip] for ip in questions.keys() - found.keys()})
                        await self._wait(hearing, lambda: found.keys() >= questions.keys())
                finally:
                    hearing.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await hearing
                drops = struct.unpack("II", link.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 8))[1]
            except OSError as error:
                text = _("interface {name}: {reason}")
                raise NoWay(text.format(name=wire.interface, reason=error.strerror or error)) from error
        return found, int(drops)

    async def _send(self, link: socket.socket, questions: Mapping[str, bytes]) -> None:
        """Sends each at its pace, all nodes first; fewer where a stop is wanted."""
        door = self.unprivileged.door
        for ip in sorted(questions, reverse=True):
            if self.unprivileged.stop.is_set():
                return
            await door.pace.take(ip)
            link.send(questions[ip])
            door.tally.count(ICMP6.name, 1, len(questions[ip]))

    async def _wait(self, hearing: "asyncio.Task[None]", enough: Callable[[], bool]) -> None:
        """Waits for the last answers."""
        until = time.monotonic() + _SECONDS
        while time.monotonic() < until and not (
            enough() or hearing.done() or self.unprivileged.stop.is_set()
        ):
            await asyncio.wait([hearing], timeout=_LOOK_UP)


def wire_in(network: ipaddress.IPv6Network) -> Wire | None:
    """The interface that has an address of its own in the network; None where there is none."""
    done = subprocess.run(["ip", "-j", "-6", "addr", "show"], capture_output=True, text=True, check=False)
    links = subprocess.run(["ip", "-j", "link", "show"], capture_output=True, text=True, check=False)
    macs = {link["ifname"]: link.get("address", "") for link in json.loads(links.stdout or "[]")}
    for link in json.loads(done.stdout or "[]"):
        own = [ipaddress.IPv6Interface(f"{e['local']}/{e['prefixlen']}") for e in link.get("addr_info", ())]
        here = [one for one in own if one.network.overlaps(network) and not one.ip.is_link_local]
        if here and link["ifname"] != "lo":
            ours = frozenset(str(one.ip) for one in own)
            return Wire(link["ifname"], macs[link["ifname"]], str(here[0].ip), ours)
    return None


def answer_in(frame: bytes, own: str, cookie: int, asked: frozenset[str]) -> tuple[str, str] | None:
    """(address, MAC) of a node that answered us; None for anything else, whatever the bytes are."""
    if len(frame) < 62 or frame[12:14] != b"\x86\xdd" or frame[20] != _ICMPV6 or frame[6] & 1:
        return None
    source, mac = str(ipaddress.IPv6Address(frame[22:38])), frame[6:12].hex(":")
    if frame[38:54] != ipaddress.IPv6Address(own).packed:
        return None
    if frame[54] == _ECHO_REPLY and int.from_bytes(frame[58:62], "big") == cookie:
        return source, mac
    # RFC 4861, 7.1.2: an advertisement that came over a router has another hop limit.
    if frame[54] == _ADVERTISEMENT and len(frame) >= 78 and frame[21] == 255:
        target = str(ipaddress.IPv6Address(frame[62:78]))
        return (target, mac) if target in asked else None
    return None


async def _hear(
    link: socket.socket, wire: Wire, cookie: int, asked: frozenset[str], found: dict[str, str]
) -> None:
    """Enters whoever answers into `found`, until cancelled."""
    loop = asyncio.get_running_loop()
    while len(found) < _MOST_ANSWERS:
        answer = answer_in(await loop.sock_recv(link, 2048), wire.ip, cookie, asked)
        found |= dict([answer]) if answer else {}


def _packet_socket() -> socket.socket:
    try:
        link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    except PermissionError as error:
        raise NoRawSockets(_("sweeping IPv6 needs CAP_NET_RAW: run as root")) from error
    link.setblocking(False)
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BYTES)
    return link


def _echo_to_all(wire: Wire, cookie: int) -> bytes:
    from scapy.layers.inet6 import ICMPv6EchoRequest, IPv6
    from scapy.layers.l2 import Ether

    head = Ether(src=wire.mac, dst="33:33:00:00:00:01") / IPv6(src=wire.ip, dst="ff02::1", hlim=1)
    return bytes(head / ICMPv6EchoRequest(id=cookie >> 16, seq=cookie & 0xFFFF, data=bytes(8)))


def _solicitation(wire: Wire, ip: str) -> bytes:
    from scapy.layers.inet6 import ICMPv6ND_NS, ICMPv6NDOptSrcLLAddr, IPv6
    from scapy.layers.l2 import Ether

    last = ipaddress.IPv6Address(ip).packed[-3:]
    group = ipaddress.IPv6Address(bytes.fromhex("ff0200000000000000000001ff") + last)
    head = Ether(src=wire.mac, dst=f"33:33:ff:{last.hex(':')}") / IPv6(src=wire.ip, dst=str(group), hlim=255)
    return bytes(head / ICMPv6ND_NS(tgt=ip) / ICMPv6NDOptSrcLLAddr(lladdr=wire.mac))

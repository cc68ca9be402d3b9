"""IPv6 on our own wires: one echo to all nodes, neighbour solicitations to addresses that are named.

A /64 cannot be gone through address by address; who is there answers an echo to ff02::1 (RFC 4291, 2.7.1)
from its address in the network that asks, and a named address its solicitation (RFC 4861, 7.2). An answer
counts only with the echo's cookie, or for an address that was asked. Ports are asked by connections.
"""

import asyncio
import ipaddress
import json
import socket
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from agent.faults import NoRawSockets, NoWay
from agent.permit import Gate, Permit
from agent.sweeps.found import Host, PortState
from agent.transport.door import Door
from inventory.language import _
from inventory.types import ProbeOutcome, Touch

MOST_NAMED: Final = 256

_ETH_P_IPV6: Final = 0x86DD
_TRIES: Final = 2
_SECONDS: Final = 1.0
_MOST_ANSWERS: Final = 4096
_ICMPV6, _ECHO_REPLY, _ADVERTISEMENT = 58, 129, 136
_STATES: Final = {ProbeOutcome.ANSWERED: PortState.OPEN, ProbeOutcome.REFUSED: PortState.CLOSED}


@dataclass(frozen=True, slots=True)
class Wire:
    """An interface in the network that is asked, with our own addresses on it."""

    interface: str
    mac: str
    ip: str


async def sweep(network: str, gate: Gate, door: Door, ports: Sequence[int]) -> tuple[Host, ...]:
    """Who is there in one IPv6 network on our wire, with the ports that accept or refuse.

    Without permission nothing is sent: a network in which somebody must not be probed gets no question to
    all nodes, because they would hear it too. NoWay where no interface is in the network.
    """
    wanted = ipaddress.IPv6Network(network)
    scope = gate.scope_of(str(wanted.network_address))
    if scope is None or scope.touch is Touch.PASSIVE:
        return ()
    wire = wire_in(wanted)
    named = [str(ip) for ip in wanted] if wanted.num_addresses <= MOST_NAMED else []
    targets = [ip for ip in named if isinstance(gate.admit(ip, Touch.QUERY), Permit) and ip != wire.ip]
    if not named and scope.do_not_probe:
        raise NoWay(
            _(
                "{network}: somebody in it must not be probed, so all nodes are not asked; name addresses"
            ).format(network=network)
        )
    cookie = door.randomness.getrandbits(32)
    for ip in targets or ["ff02::1"]:
        await door.pace.take(ip, _TRIES)
    found = await asyncio.to_thread(_ask, wire, targets, cookie, door)
    hosts = []
    for ip, mac in sorted(found.items(), key=lambda pair: int(ipaddress.IPv6Address(pair[0]))):
        permit = gate.admit(ip, Touch.QUERY, mac=mac)
        if ipaddress.IPv6Address(ip) in wanted and isinstance(permit, Permit):
            host = Host(ip, mac, ("icmp6",))
            hosts.append(replace(host, ports=await _ports(door, permit, ports)))
    return tuple(hosts)


def wire_in(network: ipaddress.IPv6Network) -> Wire:
    """The interface that has an address of its own in the network."""
    done = subprocess.run(["ip", "-j", "-6", "addr", "show"], capture_output=True, text=True, check=False)
    links = subprocess.run(["ip", "-j", "link", "show"], capture_output=True, text=True, check=False)
    macs = {link["ifname"]: link.get("address", "") for link in json.loads(links.stdout or "[]")}
    for link in json.loads(done.stdout or "[]"):
        for entry in link.get("addr_info", ()):
            own = ipaddress.IPv6Interface(f"{entry['local']}/{entry['prefixlen']}")
            if own.network.overlaps(network) and not own.ip.is_link_local and link["ifname"] != "lo":
                return Wire(link["ifname"], macs[link["ifname"]], str(own.ip))
    raise NoWay(_("{network}: no interface of this machine is in it").format(network=network))


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


def _ask(wire: Wire, targets: Sequence[str], cookie: int, door: Door) -> dict[str, str]:
    questions = [_solicitation(wire, ip) for ip in targets] or [_echo_to_all(wire, cookie)]
    asked = frozenset(targets)
    found: dict[str, str] = {}
    try:
        link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_IPV6))
    except PermissionError as error:
        raise NoRawSockets(_("sweeping IPv6 needs CAP_NET_RAW: run as root")) from error
    with link:
        try:
            link.bind((wire.interface, _ETH_P_IPV6))
            for _try in range(_TRIES):
                for question in questions:
                    link.send(question)
                door.tally.count("icmp6", len(questions), sum(map(len, questions)))
                until = time.monotonic() + _SECONDS
                while (left := until - time.monotonic()) > 0 and len(found) < _MOST_ANSWERS:
                    link.settimeout(left)
                    try:
                        frame = link.recv(2048)
                    except TimeoutError:
                        break
                    answer = answer_in(frame, wire.ip, cookie, asked)
                    found |= dict([answer]) if answer else {}
        except OSError as error:
            text = _("interface {name}: {reason}")
            raise NoWay(text.format(name=wire.interface, reason=error.strerror or error)) from error
    return found


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


async def _ports(door: Door, permit: Permit, ports: Sequence[int]) -> dict[int, PortState]:
    outcomes = await asyncio.gather(*(door.knock(permit, port) for port in ports))
    return {
        port: _STATES[outcome] for port, outcome in zip(ports, outcomes, strict=True) if outcome in _STATES
    }

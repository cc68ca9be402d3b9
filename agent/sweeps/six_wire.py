"""The wire an IPv6 network is on, the two questions that are put to it, and what counts as an answer."""

import ipaddress
import json
import socket
import struct
import subprocess
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from agent.faults import NoRawSockets
from inventory.language import _

ALL_NODES: Final = "ff02::1"
LARGEST_FRAME: Final = 2048

_ETH_P_IPV6: Final = 0x86DD
_SOL_PACKET, _ADD_MEMBERSHIP, _STATISTICS = 263, 1, 6
_ALL_MULTICAST: Final = 2
_RECEIVE_BYTES: Final = 4 * 1024 * 1024
_ICMPV6, _ECHO_REPLY, _ADVERTISEMENT = 58, 129, 136


@dataclass(frozen=True, slots=True)
class Wire:
    """An interface in the network that is asked; `ip` is the address we ask from, `own` are all of ours."""

    interface: str
    mac: str
    ip: str
    own: frozenset[str]

    @property
    def prefix(self) -> ipaddress.IPv6Network:
        """The /64 in which nodes of the wire make themselves addresses (RFC 4862)."""
        return ipaddress.IPv6Network((self.ip, 64), strict=False)


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


def answer_in(frame: bytes, own: str, cookie: int, asked: Collection[str]) -> tuple[str, str] | None:
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


def listening_socket(interface: str) -> socket.socket:
    """A packet socket for IPv6 frames on the interface, both ways; OSError where it is not there."""
    link = _packet_socket()
    try:
        link.bind((interface, _ETH_P_IPV6))
        # What is said to any group is heard (packet(7), PACKET_MR_ALLMULTI); nothing is joined.
        membership = struct.pack("iHH8s", socket.if_nametoindex(interface), _ALL_MULTICAST, 0, b"")
        link.setsockopt(_SOL_PACKET, _ADD_MEMBERSHIP, membership)
    except OSError:
        link.close()
        raise
    return link


def drops(link: socket.socket) -> int:
    """Frames the kernel had to drop since this was asked last."""
    return int(struct.unpack("II", link.getsockopt(_SOL_PACKET, _STATISTICS, 8))[1])


def echo_to_all(wire: Wire, cookie: int) -> bytes:
    """An echo request to every node of the wire (RFC 4443, 4.1), a frame."""
    from scapy.layers.inet6 import ICMPv6EchoRequest, IPv6
    from scapy.layers.l2 import Ether

    head = Ether(src=wire.mac, dst="33:33:00:00:00:01") / IPv6(src=wire.ip, dst="ff02::1", hlim=1)
    return bytes(head / ICMPv6EchoRequest(id=cookie >> 16, seq=cookie & 0xFFFF, data=bytes(8)))


def solicitation(wire: Wire, ip: str) -> bytes:
    """A neighbour solicitation for the address (RFC 4861, 7.2.2), a frame."""
    from scapy.layers.inet6 import ICMPv6ND_NS, ICMPv6NDOptSrcLLAddr, IPv6
    from scapy.layers.l2 import Ether

    last = ipaddress.IPv6Address(ip).packed[-3:]
    group = ipaddress.IPv6Address(bytes.fromhex("ff0200000000000000000001ff") + last)
    head = Ether(src=wire.mac, dst=f"33:33:ff:{last.hex(':')}") / IPv6(src=wire.ip, dst=str(group), hlim=255)
    return bytes(head / ICMPv6ND_NS(tgt=ip) / ICMPv6NDOptSrcLLAddr(lladdr=wire.mac))


def _packet_socket() -> socket.socket:
    try:
        link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    except PermissionError as error:
        raise NoRawSockets(_("sweeping IPv6 needs CAP_NET_RAW: run as root")) from error
    link.setblocking(False)
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BYTES)
    return link

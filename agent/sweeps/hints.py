"""Where IPv6 nodes may be that answer no echo to all: guesses, each to be asked before it counts.

A frame gives its sender away, whom it looks for, and what a booting node is about to call itself (RFC 4862,
5.4.2). A report of the groups a node hears (MLD, RFC 2710 and RFC 3810) has the last 24 bits of its
addresses, which is all of one that somebody chose by hand. A MAC gives the address made of it (RFC 4291,
appendix A).
"""

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

_HOP_BY_HOP, _ICMPV6 = 0, 58
_REPORT, _REPORT_OF_GROUPS, _SOLICITATION = 131, 143, 135
_SOLICITED_NODE: Final = ipaddress.IPv6Address("ff02::1:ff00:0").packed[:13]
_MOST_RECORDS: Final = 64


def of_macs(macs: Iterable[str], network: ipaddress.IPv6Network) -> Mapping[str, str]:
    """The address each MAC makes in a /64 → that MAC."""
    return {_made_of(mac, network): mac for mac in macs}


def given_away(frame: bytes, network: ipaddress.IPv6Network) -> Mapping[str, str]:
    """The addresses of a /64 that an Ethernet frame hints at → its MAC; none for what is no IPv6."""
    if len(frame) < 54 or frame[12:14] != b"\x86\xdd" or frame[6] & 1:
        return {}
    mac = frame[6:12].hex(":")
    found = {ipaddress.IPv6Address(frame[22:38])}
    kind, message = _message(frame)
    if kind == _SOLICITATION and frame[21] == 255 and len(message) >= 24:
        found.add(ipaddress.IPv6Address(message[8:24]))
    for group in _groups(kind, message):
        if group[:13] == _SOLICITED_NODE:
            found |= {network[int.from_bytes(group[13:])], ipaddress.IPv6Address(_made_of(mac, network))}
    return {str(one): mac for one in found if one in network and one != network[0]}


def _made_of(mac: str, network: ipaddress.IPv6Network) -> str:
    octets = bytes.fromhex(mac.replace(":", ""))
    part = bytes((octets[0] ^ 2,)) + octets[1:3] + b"\xff\xfe" + octets[3:]
    return str(network[int.from_bytes(part)])


def _message(frame: bytes) -> tuple[int, bytes]:
    """The type of an ICMPv6 message and the whole of it, behind a hop-by-hop header too; else (0, empty)."""
    following, at = frame[20], 54
    if following == _HOP_BY_HOP and len(frame) > at + 1:
        following, at = frame[at], at + 8 * (frame[at + 1] + 1)
    message = frame[at:]
    return (message[0], message) if following == _ICMPV6 and len(message) >= 8 else (0, b"")


def _groups(kind: int, message: bytes) -> Iterator[bytes]:
    if kind == _REPORT and len(message) >= 24:
        yield message[8:24]
    if kind == _REPORT_OF_GROUPS:
        at = 8
        for _record in range(min(_MOST_RECORDS, int.from_bytes(message[6:8]))):
            if len(message) < at + 20:
                return
            yield message[at + 4 : at + 20]
            at += 20 + 16 * int.from_bytes(message[at + 2 : at + 4]) + 4 * message[at + 1]

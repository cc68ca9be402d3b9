"""ICMP echo with a payload of ours (RFC 792, RFC 4443): asked by the door, answered by an answerer."""

import socket
import struct
from dataclasses import dataclass
from typing import Final

REQUEST: Final = {4: 8, 6: 128}
REPLY: Final = {4: 0, 6: 129}


@dataclass(frozen=True, slots=True)
class Echo:
    """One echo message: its type, what its sender chose to know it by, and its payload."""

    kind: int
    ident: int
    sequence: int
    payload: bytes


def raw_socket(family: int) -> socket.socket:
    """A non-blocking raw ICMP socket for IP version 4 or 6; OSError without CAP_NET_RAW."""
    if family == 4:
        made = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    else:
        made = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
    made.setblocking(False)
    return made


def written(echo: Echo, family: int) -> bytes:
    """The message as it is sent; the kernel fills in ICMPv6's checksum."""
    head = struct.pack("!BBHHH", echo.kind, 0, 0, echo.ident, echo.sequence)
    data = head + echo.payload
    if family == 6:
        return data
    return head[:2] + struct.pack("!H", _checksum(data)) + head[4:] + echo.payload


def read(data: bytes, family: int) -> Echo | None:
    """An echo message as a raw socket gives it: with the IP header before it for IPv4, without for IPv6."""
    if family == 4:
        if not data:
            return None
        data = data[(data[0] & 0x0F) * 4 :]
    if len(data) < 8 or data[1] != 0 or data[0] not in (REQUEST[family], REPLY[family]):
        return None
    ident, sequence = struct.unpack_from("!HH", data, 4)
    return Echo(data[0], ident, sequence, data[8:])


def _checksum(data: bytes) -> int:
    padded = data + b"\x00" * (len(data) % 2)
    total: int = sum(struct.unpack(f"!{len(padded) // 2}H", padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF

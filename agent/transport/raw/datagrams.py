"""What a UDP sweep says to a port: a harmless question of its own protocol, with a place for the cookie.

The cookie is a number that the protocol's answer repeats, so an answer proves its question. A port without a
question here gets an empty datagram: only a refusal (ICMP port unreachable) can be proved there.
"""

from dataclasses import dataclass
from typing import Final

COOKIE_BITS: Final = 0x3FFFFFFF
COOKIE_MARK: Final = 0x40000000  # keeps a BER integer positive and four bytes long


@dataclass(frozen=True, slots=True)
class Datagram:
    """A payload, and where (byte) and how wide (2 or 4 bytes) its cookie is; width 0 has none."""

    payload: bytes = b""
    cookie_at: int = 0
    width: int = 0


_NBNS_ANYBODY: Final = b"\x20CK" + b"A" * 30 + b"\0\0\x21\0\x01"

DATAGRAMS: Final = {
    # RFC 1035: the name servers of the root, recursion not desired; the id comes back
    53: Datagram(bytes.fromhex("000000000001000000000000") + b"\0\0\x02\0\x01", 0, 2),
    # RFC 5905: client mode, version 4; the transmit timestamp comes back as the origin's
    123: Datagram(b"\x23" + bytes(47), 40, 4),
    # RFC 1002, 4.2.17: node status of any name
    137: Datagram(bytes.fromhex("000000000001000000000000") + _NBNS_ANYBODY, 0, 2),
    # RFC 3414, 4: discovery of an engine, without user or community; the report repeats msgID
    161: Datagram(
        bytes.fromhex(
            "303e0201033011020400000000020300ffe30401040201030410300e0400"
            "020100020100040004000400301404000400a00e02044000000002010002"
            "01003000"
        ),
        9,
        4,
    ),
    # RFC 6762, 6.7: a query from another port than 5353 is answered with its id
    5353: Datagram(
        bytes.fromhex("000000000001000000000000")
        + b"\x09_services\x07_dns-sd\x04_udp\x05local\0\0\x0c\x80\x01", 0, 2,
    ),
}  # fmt: skip


def datagram_for(port: int) -> Datagram:
    """The question for a port; an empty one where none is known."""
    return DATAGRAMS.get(port, Datagram())

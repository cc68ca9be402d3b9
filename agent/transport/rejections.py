"""Who said no to a connection or a datagram: the ICMP error behind it, of the socket's error queue (ip(7)).

Without it a router's or a firewall's word reads like the host's own: the kernel turns ICMP port unreachable
into "connection refused", as it does a RST. Kernels that queue no errors for TCP leave it at that.
"""

import contextlib
import ipaddress
import socket
import struct
from typing import Final

from inventory.types import ProbeOutcome

_WANTED: Final = {
    socket.AF_INET: (socket.IPPROTO_IP, 11),  # IP_RECVERR
    socket.AF_INET6: (socket.IPPROTO_IPV6, 25),  # IPV6_RECVERR
}
_EXTENDED: Final = struct.Struct("=IBBBBII")  # sock_extended_err; then who sent it, a sockaddr
_MSG_ERRQUEUE: Final = 0x2000
_ROOM: Final = 512
# By origin (SO_EE_ORIGIN_ICMP, _ICMP6): the type "unreachable", its codes that nobody is there, and that of a
# port (RFC 792, RFC 1812, RFC 4443), and where in the sockaddr the sender's address is.
_UNREACHABLE: Final = {2: (3, {0, 1, 6, 7}, 3, slice(4, 8)), 3: (1, {0, 3}, 4, slice(8, 24))}


def ask_for(asking: socket.socket) -> None:
    """Has the kernel keep the errors for this socket."""
    asking.setsockopt(*_WANTED[asking.family], 1)


def leave(asking: socket.socket) -> None:
    """Has the kernel keep none any more, and forget those it has."""
    asking.setsockopt(*_WANTED[asking.family], 0)


def read(asking: socket.socket, ip: str) -> ProbeOutcome | None:
    """What the last error says of a question to `ip`; None where there was none.

    REFUSED is the word of the host itself, to a datagram; UNREACHABLE says that nobody is there, FORBIDDEN
    that something on the way lets nobody through.
    """
    said = None
    with contextlib.suppress(OSError):  # the queue is empty
        while True:
            _data, about, _flags, _sender = asking.recvmsg(_ROOM, _ROOM, _MSG_ERRQUEUE)
            for level, kind, raw in about:
                if (level, kind) in _WANTED.values():
                    is_datagram = asking.type == socket.SOCK_DGRAM
                    said = _meant(raw, ip if is_datagram else "") or said
    return said


def _meant(raw: bytes, asked: str) -> ProbeOutcome | None:
    if len(raw) < _EXTENDED.size:
        return None
    _errno, origin, kind, code, _pad, _info, _data = _EXTENDED.unpack_from(raw)
    unreachable, nobody, port, where = _UNREACHABLE.get(origin, (None, set(), None, slice(0)))
    if kind != unreachable:
        return None
    if code in nobody:
        return ProbeOutcome.UNREACHABLE
    sender = raw[_EXTENDED.size :][where]
    if code == port and asked and sender == ipaddress.ip_address(asked.partition("%")[0]).packed:
        return ProbeOutcome.REFUSED
    return ProbeOutcome.FORBIDDEN

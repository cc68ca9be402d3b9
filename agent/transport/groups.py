"""Sockets that ask a multicast group and that hear one, over IPv4 and IPv6 (RFC 1112, RFC 3493, 5.2).

`own` is an address of this machine: it says on which wire. OSError where it is not ours.
"""

import errno
import ipaddress
import os
import socket
import struct
from pathlib import Path
from typing import Final

_ADDRESSES: Final = Path("/proc/net/if_inet6")  # address, interface's number (both hexadecimal), …


def asking_socket(own: str, hops: int) -> socket.socket:
    """A socket whose multicast leaves on the wire of `own`, and passes `hops` - 1 routers at most."""
    family = _family(own)
    made = socket.socket(family, socket.SOCK_DGRAM)
    try:
        made.setblocking(False)
        if family == socket.AF_INET6:
            wire = _interface(own)
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, hops)
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, wire)
            made.bind((_bare(own), 0, 0, wire))
        else:
            made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, hops)
            made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(own))
            made.bind((own, 0))
    except OSError:
        made.close()
        raise
    return made


def hearing_socket(own: str, group: str, port: int) -> socket.socket:
    """A socket that hears what is said to the group's port on the wire of `own`; others may hear it too."""
    family = _family(own)
    made = socket.socket(family, socket.SOCK_DGRAM)
    try:
        made.setblocking(False)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            wire = _interface(own)
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            made.bind((group, port, 0, wire))
            joined = socket.inet_pton(family, group) + struct.pack("@I", wire)
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, joined)
        else:
            made.bind((group, port))
            joined = socket.inet_aton(group) + socket.inet_aton(own)
            made.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, joined)
    except OSError:
        made.close()
        raise
    return made


def _family(own: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ipaddress.ip_address(own).version == 6 else socket.AF_INET


def _bare(own: str) -> str:
    return own.partition("%")[0]


def _interface(own: str) -> int:
    """The number of the interface that has the IPv6 address."""
    wanted, _percent, name = own.partition("%")
    packed = ipaddress.IPv6Address(wanted).packed.hex()
    for line in _ADDRESSES.read_text(encoding="ascii").splitlines():
        address, number, *_rest, interface = line.split()
        if address == packed and name in ("", interface):
            return int(number, 16)
    raise OSError(errno.EADDRNOTAVAIL, os.strerror(errno.EADDRNOTAVAIL))

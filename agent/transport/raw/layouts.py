"""One packet of each kind as scapy lays it out, and where the fields are that change from host to host.

Only a UDP question carries payload: a SYN has no data (RFC 9293 would allow it; a raw print port would
print it), an echo request has eight zero bytes (RFC 792 asks for none).
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from agent.transport.raw.datagrams import Datagram


class Kind(IntEnum):
    """What a packet asks."""

    ARP = 1  # RFC 826: who has this address
    ECHO = 2  # RFC 792: are you there
    SYN = 3  # RFC 9293: would you talk on this port (never completed)
    UDP = 4  # RFC 768: a question of the port's own protocol (datagrams.py)


_TO_BE_FILLED: Final = "0.0.0.0"  # noqa: S104 - a field left open, not an address to bind

LABELS: Final = {Kind.ARP: "arp", Kind.ECHO: "icmp", Kind.SYN: "syn", Kind.UDP: "udp"}


@dataclass(frozen=True, slots=True)
class Source:
    """From where packets leave: interface name, hardware address and IPv4 address."""

    interface: str
    mac: str
    ip: str


@dataclass(frozen=True, slots=True)
class Layout:
    """A whole Ethernet frame with zeros where the fields go; offsets in bytes, None where there is none."""

    kind: Kind
    frame: bytes
    destination_ip: int
    ip_checksum: int | None = None
    destination_port: int | None = None
    cookie: int | None = None
    checksum: int | None = None
    checksum_from: int = 0
    cookie_width: int = 4
    identification: int | None = None


def lay_out(kind: Kind, source: Source, source_port: int, datagram: Datagram = Datagram()) -> Layout:  # noqa: B008 - frozen
    """The frame for one kind, all of it but target address, port, cookie and checksums."""
    # Imported here because scapy takes a third of a second, and most commands never send a packet.
    from scapy.layers.inet import ICMP, IP, TCP, UDP
    from scapy.layers.l2 import ARP, Ether

    if kind is Kind.ARP:
        frame = Ether(src=source.mac, dst="ff:ff:ff:ff:ff:ff") / ARP(
            op=1, hwsrc=source.mac, psrc=source.ip, hwdst="00:00:00:00:00:00", pdst=_TO_BE_FILLED
        )
        return Layout(kind, bytes(frame), destination_ip=38)
    head = Ether(src=source.mac, dst="00:00:00:00:00:00") / IP(
        src=source.ip, dst=_TO_BE_FILLED, ttl=64, id=0, flags="DF", chksum=0
    )
    if kind is Kind.ECHO:
        frame = head / ICMP(type=8, code=0, id=0, seq=0, chksum=0) / bytes(8)
        return Layout(kind, bytes(frame), 30, ip_checksum=24, cookie=38, checksum=36, checksum_from=34)
    if kind is Kind.UDP:
        frame = head / UDP(sport=source_port, dport=0, chksum=0) / datagram.payload
        return Layout(
            kind,
            bytes(frame),
            30,
            ip_checksum=24,
            destination_port=36,
            cookie=42 + datagram.cookie_at if datagram.width else None,
            checksum=40,
            checksum_from=34,
            cookie_width=datagram.width,
            identification=18,
        )
    frame = head / TCP(
        sport=source_port, dport=0, seq=0, flags="S", window=1024, chksum=0, options=[("MSS", 1460)]
    )
    return Layout(
        kind, bytes(frame), 30, ip_checksum=24, destination_port=36, cookie=38, checksum=50, checksum_from=34
    )

"""One Ethernet frame → what its sender says of itself. Pure; what announces nothing is nothing."""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from agent.listen import dhcp, neighbours, vendors
from agent.probes import charset, mdns, nbns, ssdp
from agent.probes.reply import Garbled, clean, text_of
from agent.probes.xml_text import first_text
from inventory.types import Fact

Pairs = list[tuple[str, str]]

_ARP, _IPV4, _LLDP = 0x0806, 0x0800, 0x88CC
_TAGS: Final = (0x8100, 0x88A8)  # IEEE 802.1Q: four bytes, then the real type
_LONGEST_LENGTH: Final = 1500  # IEEE 802.3: up to here the field is a length, and LLC follows
_SNAP_CDP: Final = bytes.fromhex("aaaa0300000c2000")
_IGMP, _UDP = 2, 17
_DHCP_SERVER: Final = 67


@dataclass(frozen=True, slots=True)
class Heard:
    """What one sender said: `mac` only where the frame came from the sender itself, not from a router.

    `ip` is empty where nothing names it; `evidence` is the message without its headers.
    """

    source: str
    ip: str
    mac: str
    facts: tuple[Fact, ...]
    evidence: bytes


def hear(frame: bytes) -> Heard | None:
    """The announcement in an Ethernet frame, None where it is none; never raises."""
    if len(frame) < 22:
        return None
    sender, at = frame[6:12], 12
    kind = int.from_bytes(frame[at : at + 2], "big")
    while kind in _TAGS and len(frame) >= at + 6:
        at += 4
        kind = int.from_bytes(frame[at : at + 2], "big")
    body = frame[at + 2 :]
    if kind == _ARP:
        return _arp(body)
    if kind == _LLDP:
        return _neighbour("lldp", sender, neighbours.lldp(body), body)
    if kind <= _LONGEST_LENGTH and body.startswith(_SNAP_CDP):
        message = body[8:kind] if kind > 8 else body[8:]
        return _neighbour("cdp", sender, neighbours.cdp(message), message)
    if kind == _IPV4:
        return _ipv4(frame[:6], sender, body)
    return None


def _arp(body: bytes) -> Heard | None:
    if len(body) < 28 or body[:6] != bytes.fromhex("000108000604"):
        return None
    mac, address = body[8:14], body[14:18]
    if not _is_individual(mac) or not any(address):  # 0.0.0.0 asks before it has an address (RFC 5227)
        return None
    return _made("arp", _address(address), mac, [("arp.mac", mac.hex(":"))], body[:28])


def _neighbour(source: str, sender: bytes, pairs: Pairs, evidence: bytes) -> Heard | None:
    if not pairs:
        return None
    address = next((value for name, value in pairs if name == f"{source}.management"), "")
    return _made(source, address, sender, pairs, evidence)


def _ipv4(receiver: bytes, sender: bytes, body: bytes) -> Heard | None:
    start = 4 * (body[0] & 0x0F)
    total = int.from_bytes(body[2:4], "big")
    if body[0] >> 4 != 4 or start < 20 or not start <= total <= len(body):
        return None
    if int.from_bytes(body[6:8], "big") & 0x3FFF:  # a fragment: no message is that long
        return None
    address, payload = body[12:16], body[start:total]
    # What goes to everybody on the link is never forwarded, so the frame is the sender's own.
    is_link = receiver == b"\xff" * 6 or body[16:19] == b"\xe0\x00\x00"
    own = sender if is_link else b""
    if body[9] == _IGMP:
        return _made("igmp", _address(address), sender, _groups(payload), payload)
    if body[9] != _UDP or len(payload) < 8:
        return None
    return _datagram(_address(address), own, payload)


def _datagram(address: str, mac: bytes, payload: bytes) -> Heard | None:
    source_port, port = int.from_bytes(payload[:2], "big"), int.from_bytes(payload[2:4], "big")
    size = int.from_bytes(payload[4:6], "big")
    data = payload[8:size] if 8 <= size <= len(payload) else b""
    if port == _DHCP_SERVER:
        held, hardware, pairs = dhcp.request(data)
        own = bytes.fromhex(hardware.replace(":", ""))
        return _made("dhcp", held, own, pairs, data)
    for name, number, read in _ANNOUNCEMENTS:
        if number in (port, source_port):
            return _made(name, address, mac, read(data), data)
    return None


def _groups(data: bytes) -> Pairs:
    """The groups an IGMP report joins: versions 1 and 2 name one, version 3 (RFC 3376, 4.2) several."""
    if len(data) >= 8 and data[0] in (0x12, 0x16):
        return [("igmp.group", _address(data[4:8]))]
    groups: list[bytes] = []
    at, left = 8, int.from_bytes(data[6:8], "big")
    while data[:1] == b"\x22" and left and at + 8 <= len(data):
        groups.append(data[at + 4 : at + 8])
        at += 8 + 4 * data[at + 1] + 4 * int.from_bytes(data[at + 2 : at + 4], "big")
        left -= 1
    return [("igmp.group", _address(group)) for group in groups]


def _mdns(data: bytes) -> Pairs:
    """Announcements only: a query names what others offer (RFC 6762, section 7.1)."""
    records = mdns.parse(data) if len(data) > 2 and data[2] & 0x80 else ()
    return [] if isinstance(records, Garbled) else mdns.describe(records)


def _ssdp(data: bytes) -> Pairs:
    """NOTIFY (UPnP Device Architecture, 1.2.2) and search responses; searches say nothing of the sender."""
    if data.startswith(b"NOTIFY * HTTP/1.1\r\n"):
        data = b"HTTP/1.1 200 OK\r\n" + data.partition(b"\r\n")[2]
    read = ssdp.parse(data) if data.startswith(b"HTTP/") else ()
    return [] if isinstance(read, Garbled) else list(read)


def _wsd(data: bytes) -> Pairs:
    """Hello and ProbeMatch (WS-Discovery, sections 4.1 and 5.3)."""
    document = charset.document(data)
    if "discovery/Hello" not in document and "ProbeMatch" not in document:
        return []
    names = (
        ("wsd.types", "Types"),
        ("wsd.scopes", "Scopes"),
        ("wsd.endpoint", "Address"),
        ("wsd.xaddrs", "XAddrs"),
    )
    return [(name, first_text(document, element)) for name, element in names]


def _nbns(data: bytes) -> Pairs:
    """A name registration (RFC 1002, section 4.2.2), or a node status somebody was asked for."""
    if len(data) > 57 and data[2] & 0xF8 == 0x28 and data[12] == 32:
        coded = data[13:45]
        if all(0x41 <= byte <= 0x50 for byte in coded):
            raw = bytes((coded[i] - 0x41) << 4 | (coded[i + 1] - 0x41) for i in range(0, 32, 2))
            is_group = bool(data[-6] & 0x80)
            name = text_of(raw[:15]).strip(" \0")
            if raw[15] in (0x00, 0x20) and name:
                return [("nbns.group" if is_group else "nbns.name", name)]
    read = nbns.parse(data)
    return [] if isinstance(read, Garbled) else list(read)


_ANNOUNCEMENTS: Final[tuple[tuple[str, int, Callable[[bytes], Pairs]], ...]] = (
    ("mdns", mdns.PORT, _mdns),
    ("ssdp", ssdp.PORT, _ssdp),
    ("wsd", 3702, _wsd),
    ("nbns", 137, _nbns),
    ("mndp", vendors.MNDP_PORT, vendors.mndp),
    ("sadp", vendors.SADP_PORT, vendors.sadp),
)


def _made(source: str, address: str, mac: bytes, pairs: Pairs, evidence: bytes) -> Heard | None:
    facts = tuple(dict.fromkeys(Fact(name, clean(value)) for name, value in pairs if clean(value)))
    if not facts:
        return None
    address = "" if address == "0.0.0.0" else address  # noqa: S104 - nobody's address, not one to bind
    return Heard(source, address, mac.hex(":") if _is_individual(mac) else "", facts, evidence)


def _is_individual(mac: bytes) -> bool:
    return len(mac) == 6 and any(mac) and not mac[0] & 1


def _address(raw: bytes) -> str:
    return str(ipaddress.IPv4Address(raw))

"""LLDP (IEEE 802.1AB) and CDP announcements: what a switch, phone or access point says of itself."""

import ipaddress
from collections.abc import Iterator
from typing import Final

from agent.probes.reply import text_of

Pairs = list[tuple[str, str]]

_MAC_BYTES: Final = 6
_CHASSIS, _PORT, _PORT_DESCR, _NAME, _DESCR, _CAPABILITIES, _MANAGEMENT, _OWN = 1, 2, 4, 5, 6, 7, 8, 127
_IS_MAC: Final = {_CHASSIS: 4, _PORT: 3}  # the subtype under which the id is a MAC address
_IS_ADDRESS: Final = {_CHASSIS: 5, _PORT: 4}
_IPV4: Final = 1  # IANA address family numbers
_DOT1_PVID: Final = b"\x00\x80\xc2\x01"  # IEEE 802.1Q, annex D.2.1
_MED: Final = b"\x00\x12\xbb"  # ANSI/TIA-1057, inventory: subtypes 5 to 11
_MED_INVENTORY: Final = {
    5: "lldp.hardware", 6: "lldp.firmware", 7: "lldp.software", 8: "lldp.serial",
    9: "lldp.manufacturer", 10: "lldp.model",
}  # fmt: skip
_CDP_TEXTS: Final = {1: "cdp.device-id", 3: "cdp.port", 5: "cdp.version", 6: "cdp.platform"}
_CDP_ADDRESSES, _CDP_NATIVE_VLAN = 2, 10


def lldp(data: bytes) -> Pairs:
    """The facts of an LLDPDU; empty where it is cut off before its name or holds none.

    `lldp.mac` is the chassis id where that is a MAC, `lldp.chassis` the id in any form.
    """
    pairs: Pairs = []
    for kind, value in _lldp_fields(data):
        if kind in (_CHASSIS, _PORT) and len(value) > 1:
            pairs += _identifier(kind, value)
        elif kind == _NAME:
            pairs.append(("lldp.sysname", text_of(value)))
        elif kind == _DESCR:
            pairs.append(("lldp.sysdesc", text_of(value)))
        elif kind == _PORT_DESCR:
            pairs.append(("lldp.port-description", text_of(value)))
        elif kind == _CAPABILITIES and len(value) >= 4:
            pairs.append(("lldp.capabilities", str(int.from_bytes(value[2:4], "big"))))
        elif kind == _MANAGEMENT and len(value) >= 6 and value[:2] == bytes((5, _IPV4)):
            pairs.append(("lldp.management", str(ipaddress.IPv4Address(value[2:6]))))
        elif kind == _OWN and value.startswith(_DOT1_PVID) and len(value) >= 6:
            pairs.append(("lldp.vlan", str(int.from_bytes(value[4:6], "big"))))
        elif kind == _OWN and value.startswith(_MED) and len(value) > 4:
            name = _MED_INVENTORY.get(value[3])
            pairs += [(name, text_of(value[4:]))] if name else []
    return pairs


def cdp(data: bytes) -> Pairs:
    """The facts of a CDP message: version, hold time, checksum, then fields of type, length and value."""
    pairs: Pairs = []
    at = 4
    while at + 4 <= len(data):
        kind, size = int.from_bytes(data[at : at + 2], "big"), int.from_bytes(data[at + 2 : at + 4], "big")
        value = data[at + 4 : at + size]
        if size < 4 or len(value) < size - 4:
            break
        at += size
        if kind in _CDP_TEXTS:
            pairs.append((_CDP_TEXTS[kind], text_of(value.rstrip(b"\0"))))
        elif kind == _CDP_NATIVE_VLAN and len(value) >= 2:
            pairs.append(("cdp.vlan", str(int.from_bytes(value[:2], "big"))))
        elif kind == _CDP_ADDRESSES:
            pairs += [("cdp.management", address) for address in _cdp_addresses(value)][:1]
    return pairs


def _lldp_fields(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 2 <= len(data):
        head = int.from_bytes(data[at : at + 2], "big")
        kind, size = head >> 9, head & 0x1FF
        value = data[at + 2 : at + 2 + size]
        if kind == 0 or len(value) < size:
            return
        yield kind, value
        at += 2 + size


def _identifier(kind: int, value: bytes) -> Pairs:
    subtype, identity = value[0], value[1:]
    name = "lldp.chassis" if kind == _CHASSIS else "lldp.port"
    if subtype == _IS_MAC[kind] and len(identity) == _MAC_BYTES:
        mac = identity.hex(":")
        own = [("lldp.mac", mac)] if kind == _CHASSIS and any(identity) and not identity[0] & 1 else []
        return [(name, mac), *own]
    if subtype == _IS_ADDRESS[kind] and len(identity) == 5 and identity[0] == _IPV4:
        return [(name, str(ipaddress.IPv4Address(identity[1:])))]
    return [(name, text_of(identity))]


def _cdp_addresses(value: bytes) -> Iterator[str]:
    """IPv4 addresses of the list: protocol type and length, protocol (0xCC is IP), length, address."""
    at = 4
    for _number in range(min(int.from_bytes(value[:4], "big"), 16)):
        if at + 2 > len(value):
            return
        protocol = value[at + 2 : at + 2 + value[at + 1]]
        at += 2 + value[at + 1]
        size = int.from_bytes(value[at : at + 2], "big")
        address = value[at + 2 : at + 2 + size]
        at += 2 + size
        if protocol == b"\xcc" and len(address) == 4:
            yield str(ipaddress.IPv4Address(address))

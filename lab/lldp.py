"""A switch announces itself to whoever hangs on its ports (IEEE 802.1AB).

A real switch sends on each port and swallows what it hears, so only those on its own ports hear
it. Here a frame goes out for each vantage that hangs on a port of the switch.
"""

import asyncio
import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address

from lab.plan import Plan, Station
from lab.reading import fill

EVERY_SECONDS = 10.0
"""IEEE 802.1AB says 30 by default; a demonstration is shorter than that."""

_NEAREST_BRIDGE = bytes.fromhex("0180c200000e")
_ETHERTYPE = 0x88CC
_CHASSIS, _PORT, _TTL, _PORT_DESCR, _SYSTEM_NAME, _SYSTEM_DESCR, _CAPABILITIES, _ADDRESS = range(1, 9)
_END = b"\0\0"
_MAC_SUBTYPE, _LOCAL_SUBTYPE = b"\x04", b"\x07"
_BRIDGE = 0x0004
_IPV4 = 1
_LONGEST = 255
"""Octets of a name or description; longer ones are cut (8.5.5 to 8.5.7)."""


@dataclass(frozen=True)
class Herald:
    """One frame and the interface it leaves by."""

    interface: str
    frame: bytes


def heralds_of(plan: Plan, station: Station) -> list[Herald]:
    """What a device announces: nothing, unless it is a switch with a vantage on a port."""
    device = station.device
    if device.persona.lldp is None or station.interface is None:
        return []
    description = fill(device.persona.lldp, device.values())
    return [
        Herald(
            station.interface,
            frame(device.mac, vantage.port[1], device.hostname, description, device.ip),
        )
        for vantage in plan.office.vantages
        if vantage.port and vantage.port[0] == device.name and vantage.segment == device.segment
    ]


def frame(mac: str, port: int, name: str, description: str, ip: str) -> bytes:
    """One LLDPDU in its Ethernet frame (IEEE 802.1AB-2016 clause 8)."""
    source = bytes.fromhex(mac.replace(":", ""))
    capabilities = struct.pack(">HH", _BRIDGE, _BRIDGE)
    address = bytes((5, _IPV4)) + IPv4Address(ip).packed + b"\x02" + struct.pack(">I", 1) + b"\0"
    body = b"".join(
        (
            _tlv(_CHASSIS, _MAC_SUBTYPE + source),
            _tlv(_PORT, _LOCAL_SUBTYPE + str(port).encode()),
            _tlv(_TTL, struct.pack(">H", 120)),
            _tlv(_PORT_DESCR, str(port).encode()),
            _tlv(_SYSTEM_NAME, name.encode()),
            _tlv(_SYSTEM_DESCR, description.encode()),
            _tlv(_CAPABILITIES, capabilities),
            _tlv(_ADDRESS, address),
            _END,
        )
    )
    return _NEAREST_BRIDGE + source + struct.pack(">H", _ETHERTYPE) + body


async def announce(heralds: Sequence[Herald]) -> None:
    """Sends every frame now and then until cancelled; without frames it ends at once."""
    if not heralds:
        return
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as line:
        while True:
            for herald in heralds:
                line.sendto(herald.frame, (herald.interface, _ETHERTYPE))
            await asyncio.sleep(EVERY_SECONDS)


def _tlv(kind: int, value: bytes) -> bytes:
    value = value[:_LONGEST]
    return struct.pack(">H", kind << 9 | len(value)) + value

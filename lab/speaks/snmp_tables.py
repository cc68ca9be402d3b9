"""The SNMP tables that follow from where a device stands in the topology.

ifTable and ipAddrTable (RFC 1213, 2863) for everyone; the bridge's forwarding table
(RFC 4188, 4363) and its LLDP neighbours (IEEE 802.1AB) for a switch; ipNetToMediaTable
(RFC 1213) for a router. Each function gives rows of (object identifier, BER value).
"""

from collections.abc import Iterator
from typing import Literal

from lab.speaks import ber, mib
from lab.speaks.ber import ObjectId
from lab.speaks.host import Host
from lab.speaks.settings import Settings, YesNo

Row = tuple[ObjectId, bytes]

_ETHERNET, _WIRELESS, _UP = 6, 71, 1
_LEARNED, _DYNAMIC = 3, 3
_CHASSIS_IS_MAC, _PORT_IS_MAC, _PORT_IS_NAME = 4, 3, 5


class Interface(Settings):
    """One row of ifTable; the device's own MAC address unless another is given."""

    descr: str = "eth0"
    index: int = 1
    wireless: YesNo = False
    mac: str = ""


class Bridge(Settings):
    """How a switch numbers its ports; `{port}` in the port name is the port's number."""

    ports: int = 24
    port_name: str = "GigabitEthernet1/0/{port}"
    first_if_index: int = 1
    fdb: Literal["bridge", "q-bridge", "both"] = "both"
    vlan: int = 1
    """Of stations whose own VLAN the topology does not tell."""
    lldp: YesNo = True


def interfaces(host: Host, rows: tuple[Interface, ...]) -> Iterator[Row]:
    """ifTable, ifName and the address of the first interface."""
    yield mib.object_id("ifNumber.0"), ber.integer(len(rows))
    for row in rows:
        kind = _WIRELESS if row.wireless else _ETHERNET
        yield from _interface(row.index, row.descr, kind, row.mac or host.mac)
    index = rows[0].index if rows else 1
    yield mib.object_id(f"ipAdEntAddr.{host.ip}"), mib.ip_address(host.ip)
    yield mib.object_id(f"ipAdEntIfIndex.{host.ip}"), ber.integer(index)


def bridge(host: Host, settings: Bridge) -> Iterator[Row]:
    """The switch's ports, who was learned on which, and who announces itself there."""
    yield mib.object_id("dot1dBaseBridgeAddress.0"), mib.physical_address(host.mac)
    yield mib.object_id("dot1dBaseNumPorts.0"), ber.integer(settings.ports)
    yield mib.object_id("dot1dBaseType.0"), ber.integer(2)
    for port in range(1, settings.ports + 1):
        index = settings.first_if_index + port - 1
        base = mib.object_id("dot1dBasePortEntry")
        yield (*base, 1, port), ber.integer(port)
        yield (*base, 2, port), ber.integer(index)
        yield from _interface(index, _port_name(settings, port), _ETHERNET, host.mac)
    yield from _forwarding(host, settings)
    if settings.lldp:
        yield from _neighbours(host, settings)


def arp(host: Host) -> Iterator[Row]:
    """ipNetToMediaTable: interface, physical address, address, dynamic."""
    entry = mib.object_id("ipNetToMediaEntry")
    for line in host.arp:
        at = (line.interface, *(int(part) for part in line.ip.split(".")))
        yield (*entry, 1, *at), ber.integer(line.interface)
        yield (*entry, 2, *at), mib.physical_address(line.mac)
        yield (*entry, 3, *at), mib.ip_address(line.ip)
        yield (*entry, 4, *at), ber.integer(_DYNAMIC)


def _interface(index: int, descr: str, kind: int, mac: str) -> Iterator[Row]:
    entry = mib.object_id("ifEntry")
    yield (*entry, 1, index), ber.integer(index)
    yield (*entry, 2, index), mib.octets(descr)
    yield (*entry, 3, index), ber.integer(kind)
    yield (*entry, 6, index), mib.physical_address(mac)
    yield (*entry, 8, index), ber.integer(_UP)
    yield (*mib.object_id("ifName"), index), mib.octets(descr)


def _forwarding(host: Host, settings: Bridge) -> Iterator[Row]:
    entry = mib.object_id("dot1dTpFdbEntry")
    for seen in host.attached:
        mac = tuple(bytes.fromhex(seen.mac.replace(":", "")))
        if settings.fdb in ("bridge", "both"):
            yield (*entry, 1, *mac), mib.physical_address(seen.mac)
            yield (*entry, 2, *mac), ber.integer(seen.port)
            yield (*entry, 3, *mac), ber.integer(_LEARNED)
        if settings.fdb in ("q-bridge", "both"):
            at = (seen.vlan or settings.vlan, *mac)
            yield (*mib.object_id("dot1qTpFdbPort"), *at), ber.integer(seen.port)
            yield (*mib.object_id("dot1qTpFdbStatus"), *at), ber.integer(_LEARNED)


def _neighbours(host: Host, settings: Bridge) -> Iterator[Row]:
    yield mib.object_id("lldpLocChassisIdSubtype.0"), ber.integer(_CHASSIS_IS_MAC)
    yield mib.object_id("lldpLocChassisId.0"), mib.physical_address(host.mac)
    yield mib.object_id("lldpLocSysName.0"), mib.octets(host.hostname)
    local = mib.object_id("lldpLocPortEntry")
    for port in range(1, settings.ports + 1):
        yield (*local, 2, port), ber.integer(_PORT_IS_NAME)
        yield (*local, 3, port), mib.octets(_port_name(settings, port))
        yield (*local, 4, port), mib.octets(_port_name(settings, port))
    remote = mib.object_id("lldpRemEntry")
    announced = (seen for seen in host.attached if seen.lldp)
    for index, seen in enumerate(announced, start=1):
        at = (0, seen.port, index)
        yield (*remote, 4, *at), ber.integer(_CHASSIS_IS_MAC)
        yield (*remote, 5, *at), mib.physical_address(seen.mac)
        yield (*remote, 6, *at), ber.integer(_PORT_IS_MAC)
        yield (*remote, 7, *at), mib.physical_address(seen.mac)
        yield (*remote, 9, *at), mib.octets(seen.hostname)
        yield (*remote, 10, *at), mib.octets(seen.description)


def _port_name(settings: Bridge, port: int) -> str:
    return settings.port_name.replace("{port}", str(port))

"""Network gear's tables over SNMP: who has which address, who hangs on which port.

Harmless because GETBULK only reads (RFC 3416, section 4.2.3). It is asked of routers, switches and other
gear alone, at the pace of every other question, and ends after `walk.MOST_REQUESTS` however long the table.
"""

import ipaddress
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from agent.permit import Permit
from agent.probes.reply import Context
from agent.probes.walk import Walk, numbers_of
from agent.transport.door import Door
from agent.transport.talk import Failed
from agent.wireless.names import octets, readable
from inventory.types import ProbeOutcome

_ARP: Final = "1.3.6.1.2.1.4.22.1.2"  # ipNetToMediaPhysAddress (RFC 1213)
_PHYSICAL: Final = "1.3.6.1.2.1.4.35.1.4"  # ipNetToPhysicalPhysAddress (RFC 4293): ARP and ND
_OWN: Final = "1.3.6.1.2.1.4.20.1.1"  # ipAdEntAddr (RFC 1213)
_FDB: Final = "1.3.6.1.2.1.17.4.3.1.2"  # dot1dTpFdbPort (RFC 4188)
_VLAN_FDB: Final = "1.3.6.1.2.1.17.7.1.2.2.1.2"  # dot1qTpFdbPort (RFC 4363)
_PORT_INTERFACE: Final = "1.3.6.1.2.1.17.1.4.1.2"  # dot1dBasePortIfIndex (RFC 4188)
_INTERFACE_NAME: Final = "1.3.6.1.2.1.31.1.1.1.1"  # ifName (RFC 2863)
_LLDP_CHASSIS: Final = "1.0.8802.1.1.2.1.4.1.1.5"  # lldpRemChassisId (IEEE 802.1AB)
_LLDP_NAME: Final = "1.0.8802.1.1.2.1.4.1.1.9"
_LLDP_DESCR: Final = "1.0.8802.1.1.2.1.4.1.1.10"
_VLAN_OF_FDB: Final = "1.3.6.1.2.1.17.7.1.4.2.1.3"  # dot1qVlanFdbId (RFC 4363)
_PVID: Final = "1.3.6.1.2.1.17.7.1.4.5.1.1"  # dot1qPvid (RFC 4363)
_CDP_ADDRESS: Final = "1.3.6.1.4.1.9.9.23.1.2.1.1.4"  # cdpCacheAddress (CISCO-CDP-MIB)
_CDP_NAME: Final = "1.3.6.1.4.1.9.9.23.1.2.1.1.6"
_CDP_PLATFORM: Final = "1.3.6.1.4.1.9.9.23.1.2.1.1.8"
_AIRESPACE_SSID: Final = "1.3.6.1.4.1.14179.2.1.4.1.7"  # bsnMobileStationSsid (AIRESPACE-WIRELESS-MIB)
_ARUBA_SSID: Final = "1.3.6.1.4.1.14823.2.2.1.5.2.2.1.1.12"  # wlanStaAccessPointESSID (WLSX-WLAN-MIB)
_DOT11_PARENT: Final = (
    "1.3.6.1.4.1.9.9.273.1.2.1.1.2"  # cDot11ClientParentAddress (CISCO-DOT11-ASSOCIATION-MIB)
)
_ROUTER_COLUMNS: Final = (_OWN, _ARP, _PHYSICAL)
_SWITCH_COLUMNS: Final = (
    _FDB, _VLAN_FDB, _PORT_INTERFACE, _INTERFACE_NAME, _LLDP_CHASSIS, _LLDP_NAME, _LLDP_DESCR,
    _VLAN_OF_FDB, _PVID, _CDP_ADDRESS, _CDP_NAME, _CDP_PLATFORM, _AIRESPACE_SSID, _ARUBA_SSID, _DOT11_PARENT,
)  # fmt: skip
_MAC_BYTES: Final = 6


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Who announced itself on a port by LLDP or CDP; `mac` is empty where neither names one."""

    port: str
    mac: str
    name: str
    description: str


@dataclass(frozen=True, slots=True)
class Tables:
    """What one device of the network knows of others.

    `arp` maps address to MAC (IPv6 too), `ports` MAC to the name of the port it was learned on, `own` are its
    addresses, `vlans` MAC to VLAN number, `wireless` MAC to the SSID it is associated with.
    """

    own: frozenset[str] = frozenset()
    arp: Mapping[str, str] | None = None
    ports: Mapping[str, str] | None = None
    neighbours: tuple[Neighbour, ...] = ()
    vlans: Mapping[str, str] = field(default_factory=dict)
    wireless: Mapping[str, str] = field(default_factory=dict)

    def macs_on(self, port: str) -> int:
        """How many MACs were learned on a port: one means a device hangs there directly."""
        return sum(other == port for other in (self.ports or {}).values())


async def read_tables(door: Door, permit: Permit, port: int, context: Context) -> Tables | Failed:
    """The tables of one device, by the first community or user that is answered; Failed where none is."""
    walk = Walk(door, permit, port, context)
    if not await walk.opens():
        return Failed(ProbeOutcome.SILENT, "no community and no user was answered")
    variables: list[tuple[str, str]] = []
    for column in (*_ROUTER_COLUMNS, *_SWITCH_COLUMNS):
        variables += await walk.column(column)
    return tables_of(variables)


def tables_of(variables: Iterable[tuple[str, str]]) -> Tables:
    """The tables in walked variables (numeric OID, text); rows that make no sense are left out."""
    column: dict[str, dict[tuple[int, ...], str]] = defaultdict(dict)
    for oid, value in variables:
        for known in (*_ROUTER_COLUMNS, *_SWITCH_COLUMNS):
            if oid.startswith(f"{known}."):
                column[known][numbers_of(oid[len(known) + 1 :])] = value
    names = {index[-1:]: name for index, name in column[_INTERFACE_NAME].items()}
    interface = {index[-1:]: numbers_of(value) for index, value in column[_PORT_INTERFACE].items()}

    def port_name(bridge_port: tuple[int, ...]) -> str:
        plain = str(bridge_port[-1]) if bridge_port else ""
        return names.get(interface.get(bridge_port[-1:], ()), plain)

    ports: dict[str, str] = {}
    vlans: dict[str, str] = {}
    vlan_of = {value: str(index[-1]) for index, value in column[_VLAN_OF_FDB].items() if index}
    pvid = {index[-1:]: value for index, value in column[_PVID].items()}
    for table in (_FDB, _VLAN_FDB):
        for index, value in column[table].items():
            learned = numbers_of(value)
            mac = _mac_of(index[-_MAC_BYTES:])
            if mac and learned and learned != (0,):  # port 0: learned, but not on a port (RFC 4188)
                ports[mac] = port_name(learned)
                # A filtering database is a VLAN's only where the switch says so; the port's own comes next.
                fdb = str(index[0]) if table == _VLAN_FDB and len(index) > _MAC_BYTES else ""
                vlan = vlan_of.get(fdb, "") or pvid.get(learned, "")
                vlans |= {mac: vlan} if vlan not in ("", "0") else {}
    arp = _arp(column[_ARP], column[_PHYSICAL])
    neighbours = [
        Neighbour(
            port_name(index[-2:-1]),
            _mac_text(chassis),
            column[_LLDP_NAME].get(index, ""),
            column[_LLDP_DESCR].get(index, ""),
        )
        for index, chassis in column[_LLDP_CHASSIS].items()
        if len(index) >= 3
    ]
    neighbours += [
        Neighbour(
            names.get(index[:1], str(index[0])),
            arp.get(_ipv4_text(address), ""),
            column[_CDP_NAME].get(index, ""),
            column[_CDP_PLATFORM].get(index, ""),
        )
        for index, address in column[_CDP_ADDRESS].items()
        if index
    ]
    return Tables(frozenset(column[_OWN].values()), arp, ports, tuple(neighbours), vlans, _wireless(column))


def _arp(older: Mapping[tuple[int, ...], str], newer: Mapping[tuple[int, ...], str]) -> dict[str, str]:
    """Address → MAC. The newer table's index is interface, kind of address (1, 2), length, address."""
    found = {
        ".".join(str(number) for number in index[-4:]): _mac_text(value)
        for index, value in older.items()
        if len(index) >= 5 and all(number < 256 for number in index[-4:])
    }
    for index, value in newer.items():
        kind, octets = index[1:3], index[3:]
        if kind in ((1, 4), (2, 16)) and len(octets) == kind[1] and all(number < 256 for number in octets):
            found[str(ipaddress.ip_address(bytes(octets)))] = _mac_text(value)
    return {address: mac for address, mac in found.items() if mac}


def _wireless(column: Mapping[str, Mapping[tuple[int, ...], str]]) -> dict[str, str]:
    """MAC → SSID of associated stations; the SSID of Cisco's access points stands in the index."""
    found = {
        _mac_of(index[-_MAC_BYTES:]): readable(octets(ssid))
        for table in (_AIRESPACE_SSID, _ARUBA_SSID)
        for index, ssid in column[table].items()
    }
    for index in column[_DOT11_PARENT]:
        size = index[1] if len(index) > 1 else 0
        if len(index) == 2 + size + _MAC_BYTES and all(number < 256 for number in index[2:]):
            found[_mac_of(index[-_MAC_BYTES:])] = readable(bytes(index[2 : 2 + size]))
    return {mac: ssid for mac, ssid in found.items() if mac and ssid}


def _ipv4_text(octets: str) -> str:
    parts = octets.split(":")
    if len(parts) != 4 or any(len(part) != 2 or not _is_hex(part) for part in parts):
        return ""
    return ".".join(str(int(part, 16)) for part in parts)


def _mac_of(numbers: tuple[int, ...]) -> str:
    if len(numbers) != _MAC_BYTES or any(number > 255 for number in numbers):
        return ""
    return _individual(":".join(f"{number:02x}" for number in numbers))


def _mac_text(value: str) -> str:
    """A physical address as `aa:bb:cc:dd:ee:ff`, empty where it is none of a single device."""
    parts = value.lower().split(":")
    if len(parts) != _MAC_BYTES or any(len(part) != 2 or not _is_hex(part) for part in parts):
        return ""
    return _individual(":".join(parts))


def _is_hex(text: str) -> bool:
    return all(character in "0123456789abcdef" for character in text)


def _individual(mac: str) -> str:
    """The MAC, unless it is a group's, or nobody's."""
    return "" if int(mac[:2], 16) & 1 or mac == "00:00:00:00:00:00" else mac

"""From an office to what is built: namespaces, interfaces, addresses, tables. Pure.

One namespace holds a whole segment: each device is a macvlan of its own MAC on one uplink.
A device that needs its namespace for itself (a real daemon listens on every address; a fragile
one counts every packet) gets one. The router's namespace holds a bridge per segment.
"""

from dataclasses import dataclass, replace

from lab.layout import Device, Office, Segment, Vantage
from lab.reading import fill
from lab.speaks.host import ArpEntry, Attached

ROUTER = "router"


@dataclass(frozen=True)
class Station:
    """One device where it stands: its interface and every address it answers on."""

    device: Device
    namespace: str
    interface: str | None
    """None for the router, whose addresses sit on its bridges."""
    addresses: tuple[tuple[str, str], ...]
    """(IP, MAC) pairs."""
    number: int
    """Its routing table's number."""


@dataclass(frozen=True)
class Plan:
    """What is built for an office."""

    office: Office
    stations: tuple[Station, ...]
    """Devices with an address, in the topology's order."""

    def in_namespace(self, name: str) -> tuple[Station, ...]:
        """The stations of one namespace."""
        return tuple(station for station in self.stations if station.namespace == name)

    @property
    def namespaces(self) -> tuple[str, ...]:
        """Every namespace but the first vantage's, the router's first."""
        names = [ROUTER]
        names += [segment_namespace(segment) for segment in self.office.segments]
        names += [vantage_namespace(vantage) for vantage in self.office.vantages[1:]]
        names += [station.namespace for station in self.stations]
        return tuple(dict.fromkeys(names))


def make_plan(office: Office) -> Plan:
    """The plan of an office: the same office always gives the same plan."""
    stations = []
    for number, device in enumerate(office.devices, 1):
        if not device.wired_up:
            continue
        stations.append(
            Station(
                device=device,
                namespace=_namespace(device, number),
                interface=None if device.router else f"d{number}",
                addresses=addresses(office, device),
                number=number,
            )
        )
    return Plan(office, tuple(stations))


def addresses(office: Office, device: Device) -> tuple[tuple[str, str], ...]:
    """Every (IP, MAC) of a device; the router has one in each segment."""
    if device.router:
        return tuple((str(segment.gateway), gateway_mac(office, segment)) for segment in office.segments)
    return ((device.ip, device.mac),) if device.wired_up else ()


def gateway_mac(office: Office, segment: Segment) -> str:
    """The MAC of the router's interface in a segment: its own, counted up per segment."""
    router = office.router
    base = int((router.mac if router else "02:4d:55:52:54:00").replace(":", ""), 16)
    bare = f"{base + office.segments.index(segment):012x}"
    return ":".join(bare[at : at + 2] for at in range(0, 12, 2))


def segment_namespace(segment: Segment) -> str:
    """The namespace that holds a segment's devices."""
    return f"seg-{segment.name}"


def vantage_namespace(vantage: Vantage) -> str:
    """The namespace of a vantage that is not the first."""
    return f"at-{vantage.name}"


def attached_to(office: Office, switch: Device) -> tuple[Attached, ...]:
    """Whom a switch has learned on which port: its neighbours, and everyone behind those.

    Only a neighbour's own announcement (LLDP) reaches the switch, not that of the ones behind.
    """
    found: dict[str, Attached] = {}
    for device in office.devices:
        if device.port and device.port[0] == switch.name:
            mac = gateway_mac(office, device.segment) if device.router else device.mac
            found[mac] = Attached(
                port=device.port[1],
                mac=mac,
                hostname=device.hostname or device.name,
                description=fill(device.persona.lldp or "", device.values()),
                lldp=device.persona.lldp is not None,
                vlan=device.segment.vlan,
            )
            for behind in _behind(office, device, {switch.name}):
                found.setdefault(behind.mac, replace(behind, port=device.port[1]))
    for vantage in office.vantages:
        if vantage.port and vantage.port[0] == switch.name:
            found[vantage.mac] = Attached(
                vantage.port[1], vantage.mac, vantage.name, vlan=vantage.segment.vlan
            )
    return tuple(sorted(found.values(), key=lambda one: (one.port, one.mac)))


def arp_of_router(office: Office) -> tuple[ArpEntry, ...]:
    """The router's ARP table: every addressed device of every segment, and the first vantage.

    Interface numbers count the segments from 1 in the topology's order.
    """
    entries = []
    for index, segment in enumerate(office.segments, 1):
        entries += [
            ArpEntry(index, device.ip, device.mac)
            for device in office.devices
            if device.segment == segment and device.wired_up and not device.router
        ]
        if office.vantages[0].segment == segment:
            entries.append(ArpEntry(index, office.vantages[0].ip, office.vantages[0].mac))
    return tuple(entries)


def _behind(office: Office, neighbour: Device, passed: set[str]) -> tuple[Attached, ...]:
    if neighbour.name in passed:
        return ()
    passed = passed | {neighbour.name}
    behind = []
    for device in office.devices:
        if device.port and device.port[0] == neighbour.name and device.name not in passed:
            name = device.hostname or device.name
            behind.append(Attached(device.port[1], device.mac, name, vlan=device.segment.vlan))
            behind += _behind(office, device, passed)
    for vantage in office.vantages:
        if vantage.port and vantage.port[0] == neighbour.name:
            behind.append(Attached(vantage.port[1], vantage.mac, vantage.name, vlan=vantage.segment.vlan))
    return tuple(behind)


def _namespace(device: Device, number: int) -> str:
    if device.router:
        return ROUTER
    alone = device.persona.fragile or any(one.by == "daemon" for one in device.persona.serves)
    return f"dev-{number}" if alone else segment_namespace(device.segment)

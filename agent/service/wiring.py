"""Who is plugged in where, from the tables of routers and switches. Pure: tables in, conclusions out."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from agent.probes.gear import Tables
from inventory.networks import sort_key
from inventory.types import ConnectionMethod, DeviceClass

FORWARDING: Final = frozenset(
    {DeviceClass.ROUTER, DeviceClass.SWITCH, DeviceClass.FIREWALL, DeviceClass.ACCESS_POINT,
     DeviceClass.WLAN_CONTROLLER}
)  # fmt: skip
_RADIO: Final = frozenset({DeviceClass.ACCESS_POINT, DeviceClass.WLAN_CONTROLLER})


@dataclass(frozen=True, slots=True)
class Plug:
    """Where a device hangs and how: `rule` names the reasoning, `certainty` what it is worth."""

    switch: str
    port: str
    method: ConnectionMethod
    certainty: float
    rule: str


@dataclass
class Neighbourhood:
    """The tables of all gear of one run; `tables` pairs each with the name of the gear that said it.

    `gear` are the identities of those who are being asked, or have answered.
    """

    tables: list[tuple[str, Tables]] = field(default_factory=list)
    gear: set[str] = field(default_factory=set)

    def add(self, name: str, tables: Tables) -> None:
        """Takes the tables of one more gear in, in the order of their names."""
        self.tables.append((name, tables))
        self.tables.sort(key=lambda pair: pair[0])

    def mac_of(self, ip: str) -> tuple[str, str]:
        """(MAC, who says so) of an address; empty where no ARP table has it, or two disagree."""
        said = {tables.arp[ip]: gear for gear, tables in self.tables if tables.arp and ip in tables.arp}
        return next(iter(said.items())) if len(said) == 1 else ("", "")

    def ssid_of(self, mac: str) -> str:
        """The wireless network a station is associated with, by the word of its controller; else empty."""
        return next((tables.wireless[mac] for _gear, tables in self.tables if mac in tables.wireless), "")

    def vlan_of(self, mac: str) -> str:
        """The VLAN a MAC was learned in; empty where no switch says, or two disagree."""
        said = {tables.vlans[mac] for _gear, tables in self.tables if mac in tables.vlans}
        return next(iter(said)) if len(said) == 1 else ""

    def silent(self, known: Iterable[str]) -> Iterator[tuple[str, str, str]]:
        """(address, MAC, who says so) of those in an ARP table who are not `known`."""
        met = set(known)
        everyone = {ip for _gear, tables in self.tables for ip in tables.arp or ()}
        own = {ip for _gear, tables in self.tables for ip in tables.own}
        for ip in sorted(everyone - met - own, key=sort_key):
            mac, gear = self.mac_of(ip)
            if mac:
                yield ip, mac, gear

    def is_bridge(self, gear: str) -> bool:
        """Whether the device of that name learned others on ports of its own."""
        return any(bool(tables.ports) for name, tables in self.tables if name == gear)

    def plug_of(self, mac: str, classes: Mapping[str, DeviceClass]) -> Plug | None:
        """Where the device with this MAC hangs; None where the tables leave it open.

        `classes` is what the MACs of this run belong to. Of several switches the one that learned the fewest
        MACs beside it is the nearest (the others see it through an uplink).
        """
        if self.ssid_of(mac):
            gear = next(gear for gear, tables in self.tables if mac in tables.wireless)
            return Plug(gear, "", ConnectionMethod.WIRELESS, 0.95, "wlan.association")
        for gear, tables in self.tables:
            for neighbour in tables.neighbours:
                if neighbour.mac == mac:  # IEEE 802.1AB: such frames are never forwarded
                    return Plug(gear, neighbour.port, ConnectionMethod.WIRED, 0.9, "lldp.neighbour")
        near = min(self._learned(mac), default=None)
        if near is None:
            return None
        count, gear, port = near
        if count == 1:
            return Plug(gear, port, ConnectionMethod.WIRED, 0.85, "fdb.edge-port")
        return _shared(gear, port, mac, self._beside(gear, port, mac), classes)

    def _learned(self, mac: str) -> Iterator[tuple[int, str, str]]:
        for gear, tables in self.tables:
            port = (tables.ports or {}).get(mac, "")
            if port:
                yield tables.macs_on(port), gear, port

    def _beside(self, gear: str, port: str, mac: str) -> frozenset[str]:
        ports = next(tables.ports or {} for name, tables in self.tables if name == gear)
        return frozenset(other for other, at in ports.items() if at == port and other != mac)


def _shared(
    gear: str, port: str, mac: str, beside: frozenset[str], classes: Mapping[str, DeviceClass]
) -> Plug | None:
    """A port with several MACs: what stands between it and the device decides."""
    forwarders = {classes[other] for other in beside if classes.get(other) in FORWARDING}
    if classes.get(mac) in FORWARDING:
        # It forwards for those beside it, so the cable is its own, unless another forwarder is there too.
        return None if forwarders else Plug(gear, port, ConnectionMethod.WIRED, 0.8, "fdb.uplink")
    if forwarders and forwarders <= _RADIO:
        return Plug(gear, port, ConnectionMethod.WIRELESS, 0.5, "fdb.behind-access-point")
    if not forwarders and all(
        classes.get(other, DeviceClass.UNKNOWN) is not DeviceClass.UNKNOWN for other in beside
    ):
        return Plug(gear, port, ConnectionMethod.WIRED, 0.7, "fdb.shared-port")
    return None

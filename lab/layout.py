"""What stands where in a pretend office: segments, rules, vantages, devices. Values only."""

import ipaddress
from dataclasses import dataclass

from lab.persona import Persona, placeholders


@dataclass(frozen=True)
class Segment:
    """One network behind the router."""

    name: str
    network: ipaddress.IPv4Network
    gateway: ipaddress.IPv4Address
    vlan: int
    """The number its stations carry in a switch's forwarding table; nothing is tagged here."""


@dataclass(frozen=True)
class Rule:
    """The router lets new flows from one segment to another pass, on these ports only."""

    source: str
    target: str
    ports: tuple[str, ...]
    """`tcp/445`, `udp/53`, `icmp` or `any`."""
    why: str
    wrong: bool
    """True when a segmentation check ought to complain."""


@dataclass(frozen=True)
class Vantage:
    """A place in a segment where commands are run."""

    name: str
    segment: Segment
    ip: str
    mac: str
    manages: bool
    """True when the router lets it reach every segment."""
    port: tuple[str, int] | None


@dataclass(frozen=True)
class Device:
    """One device of the office: its persona with the blanks filled in."""

    name: str
    persona: Persona
    segment: Segment
    ip: str
    """Empty when the device has no address at all."""
    mac: str
    hostname: str
    serial: str
    firmware: str
    owner: str
    location: str
    connection: str
    port: tuple[str, int] | None
    """The switch and the port number it hangs on."""
    router: bool
    n: int
    """Which one of its persona it is, from 1."""

    @property
    def wired_up(self) -> bool:
        """True when the device has an interface in the lab: it has an address."""
        return bool(self.ip)

    def values(self, ip: str | None = None) -> dict[str, str]:
        """What the placeholders of the persona stand for on this device."""
        given = {
            "hostname": self.hostname,
            "serial": self.serial,
            "firmware": self.firmware,
            "location": self.location,
            "owner": self.owner,
        }
        return placeholders(mac=self.mac, ip=ip or self.ip, n=self.n, given=given)


@dataclass(frozen=True)
class Office:
    """One topology: segments, rules between them, devices, vantages (the first is the default)."""

    name: str
    title: str
    segments: tuple[Segment, ...]
    rules: tuple[Rule, ...]
    vantages: tuple[Vantage, ...]
    devices: tuple[Device, ...]

    @property
    def router(self) -> Device | None:
        """The device that is the router, when one of them is."""
        return next((device for device in self.devices if device.router), None)

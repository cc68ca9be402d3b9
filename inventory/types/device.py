"""A device as the register knows it; every attribute keeps its source and time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from inventory.types.vocabulary import Attribute, DeviceClass, DeviceStatus, IdentifierKind


@dataclass(frozen=True, slots=True)
class Held:
    """A value the register holds: where it came from, when it was last confirmed, how certain.

    `source` is a fingerprint id for what a scan found, `person:NAME` for what somebody entered. A person's
    value is `locked`: no scan replaces it; what a scan says instead stands in `disagreeing`.
    """

    value: str
    source: str
    at: datetime
    certainty: float = 1.0
    locked: bool = False
    disagreeing: tuple["Held", ...] = ()


@dataclass(frozen=True, slots=True)
class Identifier:
    """Something that tells this device from others; `scope` is the site for what is only unique there."""

    kind: IdentifierKind
    value: str
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Address:
    """An address the device answered at; addresses belong to a site, not to the world."""

    ip: str
    mac: str | None
    site: str
    segment: str
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True, slots=True)
class Service:
    """An open port and what speaks there."""

    proto: str
    port: int
    name: str
    product: str
    version: str
    first_seen: datetime
    last_seen: datetime

    @property
    def key(self) -> str:
        """`tcp/443`, the form used in observations, declared ports and rules."""
        return f"{self.proto}/{self.port}"


@dataclass(frozen=True, slots=True)
class Device:
    """One device at one moment; a change makes a new revision and a DeviceChange.

    `custom` holds the fields a firm declares for itself in its settings, by their declared names.
    """

    id: str
    status: DeviceStatus
    site: str
    segment: str
    first_seen: datetime
    last_seen: datetime
    attributes: Mapping[Attribute, Held] = field(default_factory=dict)
    addresses: tuple[Address, ...] = ()
    services: tuple[Service, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    custom: Mapping[str, Held] = field(default_factory=dict)

    def text(self, attribute: Attribute) -> str:
        """The held value, or the empty string where nothing is known."""
        held = self.attributes.get(attribute)
        return held.value if held else ""

    @property
    def device_class(self) -> DeviceClass:
        """The held class; `UNKNOWN` where nothing, or a word this version does not know, is held."""
        try:
            return DeviceClass(self.text(Attribute.DEVICE_CLASS))
        except ValueError:
            return DeviceClass.UNKNOWN

    @property
    def label(self) -> str:
        """What a person calls it: vendor and model, else hostname, else address, else id."""
        vendor, model = self.text(Attribute.VENDOR), self.text(Attribute.MODEL)
        says_both = vendor and model.casefold().startswith(vendor.casefold())
        name = model if says_both else f"{vendor} {model}".strip()
        first_address = self.addresses[0].ip if self.addresses else ""
        return name or self.text(Attribute.HOSTNAME) or first_address or self.id


@dataclass(frozen=True, slots=True)
class DeviceChange:
    """One attribute (or address, service, status) going from one value to another, and why."""

    device: str
    at: datetime
    what: str
    before: str
    after: str
    source: str

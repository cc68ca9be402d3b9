"""What tells one device from another, read from claims: identifiers, and a sure vendor, model and class.

A person's words name a device; they do not tell two apart, so only what scans say counts here.
"""

from dataclasses import dataclass

from inventory.merge import Record
from inventory.types import Attribute, Claim, DeviceClass, Identifier, IdentifierKind, Sighting
from inventory.vendors import key, kin
from inventory.weighing import confidence

SURE = 0.6

_FROM_ATTRIBUTE = {
    Attribute.SERIAL: IdentifierKind.SERIAL,
    Attribute.UUID: IdentifierKind.UUID,
    Attribute.ENGINE_ID: IdentifierKind.ENGINE_ID,
    Attribute.TLS_KEY: IdentifierKind.TLS_KEY,
    Attribute.SSH_KEY: IdentifierKind.SSH_KEY,
    Attribute.MAC: IdentifierKind.MAC,
    Attribute.HOSTNAME: IdentifierKind.HOSTNAME,
}
# RFC 9568 (VRRP, IPv4 and IPv6; CARP uses the same), Cisco HSRP v1 and v2, Cisco GLBP.
_REDUNDANCY_MACS = ("00:00:5e:00:01", "00:00:5e:00:02", "00:00:0c:07:ac", "00:00:0c:9f:f", "00:07:b4:00")
_PROOFS = frozenset({IdentifierKind.SERIAL, IdentifierKind.UUID, IdentifierKind.ENGINE_ID})
# One device may be called either, by what of it answered or by what we have learned to read since.
_KINDRED_CLASSES = (
    {DeviceClass.PRINTER, DeviceClass.SCANNER, DeviceClass.FAX},
    {DeviceClass.CAMERA, DeviceClass.RECORDER, DeviceClass.INTERCOM},
    {DeviceClass.PHONE, DeviceClass.PBX, DeviceClass.INTERCOM},
    {DeviceClass.SWITCH, DeviceClass.ROUTER, DeviceClass.FIREWALL},
    {DeviceClass.ACCESS_POINT, DeviceClass.WLAN_CONTROLLER, DeviceClass.ROUTER},
    {DeviceClass.SERVER, DeviceClass.NAS, DeviceClass.WORKSTATION, DeviceClass.KVM_BMC},
    {DeviceClass.AV, DeviceClass.MEDIA, DeviceClass.DISPLAY},
    {DeviceClass.UPS, DeviceClass.PDU, DeviceClass.ENVIRONMENTAL_SENSOR},
    {DeviceClass.ACCESS_CONTROL, DeviceClass.INTERCOM, DeviceClass.BUILDING_AUTOMATION},
)


@dataclass(frozen=True, slots=True)
class Traits:
    """What tells devices apart: identifiers, and what is surely claimed of its character ("" = nothing)."""

    identifiers: frozenset[Identifier] = frozenset()
    vendor: str = ""
    model: str = ""
    device_class: str = ""

    @property
    def is_bare(self) -> bool:
        """True where nothing at all speaks for or against a likeness."""
        return not (self.identifiers or self.vendor or self.model or self.device_class)

    @property
    def is_proved(self) -> bool:
        """True where an identifier of its own pins the device down, wherever it turns up."""
        return any(
            each.kind in _PROOFS or (each.kind is IdentifierKind.MAC and is_burnt_in(each.value))
            for each in self.identifiers
        )


def traits_of(sighting: Sighting, winners: dict[Attribute, tuple[Claim, ...]]) -> Traits:
    """A sighting's traits; `winners` are its weighed claims, so that a serial is scoped by its vendor."""

    def sure(attribute: Attribute) -> str:
        ranked = winners.get(attribute, ())
        return ranked[0].value.casefold() if ranked and confidence(ranked) >= SURE else ""

    device_class = sure(Attribute.DEVICE_CLASS)
    vendor = sure(Attribute.VENDOR)
    found = {
        identifier
        for claim in sighting.claims
        if (identifier := _identifier(claim, vendor, sighting.target.site)) is not None
    }
    if sighting.target.mac and is_own_mac(sighting.target.mac):
        found.add(Identifier(IdentifierKind.MAC, sighting.target.mac.lower()))
    return Traits(
        frozenset(found),
        vendor=vendor,
        model=sure(Attribute.MODEL),
        device_class="" if device_class in (DeviceClass.UNKNOWN, DeviceClass.OTHER) else device_class,
    )


def traits_of_record(record: Record) -> Traits:
    """A record's traits, from what scans have said of it."""

    def sure(attribute: Attribute) -> str:
        held = record.device.attributes.get(attribute)
        if held is not None and held.locked:
            agreeing = any(
                kept.claim.attribute is attribute and kept.claim.value == held.value for kept in record.claims
            )
            held = held if agreeing else next(iter(held.disagreeing), None)
        return held.value.casefold() if held and held.certainty >= SURE else ""

    device_class = sure(Attribute.DEVICE_CLASS)
    return Traits(
        frozenset(record.device.identifiers),
        vendor=sure(Attribute.VENDOR),
        model=sure(Attribute.MODEL),
        device_class="" if device_class in (DeviceClass.UNKNOWN, DeviceClass.OTHER) else device_class,
    )


def differences(one: Traits, other: Traits) -> frozenset[str]:
    """In what the two contradict: both sides say something and nothing of it agrees. Symmetric."""
    contrary = {
        kind.value
        for kind in IdentifierKind
        if (mine := _certain(one, kind)) and (theirs := _certain(other, kind)) and not mine & theirs
    }
    if one.vendor and other.vendor and not kin(one.vendor, other.vendor):
        contrary.add("vendor")
    if one.model and other.model and not _may_be_one_model(one.model, other.model):
        contrary.add("model")
    if one.device_class and other.device_class and not _may_be_one_class(one, other):
        contrary.add("class")
    return frozenset(contrary)


def is_burnt_in(mac: str) -> bool:
    """True for a universally administered unicast MAC (IEEE 802: both low bits of the first octet are 0)."""
    return int(mac[:2], 16) & 0b11 == 0


def is_own_mac(mac: str) -> bool:
    """True where a MAC can belong to one device: not a group address, not all zeros, not a redundancy MAC."""
    lower = mac.lower()
    return (
        not int(lower[:2], 16) & 1 and lower != "00:00:00:00:00:00" and not lower.startswith(_REDUNDANCY_MACS)
    )


def _identifier(claim: Claim, vendor: str, site: str) -> Identifier | None:
    kind = _FROM_ATTRIBUTE.get(claim.attribute)
    value = claim.value.strip().casefold()
    if kind is None or not set(value) - set("0:-. "):
        return None
    if kind is IdentifierKind.SERIAL:
        return Identifier(kind, value, vendor) if len(set(value)) > 1 and len(value) >= 4 else None
    if kind is IdentifierKind.MAC:
        return Identifier(kind, value) if is_own_mac(value) else None
    if kind is IdentifierKind.HOSTNAME:
        return Identifier(kind, value.rstrip("."), site)
    return Identifier(kind, value)


def _certain(traits: Traits, kind: IdentifierKind) -> set[tuple[str, str]]:
    """The values of one kind that a difference in would mean something: not random MACs, names per site."""
    return {
        (each.value, each.scope if kind is IdentifierKind.HOSTNAME else "")
        for each in traits.identifiers
        if each.kind is kind and (kind is not IdentifierKind.MAC or is_burnt_in(each.value))
    }


def _may_be_one_model(one: str, other: str) -> bool:
    """One spelling may be the other's with the vendor or an option after it."""
    mine, theirs = key(one), key(other)
    return mine in theirs or theirs in mine


def _may_be_one_class(one: Traits, other: Traits) -> bool:
    pair = {one.device_class, other.device_class}
    return len(pair) == 1 or any(pair <= kindred for kindred in _KINDRED_CLASSES)

"""Rows to typed values and back; JSON columns are read and written here and nowhere else."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from inventory.exits import StoreFault
from inventory.language import _
from inventory.merge import Kept
from inventory.networks import sort_key
from inventory.store.columns import microseconds, moment_of, once
from inventory.types import (
    EDITABLE,
    Address,
    Attribute,
    Claim,
    Device,
    DeviceStatus,
    Fact,
    Held,
    Identifier,
    IdentifierKind,
    Observation,
    Service,
    Target,
)

Values = dict[str, Any]

HELD_COLUMNS = ("value", "source", "certainty", "locked", "confirmed_at", "disagreeing")
_NOTHING = "[]"
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)
HEAD_LENGTH = 400  # of a value in the head row: what an index of any database takes
_COLUMN_OF = {each: each.value for each in EDITABLE}
_NOTHING_SAID = dict.fromkeys(_COLUMN_OF.values(), "")
_SEARCHED = tuple(each for each in EDITABLE if each not in (Attribute.IN_SCOPE, Attribute.DECLARED_PORTS))


def to_json(value: object) -> str:
    """Compact JSON with sorted keys: the same value is always the same text."""
    return _ENCODER.encode(value)


def from_json(text: str) -> Any:  # noqa: ANN401 - the caller knows the shape it wrote
    """What `to_json` wrote; StoreFault where somebody else wrote into it."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise StoreFault(_("a row of the register is damaged: restore it from a backup")) from error


def known_attribute(name: str) -> bool:
    """Is it an attribute of this version? A later one may have stored others."""
    return name in _ATTRIBUTES


def status_of(standing: str, *, unseen: bool) -> DeviceStatus:
    """What the list shows: `unseen` stands before everything but `retired`."""
    status = DeviceStatus(standing)
    return DeviceStatus.UNSEEN if unseen and status is not DeviceStatus.RETIRED else status


def head_values(device: Device) -> Values:
    """The current values that the head row repeats."""
    first = device.addresses[0] if device.addresses else None
    texts = {attribute: held.value for attribute, held in device.attributes.items()}
    values = {_COLUMN_OF[each]: text[:HEAD_LENGTH] for each, text in texts.items() if each in _COLUMN_OF}
    places = [text for each in device.addresses for text in (each.ip, each.mac or "") if text]
    said = [texts.get(attribute, "") for attribute in _SEARCHED]
    words = [
        device.id,
        *said,
        *(held.value for held in device.custom.values()),
        *places,
        device.site,
        device.segment,
    ]
    return {
        **_NOTHING_SAID,
        **values,
        "site": device.site,
        "segment": device.segment,
        "first_seen": device.first_seen,
        "last_seen": device.last_seen,
        "ip": first.ip if first else "",
        "ip_key": sort_key(first.ip) if first else "",
        "mac": (first.mac if first else None) or "",
        "ports": f" {' '.join(each.key for each in device.services)} " if device.services else "",
        "several": len(device.addresses) > 1,
        "search": " ".join(dict.fromkeys(word.casefold() for word in words if word)),
    }


def custom_name(name: str) -> str:
    """The attribute under which a field declared in the settings is stored."""
    return f"custom.{name}"


def held_to_list(held: Held) -> list[Any]:
    """A person's value as JSON keeps it."""
    return [held.value, held.source, microseconds(held.at)]


def held_from_list(said: list[Any]) -> Held:
    """A person's value as `held_to_list` wrote it."""
    value, source, at = said
    return Held(value, source, moment_of(at), locked=True)


def held_of(row: Row[Any]) -> Held:
    """A value row as the value it holds."""
    return Held(
        once(row.value),
        once(row.source),
        row.confirmed_at,
        row.certainty,
        row.locked,
        tuple(
            Held(value, source, moment_of(at), certainty)
            for value, source, at, certainty in (
                from_json(row.disagreeing) if row.disagreeing != _NOTHING else ()
            )
        ),
    )


def held_row(held: Held) -> tuple[Any, ...]:
    """The columns HELD_COLUMNS of a value row: what a confirmation may change."""
    losers = [
        [other.value, other.source, microseconds(other.at), other.certainty] for other in held.disagreeing
    ]
    disagreeing = to_json(losers) if losers else _NOTHING
    return (held.value, held.source, held.certainty, held.locked, held.at, disagreeing)


def sides_of_a_join(
    theirs: Device, standing: str, last_run: str, ours: Device | None, our_claims: Iterable[Kept]
) -> Values:
    """What two records held when one absorbed the other; the absorbed one's claims stay with its record."""
    sides: Values = {"theirs": _side(theirs) | {"standing": standing, "last_run": last_run}}
    if ours is None:
        empty: Values = {"values": {}, "custom": {}, "addresses": [], "services": [], "identifiers": []}
        return sides | {"ours": empty}
    seen = [microseconds(ours.first_seen), microseconds(ours.last_seen)]
    return sides | {"ours": _side(ours) | {"seen": seen, "claims": claims_to_json(our_claims)}}


def joined_seen(side: list[int]) -> tuple[datetime, datetime]:
    """When a side was first and last seen."""
    first, last = side
    return moment_of(first), moment_of(last)


def joined_addresses(side: list[list[Any]]) -> tuple[Address, ...]:
    """A side's addresses."""
    return tuple(
        Address(ip, mac, site, segment, moment_of(first), moment_of(last))
        for ip, mac, site, segment, first, last in side
    )


def joined_services(side: list[list[Any]]) -> tuple[Service, ...]:
    """A side's services."""
    return tuple(
        Service(proto, port, name, product, version, moment_of(first), moment_of(last))
        for proto, port, name, product, version, first, last in side
    )


def joined_identifiers(side: list[list[str]]) -> tuple[Identifier, ...]:
    """A side's identifiers."""
    return tuple(Identifier(IdentifierKind(kind), value, scope) for kind, value, scope in side)


def _side(device: Device) -> Values:
    return {
        "values": {each.value: held_to_list(held) for each, held in device.attributes.items() if held.locked},
        "custom": {name: held_to_list(held) for name, held in device.custom.items()},
        "addresses": [
            [
                each.ip,
                each.mac,
                each.site,
                each.segment,
                microseconds(each.first_seen),
                microseconds(each.last_seen),
            ]
            for each in device.addresses
        ],
        "services": [
            [
                each.proto,
                each.port,
                each.name,
                each.product,
                each.version,
                microseconds(each.first_seen),
                microseconds(each.last_seen),
            ]
            for each in device.services
        ],
        "identifiers": [[each.kind.value, each.value, each.scope] for each in device.identifiers],
    }


def address_of(row: Row[Any]) -> Address:
    """An address row as an address."""
    return Address(row.ip, row.mac, once(row.site), once(row.segment), row.first_seen, row.last_seen)


def service_of(row: Row[Any]) -> Service:
    """A service row as a service."""
    return Service(
        once(row.proto), row.port, row.name, row.product, row.version, row.first_seen, row.last_seen
    )


def identifier_of(row: Row[Any]) -> Identifier:
    """An identifier row as an identifier."""
    return Identifier(IdentifierKind(row.kind), row.value, row.scope)


def claims_to_json(claims: Iterable[Kept]) -> str:
    """The basis of a device's values."""
    return to_json(
        sorted(
            [
                kept.claim.attribute.value,
                kept.claim.value,
                kept.claim.certainty,
                kept.claim.fingerprint,
                kept.claim.source,
                kept.claim.service or "",
                microseconds(kept.at),
            ]
            for kept in claims
        )
    )


def claims_from_json(text: str) -> frozenset[Kept]:
    """The basis of a device's values; claims about attributes this version does not know are left out."""
    return frozenset(
        Kept(
            Claim(Attribute(attribute), value, certainty, fingerprint, source, service or None),
            moment_of(at),
        )
        for attribute, value, certainty, fingerprint, source, service, at in from_json(text)
        if known_attribute(attribute)
    )


def facts_to_json(facts: Iterable[Fact]) -> str:
    """Facts in the order they were heard."""
    return to_json([[fact.name, fact.value] for fact in facts])


def observation_of(row: Row[Any]) -> Observation:
    """An observation row as it was last heard."""
    return Observation(
        run=row.run,
        vantage=row.vantage,
        target=Target(row.ip, row.mac, row.site, row.segment),
        source=row.source,
        at=row.last_at,
        facts=tuple(Fact(name, value) for name, value in from_json(row.facts)),
        service=row.service,
        digest=row.digest,
        excerpt=row.excerpt,
    )


_ATTRIBUTES = frozenset(attribute.value for attribute in Attribute)


def values_of(value: Any) -> Values:  # noqa: ANN401 - any of the slotted dataclasses
    """The fields of a value by their names, as a row's columns."""
    return {name: getattr(value, name) for name in value.__dataclass_fields__}

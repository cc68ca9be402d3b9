"""Step 6, pure: a record and a sighting make the record's next revision.

A record keeps, for each (attribute, observation source, service), the claims of the newest sighting that made
any. The current value is what `weigh` makes of these, older ones counting for less (half, once OLD_AFTER
older than the newest). Nothing depends on the order of arrival: the same sightings give the same device. A
person's value is locked; what the scans say instead stands in its `disagreeing`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from inventory.networks import sort_key
from inventory.types import (
    MACHINE_READ,
    Address,
    Attribute,
    Claim,
    Device,
    DeviceStatus,
    Held,
    Identifier,
    IdentifierKind,
    Observation,
    Service,
    Sighting,
)
from inventory.weighing import confidence, weigh

OLD_AFTER = timedelta(days=60)
PORT_STATE = "port.state"  # a fact of this name with the value "closed" ends a service


@dataclass(frozen=True, slots=True)
class Kept:
    """A claim that still counts, and when it was last made."""

    claim: Claim
    at: datetime


@dataclass(frozen=True, slots=True)
class Record:
    """A device with the claims its values rest on."""

    device: Device
    claims: frozenset[Kept] = frozenset()


def merge(
    record: Record | None, sighting: Sighting, identifiers: Iterable[Identifier], *, device_id: str
) -> Record:
    """The record after the sighting; `device_id` names a record that does not exist yet."""
    claims = newest((*(record.claims if record else ()), *(Kept(c, sighting.at) for c in sighting.claims)))
    device = record.device if record else _first_seen(sighting, device_id)
    addresses = _with_address(device.addresses, sighting)
    return Record(
        replace(
            device,
            site=addresses[0].site,
            segment=addresses[0].segment,
            first_seen=min(device.first_seen, sighting.at),
            last_seen=max(device.last_seen, sighting.at),
            attributes=settle(device.attributes, claims),
            addresses=addresses,
            services=_with_services(device.services, sighting, claims),
            identifiers=_ordered({*device.identifiers, *identifiers}),
        ),
        claims,
    )


def join(record: Record, absorbed: Record) -> Record:
    """`record` with everything `absorbed` holds; where both are locked, `record`'s own word stays."""
    claims = newest((*record.claims, *absorbed.claims))
    ours, theirs = record.device, absorbed.device
    inherited = {attribute: held for attribute, held in theirs.attributes.items() if held.locked}
    addresses = _ordered_addresses((*ours.addresses, *theirs.addresses))
    services = {service.key: service for service in theirs.services}
    for service in ours.services:
        services[service.key] = _widened(services.get(service.key), service)
    return Record(
        replace(
            ours,
            site=addresses[0].site if addresses else ours.site,
            segment=addresses[0].segment if addresses else ours.segment,
            first_seen=min(ours.first_seen, theirs.first_seen),
            last_seen=max(ours.last_seen, theirs.last_seen),
            attributes=settle({**inherited, **ours.attributes}, claims, locked_by=inherited),
            addresses=addresses,
            services=_named(services.values(), claims),
            identifiers=_ordered({*ours.identifiers, *theirs.identifiers}),
            custom=dict(sorted({**theirs.custom, **ours.custom}.items())),
        ),
        claims,
    )


def settle(
    attributes: Mapping[Attribute, Held],
    claims: Iterable[Kept],
    *,
    locked_by: Mapping[Attribute, Held] | None = None,
) -> dict[Attribute, Held]:
    """Each attribute's value: the person's where locked, else what the claims weigh to, with the losers."""
    about_device = [kept for kept in claims if kept.claim.attribute not in MACHINE_READ]
    settled = _weighed(about_device)
    persons = {**(locked_by or {}), **{a: held for a, held in attributes.items() if held.locked}}
    for attribute, held in persons.items():
        claimed = settled.get(attribute)
        others = (replace(claimed, disagreeing=()), *claimed.disagreeing) if claimed else ()
        settled[attribute] = replace(
            held, disagreeing=tuple(other for other in others if other.value != held.value)
        )
    return {attribute: settled[attribute] for attribute in Attribute if attribute in settled}


def newest(claims: Iterable[Kept]) -> frozenset[Kept]:
    """Of each (attribute, source, service) the claims of the newest moment."""
    moments: dict[tuple[Attribute, str, str | None], datetime] = {}
    every = list(claims)
    for kept in every:
        key = (kept.claim.attribute, kept.claim.source, kept.claim.service)
        moments[key] = max(moments.get(key, kept.at), kept.at)
    return frozenset(
        kept
        for kept in every
        if kept.at == moments[(kept.claim.attribute, kept.claim.source, kept.claim.service)]
    )


def _first_seen(sighting: Sighting, device_id: str) -> Device:
    return Device(
        id=device_id,
        status=DeviceStatus.DISCOVERED,
        site=sighting.target.site,
        segment=sighting.target.segment,
        first_seen=sighting.at,
        last_seen=sighting.at,
    )


def _weighed(claims: Iterable[Kept]) -> dict[Attribute, Held]:
    """The claims' winners and losers, older claims counting for less than the newest of their attribute."""
    last_made: dict[Claim, datetime] = {}
    latest: dict[Attribute, datetime] = {}
    for kept in claims:
        claim = kept.claim
        last_made[claim] = max(last_made.get(claim, kept.at), kept.at)
        latest[claim.attribute] = max(latest.get(claim.attribute, kept.at), kept.at)
    original = {_aged(claim, latest[claim.attribute] - at): at for claim, at in last_made.items()}
    return {attribute: _held(ranked, original) for attribute, ranked in weigh(original).items()}


def _aged(claim: Claim, age: timedelta) -> Claim:
    return replace(claim, certainty=claim.certainty * (1 - 0.5 * min(1.0, age / OLD_AFTER))) if age else claim


def _held(ranked: tuple[Claim, ...], moments: Mapping[Claim, datetime]) -> Held:
    winner = ranked[0]
    confirmed = max(moments[claim] for claim in ranked if claim.value == winner.value)
    losers: dict[str, Held] = {}
    for claim in ranked[1:]:
        if claim.value != winner.value and claim.value not in losers:
            losers[claim.value] = Held(claim.value, claim.fingerprint, moments[claim], claim.certainty)
    return Held(
        winner.value,
        winner.fingerprint,
        confirmed,
        round(confidence(ranked), 4),
        disagreeing=tuple(losers.values()),
    )


def _with_address(addresses: Iterable[Address], sighting: Sighting) -> tuple[Address, ...]:
    target = sighting.target
    seen = Address(target.ip, target.mac, target.site, target.segment, sighting.at, sighting.at)
    return _ordered_addresses((*addresses, seen))


def _ordered_addresses(addresses: Iterable[Address]) -> tuple[Address, ...]:
    """One of each (site, ip), widened; its MAC and segment are the newest known. In numeric order."""
    found: dict[tuple[str, str], Address] = {}
    for one in addresses:
        other = found.get((one.site, one.ip))
        if other is not None:
            newer, older = sorted((one, other), key=lambda a: (a.last_seen, a.mac or ""), reverse=True)
            one = replace(  # noqa: PLW2901 - the two are one address
                newer,
                mac=newer.mac or older.mac,
                first_seen=min(one.first_seen, other.first_seen),
            )
        found[one.site, one.ip] = one
    return tuple(sorted(found.values(), key=lambda a: (sort_key(a.ip), a.site)))


def _with_services(
    services: Iterable[Service], sighting: Sighting, claims: Iterable[Kept]
) -> tuple[Service, ...]:
    found = {service.key: service for service in services}
    for observation in sighting.observations:
        if observation.service is None:
            continue
        if says_closed(observation):
            known = found.get(observation.service)
            if known and known.last_seen <= observation.at:
                del found[observation.service]
            continue
        proto, _slash, port = observation.service.partition("/")
        heard = Service(proto, int(port), "", "", "", observation.at, observation.at)
        found[heard.key] = _widened(found.get(heard.key), heard)
    return _named(found.values(), claims)


def _named(services: Iterable[Service], claims: Iterable[Kept]) -> tuple[Service, ...]:
    """The services with name, product and version as the claims about each port weigh out."""
    about: dict[str, list[Kept]] = {}
    for kept in claims:
        if kept.claim.service and kept.claim.attribute in MACHINE_READ:
            about.setdefault(kept.claim.service, []).append(kept)
    named = []
    for service in services:
        said = _weighed(about[service.key]) if service.key in about else {}

        def text(attribute: Attribute, said: Mapping[Attribute, Held] = said) -> str:
            held = said.get(attribute)
            return held.value if held else ""

        named.append(
            replace(
                service,
                name=text(Attribute.SERVICE_NAME) or service.name,
                product=text(Attribute.SERVICE_PRODUCT) or service.product,
                version=text(Attribute.SERVICE_VERSION) or service.version,
            )
        )
    return tuple(sorted(named, key=lambda one: (one.proto, one.port)))


def _widened(known: Service | None, heard: Service) -> Service:
    if known is None:
        return heard
    return replace(
        heard,
        name=heard.name or known.name,
        product=heard.product or known.product,
        version=heard.version or known.version,
        first_seen=min(known.first_seen, heard.first_seen),
        last_seen=max(known.last_seen, heard.last_seen),
    )


def says_closed(observation: Observation) -> bool:
    """Whether it tells that a port is not open any more."""
    return any(fact.name == PORT_STATE and fact.value == "closed" for fact in observation.facts)


def _ordered(identifiers: Iterable[Identifier]) -> tuple[Identifier, ...]:
    """Strongest kind first; a serial known with its vendor is not listed a second time without."""
    every = set(identifiers)
    scoped = {each.value for each in every if each.kind is IdentifierKind.SERIAL and each.scope}
    rank = {kind: position for position, kind in enumerate(IdentifierKind)}
    return tuple(
        sorted(
            (
                each
                for each in every
                if each.scope or each.kind is not IdentifierKind.SERIAL or each.value not in scoped
            ),
            key=lambda each: (rank[each.kind], each.value, each.scope),
        )
    )

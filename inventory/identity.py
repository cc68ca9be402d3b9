"""Step 5, pure: is this sighting a device we know? Matched, New or Ambiguous, never by an IP alone.

What may join a sighting to a known device, strongest first:

| identifier | joins at any address | unless |
|---|---|---|
| serial (with its vendor), UUID | yes | burnt-in MACs differ and another identifier differs too (a clone) |
| SNMP engine id | yes | serial, UUID, burnt-in MAC or hostname differ (a default engine id) |
| burnt-in MAC | yes | serial differs (dock, replaced board); elsewhere than before, also any key, name or |
| | | sure class; or the device was met at another address in this run and nothing else agrees (proxy ARP) |
| random MAC | within its segment | anything differs, or met at another address in this run |
| SSH or TLS key, hostname | only where the address agrees too | MAC, vendor, model or class differ |
| IP | never alone | see below |

A key or a name that turns up at another address gives a new record with a *possible* link: at the end of the
run the two become one if the older was met nowhere (it moved), else they stay two (a default certificate, a
cloned name). Whatever two records hold already is *shared* and joins nothing. First-hop redundancy MACs
(VRRP, HSRP, GLBP) are nobody's own.

At an address we know where no identifier agrees: something contradicts → another device now sits there (New),
unless nothing but keys changed: with the same model it is a renewed certificate, else Ambiguous. Nothing
contradicts, and both sides claim the same vendor, model or class, or one side says nothing at all → the same
device, weakly (`certainty` 0.5), else each scan would double every silent device. Both sides say much and
nothing of it can be compared (a serial here, a MAC there) → the same device where one run heard both at that
address, else Ambiguous.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from inventory.traits import Traits, differences, is_burnt_in
from inventory.types import Identifier, IdentifierKind
from inventory.vendors import kin

WEAK = 0.5

_STRENGTH = {kind: rank for rank, kind in enumerate(IdentifierKind)}
_KEYS_AND_NAMES = frozenset({"uuid", "engine_id", "tls_key", "ssh_key", "hostname"})
_RENEWABLE = frozenset({"tls_key", "ssh_key"})
_CHARACTER = frozenset({"vendor", "model", "class"})
_APART = _CHARACTER | {"serial"}

Place = tuple[str, str]  # site, ip


@dataclass(frozen=True, slots=True)
class Seen:
    """One sighting as identity sees it."""

    place: Place
    segment: str
    traits: Traits


@dataclass(frozen=True, slots=True)
class Known:
    """One record as identity sees it: where it was at that moment, and where this run has met it already."""

    id: str
    traits: Traits
    current: frozenset[Place] = frozenset()
    met: frozenset[Place] = frozenset()
    segments: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Likeness:
    """Why a known record may be this device: what agrees and what differs, in words."""

    device: str
    agrees: tuple[str, ...]
    differs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matched:
    """The sighting is `device`; `joins` are records it proves the same, `doubts` those a person must see."""

    device: str
    joins: tuple[str, ...] = ()
    certainty: float = 1.0
    doubts: tuple[Likeness, ...] = ()


@dataclass(frozen=True, slots=True)
class New:
    """Nobody we know; `possible` are records that may turn out to have moved here."""

    possible: tuple[Likeness, ...] = ()


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Evidence for and against: a record of its own, and a person decides."""

    candidates: tuple[Likeness, ...]


Resolution = Matched | New | Ambiguous


@dataclass(frozen=True, slots=True)
class _Link:
    """A record that agrees well enough; `proves` where what agrees is held by no other record."""

    rank: tuple[int, ...]
    known: Known
    proves: bool


def resolve(seen: Seen, known: Sequence[Known]) -> Resolution:
    """What `seen` is, given every record that holds one of its identifiers or has ever held its address.

    The answer does not depend on the order of `known`.
    """
    shared = _shared(seen.traits, known)
    linked: list[_Link] = []
    possible: list[Likeness] = []
    disputed: list[Likeness] = []
    for one in sorted(known, key=lambda each: each.id):
        common = _common(seen.traits, one.traits)
        own = common - shared
        contrary = differences(seen.traits, one.traits)
        if common and seen.place in one.current and _holds_at_address(common, contrary):
            linked.append(_Link(_rank(common, at_home=True), one, proves=bool(own)))
        elif any(_holds_anywhere(each, seen, one, common, contrary) for each in own):
            linked.append(_Link(_rank(own, at_home=False), one, proves=True))
        elif own and _disputes(own, contrary):
            disputed.append(_likeness(one, own, contrary))
        elif own and not contrary & {"serial", "uuid", "mac"}:
            possible.append(_likeness(one, own, contrary))
    if linked:
        return _best(sorted(linked, key=lambda link: (link.rank, link.known.id)))
    if disputed:
        return Ambiguous(tuple(disputed))
    return _by_address(seen, known) or New(tuple(possible))


def _common(one: Traits, other: Traits) -> frozenset[Identifier]:
    """The identifiers of `one` that `other` holds too; a serial without a vendor agrees with any vendor's."""
    serials = {each.value: each.scope for each in other.identifiers if each.kind is IdentifierKind.SERIAL}
    return frozenset(
        each
        for each in one.identifiers
        if each in other.identifiers
        or (
            each.kind is IdentifierKind.SERIAL
            and each.value in serials
            and ("" in (each.scope, serials[each.value]) or kin(each.scope, serials[each.value]))
        )
    )


def _shared(traits: Traits, known: Iterable[Known]) -> frozenset[Identifier]:
    """Identifiers that two or more records hold: of no use for joining."""
    counts: dict[Identifier, int] = {}
    for one in known:
        for identifier in _common(traits, one.traits):
            counts[identifier] = counts.get(identifier, 0) + 1
    return frozenset(identifier for identifier, count in counts.items() if count > 1)


def _holds_at_address(common: frozenset[Identifier], contrary: frozenset[str]) -> bool:
    """Does an identifier that agrees at an address that agrees make one device?"""
    kinds = {each.kind for each in common}
    if kinds & {IdentifierKind.SERIAL, IdentifierKind.UUID}:
        return not _is_clone(contrary)
    if "serial" in contrary:
        return False
    if IdentifierKind.MAC in kinds:
        return True
    if kinds <= {IdentifierKind.HOSTNAME}:
        return not contrary & (_CHARACTER | {"mac"})
    return "mac" not in contrary


def _holds_anywhere(
    identifier: Identifier, seen: Seen, one: Known, common: frozenset[Identifier], contrary: frozenset[str]
) -> bool:
    """Does this identifier alone make one device, wherever it turns up?"""
    match identifier.kind:
        case IdentifierKind.SERIAL | IdentifierKind.UUID:
            return not _is_clone(contrary)
        case IdentifierKind.ENGINE_ID:
            return not contrary & {"serial", "uuid", "mac", "hostname"}
        case IdentifierKind.MAC if is_burnt_in(identifier.value):
            if contrary & (_KEYS_AND_NAMES | _CHARACTER | {"serial"}):
                return False
            return not _met_elsewhere(seen, one) or _is_corroborated(seen, common)
        case IdentifierKind.MAC:
            here = (seen.place[0], seen.segment) in one.segments
            return here and not contrary and not _met_elsewhere(seen, one)
        case _:
            return False


def _is_clone(contrary: frozenset[str]) -> bool:
    return "serial" in contrary or ("mac" in contrary and bool(contrary & _KEYS_AND_NAMES))


def _met_elsewhere(seen: Seen, one: Known) -> bool:
    return bool(one.met - {seen.place})


def _is_corroborated(seen: Seen, common: frozenset[Identifier]) -> bool:
    """A second identifier agrees, or there is nothing but the MAC to go by."""
    if any(each.kind is not IdentifierKind.MAC for each in common):
        return True
    others = {each for each in seen.traits.identifiers if each.kind is not IdentifierKind.MAC}
    return not (others or seen.traits.model or seen.traits.device_class)


def _disputes(common: frozenset[Identifier], contrary: frozenset[str]) -> bool:
    """A strong identifier agrees, and yet something says it is another device: a person must look."""
    strong = {IdentifierKind.SERIAL, IdentifierKind.UUID, IdentifierKind.ENGINE_ID, IdentifierKind.MAC}
    return bool(contrary) and any(each.kind in strong for each in common)


def _rank(common: Iterable[Identifier], *, at_home: bool) -> tuple[int, ...]:
    """Lower is better: the strongest kind that agrees, then the address, then how many agree."""
    kinds = sorted(_STRENGTH[each.kind] for each in common)
    return (kinds[0], 0 if at_home else 1, -len(kinds))


def _best(links: list["_Link"]) -> Matched:
    """The best record and every other that is proved the same; where two differ, a person must weigh."""
    chosen = links[0].known
    joins: list[Known] = []
    doubts: list[Likeness] = []
    for link in links[1:]:
        if not link.proves:
            continue
        contrary = frozenset().union(
            *(differences(link.known.traits, one.traits) for one in (chosen, *joins))
        )
        if contrary & _APART:
            doubts.append(_likeness(link.known, (), contrary, also="evidence of one sighting"))
        else:
            joins.append(link.known)
    return Matched(chosen.id, tuple(each.id for each in joins), doubts=tuple(doubts))


def _by_address(seen: Seen, known: Sequence[Known]) -> Resolution | None:
    """The decision where only the address agrees; None where nobody is known there."""
    here = min((one for one in known if seen.place in one.current), key=lambda one: one.id, default=None)
    if here is None:
        return None
    contrary = differences(seen.traits, here.traits)
    if contrary and contrary <= _RENEWABLE:
        if seen.traits.model and seen.traits.model == here.traits.model:
            return Matched(here.id, certainty=WEAK)
        return Ambiguous((_likeness(here, (), contrary, also="ip"),))
    if contrary:
        return None
    if seen.traits.is_bare or here.traits.is_bare:
        return Matched(here.id, certainty=WEAK)
    if seen.place in here.met:
        return Matched(here.id)
    if _say_alike(seen.traits, here.traits) and not (seen.traits.is_proved and here.traits.is_proved):
        return Matched(here.id, certainty=WEAK)
    return Ambiguous((_likeness(here, (), frozenset(), also="ip"),))


def _say_alike(one: Traits, other: Traits) -> bool:
    """Do two that do not differ speak of the same thing: vendor, model or class?"""
    return bool(
        (one.vendor and other.vendor)
        or (one.model and other.model)
        or (one.device_class and other.device_class)
    )


def _likeness(
    one: Known, common: Iterable[Identifier], contrary: frozenset[str], *, also: str = ""
) -> Likeness:
    agrees = sorted(f"{each.kind.value} {each.value}" for each in common)
    return Likeness(one.id, tuple(([also] if also else []) + agrees), tuple(sorted(contrary)))

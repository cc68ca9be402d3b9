"""Who made a device that bears another name: its maker by evidence, never by likeness of names alone.

Evidence is an enterprise number in sysObjectID (RFC 2578), the owner of its MAC block (IEEE), or a relative
of the brand (inventory.vendors) whose own notices name this very model.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from agent.checks.lifecycle import vendor_files
from agent.checks.subject import Subject
from agent.fingerprints.numbers import enterprise_of, vendor_of_enterprise, vendor_of_mac
from inventory.types import IdentifierKind
from inventory.vendors import all_vendors, canonical, listed

_SYS_OBJECT_ID = "1.3.6.1.2.1.1.2.0"


@dataclass(frozen=True, slots=True)
class Maker:
    """A maker other than the brand, and the evidence for it; `by_name` where only the model's name tells."""

    name: str
    evidence: str
    by_name: bool = False


def makers(subject: Subject, brand: str) -> Iterator[Maker]:
    """Who else may have made the device and publishes notices, the strongest evidence first; each once."""
    told, known = {canonical(brand)}, vendor_files()
    for maker in (*_by_number(subject), *_by_address(subject), *_relatives(brand)):
        if maker.name in known and maker.name not in told:
            told.add(maker.name)
            yield maker


def named_makers(subject: Subject) -> Iterator[Maker]:
    """Whoever a number or an address of the device names, the brand itself included."""
    yield from _by_number(subject)
    yield from _by_address(subject)


def _by_number(subject: Subject) -> Iterator[Maker]:
    for observation, value in subject.facts(_SYS_OBJECT_ID):
        number = enterprise_of(value)
        if number is not None and (name := vendor_of_enterprise(number)):
            yield Maker(name, observation.digest)


def _by_address(subject: Subject) -> Iterator[Maker]:
    for identifier in subject.device.identifiers:
        if identifier.kind is IdentifierKind.MAC and (name := vendor_of_mac(identifier.value)):
            yield Maker(name, f"MAC {identifier.value[:8]}")


@cache
def _relatives(brand: str) -> tuple[Maker, ...]:
    own = listed(brand)
    if own is None or not own.family:
        return ()
    return tuple(Maker(each.name, "", by_name=True) for each in all_vendors() if each.family == own.family)

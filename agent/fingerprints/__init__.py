"""Fingerprints: what recorded texts and SNMP values say about the device they came from.

Patterns are data (data/general, data/vendors, data/models, data/mibs, data/objects.yaml); a claim names the
one that made it. Wrong data files raise inventory.exits.BadInput; no text of the network raises anything.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from agent.fingerprints import grammar
from agent.fingerprints.junk import is_generic, is_junk, tidy
from agent.fingerprints.loading import Knowledge
from agent.fingerprints.loading import load as load_knowledge
from agent.fingerprints.matching import Evidence, Index
from agent.fingerprints.numbers import ENTERPRISES, enterprise_of, vendor_of_enterprise, vendor_of_mac
from agent.fingerprints.readings import indirect
from agent.fingerprints.recog import kept
from agent.fingerprints.rules import Rule
from agent.fingerprints.software import certainty_of_vendor, settled
from agent.fingerprints.sources import (
    ANSWERED_ENTERPRISE,
    MODEL_NAME,
    MODEL_TEXTS,
    PRODUCT_TEXTS,
    SYS_DESCR,
    SYS_OBJECT_ID,
    canonical_source,
    objects_below,
)
from inventory.types import Attribute, Claim, DeviceClass, Fact
from inventory.vendors import canonical, is_listed, listed
from inventory.weighing import confidence, weigh

__all__ = ["Conclusion", "Fingerprinter"]

_ENTERPRISE = 0.75
_UNHEARD_OF = 0.58  # an enterprise nobody has listed: less than a listed maker that the text begins with
_ANSWERED = 0.5  # objects of this enterprise and no other
_HABIT = 0.3  # a vendor that makes one kind of device, and this is the vendor
_NAMING = 0.04
_OUI = 0.3
_ENGINE = 0.5  # whoever made the agent made the device, more often than not
_INTERFACE = 0.28  # a card may be of another maker than the device
_MACS = frozenset({"arp.mac", "lldp.mac", "dhcp.mac", "nbns.mac", "mac"})
_ORGANISATION = 0.6
_NET_SNMP = (8072, 2021)
_A_NUMBER_ALONE = 3  # digits that name a model in sysDescr, and a user, a port or a build elsewhere


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The claim that won for an attribute, its certainty by all its witnesses, and the claims that lost."""

    value: str
    certainty: float
    winner: Claim
    others: tuple[Claim, ...] = ()


class Fingerprinter:
    """All packaged fingerprints, loaded once; its methods are pure and safe to share between threads."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge

    @classmethod
    def load(cls) -> "Fingerprinter":
        """The packaged fingerprints and the user's imported ones; BadInput naming a file that is wrong."""
        packaged = load_knowledge()
        return cls(packaged._replace(rules=packaged.rules + kept()))

    @cached_property
    def _index(self) -> Index:
        return Index(self.knowledge.rules)

    def claims(self, facts: Sequence[Fact], *, source: str, service: str | None = None) -> tuple[Claim, ...]:
        """Everything the facts of one reply say; never raises, whatever the texts hold.

        `source` and `service` are the observation's and go into every claim. Facts are read in canonical
        order, so that the order they came in does not matter.
        """
        facts = sorted({_plainly(fact) for fact in facts}, key=_by_name)
        evidence = [Evidence(canonical_source(fact.name), fact.value) for fact in facts if fact.value]
        evidence += [Evidence(fact.name, fact.value) for fact in indirect(facts)]
        sys_object_id = next((item.text.strip(". ") for item in evidence if item.source == SYS_OBJECT_ID), "")
        said = [
            *self._index.claims(evidence, sys_object_id=sys_object_id, source=source, service=service),
            *self._by_object(sys_object_id, source, service),
            *_by_objects_answered(evidence, sys_object_id, source, service),
        ]
        for item in evidence:
            if not item.source[:1].isdecimal():
                said.extend(_by_text(item, source, service))
        said.extend(self._by_model(said, source, service))
        said.extend(_habits(said))
        return tuple(dict.fromkeys(said))

    def conclude(self, claims: Sequence[Claim]) -> Mapping[Attribute, Conclusion]:
        """What all claims about one target come to, attribute by attribute; losing claims are kept."""
        ranked = weigh(claims)
        return {
            attribute: Conclusion(row[0].value, confidence(row), row[0], row[1:])
            for attribute, row in ranked.items()
        }

    def oids_for(self, sys_object_id: str) -> tuple[str, ...]:
        """The vendor's own identity OIDs worth asking an agent with this sysObjectID, the surest first.

        Without one (""): the OIDs of MIBs that are nobody's own, worth asking of every agent. `*` stands for
        one number: a column's index at the end, the product's number (the sysObjectID tells) in the middle.
        """
        number = enterprise_of(sys_object_id)
        prefix = f"1.3.6.1.4.1.{number}."

        def worth_asking(rule: Rule, oid: str) -> bool:
            if rule.under:
                return rule.applies_under(sys_object_id)
            if not sys_object_id:
                return not oid.startswith(ENTERPRISES)
            return oid.startswith(prefix) or (rule.behind_net_snmp and number in _NET_SNMP)

        wanted = {
            oid: rule.certainty
            for rule in self.knowledge.rules
            for oid in rule.sources
            if oid[:1].isdecimal() and worth_asking(rule, oid)
        }
        wanted |= dict.fromkeys(objects_below(prefix), 1.0)
        return tuple(sorted(wanted, key=lambda oid: (-wanted[oid], oid)))

    def _by_model(self, said: Sequence[Claim], source: str, service: str | None) -> Iterator[Claim]:
        """What a vendor's way of naming its models tells, hardly surer than the model itself."""
        for claim in dict.fromkeys(one for one in said if one.attribute is Attribute.MODEL):
            named = Evidence(MODEL_NAME, f"{_vendor_beside(claim, said)} {claim.value}".strip())
            for one in self._index.claims([named], sys_object_id="", source=source, service=service):
                yield replace(one, certainty=min(one.certainty, claim.certainty + _NAMING))

    def _by_object(self, oid: str, source: str, service: str | None) -> Iterator[Claim]:
        """sysObjectID (RFC 3418) against the longest known prefix, then the owner of its enterprise."""
        steps = oid.split(".")
        told: set[Attribute] = set()
        for length in range(len(steps), 6, -1):
            prefix = ".".join(steps[:length])
            said, certainty = self.knowledge.objects.get(prefix, ({}, 0.0))
            for attribute, value in said.items():
                if attribute not in told:
                    told.add(attribute)
                    yield Claim(attribute, value, certainty, f"object.{prefix}", source, service)
        number = enterprise_of(oid)
        if number is None or Attribute.VENDOR in told:
            return
        if vendor := vendor_of_enterprise(number):
            certainty = _ENTERPRISE if is_listed(vendor) else _UNHEARD_OF
            yield Claim(Attribute.VENDOR, vendor, certainty, f"enterprise.{number}", source, service)


def _vendor_beside(claim: Claim, said: Sequence[Claim]) -> str:
    """The vendor that goes with a model: its own fingerprint's, else the surest of the same reply."""
    vendors = [one for one in said if one.attribute is Attribute.VENDOR]
    own = [one for one in vendors if one.fingerprint == claim.fingerprint]
    best = max(own or vendors, key=lambda one: (one.certainty, one.value), default=None)
    return best.value if best else ""


def _by_objects_answered(
    evidence: Sequence[Evidence], sys_object_id: str, source: str, service: str | None
) -> Iterator[Claim]:
    """The maker of an agent that answers with objects of one enterprise only, whatever its sysObjectID."""
    below = {item.source.split(".", 7)[6] for item in evidence if item.source.startswith(ENTERPRISES)}
    below |= {item.text for item in evidence if item.source == ANSWERED_ENTERPRISE}
    numbers = {enterprise_of(ENTERPRISES + number) for number in below}
    vendors = {
        number: vendor
        for number in numbers
        if number is not None and (vendor := vendor_of_enterprise(number))
    }
    if len(vendors) == 1 and enterprise_of(sys_object_id) not in vendors:
        number, vendor = vendors.popitem()
        yield Claim(Attribute.VENDOR, vendor, _ANSWERED, f"answered.{number}", source, service)


def _by_text(item: Evidence, source: str, service: str | None) -> Iterator[Claim]:
    """What can be read from a text without knowing the product."""
    if item.source in PRODUCT_TEXTS:
        reading = grammar.read(item.text)
        if reading:
            name = f"grammar.{item.source}"
            certainty = certainty_of_vendor(reading.vendor, item.source, reading.certainty)
            yield Claim(Attribute.VENDOR, reading.vendor, certainty, name, source, service)
            model = tidy(reading.model)
            told = settled(Attribute.MODEL, model, item.source, ())
            is_free = reading.model_certainty <= grammar.NAMED_MODEL and item.source not in MODEL_TEXTS
            is_free |= model.isdecimal() and len(model) <= _A_NUMBER_ALONE and item.source != SYS_DESCR
            if told and not is_free and not is_junk(Attribute.MODEL, model) and not is_generic(model):
                yield Claim(told, model, reading.model_certainty, name, source, service)
    elif item.source in {"x509.o", "ieee1284.mfg", "upnp.manufacturer", "wsd.manufacturer", "entity.mfg"}:
        if is_listed(item.text):
            vendor = canonical(item.text)
            yield Claim(Attribute.VENDOR, vendor, _ORGANISATION, f"maker.{item.source}", source, service)
    elif item.source == "engine.enterprise":
        if maker := vendor_of_enterprise(int(item.text)):
            yield Claim(Attribute.VENDOR, maker, _ENGINE, f"engine.{item.text}", source, service)
    elif item.source in _MACS and (vendor := vendor_of_mac(item.text) or ""):
        yield Claim(Attribute.VENDOR, vendor, _OUI, "oui", source, service)
    elif item.source == "interface.mac" and is_listed(vendor := vendor_of_mac(item.text) or ""):
        yield Claim(Attribute.VENDOR, vendor, _INTERFACE, "oui.interface", source, service)


def _habits(said: Sequence[Claim]) -> Iterator[Claim]:
    """What kind of device to think of when nothing but its vendor is known."""
    for claim in said:
        if claim.attribute is not Attribute.VENDOR or claim.certainty <= _INTERFACE:
            continue
        vendor = listed(claim.value)
        if vendor and vendor.makes and vendor.makes is not DeviceClass.OTHER:
            certainty = round(_HABIT * claim.certainty, 3)
            name = f"habit.{claim.fingerprint}"
            yield Claim(
                Attribute.DEVICE_CLASS, vendor.makes.value, certainty, name, claim.source, claim.service
            )


def _plainly(fact: Fact) -> Fact:
    stripped = fact.value.strip()
    if len(stripped) > 1 and stripped[0] == stripped[-1] == '"':
        stripped = stripped[1:-1].strip()
    return fact if stripped == fact.value else Fact(fact.name, stripped)


def _by_name(fact: Fact) -> tuple[str, str]:
    return (fact.name, fact.value)

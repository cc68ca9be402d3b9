"""The gates a contributor's fingerprint goes through: examples, vocabulary, regular expression."""

from collections import Counter

import pytest

from agent.fingerprints import Fingerprinter
from agent.fingerprints.literals import anchored, required_literal, runaway
from agent.fingerprints.loading import load
from agent.fingerprints.rules import Rule
from agent.fingerprints.sources import PRODUCT_TEXT, PRODUCT_TEXTS, SYS_OBJECT_ID, canonical_source
from inventory.types import Attribute, DeviceClass, Fact
from inventory.vendors import all_vendors, canonical, is_listed, key

KNOWLEDGE = load(cached=False)
ENGINE = Fingerprinter(KNOWLEDGE)
PATTERNS = [rule for rule in KNOWLEDGE.rules if rule.examples]


def facts_of(rule: Rule, text: str, under: str | None) -> list[Fact]:
    source = rule.sources[0]
    facts = [Fact("snmp_sysdescr" if source == PRODUCT_TEXT else source.replace("*", "1"), text)]
    if below := under or rule.under:
        facts.append(Fact(SYS_OBJECT_ID, below))
    return facts


@pytest.mark.parametrize("start", sorted({rule.id.partition(".")[0] for rule in PATTERNS}))
def test_every_example_is_read_as_it_says_and_no_other_pattern_says_otherwise(start):
    for rule in (rule for rule in PATTERNS if rule.id.partition(".")[0] == start):
        for example in rule.examples:
            claims = ENGINE.claims(facts_of(rule, example.text, example.under), source="test")
            assert any(claim.fingerprint == rule.id for claim in claims), f"{rule.id} misses its example"
            concluded = ENGINE.conclude(claims)
            told = {name: concluded.get(Attribute(name)) for name in example.gives}
            assert {name: one and one.value for name, one in told.items()} == example.gives, rule.id


def test_ids_are_unique():
    counted = Counter(rule.id for rule in KNOWLEDGE.rules)
    assert [name for name, times in counted.items() if times > 1] == []


def test_no_pattern_can_run_away():
    assert {rule.id: why for rule in KNOWLEDGE.rules if (why := runaway(rule.pattern))} == {}


def test_every_capture_is_used():
    def unused(rule):
        templates = "".join(rule.gives.values())
        return [name for name in rule.regex.groupindex if "{" + name + "}" not in templates]

    assert {rule.id: names for rule in PATTERNS if (names := unused(rule))} == {}
    columns = [rule for rule in KNOWLEDGE.rules if not rule.examples]
    assert [rule.id for rule in columns if rule.regex.groups != 1] == []


def test_every_pattern_starts_at_a_place_it_names():
    assert [rule.id for rule in PATTERNS if not anchored(rule.pattern)] == []


def test_vendors_classes_and_sources_are_words_everybody_knows():
    for rule in KNOWLEDGE.rules:
        vendor = rule.gives.get(Attribute.VENDOR, "Cisco")
        assert "{" in vendor or is_listed(vendor), f"{rule.id}: {vendor} is not in vendors.yaml"
        assert rule.gives.get(Attribute.DEVICE_CLASS, "other") in set(DeviceClass), rule.id
        for source in rule.sources:
            assert source == PRODUCT_TEXT or source[0].isdecimal() or canonical_source(source) == source, (
                rule.id
            )


def test_sys_object_ids_name_known_vendors_and_classes():
    for oid, (said, certainty) in KNOWLEDGE.objects.items():
        assert 0 < certainty <= 1, oid
        assert is_listed(said.get(Attribute.VENDOR, "Cisco")), oid
        assert said.get(Attribute.DEVICE_CLASS, "other") in set(DeviceClass), oid


def test_no_two_vendors_share_a_name_or_an_enterprise_number():
    names = Counter(
        name for vendor in all_vendors() for name in {key(one) for one in (vendor.name, *vendor.also)}
    )
    numbers = Counter(number for vendor in all_vendors() for number in vendor.pens)
    assert [name for name, times in names.items() if times > 1] == []
    assert [number for number, times in numbers.items() if times > 1] == []
    assert all(canonical(vendor.name) == vendor.name for vendor in all_vendors())


def test_every_product_text_is_a_canonical_source():
    assert {canonical_source(name) for name in PRODUCT_TEXTS} == PRODUCT_TEXTS


@pytest.mark.parametrize(
    ("pattern", "literal"),
    [
        (r"^Cisco IOS Software", "cisco ios software"),
        (r"\b(?P<model>LaserJet \w+)", "laserjet "),
        (r"(?:one|two) three", " three"),
        (r"(?:maybe)?\d", ""),
    ],
)
def test_the_literal_of_a_pattern_stands_in_every_match(pattern, literal):
    assert required_literal(pattern) == literal


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"(?:\w*,)*x", r"(\w+)\1", r".*.*.*.*.*.*.*.*.*x"])
def test_patterns_that_could_run_away_are_refused(pattern):
    assert runaway(pattern)

"""Finds the rules that speak of a fact and makes their claims: by source, by literal, by pattern."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from agent.fingerprints.junk import is_junk, tidy
from agent.fingerprints.rules import Rule
from agent.fingerprints.software import certainty_of_vendor, settled
from agent.fingerprints.sources import PRODUCT_TEXT, PRODUCT_TEXTS
from inventory.types import Attribute, Claim, DeviceClass
from inventory.vendors import canonical, is_listed

LONGEST_TEXT = 2000
_LONGEST_NUMBER = 10  # digits of a sub-identifier (RFC 2578, section 7.1.3)
_UNLISTED_VENDOR = 0.75  # how much of its certainty a vendor name keeps that nobody has listed
_CLASSES = frozenset(DeviceClass)


class Evidence(NamedTuple):
    """One text under its canonical source."""

    source: str
    text: str


class Index:
    """Rules by the source they read."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        exact: dict[str, list[Rule]] = defaultdict(list)
        self._columns: list[tuple[str, str, Rule]] = []
        for rule in rules:
            for source in rule.sources:
                if "*" in source:
                    start, _star, end = source.partition("*")
                    self._columns.append((start, end, rule))
                else:
                    exact[source].append(rule)
        for source in PRODUCT_TEXTS:
            exact[source].extend(exact.get(PRODUCT_TEXT, ()))
        self._exact = {
            source: [(rule.literal, rule.under, rule) for rule in there] for source, there in exact.items()
        }

    def claims(
        self, evidence: Sequence[Evidence], *, sys_object_id: str, source: str, service: str | None
    ) -> Iterator[Claim]:
        """What every rule that fits says, in the order of the evidence."""
        for item in evidence:
            candidates = self._exact.get(item.source)
            if candidates:
                text = item.text[:LONGEST_TEXT]
                lowered = text.lower()
                for literal, under, rule in candidates:
                    if literal not in lowered or (under and not rule.applies_under(sys_object_id)):
                        continue
                    found = rule.regex.search(text)
                    if found is not None:
                        yield from _said(rule, found, item.source, source, service)
        yield from self._column_claims(evidence, sys_object_id, source, service)

    def _column_claims(
        self, evidence: Sequence[Evidence], sys_object_id: str, source: str, service: str | None
    ) -> Iterator[Claim]:
        rows = sorted(item for item in evidence if item.source[:1].isdecimal())
        if not rows:
            return
        for prefix, suffix, rule in self._columns:
            start = bisect_left(rows, (prefix, ""))
            column: list[Evidence] = []
            for row in rows[start:]:
                if not row.source.startswith(prefix):
                    break
                if row.source.endswith(suffix):
                    column.append(row)
            if column and rule.applies_under(sys_object_id):
                for row in sorted(column, key=_instance):
                    found = rule.regex.search(row.text[:LONGEST_TEXT])
                    said = list(_said(rule, found, row.source, source, service)) if found else []
                    if any("{" in rule.gives.get(claim.attribute, "") for claim in said):
                        yield from said
                        break


def _said(rule: Rule, found: re.Match[str], name: str, source: str, service: str | None) -> Iterator[Claim]:
    """The claims of a rule that found something in a text, `name` being the fact the text stands in."""
    groups: Mapping[str, str] = {name: tidy(value or "") for name, value in found.groupdict().items()}
    whole = found[1] if found.re.groups else found[0]
    numbered = (whole or "", *(value or "" for value in found.groups()))  # {0} is the pattern's whole value
    values: dict[Attribute, str] = {}
    for attribute, template in rule.gives.items():
        value = tidy(template.format(*numbered, **groups)) if "{" in template else template
        if attribute is Attribute.VENDOR and "{" in template:
            value = canonical(value)
        if not is_junk(attribute, value):
            values[attribute] = value
    for said, value in values.items():
        really = settled(said, value, name, rule.sources, found.string)
        if really is None:
            continue
        certainty = rule.less.get(said, rule.certainty)
        if really is Attribute.VENDOR and not is_listed(value):
            certainty *= _UNLISTED_VENDOR
        if really is Attribute.VENDOR:
            certainty = certainty_of_vendor(value, name, certainty)
        if really is Attribute.DEVICE_CLASS and value not in _CLASSES:
            continue
        yield Claim(really, value, certainty, rule.id, source, service)


def _instance(row: Evidence) -> tuple[int, ...]:
    return tuple(int(part[:_LONGEST_NUMBER]) for part in row.source.split(".") if part.isdecimal())

"""What all feeds together say of a product: which weaknesses its firmware has, and how long it is supported.

A weakness is a device's only where NVD names the maker, the model (or the system the model runs) and a range
of versions the firmware lies in by the maker's own scheme. What cannot be compared is not claimed. An end of
life is taken from the cycle the version belongs to, and a plain "not yet" is believed for a year.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

from agent.checks.cpe import Product, maker_and_product, systems_of, systems_told
from agent.checks.lifecycle import REMEMBERED, facts_digest
from agent.checks.notice import Support
from agent.feeds.formats import Feed, Kind, Plain, merged

_BELIEVED = timedelta(days=366)
_GRAVE = 7.0  # CVSS: high and critical


@dataclass(frozen=True, slots=True)
class Weakness:
    """One CVE that applies: its CVSS score where it has one, and the day CISA listed it as exploited."""

    cve: str
    score: float | None
    exploited: date | None

    @property
    def is_grave(self) -> bool:
        """Whether it must be mended: exploited, or of CVSS 7.0 and more."""
        return self.exploited is not None or (self.score or 0.0) >= _GRAVE


@dataclass(frozen=True, slots=True)
class CycleStanding:
    """How one release cycle stands on a day; `ends` is None where the source names no day."""

    product: str
    cycle: str
    state: Support
    ends: date | None
    latest: str


@dataclass(frozen=True, slots=True)
class Said:
    """All that the feeds say of one firmware on one model."""

    weaknesses: tuple[Weakness, ...] = ()
    cycle: CycleStanding | None = None


@dataclass(frozen=True, eq=False)
class Knowledge:
    """The feeds, indexed; made once and asked many times."""

    exploited: Mapping[str, date] = field(default_factory=dict)
    weak: Mapping[tuple[str, str], tuple[tuple[str, float | None, Plain], ...]] = field(default_factory=dict)
    products: Mapping[str, tuple[Plain, date | None]] = field(default_factory=dict)
    digest: str = ""
    _asked: dict[tuple[str, str, str, date, timedelta], Said] = field(default_factory=dict, repr=False)

    @cached_property
    def version(self) -> str:
        """Twelve hex digits that change with any shipped or imported fact."""
        return hashlib.sha256(f"{facts_digest()} {systems_told()} {self.digest}".encode()).hexdigest()[:12]

    def says(self, vendor: str, model: str, firmware: str, on: date, ending_within: timedelta) -> Said:
        """Weaknesses and cycle of one product; many devices are few products, so it remembers."""
        if not (vendor and firmware and (self.weak or self.products)):
            return _SAID_NOTHING
        question = (vendor, model, firmware, on, ending_within)
        if question not in self._asked:
            if len(self._asked) >= REMEMBERED:
                self._asked.clear()
            self._asked[question] = Said(
                self.weaknesses(vendor, model, firmware),
                self.cycle(vendor, model, firmware, on, ending_within),
            )
        return self._asked[question]

    def weaknesses(self, vendor: str, model: str, firmware: str) -> tuple[Weakness, ...]:
        """The CVEs of this firmware on this model, gravest first; none where versions cannot be compared."""
        product = Product.of(vendor, model, firmware)
        found: dict[str, Weakness] = {}
        for name in product.names | product.systems:
            for cve, score, configuration in self.weak.get((product.maker, name), ()):
                if product.is_among(configuration):
                    found[cve] = Weakness(cve, score, self.exploited.get(cve))
        return tuple(sorted(found.values(), key=lambda one: (not one.is_grave, -(one.score or 0), one.cve)))

    def exploited_among(self, cves: Iterable[str]) -> tuple[Weakness, ...]:
        """Those of the CVEs that CISA lists as exploited."""
        return tuple(Weakness(cve, None, day) for cve in cves if (day := self.exploited.get(cve)))

    def cycle(
        self, vendor: str, model: str, firmware: str, on: date, ending_within: timedelta
    ) -> CycleStanding | None:
        """How the system a device runs stands, where a product of the feeds is known to be that system."""
        for system in systems_of(vendor, model, firmware):
            for product in system.products:
                if found := self.standing(product, firmware, on, ending_within):
                    return found
        return None

    def standing(
        self, product: str, version: str, on: date, ending_within: timedelta = timedelta()
    ) -> CycleStanding | None:
        """How a version of a product stands on a day; None where product, cycle or its end is not known."""
        known = self.products.get(product.casefold())
        if known is None:
            return None
        entry, dated = known
        cycle = _cycle_of(entry["cycles"], version)
        if cycle is None:
            return None
        state, ends = _state(cycle, on, dated, ending_within)
        if state is None:
            return None
        return CycleStanding(entry["label"], cycle["name"], state, ends, cycle["latest"])


_SAID_NOTHING = Said()
NOTHING = Knowledge()


def gather(feeds: Iterable[Feed]) -> Knowledge:
    """All feeds as one knowledge; a later feed's entry replaces an earlier one's."""
    whole = tuple(feeds)
    exploited = {cve: date.fromisoformat(entry["added"]) for cve, entry, _ in merged(whole, Kind.KEV)}
    weak: dict[tuple[str, str], list[tuple[str, float | None, Plain]]] = defaultdict(list)
    for cve, entry in {cve: entry for cve, entry, _ in merged(whole, Kind.NVD)}.items():
        for configuration in entry["configurations"]:
            for names in {maker_and_product(match) for match in configuration["any"]}:
                weak[names].append((cve, entry["score"], configuration))
    products: dict[str, tuple[Plain, date | None]] = {}
    for name, entry, dated in merged(whole, Kind.END_OF_LIFE):
        for also in (name, *entry["names"]):
            products[also.casefold()] = (entry, dated)
    digest = hashlib.sha256(" ".join(feed.digest for feed in whole).encode()).hexdigest() if whole else ""
    return Knowledge(exploited, {names: tuple(each) for names, each in weak.items()}, products, digest)


# -- ends of life --------------------------------------------------------------------------------------------


def _cycle_of(cycles: Iterable[Plain], version: str) -> Plain | None:
    """The cycle of that name, else the longest whose name begins the version: 7.4 for 7.4.3, not for 7.40."""
    by_name = {cycle["name"].casefold(): cycle for cycle in cycles}
    text = version.strip().casefold()
    if text in by_name:
        return by_name[text]
    found = re.match(r"(?:[a-z][a-z -]*)?v?(\d+(?:\.\d+)*)", text)
    if found is None:
        return None
    for parts in (found[1].split("."), [str(int(part)) for part in found[1].split(".")]):  # 17.09 is in 17.9
        for depth in range(len(parts), 0, -1):
            if cycle := by_name.get(".".join(parts[:depth])):
                return cycle
    return None


def _state(
    cycle: Plain, on: date, dated: date | None, ending_within: timedelta
) -> tuple[Support | None, date | None]:
    end, extended = cycle["eol"], _day(cycle["eoes"])
    if isinstance(end, bool):
        if end:  # it had come by the feed's day; when, is not said
            return (Support.ENDED if dated is None or on >= dated else None), None
        return (Support.SUPPORTED if dated is None or on - dated <= _BELIEVED else None), None
    day = _day(end)
    if day is None:
        return None, None
    if day < on:
        return (Support.SECURITY_ENDED if extended and extended >= on else Support.ENDED), day
    return (Support.ENDING if day - on <= ending_within else Support.SUPPORTED), day


def _day(text: object) -> date | None:
    return date.fromisoformat(text) if isinstance(text, str) else None

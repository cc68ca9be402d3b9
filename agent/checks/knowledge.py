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
from functools import cache, cached_property
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, TypeAdapter

from agent.checks.lifecycle import facts_digest, vendor_files
from agent.checks.notice import Support
from agent.checks.versions import SCHEMES, Compare, same
from agent.feeds.formats import Feed, Kind, Plain, merged
from inventory import strict_yaml
from inventory.vendors import canonical, key

_BELIEVED = timedelta(days=366)
_GRAVE = 7.0  # CVSS 3: high and critical


class System(BaseModel):
    """The system some models of a maker run, by the names feeds give it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    vendor: str
    models: str
    firmware: str = ".*"
    cpe: tuple[str, ...]
    products: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Weakness:
    """One CVE that applies: its CVSS 3 score where it has one, and the day CISA listed it as exploited."""

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
        return hashlib.sha256(f"{facts_digest()} {self.digest}".encode()).hexdigest()[:12]

    def says(self, vendor: str, model: str, firmware: str, on: date, ending_within: timedelta) -> Said:
        """Weaknesses and cycle of one product; many devices are few products, so it remembers."""
        if not (vendor and firmware and (self.weak or self.products)):
            return _SAID_NOTHING
        question = (vendor, model, firmware, on, ending_within)
        if question not in self._asked:
            self._asked[question] = Said(
                self.weaknesses(vendor, model, firmware),
                self.cycle(vendor, model, firmware, on, ending_within),
            )
        return self._asked[question]

    def weaknesses(self, vendor: str, model: str, firmware: str) -> tuple[Weakness, ...]:
        """The CVEs of this firmware on this model, gravest first; none where versions cannot be compared."""
        maker, named = canonical(vendor), key(model)
        compare = _comparison(maker)
        products = {named, *map(key, _system_names(maker, model, firmware))} - {""}
        found: dict[str, Weakness] = {}
        for product in products:
            for cve, score, configuration in self.weak.get((key(maker), product), ()):
                if _applies(configuration, maker, products, firmware, compare):
                    found[cve] = Weakness(cve, score, self.exploited.get(cve))
        return tuple(sorted(found.values(), key=lambda one: (not one.is_grave, -(one.score or 0), one.cve)))

    def exploited_among(self, cves: Iterable[str]) -> tuple[Weakness, ...]:
        """Those of the CVEs that CISA lists as exploited."""
        return tuple(Weakness(cve, None, day) for cve in cves if (day := self.exploited.get(cve)))

    def cycle(
        self, vendor: str, model: str, firmware: str, on: date, ending_within: timedelta
    ) -> CycleStanding | None:
        """How the system a device runs stands, where a product of the feeds is known to be that system."""
        for system in _systems_of(canonical(vendor), model, firmware):
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
            for names in {_names(match) for match in configuration["any"]}:
                weak[names].append((cve, entry["score"], configuration))
    products: dict[str, tuple[Plain, date | None]] = {}
    for name, entry, dated in merged(whole, Kind.END_OF_LIFE):
        for also in (name, *entry["names"]):
            products[also.casefold()] = (entry, dated)
    digest = hashlib.sha256(" ".join(feed.digest for feed in whole).encode()).hexdigest() if whole else ""
    return Knowledge(exploited, {names: tuple(each) for names, each in weak.items()}, products, digest)


# -- weaknesses ----------------------------------------------------------------------------------------------


def _names(match: list[str | None]) -> tuple[str, str]:
    """Maker and product of a CPE as they are looked up: `dlink:dir-859_firmware` is D-Link's DIR-859."""
    vendor, product = str(match[1]), str(match[2])
    return key(canonical(vendor.replace("_", " "))), key(product.removesuffix("_firmware"))


def _applies(configuration: Plain, maker: str, products: set[str], firmware: str, compare: Compare) -> bool:
    hardware = {key(product) for _vendor, product in configuration["on"]}
    if hardware and not hardware & products:
        return False
    return any(
        match[0] != "a"
        and _names(match) in {(key(maker), product) for product in products}
        and _within(match, firmware, compare)
        for match in configuration["any"]
    )


def _within(match: list[str | None], firmware: str, compare: Compare) -> bool:
    """Whether the firmware lies in the range of one CPE match; False where that cannot be told."""
    exact, *ends = match[3:]
    since, after, until, before = ends
    if not any(ends):
        if exact == "*":
            return True
        return bool(exact and exact != "-") and (
            firmware.casefold() == str(exact).casefold() or same(firmware, str(exact), compare)
        )
    return (
        (since is None or compare(firmware, since) is False)
        and (after is None or compare(after, firmware) is True)
        and (until is None or compare(until, firmware) is False)
        and (before is None or compare(firmware, before) is True)
    )


def _comparison(maker: str) -> Compare:
    file = vendor_files().get(maker)
    return SCHEMES[file.versions if file else "dotted"]


@cache
def _systems() -> tuple[System, ...]:
    place = files("agent.checks") / "data" / "systems.yaml"
    return strict_yaml.read(place, TypeAdapter(tuple[System, ...]))


@cache
def _systems_of(maker: str, model: str, firmware: str) -> tuple[System, ...]:
    return tuple(
        one
        for one in _systems()
        if canonical(one.vendor) == maker
        and re.fullmatch(one.models, model, re.IGNORECASE)
        and re.fullmatch(one.firmware, firmware, re.IGNORECASE)
    )


def _system_names(maker: str, model: str, firmware: str) -> tuple[str, ...]:
    return tuple(name for system in _systems_of(maker, model, firmware) for name in system.cpe)


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
    parts = found[1].split(".")
    shorter = (".".join(parts[:depth]) for depth in range(len(parts), 0, -1))
    return next((by_name[name] for name in shorter if name in by_name), None)


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

"""Which devices NVD's configurations mean: a maker, a product or the system it runs, a range of versions.

Names are those of CPE 2.3 (NISTIR 7695). What cannot be compared by the maker's own scheme is not claimed.
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Self

from pydantic import BaseModel, ConfigDict, TypeAdapter

from agent.checks.lifecycle import REMEMBERED, vendor_files
from agent.checks.versions import SCHEMES, Compare, same
from agent.feeds.formats import Plain
from inventory import strict_yaml
from inventory.vendors import bare_model, canonical, key

# Makers that the names of CPE call by a word no device and no office would.
_VENDORS = {
    "al-enterprise": "Alcatel-Lucent",
    "arubanetworks": "Aruba",
    "dahuasecurity": "Dahua",
    "deltaww": "Delta",
    "hanwha-security": "Hanwha",
    "hanwhavision": "Hanwha",
    "ui": "Ubiquiti",
}


class System(BaseModel):
    """The system some models of a maker run, by the names feeds give it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    vendor: str
    models: str
    firmware: str = ".*"
    cpe: tuple[str, ...]
    products: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Product:
    """A device as CPE names it: keys of its maker, its model and the systems it runs, and its firmware."""

    maker: str
    names: frozenset[str]
    systems: frozenset[str]
    firmware: str
    compare: Compare

    @classmethod
    def of(cls, vendor: str, model: str, firmware: str) -> Self:
        """The product of a vendor, under any of its names."""
        names = frozenset({key(model), key(bare_model(vendor, model))} - {""})
        systems = frozenset(key(name) for one in systems_of(vendor, model, firmware) for name in one.cpe)
        file = vendor_files().get(canonical(vendor))
        scheme = SCHEMES[file.versions if file else "dotted"]
        return cls(key(canonical(vendor)), names, systems, firmware, scheme)

    def is_among(self, configuration: Plain) -> bool:
        """Whether the firmware is one of those the configuration names, on hardware it names."""
        hardware = {key(product) for _vendor, product in configuration["on"]}
        if hardware and not hardware & (self.names | self.systems):
            return False
        return any(self._is_meant(match) for match in configuration["any"])

    def _is_meant(self, match: list[str | None]) -> bool:
        """An application is meant only where it is a system the product is known to run."""
        maker, name = maker_and_product(match)
        known = self.systems if match[0] == "a" else self.names | self.systems
        return maker == self.maker and name in known and _within(match, self.firmware, self.compare)


def maker_and_product(match: list[str | None]) -> tuple[str, str]:
    """The keys of both in one CPE match: `dlink:dir-859_firmware` is D-Link's DIR-859."""
    vendor, product = str(match[1]), str(match[2])
    maker = _VENDORS.get(vendor) or canonical(vendor.replace("_", " "))
    return key(maker), key(product.removesuffix("_firmware"))


def systems_of(vendor: str, model: str, firmware: str) -> tuple[System, ...]:
    """The systems that a vendor's model is known to run with such firmware (data/systems.yaml)."""
    return _systems_of(canonical(vendor), bare_model(vendor, model), firmware)


@cache
def systems_told() -> str:
    """All that is told of systems, as one text: results name the facts they rest on by it."""
    return " ".join(one.model_dump_json() for one in _systems())


@cache
def _systems() -> tuple[System, ...]:
    place = files("agent.checks") / "data" / "systems.yaml"
    return strict_yaml.read(place, TypeAdapter(tuple[System, ...]))


@lru_cache(REMEMBERED)
def _systems_of(maker: str, model: str, firmware: str) -> tuple[System, ...]:
    return tuple(
        one
        for one in _systems()
        if canonical(one.vendor) == maker
        and re.fullmatch(one.models, model, re.IGNORECASE)
        and re.fullmatch(one.firmware, firmware, re.IGNORECASE)
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

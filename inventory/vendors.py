"""Vendor names: one canonical spelling each, the other names they go by, and which belong to one family."""

import re
from functools import cache, lru_cache
from importlib.resources import files
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from inventory import strict_yaml
from inventory.types import DeviceClass

_CORPORATE = re.compile(
    r"[\s,.]+(?:inc|incorporated|corp|corporation|co|company|ltd|limited|llc|l\.l\.c|gmbh|ag|s\.?a|"
    r"s\.?r\.?o|s\.?r\.?l|s\.?p\.?a|b\.?v|a/s|ab|as|oy|plc|kg|kk|pty|pte|a\.s|sas|sarl|gmbh & co|intl|"
    r"international|holdings?|"
    r"technology|technologies|electronics?|communications?|networks?|systems?|group)\b\.?,?\s*$",
    re.IGNORECASE,
)
_REMEMBERED = 16_384  # names come from the network: no cache of them may grow without end
_NOTE = re.compile(r"\s*\([^)]*\)|\s*<[^>]*>|[®™©]")


class Vendor(BaseModel):
    """One vendor: `also` are other names, `family` groups relatives, `pens` are IANA enterprise numbers.

    `makes` is the class of device to think of when nothing but the vendor is known. `spot: no` keeps a name
    that is also a common word from being picked out of running text.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(min_length=2)]
    also: tuple[str, ...] = ()
    family: str = ""
    pens: tuple[int, ...] = ()
    makes: DeviceClass | None = None
    spot: bool = True


@cache
def all_vendors() -> tuple[Vendor, ...]:
    """Every vendor of the packaged vendors.yaml, in its order."""
    return strict_yaml.read(files("inventory") / "data" / "vendors.yaml", TypeAdapter(tuple[Vendor, ...]))


@lru_cache(maxsize=_REMEMBERED)
def canonical(name: str) -> str:
    """The canonical spelling of `name`; without its corporate endings where the vendor is not listed."""
    bare = _NOTE.sub("", name).strip(" \t\r\n,.;:-_/\"'")
    shorter = bare
    known = _by_name()
    while shorter:
        if found := known.get(key(shorter)):
            return found.name
        cut = _CORPORATE.sub("", shorter)
        if cut == shorter:
            break
        shorter = cut
    return shorter or bare


def is_listed(name: str) -> bool:
    """Whether `name`, canonical or not, is a vendor of vendors.yaml."""
    return key(canonical(name)) in _by_name()


def listed(name: str) -> Vendor | None:
    """The vendor of vendors.yaml that goes by exactly this name, corporate endings and case aside."""
    return _by_name().get(key(name))


def of_enterprise(number: int) -> Vendor | None:
    """The listed vendor that owns an IANA enterprise number."""
    return _by_pen().get(number)


@lru_cache(maxsize=_REMEMBERED)
def kin(one: str, other: str) -> bool:
    """Whether two vendor names are the same vendor or relatives (HP, HPE, Aruba; Ricoh, Savin)."""
    first, second = canonical(one), canonical(other)
    if key(first) == key(second):
        return True
    a, b = _by_name().get(key(first)), _by_name().get(key(second))
    return bool(a and b and a.family and a.family == b.family)


@lru_cache(maxsize=_REMEMBERED)
def bare_model(vendor: str, model: str) -> str:
    """The model without its vendor's name before it: `Cisco RV042`, `Aruba7010`."""
    rest = model[len(vendor) :]
    if model.lower().startswith(vendor.lower()) and (rest[:1] in (" ", "-") or rest[:1].isdigit()):
        return rest.lstrip(" -")
    return model


def key(name: str) -> str:
    """What is left of a name for comparing it: letters and digits without case."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


@cache
def _by_name() -> dict[str, Vendor]:
    table: dict[str, Vendor] = {}
    for vendor in all_vendors():
        for name in (vendor.name, *vendor.also):
            table.setdefault(key(name), vendor)
    return table


@cache
def _by_pen() -> dict[int, Vendor]:
    return {pen: vendor for vendor in all_vendors() for pen in vendor.pens}

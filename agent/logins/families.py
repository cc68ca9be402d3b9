"""What vendors published: for which models which account and password are set at the factory.

Rows stand in data/families/*.yaml, each with the page it was read on and the day. A password may hold
`{serial}` or `{mac}` (twelve digits) of the device itself, where the vendor says it is made of them.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter

from agent.logins.secrecy import Secret
from inventory.exits import BadInput
from inventory.strict_yaml import read
from inventory.types import Attribute, Device, DeviceClass
from inventory.vendors import bare_model, canonical

Protocol = Literal["web", "ssh", "telnet", "ftp", "rtsp", "onvif", "mqtt", "vnc", "snmp"]
_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")
_SPACES: Final = re.compile(r"[\s_-]+")


def _is_pattern(text: str) -> str:
    re.compile(text)
    return text


class _Pair(BaseModel):
    """One published pair."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    account: str
    password: str = Field(repr=False)
    on: tuple[Protocol, ...] = ()


class Family(BaseModel):
    """One row: a product family and its factory logins.

    `models` must match the whole model (case and separators aside); without it every model of `classes`.
    `unique` says that units ship with a password of their own, `forced` that none is set until somebody sets
    one at first use: then a refusal of the pairs, if the row has any, settles nothing.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    family: str
    vendor: str
    models: Annotated[str, AfterValidator(_is_pattern)] = ""
    classes: tuple[DeviceClass, ...] = ()
    pairs: tuple[_Pair, ...] = ()
    on: tuple[Protocol, ...] = ("web",)
    path: str = ""
    unique: bool = False
    forced: bool = False
    source: str = Field(pattern=r"^https?://")
    read: date
    note: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """One pair to try on one device; `name` is `family/number` and stands for it wherever it is noted.

    What was noted before its row was `read` may have been of another password under the same name.
    """

    name: str
    family: str
    account: str
    password: Secret
    on: tuple[Protocol, ...]
    path: str
    source: str
    read: date = date.min


def all_families() -> tuple[Family, ...]:
    """Every row; BadInput with file and line where one is wrong."""
    return _rows()


def forget() -> None:
    """Lets go of the rows, and of the passwords in them."""
    _rows.cache_clear()


def families_of(device: Device, families: Iterable[Family] | None = None) -> tuple[Family, ...]:
    """The rows that speak of this device's model; without a model those of its vendor's whole class."""
    vendor, model = device.text(Attribute.VENDOR), device.text(Attribute.MODEL)
    if not vendor:
        return ()
    rows = all_families() if families is None else families
    return tuple(row for row in rows if _speaks_of(row, vendor, model, device.device_class))


def pairs_of(device: Device, families: Iterable[Family]) -> tuple[Pair, ...]:
    """The pairs of those rows, each once, filled in from the device; what cannot be is left out."""
    found: dict[tuple[str, Secret, tuple[Protocol, ...]], Pair] = {}
    for row in families:
        for number, pair in enumerate(row.pairs, 1):
            password = _filled_in(pair.password, device)
            if password is None:
                continue
            on = pair.on or row.on
            name = f"{row.family}/{number}"
            made = Pair(name, row.family, pair.account, password, on, row.path, row.source, row.read)
            found.setdefault((pair.account, password, on), made)
    return tuple(found.values())


@cache
def _rows() -> tuple[Family, ...]:
    shape = TypeAdapter(tuple[Family, ...])
    folder = files("agent.logins") / "data" / "families"
    named = sorted((one for one in folder.iterdir() if one.name.endswith(".yaml")), key=lambda one: one.name)
    rows = [row for one in named for row in read(one, shape)]
    seen: set[str] = set()
    for row in rows:
        if row.family in seen:
            raise BadInput(f"{folder}: the family {row.family!r} stands there twice")
        if not row.pairs and not row.unique and not row.forced:
            raise BadInput(f"{folder}: the family {row.family!r} says nothing")
        if not row.models and not row.classes:
            raise BadInput(f"{folder}: the family {row.family!r} names neither models nor classes")
        seen.add(row.family)
    return tuple(rows)


def _speaks_of(row: Family, vendor: str, model: str, kind: DeviceClass) -> bool:
    is_theirs = canonical(row.vendor).casefold() == canonical(vendor).casefold()
    if not is_theirs or (row.classes and kind not in row.classes):
        return False
    if not row.models:
        return True
    named = (text for name in {model, bare_model(vendor, model)} for text in _spellings(name))
    return bool(model) and any(re.fullmatch(row.models, text, re.IGNORECASE) for text in named)


def _spellings(model: str) -> Iterator[str]:
    """The model as it stands, and with its separators as single hyphens, spaces or none."""
    yield model
    for separator in ("-", " ", ""):
        yield _SPACES.sub(separator, model.strip())


def _filled_in(template: str, device: Device) -> Secret | None:
    """The password of this device; None where the register lacks what it is made of."""
    known = {
        "serial": device.text(Attribute.SERIAL),
        "mac": next((each.mac.replace(":", "").upper() for each in device.addresses if each.mac), ""),
    }
    wanted = _PLACEHOLDER.findall(template)
    if not all(known.get(name) for name in wanted):
        return None
    return Secret(_PLACEHOLDER.sub(lambda found: known[found[1]], template))

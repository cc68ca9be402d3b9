"""What vendors say about sale, updates and support of their products: data/lifecycle/, one file a vendor.

All rows about a product (notice.py) come to one standing. What is not known is absent, and absence is neither
supported nor ended.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, field_validator

from agent.checks.notice import OVER, Half, LifecycleRow, Support
from agent.checks.versions import SCHEMES, Compare
from inventory.strict_yaml import read
from inventory.vendors import bare_model, canonical

# Answers a vendor's file keeps at a time: an office asks some hundreds, but a device may claim any model.
REMEMBERED = 16_384
_CVE = re.compile(r"CVE-\d{4}-\d{4,}")


class VendorFile(BaseModel):
    """One vendor's rows, and the scheme its versions are compared by.

    With `ends_apart` the vendor ends products and trains of firmware by themselves: a device is supported
    only where both are.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    vendor: str
    versions: str = "dotted"
    ends_apart: Literal["yes", "no"] = "no"
    rows: tuple[LifecycleRow, ...] = Field(min_length=1)

    @field_validator("versions")
    @classmethod
    def _is_a_scheme(cls, name: str) -> str:
        if name not in SCHEMES:
            raise ValueError(f"is no scheme of versions: {', '.join(SCHEMES)}")
        return name

    @cached_property
    def _asked(self) -> dict[tuple[str, str, date, timedelta], "Standing | None"]:
        return {}

    def standing(self, model: str, firmware: str, on: date, ending_within: timedelta) -> "Standing | None":
        """What the rows say of a product; an office has many devices and few products, so it remembers."""
        question, asked = (model, firmware, on, ending_within), self._asked
        if question not in asked:
            if len(asked) >= REMEMBERED:
                asked.clear()
            rows = tuple(row for row in self.rows if row.speaks_of(model, firmware))
            named = any(row.match != "policy" for row in rows)
            scheme = SCHEMES[self.versions]
            asked[question] = _judged(rows, scheme, firmware, on, ending_within) if named else None
        return asked[question]


@dataclass(frozen=True, slots=True)
class Standing:
    """What all rows about one product come to: the gravest state, when it ends, and the newest firmware.

    `halves` are those the state is said of; where it is None, `ends` is the next end known. `cves` are the
    weaknesses of the installed firmware that rows name as their source. `holds_until` is the last day of this
    state, None where no day ahead is known.
    """

    rows: tuple[LifecycleRow, ...]
    state: Support | None
    ends: date | None
    halves: frozenset[Half]
    latest: str
    behind: bool | None
    update_mechanism: str
    cves: tuple[str, ...] = ()
    holds_until: date | None = None


_FILE = TypeAdapter(VendorFile)


@cache
def vendor_files() -> dict[str, VendorFile]:
    """Every vendor's file by the vendor's canonical name; BadInput with file and line for a wrong one."""
    places = sorted((files("agent.checks") / "data" / "lifecycle").iterdir(), key=lambda place: place.name)
    found = [read(place, _FILE) for place in places if place.name.endswith(".yaml")]
    return {canonical(one.vendor): one for one in found}


@cache
def facts_digest() -> str:
    """SHA-256 of the shipped rows: results name the facts they rest on by it."""
    told = hashlib.sha256()
    for name, file in sorted(vendor_files().items()):
        told.update(f"{name}\0{file.model_dump_json()}\0".encode())
    return told.hexdigest()


def standing(vendor: str, model: str, firmware: str, on: date, ending_within: timedelta) -> Standing | None:
    """What is known of this product on this date; None where no row speaks of it."""
    file = vendor_files().get(canonical(vendor)) if vendor else None
    if file is None:
        return None
    return file.standing(bare_model(vendor, model), firmware, on, ending_within)


def ends_apart(vendor: str) -> bool:
    """Whether the vendor ends products and trains of firmware by themselves."""
    file = vendor_files().get(canonical(vendor)) if vendor else None
    return file is not None and file.ends_apart == "yes"


def _judged(
    rows: tuple[LifecycleRow, ...], scheme: Compare, firmware: str, on: date, ending_within: timedelta
) -> Standing:
    order = list(Support)
    told = [(state, row) for row in rows if (state := row.support(on, ending_within)) is not None]
    state, ground = max(told, key=lambda pair: order.index(pair[0]), default=(None, None))
    halves = frozenset(row.half for _state, row in told)
    ahead = [day for row in rows if (day := row.next_end(on))]
    turns = [day for row in rows for day in row.turns(on)]
    ends = ground.last_end(on) if ground and state in OVER else min(ahead, default=None)
    if state is None and not ahead:
        state, ends, turns = _by_policy(rows, on, ending_within)
        halves = frozenset({Half.PRODUCT} if state else ())
    weak = tuple(row for row in rows if firmware and row.is_weak(firmware, scheme))
    behind, until = _behind(firmware, rows, weak, scheme, on)
    return Standing(
        rows=rows,
        state=state,
        ends=ends,
        halves=halves,
        latest=_newest_named(rows, scheme),
        behind=behind,
        update_mechanism=_said_first(row.update_mechanism for row in rows),
        cves=tuple(dict.fromkeys(cve for row in weak for cve in _CVE.findall(row.source))),
        holds_until=min([*turns, *until], default=None),
    )


def _by_policy(
    rows: Iterable[LifecycleRow], on: date, ending_within: timedelta
) -> tuple[Support | None, date | None, list[date]]:
    """The state, its day and the days ahead by the vendor's policy, where only the end of sale is known."""
    sales = [row.end_of_sale for row in rows if row.end_of_sale]
    policies = [row.after_sale for row in rows if row.after_sale]
    if not sales or not policies:
        return None, None, []
    promised = max((day for one in policies if (day := one.promised(max(sales)))), default=None)
    limit = min((day for one in policies if (day := one.limit(max(sales)))), default=None)
    ahead = [day for day in (promised, limit) if day and day >= on]
    if limit and limit < on:
        return Support.ENDED, limit, ahead
    if promised is None or promised < on:
        return None, None, ahead
    if limit is None or limit - on > ending_within:
        return Support.SUPPORTED, limit, ahead
    return Support.ENDING, limit, ahead


def _newest_named(rows: Iterable[LifecycleRow], scheme: Compare) -> str:
    """The newest version the rows name; more than `weak_through` is not named but known to exist."""
    newest = told = ""
    for row in rows:
        version = row.latest.version if row.latest else row.fixed_in or row.weak_through or ""
        if version and (not newest or scheme(newest, version)):
            newest = version
            told = version if row.latest or row.fixed_in else f"> {version}"
    return told


def _behind(
    firmware: str, rows: Iterable[LifecycleRow], weak: tuple[LifecycleRow, ...], scheme: Compare, on: date
) -> tuple[bool | None, list[date]]:
    """True below the newest named or a fix; False, and until when, at the newest of late; else None."""
    named = [(scheme(firmware, row.latest.version), row.latest) for row in rows if row.latest and firmware]
    if weak or any(is_older for is_older, _latest in named):
        return True, []
    known = [latest.believed_until for is_older, latest in named if is_older is False]
    until = [day for day in known if day and day >= on]
    return (False if until else None), until


def _said_first(answers: Iterable[str | None]) -> str:
    return next((answer for answer in answers if answer), "")

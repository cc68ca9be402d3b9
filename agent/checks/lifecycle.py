"""What vendors say about sale, updates and support of their products: data/lifecycle/, one file a vendor.

Only what a vendor's own notice or documentation says has a row, with its address and the day it was read.
A CVE record counts as a vendor's word where the vendor wrote it, where it states the vendor's confirmation or
cites its notice, or where it names the vendor's release that mends the weakness.
What is not known is absent, and absence is neither supported nor ended.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache, cached_property
from importlib.resources import files
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, field_validator, model_validator

from agent.checks.versions import SCHEMES, Compare, same
from inventory.strict_yaml import read
from inventory.vendors import canonical

# A vendor's list of what it supports, and what it calls its newest firmware, are believed for a year.
_A_VENDORS_WORD_COUNTS = timedelta(days=366)
# Answers a vendor's file keeps at a time: an office asks some hundreds, but a device may claim any model.
REMEMBERED = 16_384
_CVE = re.compile(r"CVE-\d{4}-\d{4,}")


class Support(StrEnum):
    """How a product stands with its vendor; the words of the fact check.firmware.state, worst last."""

    SUPPORTED = "supported"
    ENDING = "ending"
    SECURITY_ENDED = "security-ended"
    ENDED = "ended"


class Latest(BaseModel):
    """The newest firmware a vendor's document names: an older one has an update, a newer one is never late.

    `released` is the day of the release, or of the document; a year after it there may well be a newer one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str
    released: date | None = None

    @property
    def believed_until(self) -> date | None:
        """The last day on which it may be taken for the newest there is; None where it bears no day."""
        return self.released + _A_VENDORS_WORD_COUNTS if self.released else None


class AfterSale(BaseModel):
    """How many years a vendor's policy supports what it no longer sells: a promise, a limit, or both."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at_least: int | None = Field(default=None, gt=0, le=20)
    at_most: int | None = Field(default=None, gt=0, le=20)

    @model_validator(mode="after")
    def _is_bounded(self) -> Self:
        if self.at_least is None and self.at_most is None:
            raise ValueError("the policy names no years")
        if self.at_least and self.at_most and self.at_least > self.at_most:
            raise ValueError("the policy promises more years than it allows")
        return self

    def promised(self, sale: date) -> date | None:
        """The last day for which support is promised, given the end of sale."""
        return _years_after(sale, self.at_least) if self.at_least else None

    def limit(self, sale: date) -> date | None:
        """The last day on which there can be support, given the end of sale."""
        return _years_after(sale, self.at_most) if self.at_most else None


class LifecycleRow(BaseModel):
    """What one notice says of some products, or of one firmware train of them.

    `unsupported_by` is the day by which the vendor had said that support is over, where the notice gives no
    day of its own. Firmware older than `fixed_in`, or not newer than `weak_through`, has a known weakness.
    A row that matches by policy says what the vendor does for all of the products, and names no day.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    products: str = Field(min_length=2)
    models: str = ".*"
    firmware: str | None = None
    match: Literal["exact", "series", "policy"]
    end_of_sale: date | None = None
    end_of_software: date | None = None
    end_of_security: date | None = None
    end_of_support: date | None = None
    unsupported_by: date | None = None
    supported: Literal["yes"] | None = None
    update_mechanism: Literal["yes", "no"] | None = None
    latest: Latest | None = None
    fixed_in: str | None = None
    weak_through: str | None = None
    after_sale: AfterSale | None = None
    source: str = Field(pattern=r"^https://[^\s]+$")
    read: date

    @field_validator("models", "firmware")
    @classmethod
    def _is_a_pattern(cls, pattern: str | None) -> str | None:
        if pattern is not None:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"is no pattern: {error}") from error
        return pattern

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        ends = (self.end_of_sale, self.end_of_software, self.end_of_security, self.end_of_support)
        fixes = (self.latest, self.fixed_in, self.weak_through)
        days = (*ends, self.unsupported_by, self.supported)
        if not any((*days, *fixes, self.update_mechanism, self.after_sale)):
            raise ValueError("the row says nothing of any product")
        if (self.after_sale is not None) != (self.match == "policy") or (self.after_sale and any(days)):
            raise ValueError("years after the end of sale belong to a policy, and days to a product")
        return self

    @cached_property
    def _model_pattern(self) -> re.Pattern[str]:
        return re.compile(self.models, re.IGNORECASE)

    @cached_property
    def _firmware_pattern(self) -> re.Pattern[str] | None:
        return re.compile(self.firmware, re.IGNORECASE) if self.firmware else None

    def speaks_of(self, model: str, firmware: str) -> bool:
        """Whether the row is about this model and, where it is about one train only, this firmware."""
        if not self._model_pattern.fullmatch(model):
            return False
        return self._firmware_pattern is None or bool(self._firmware_pattern.fullmatch(firmware))

    def support(self, on: date, ending_within: timedelta) -> Support | None:
        """How the product stands on a date; None where the row does not settle it."""
        if self.end_of_support and self.end_of_support < on:
            return Support.ENDED
        if self.unsupported_by and self.unsupported_by <= on:
            return Support.ENDED
        if self.end_of_security and self.end_of_security < on:
            return Support.SECURITY_ENDED
        ends = self.next_end(on)
        if ends is not None:
            return Support.ENDING if ends - on <= ending_within else Support.SUPPORTED
        if self.supported and on - self.read <= _A_VENDORS_WORD_COUNTS:
            return Support.SUPPORTED
        return None

    def is_weak(self, firmware: str, scheme: Compare) -> bool:
        """Whether the firmware is older than the row's fix, or no newer than the weak one it names."""
        if self.fixed_in and scheme(firmware, self.fixed_in):
            return True
        if not self.weak_through:
            return False
        return scheme(firmware, self.weak_through) is True or same(firmware, self.weak_through, scheme)

    @property
    def ends_told(self) -> tuple[date, ...]:
        """The days on which security updates or support end, as far as the row names them."""
        ends = (self.end_of_security, self.end_of_support, self.unsupported_by)
        return tuple(end for end in ends if end)

    def next_end(self, on: date) -> date | None:
        """The next day on which security updates or support end; None where no such day is known."""
        ahead = [end for end in (self.end_of_security, self.end_of_support) if end and end >= on]
        return min(ahead, default=None)

    def last_end(self, on: date) -> date | None:
        """The last day on which security updates or support ended; None where none is past."""
        past = [end for end in (self.end_of_security, self.end_of_support) if end and end < on]
        if self.unsupported_by and self.unsupported_by <= on:
            past.append(self.unsupported_by)
        return max(past, default=None)


class VendorFile(BaseModel):
    """One vendor's rows, and the scheme its versions are compared by."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    vendor: str
    versions: str = "dotted"
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

    `cves` are the weaknesses of the installed firmware that rows name as their source. `holds_until` is the
    last day of this state, None where no day ahead is known.
    """

    rows: tuple[LifecycleRow, ...]
    state: Support | None
    ends: date | None
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
    return file.standing(_without(vendor, model), firmware, on, ending_within)


def _without(vendor: str, model: str) -> str:
    """The model without its vendor's name before it: `Cisco RV042`, `Aruba7010`."""
    rest = model[len(vendor) :]
    if model.lower().startswith(vendor.lower()) and (rest[:1] in (" ", "-") or rest[:1].isdigit()):
        return rest.lstrip(" -")
    return model


def _judged(
    rows: tuple[LifecycleRow, ...], scheme: Compare, firmware: str, on: date, ending_within: timedelta
) -> Standing:
    order = list(Support)
    told = [(state, row) for row in rows if (state := row.support(on, ending_within)) is not None]
    state, ground = max(told, key=lambda pair: order.index(pair[0]), default=(None, None))
    ends = None if ground is None else _end(ground, state, on)
    turns = [day for row in rows if (day := row.next_end(on))]
    if state is None:
        state, ends, ahead = _by_policy(rows, on, ending_within)
        turns += ahead
    weak = tuple(row for row in rows if firmware and row.is_weak(firmware, scheme))
    behind, until = _behind(firmware, rows, weak, scheme, on)
    return Standing(
        rows=rows,
        state=state,
        ends=ends,
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


def _years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)


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


def _end(row: LifecycleRow, state: Support | None, on: date) -> date | None:
    return row.last_end(on) if state in (Support.ENDED, Support.SECURITY_ENDED) else row.next_end(on)


def _said_first(answers: Iterable[str | None]) -> str:
    return next((answer for answer in answers if answer), "")

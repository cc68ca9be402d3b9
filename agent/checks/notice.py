"""One row of data/lifecycle/: what a vendor's notice says of some products, and what that comes to on a day.

Only what a vendor's own notice or documentation says has a row, with its address and the day it was read.
A CVE record counts as a vendor's word where the vendor wrote it, where it states the vendor's confirmation or
cites its notice, or where it names the vendor's release that mends the weakness.
"""

import re
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from agent.checks.versions import Compare, same

# A vendor's list of what it supports, and what it calls its newest firmware, are believed for a year.
_A_VENDORS_WORD_COUNTS = timedelta(days=366)


class Support(StrEnum):
    """How a product stands with its vendor; the words of the fact check.firmware.state, worst last."""

    SUPPORTED = "supported"
    ENDING = "ending"
    SECURITY_ENDED = "security-ended"
    ENDED = "ended"


OVER = frozenset({Support.SECURITY_ENDED, Support.ENDED})


class Half(StrEnum):
    """What a row speaks of: the product itself, or one train of the firmware it may run."""

    PRODUCT = "product"
    FIRMWARE = "firmware"


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

    @property
    def half(self) -> Half:
        """Whether the row is about a product or about a train of firmware."""
        return Half.FIRMWARE if self.firmware else Half.PRODUCT

    def support(self, on: date, ending_within: timedelta) -> Support | None:
        """How the product stands on a date; None where the row does not settle it.

        Once software updates have ended, an end of support ahead does not say that weaknesses are mended.
        """
        if self.end_of_support and self.end_of_support < on:
            return Support.ENDED
        if self.unsupported_by and self.unsupported_by <= on:
            return Support.ENDED
        if self.end_of_security and self.end_of_security < on:
            return Support.SECURITY_ENDED
        ends = self.next_end(on)
        if ends is not None:
            if self.end_of_software and self.end_of_software < on and not self.end_of_security:
                return None
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

    def turns(self, on: date) -> tuple[date, ...]:
        """The last days, from this one on, of what the row says of a state."""
        software = None if self.end_of_security else self.end_of_software
        believed = self.read + _A_VENDORS_WORD_COUNTS if self.supported else None
        days = (self.end_of_security, self.end_of_support, software, believed)
        return tuple(day for day in days if day and day >= on)

    def last_end(self, on: date) -> date | None:
        """The last day on which security updates or support ended; None where none is past."""
        past = [end for end in (self.end_of_security, self.end_of_support) if end and end < on]
        if self.unsupported_by and self.unsupported_by <= on:
            past.append(self.unsupported_by)
        return max(past, default=None)


def _years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)

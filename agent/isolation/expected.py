"""The expected matrix, read from YAML: segments kept apart, and the holes that are meant.

```yaml
kept_apart: [iot, guest, quarantine]     # nothing passes to or from these but by a hole
holes:
  - from: office
    to: iot
    services: [tcp/443, tcp/554]         # or icmp, mdns, ssdp, any
    reason: the guards' camera wall
    until: 2027-03-31                    # left out: no last day
```
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter

from inventory import strict_yaml
from inventory.language import _

KEPT_APART: Final = ("iot", "guest", "quarantine")
ANY: Final = "any"
_SERVICE: Final = re.compile(r"any|icmp|mdns|ssdp|(tcp|udp)/(any|[0-9]{1,5})")


class Meant(StrEnum):
    """What is expected of a way: open by a hole, closed, closed again since its hole lapsed, or unsaid."""

    ALLOWED = "allowed"
    DENIED = "denied"
    LAPSED = "lapsed"
    UNSAID = "unsaid"


def _service(text: str) -> str:
    port = text.rpartition("/")[2]
    if not _SERVICE.fullmatch(text) or (port.isdecimal() and not 1 <= int(port) <= 65535):
        known = "tcp/443, udp/53, tcp/any, icmp, mdns, ssdp, any"
        raise ValueError(_("'{text}' is no service (try {known})").format(text=text, known=known))
    return text


Service = Annotated[str, AfterValidator(_service)]


class Hole(BaseModel):
    """Services meant to pass from one segment to another, why, and until when (the last day counts)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str = Field(alias="from", min_length=1)
    target: str = Field(alias="to", min_length=1)
    services: tuple[Service, ...] = Field(min_length=1)
    reason: str = Field(min_length=3)
    until: date | None = None

    def covers(self, source: str, target: str, service: str) -> bool:
        """Whether the way is one of its own."""
        named = self.source in (ANY, source) and self.target in (ANY, target)
        general = f"{service.partition('/')[0]}/{ANY}"
        return named and any(each in (ANY, service, general) for each in self.services)


class Expected(BaseModel):
    """What is meant to pass between segments; without a file the usual segments are kept apart."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kept_apart: tuple[str, ...] = KEPT_APART
    holes: tuple[Hole, ...] = ()

    def of(self, source: str, target: str, service: str, on: date) -> "Expectation":
        """What is expected of one way on a day, and the hole it rests on."""
        lapsed = None
        for hole in self.holes:
            if hole.covers(source, target, service):
                if hole.until is None or on <= hole.until:
                    return Expectation(Meant.ALLOWED, hole)
                lapsed = hole
        if lapsed is not None:
            return Expectation(Meant.LAPSED, lapsed)
        apart = source in self.kept_apart or target in self.kept_apart
        return Expectation(Meant.DENIED if apart else Meant.UNSAID, None)

    def services(self, source: str, target: str) -> tuple[str, ...]:
        """The single services that holes from one to the other name."""
        return tuple(
            dict.fromkeys(
                service
                for hole in self.holes
                if hole.source in (ANY, source) and hole.target in (ANY, target)
                for service in hole.services
                if not service.endswith(ANY)
            )
        )


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is expected of one way, and by which hole."""

    meant: Meant
    hole: Hole | None

    @property
    def is_denied(self) -> bool:
        """Whether nothing may pass: an open way is then a finding."""
        return self.meant in (Meant.DENIED, Meant.LAPSED)


def read(path: Path | None) -> Expected:
    """The matrix of a YAML file, the usual one without a file; BadInput naming file and line."""
    return Expected() if path is None else strict_yaml.read(path, TypeAdapter(Expected))


def lapsing(expected: Expected, on: date) -> Iterable[Hole]:
    """The holes whose last day is over."""
    return (hole for hole in expected.holes if hole.until is not None and hole.until < on)

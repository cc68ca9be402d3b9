"""What was told of the networks a device sends or has joined, as the facts of one observation and back again.

An observation holds all networks of its device, each with the day it was last told of: a survey that hears
one network leaves what others told of the rest, until that is too old to count.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Self

from agent.wireless.grade import UNTOLD
from inventory.types import Fact, Observation

SOURCE: Final = "wifi"
_BSSID, _SSID, _SECURITY, _WEAK, _TOLD, _STATION = (
    f"{SOURCE}.{name}" for name in ("bssid", "ssid", "security", "weak", "told", "station")
)


@dataclass(frozen=True, slots=True)
class Told:
    """One network, how it was said to be protected, and when; `security` is UNTOLD where nobody said.

    `station` is the MAC by which the device has joined it, empty where it sends it.
    """

    bssid: str
    ssid: str
    security: str
    weak: tuple[str, ...]
    on: date
    station: str = ""

    @property
    def stations(self) -> tuple[str, ...]:
        """The stations this tells of: the device itself or none."""
        return (self.station,) if self.station else ()

    @property
    def is_silent(self) -> bool:
        """Whether it says nothing of the network's protection."""
        return self.security == UNTOLD and not self.weak

    @classmethod
    def of(cls, said: Mapping[str, str], otherwise: date) -> Self:
        """From the facts of one network; `otherwise` is the day where none is noted."""
        day = said.get(_TOLD, "")
        return cls(
            said.get(_BSSID, ""),
            said.get(_SSID, ""),
            said.get(_SECURITY) or UNTOLD,
            tuple(word for word in said.get(_WEAK, "").split(",") if word),
            date.fromisoformat(day) if day else otherwise,
            said.get(_STATION, ""),
        )

    def facts(self) -> Iterator[Fact]:
        """Its facts; the BSSID comes first."""
        yield Fact(_BSSID, self.bssid)
        yield Fact(_SSID, self.ssid)
        yield Fact(_SECURITY, self.security)
        yield Fact(_WEAK, ",".join(self.weak))
        yield Fact(_TOLD, self.on.isoformat())
        if self.station:
            yield Fact(_STATION, self.station)


def told_in(observation: Observation) -> Iterator[Told]:
    """The networks of one observation."""
    said: dict[str, str] = {}
    for fact in observation.facts:
        if fact.name == _BSSID and said:
            yield Told.of(said, observation.at.date())
            said = {}
        said[fact.name] = fact.value
    if said:
        yield Told.of(said, observation.at.date())


def latest(told: Iterable[Told]) -> dict[tuple[str, str, str], Told]:
    """What was last told of each, by BSSID, SSID and station; one who says nothing unsays nothing."""
    found: dict[tuple[str, str, str], Told] = {}
    for one in sorted(told, key=lambda each: each.on):
        key = one.bssid, one.ssid, one.station
        if not one.is_silent or key not in found:
            found[key] = one
    return found

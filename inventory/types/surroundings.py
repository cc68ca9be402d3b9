"""What lies around devices: which ways between segments are open, and which wireless networks are heard."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class CrossingState(StrEnum):
    """What asking across a border came to; the worst first."""

    OPEN = "open"
    MIDDLEBOX = "middlebox"
    NOT_TESTED = "not-tested"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Crossing:
    """One way from a segment into another, as measured at one moment.

    `service` is `tcp/443`, `udp/53`, `icmp`, `mdns` or `ssdp`; `family` is 4 or 6. `ip` is the device
    asked, empty where an answerer of Muster's stood for the segment. `reason` says in English what was seen.
    """

    site: str
    source: str
    target: str
    service: str
    family: int
    state: CrossingState
    at: datetime
    vantage: str
    ip: str = ""
    reason: str = ""

    @property
    def way(self) -> tuple[str, ...]:
        """What makes two measurements the same question."""
        return (self.site, self.source, self.target, self.service, str(self.family), self.ip)

    @property
    def digest(self) -> str:
        """The measurement as evidence: SHA-256 of what it says."""
        words = (*self.way, self.state.value, self.at.isoformat(), self.vantage, self.reason)
        return hashlib.sha256("\n".join(words).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class WirelessNetwork:
    """One BSS as it was heard: what it offers, who uses it, and the device of the register that sends it.

    `security` is the grade's label (`WPA2-PERSONAL`), `weak` its weak points. `akm`, `pairwise` and `group`
    are empty where the source does not tell. `device` is the id of the access point, empty where the
    register has none. `vlan` is empty where it is not known. `station_days` says when a station was last
    heard that is not of the day of `last_at`.
    """

    site: str
    segment: str
    bssid: str
    ssid: str
    security: str
    weak: tuple[str, ...]
    source: str
    first_at: datetime
    last_at: datetime
    akm: tuple[str, ...] = ()
    pairwise: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    pmf: str = ""
    wps: bool | None = None
    channel: int | None = None
    vlan: str = ""
    device: str = ""
    stations: tuple[str, ...] = ()
    station_days: tuple[tuple[str, date], ...] = ()

    def stations_since(self, day: date) -> tuple[str, ...]:
        """The stations heard on that day or later."""
        days = dict(self.station_days)
        return tuple(mac for mac in self.stations if days.get(mac, self.last_at.date()) >= day)

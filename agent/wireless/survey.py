"""What one capture says of each BSS and of the stations that asked to join it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agent.wireless.advertisement import Advertisement, Said, parse
from agent.wireless.names import readable


@dataclass(frozen=True, slots=True)
class Bss:
    """One basic service set: its access point's radio and the network it offers.

    `advertisement` is the one heard most often; `variants` counts the others that differed in protection.
    """

    bssid: str
    ssid: bytes
    advertisement: Advertisement
    heard: int
    variants: int
    wps: Mapping[str, str] | None

    @property
    def name(self) -> str:
        """The SSID as text that no other SSID has."""
        return readable(self.ssid)


@dataclass(frozen=True, slots=True)
class Station:
    """A station that asked to join a BSS, and the protection it asked for."""

    mac: str
    advertisement: Advertisement


@dataclass(frozen=True, slots=True)
class Survey:
    """Every BSS and joining station of a capture, and how many frames were looked at."""

    frames: int
    bss: tuple[Bss, ...]
    stations: tuple[Station, ...]


def survey(frames: Iterable[bytes]) -> Survey:
    """Gathers the frames of a capture; a frame that says nothing readable is only counted."""
    advertised: dict[tuple[str, bytes], list[Advertisement]] = {}
    asked: dict[tuple[str, str], list[Advertisement]] = {}
    count = 0
    for frame in frames:
        count += 1
        heard = parse(frame)
        if heard is None:
            continue
        if heard.said is Said.ADVERTISED:
            advertised.setdefault((heard.bssid, heard.ssid), []).append(heard)
        elif heard.station:
            asked.setdefault((heard.bssid, heard.station), []).append(heard)
    _name_the_hidden(advertised)
    return Survey(
        frames=count,
        bss=tuple(_gather(heard) for heard in advertised.values()),
        stations=tuple(Station(mac, _most_common(heard)) for (_bssid, mac), heard in asked.items()),
    )


def _name_the_hidden(advertised: dict[tuple[str, bytes], list[Advertisement]]) -> None:
    """Counts a BSS that hides its name in beacons and gives it in probe responses as one."""
    for key in [key for key, heard in advertised.items() if heard[0].hidden]:
        named = [other for other in advertised if other[0] == key[0] and other[1].strip(b"\x00")]
        if len(named) == 1:
            advertised[named[0]] += advertised.pop(key)


def _gather(heard: list[Advertisement]) -> Bss:
    usual = _most_common([each for each in heard if not each.hidden] or heard)
    protections = {_protection(each) for each in heard}
    return Bss(
        bssid=usual.bssid,
        ssid=usual.ssid,
        advertisement=usual,
        heard=len(heard),
        variants=len(protections) - 1,
        wps=max((each.wps for each in heard if each.wps is not None), key=len, default=None),
    )


def _most_common(heard: list[Advertisement]) -> Advertisement:
    wanted = Counter(_protection(each) for each in heard).most_common(1)[0][0]
    return next(each for each in heard if _protection(each) == wanted)


def _protection(heard: Advertisement) -> tuple[object, ...]:
    return heard.privacy, heard.rsn, heard.wpa, heard.owe_transition

"""What one capture says of each BSS and of the stations that asked to join it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from agent.wireless.advertisement import Advertisement, Said, parse
from agent.wireless.names import readable


@dataclass(frozen=True, slots=True)
class Bss:
    """One basic service set: its access point's radio and the network it offers.

    `advertisement` is the one heard most often, `variants` are those that differed in protection and were
    heard more than once: somebody else may be sending under the same name.
    """

    bssid: str
    ssid: bytes
    advertisement: Advertisement
    heard: int
    variants: tuple[Advertisement, ...]
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
    """Every BSS and joining station of a capture; how many frames there were, and how many were garbled."""

    frames: int
    garbled: int
    bss: tuple[Bss, ...]
    stations: tuple[Station, ...]


def survey(frames: Iterable[bytes]) -> Survey:
    """Gathers the frames of a capture; one that ought to tell of a network and cannot be read is counted."""
    advertised: dict[tuple[str, bytes], list[Advertisement]] = {}
    asked: dict[tuple[str, str], list[Advertisement]] = {}
    count = garbled = 0
    for frame in frames:
        count += 1
        told = parse(frame)
        garbled += told is None
        for heard in told or ():
            if heard.said is Said.ADVERTISED:
                advertised.setdefault((heard.bssid, heard.ssid), []).append(heard)
            elif heard.station:
                asked.setdefault((heard.bssid, heard.station), []).append(heard)
    _name_the_hidden(advertised)
    return Survey(
        frames=count,
        garbled=garbled,
        bss=tuple(_gather(heard) for heard in advertised.values()),
        stations=tuple(Station(mac, _usual(heard)[0]) for (_bssid, mac), heard in asked.items()),
    )


def _name_the_hidden(advertised: dict[tuple[str, bytes], list[Advertisement]]) -> None:
    """Counts a BSS that hides its name in beacons and gives it in probe responses as one."""
    for key in [key for key, heard in advertised.items() if heard[0].hidden]:
        named = [other for other in advertised if other[0] == key[0] and other[1].strip(b"\x00")]
        if len(named) == 1:
            advertised[named[0]] += advertised.pop(key)


def _gather(heard: list[Advertisement]) -> Bss:
    usual, *others = _usual(heard)
    named = next((each for each in heard if not each.hidden), usual)
    return Bss(
        bssid=usual.bssid,
        ssid=named.ssid,
        advertisement=replace(usual, ssid=named.ssid),
        heard=len(heard),
        variants=tuple(others),
        wps=max((each.wps for each in heard if each.wps is not None), key=len, default=None),
    )


def _usual(heard: list[Advertisement]) -> list[Advertisement]:
    """One advertisement for each protection, that heard most often first; the others only if heard again.

    A damaged frame that no check sequence gives away is heard once; a second sender goes on.
    """
    counted = Counter(_protection(each) for each in heard).most_common()
    kept = [wanted for number, (wanted, times) in enumerate(counted) if not number or times > 1]
    return [next(each for each in heard if _protection(each) == wanted) for wanted in kept]


def _protection(heard: Advertisement) -> tuple[object, ...]:
    return heard.privacy, heard.rsn, heard.wpa, heard.owe_transition, heard.garbled

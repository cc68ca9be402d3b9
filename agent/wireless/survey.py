"""What one capture says of each BSS and of the stations that asked to join it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

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
    last_at: datetime | None = None

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


def survey(frames: Iterable[bytes], now: Callable[[], datetime | None] = lambda: None) -> Survey:
    """Gathers the frames of a capture; one that ought to tell of a network and cannot be read is counted.

    `now` says when the frame just given came in, where that is known.
    """
    advertised: dict[tuple[str, bytes], _Heard] = defaultdict(_Heard)
    asked: dict[tuple[str, str], _Heard] = defaultdict(_Heard)
    count = garbled = 0
    for frame in frames:
        count += 1
        told = parse(frame)
        garbled += told is None
        for one in told or ():
            if one.said is Said.ADVERTISED:
                advertised[one.bssid, one.ssid].add(one, now())
            elif one.station:
                asked[one.bssid, one.station].add(one)
    _name_the_hidden(advertised)
    return Survey(
        frames=count,
        garbled=garbled,
        bss=tuple(_bss(name, heard) for (_bssid, name), heard in advertised.items()),
        stations=tuple(Station(mac, heard.usual()[0]) for (_bssid, mac), heard in asked.items()),
    )


class _Heard:
    """How often each protection was heard of one BSS or station, and an example of each."""

    def __init__(self) -> None:
        self.times: Counter[tuple[object, ...]] = Counter()
        self.examples: dict[tuple[object, ...], Advertisement] = {}
        self.wps: Mapping[str, str] | None = None
        self.last_at: datetime | None = None

    def add(self, one: Advertisement, at: datetime | None = None) -> None:
        protection = one.privacy, one.rsn, one.wpa, one.owe_transition, one.garbled
        self.times[protection] += 1
        self.examples.setdefault(protection, one)
        self._hear_wps(one.wps)
        self._hear_at(at)

    def join(self, other: "_Heard") -> None:
        self.times += other.times
        self.examples = other.examples | self.examples
        self._hear_wps(other.wps)
        self._hear_at(other.last_at)

    def usual(self) -> list[Advertisement]:
        """One advertisement for each protection, that heard most often first; the others only if heard again.

        A damaged frame that no check sequence gives away is heard once; a second sender goes on.
        """
        ranked = self.times.most_common()
        return [self.examples[each] for at, (each, times) in enumerate(ranked) if not at or times > 1]

    def _hear_at(self, at: datetime | None) -> None:
        if at is not None and (self.last_at is None or at > self.last_at):
            self.last_at = at

    def _hear_wps(self, said: Mapping[str, str] | None) -> None:
        if said is not None and (self.wps is None or len(said) > len(self.wps)):
            self.wps = said


def _name_the_hidden(advertised: dict[tuple[str, bytes], _Heard]) -> None:
    """Counts a BSS that hides its name in beacons and gives it in probe responses as one."""
    for key in [key for key in advertised if not key[1].strip(b"\x00")]:
        named = [other for other in advertised if other[0] == key[0] and other[1].strip(b"\x00")]
        if len(named) == 1:
            advertised[named[0]].join(advertised.pop(key))


def _bss(name: bytes, heard: _Heard) -> Bss:
    usual, *others = heard.usual()
    return Bss(
        bssid=usual.bssid,
        ssid=name,
        advertisement=replace(usual, ssid=name),
        heard=heard.times.total(),
        variants=tuple(others),
        wps=heard.wps,
        last_at=heard.last_at,
    )

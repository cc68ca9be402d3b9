"""One wireless network as any source tells of it, graded; what the source does not tell is left out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Self

from agent.wireless.advertisement import Advertisement, Said
from agent.wireless.captures import timed_frames
from agent.wireless.elements import Suites
from agent.wireless.grade import UNTOLD, grade
from agent.wireless.names import readable
from agent.wireless.survey import Survey, survey
from inventory.language import _, ngettext

_ABOUT_PMF = frozenset({"no-mfp", "mfp-optional"})


@dataclass(frozen=True, slots=True)
class Heard:
    """A BSS, its grade and its stations (MACs); `pmf` is empty and `wps` None where the source is silent."""

    bssid: str
    ssid: str
    security: str
    weak: tuple[str, ...]
    akm: tuple[str, ...] = ()
    pairwise: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    pmf: str = ""
    wps: bool | None = None
    channel: int | None = None
    stations: tuple[str, ...] = ()
    vlan: str = ""
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What a source holds and cannot be read: where it stands, and why it is left out."""

    place: str
    why: str

    def __str__(self) -> str:
        """Both in one line."""
        return f"{self.place}: {self.why}"


@dataclass(frozen=True, slots=True)
class Reading:
    """The networks a source tells of, and what of it could not be read."""

    networks: tuple[Heard, ...]
    left_out: tuple[LeftOut, ...] = ()

    @classmethod
    def of(cls, told: Iterable[Heard | LeftOut]) -> Self:
        """What a reader gives, one after another."""
        every = tuple(told)
        return cls(
            tuple(each for each in every if isinstance(each, Heard)),
            tuple(each for each in every if isinstance(each, LeftOut)),
        )


def graded(
    advertisement: Advertisement,
    *,
    tells_pmf: bool,
    wps: bool | None = None,
    stations: Iterable[str] = (),
    variants: Iterable[Advertisement] = (),
) -> Heard:
    """The network of an advertisement; without `tells_pmf` nothing is said of protected management frames."""
    judged = grade(advertisement, variants)
    suites = [each for each in (advertisement.rsn, advertisement.wpa) if each]
    weak = judged.weak if tells_pmf else tuple(word for word in judged.weak if word not in _ABOUT_PMF)
    return Heard(
        bssid=advertisement.bssid,
        ssid=readable(advertisement.ssid),
        security=judged.security,
        weak=weak,
        akm=tuple(sorted({name for each in suites for name in each.akm})),
        pairwise=tuple(sorted({name for each in suites for name in each.pairwise})),
        group=tuple(sorted({each.group for each in suites if each.group})),
        pmf=judged.pmf if tells_pmf else "",
        wps=wps,
        channel=advertisement.channel,
        stations=tuple(sorted(set(stations))),
    )


def left_out(place: str) -> LeftOut:
    """A row or block of which the end is missing."""
    return LeftOut(place, _("is cut short"))


def untold(heard: Heard) -> Heard:
    """The network where its source does not say how it is protected: neither open nor WEP may be guessed."""
    return replace(heard, security=UNTOLD, weak=())


def told(  # noqa: PLR0917 - the words of one line
    bssid: str,
    ssid: bytes,
    privacy: bool,
    rsn: Suites | None,
    wpa: Suites | None,
    channel: int | None,
) -> Advertisement:
    """What a source says in words, as the advertisement it stands for."""
    return Advertisement(Said.ADVERTISED, bssid, ssid, None, privacy, rsn, wpa, channel)


def of_capture(path: Path) -> Reading:
    """The networks of a capture file, with the stations that asked to join each."""
    at: datetime | None = None

    def frames() -> Iterator[bytes]:
        nonlocal at
        for frame, at in timed_frames(path):  # noqa: B007 - the survey asks for it
            yield frame

    return _of_survey(survey(frames(), lambda: at), str(path))


def of_frames(frames: Iterable[bytes], name: str) -> Reading:
    """The networks of bare 802.11 frames, with the stations that asked to join each."""
    return _of_survey(survey(frames), name)


def _of_survey(found: Survey, name: str) -> Reading:
    joining: dict[str, set[str]] = {}
    for station in found.stations:
        joining.setdefault(station.advertisement.bssid, set()).add(station.mac)
    networks = tuple(
        replace(
            graded(
                bss.advertisement,
                tells_pmf=True,
                wps=bss.wps is not None,
                stations=joining.get(bss.bssid, ()),
                variants=bss.variants,
            ),
            last_at=bss.last_at,
        )
        for bss in found.bss
    )
    return Reading(networks, damaged(found.garbled, name))


def damaged(count: int, name: str) -> tuple[LeftOut, ...]:
    """What is said of frames that ought to tell of a network and cannot be read."""
    why = ngettext("{count} frame is damaged", "{count} frames are damaged", count).format(count=count)
    return (LeftOut(name, why),) if count else ()

"""airodump-ng's CSV: networks first, then stations with the BSSID they are associated with."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from agent.bars import canonical_mac
from agent.wireless.heard import Heard, LeftOut, graded, left_out, told, untold
from agent.wireless.words import UNHEARD, bssid_of, channel_of, octets_of, suites_of, time_of, versions_in

_STATIONS: Final = "Station MAC"
_RATE: Final = 4
_BEACONS: Final = 9
_ESSID: Final = 13  # the column of the name, the last but one: it may hold commas
_JOINED: Final = 5  # the column of the BSSID, behind which a station names what it looks for


def airodump(text: str, name: str) -> Iterator[Heard | LeftOut]:
    """The networks of the file with their stations; a row that is cut short is left out."""
    rows = [(f"{name}:{number}", line.removesuffix("\r")) for number, line in enumerate(text.split("\n"), 1)]
    start = next((at for at, (_place, line) in enumerate(rows) if line.startswith(_STATIONS)), len(rows))
    stations: dict[str, set[str]] = {}
    for place, line in rows[start + 1 :]:
        fields = line.split(",")
        if len(fields) > _JOINED + 1:
            if joined := canonical_mac(fields[_JOINED].strip()):
                stations.setdefault(joined, set()).add(bssid_of(fields[0], place))
        elif line.strip():
            yield left_out(place)
    for place, line in rows[:start]:
        if line.startswith("BSSID,") or not line.strip():
            continue
        fields = line.split(",")
        yield _network(fields, place, stations) if len(fields) > _ESSID + 1 else left_out(place)


def _network(fields: list[str], place: str, stations: dict[str, set[str]]) -> Heard:
    bssid = bssid_of(fields[0], place)
    versions, ciphers, akm = versions_in(fields[5]), fields[6].split(), fields[7].split()
    rsn, wpa = suites_of(versions, ciphers, akm)
    ssid = _name(",".join(fields[_ESSID:-1]).removeprefix(" "))
    advertisement = told(bssid, ssid, "OPN" not in versions, rsn, wpa, channel_of(fields[3]))
    heard = graded(advertisement, tells_pmf=False, stations=stations.get(bssid, ()))
    is_heard = not fields[_RATE].strip().startswith(UNHEARD) or fields[_BEACONS].strip() != "0"
    return replace(heard if versions and is_heard else untold(heard), last_at=time_of(fields[2]))


def _name(text: str) -> bytes:
    """A name with commas stands in quotation marks, in older versions as it is."""
    is_quoted = len(text) > 1 and text[0] == text[-1] == '"'
    return octets_of(text[1:-1].replace('""', '"') if is_quoted else text)

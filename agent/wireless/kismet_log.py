"""Kismet's log since 2019: the `.kismet` database itself, and its devices as JSON.

The log holds the frames and a record of every device; `kismetdb_dump_devices` and the server's REST views
write the records alone (https://www.kismetwireless.net/docs/dev/kismetdb/). Frames tell all. A record tells
as much where it holds the elements of the last beacon (`dot11_keep_ietags`); else it sums up the suites of
all elements, which leaves open what is offered together: then what is weak is believed, not what is sound.
"""

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from agent.bars import canonical_mac
from agent.wireless import elements
from agent.wireless.advertisement import Advertisement, Said, advertised
from agent.wireless.frames import bare_frame
from agent.wireless.grade import UNTOLD
from agent.wireless.heard import Heard, LeftOut, Reading, graded, left_out, of_frames, told, untold
from agent.wireless.kismet import kismet_name
from agent.wireless.words import channel_of, suites_of
from inventory.exits import BadInput
from inventory.language import _

SQLITE: Final = b"SQLite format 3\x00"
_OF_KISMET: Final = re.compile(r'"(?:kismet|dot11)[._]device\b')
_IN_THE_AIR: Final = "Wi-Fi Client"
# The bits of `crypt_set` from 2019 to 2021, when `crypt_string` came.
_WEP, _WPA = 1 << 1, 1 << 6
_VERSIONS: Final = {27: "WPA", 28: "WPA2", 29: "WPA3"}
_CIPHERS: Final = {3: "WEP-40", 4: "WEP-104", 5: "TKIP", 9: "CCMP"}
_KEYS: Final = {7: "PSK", 11: "802.1X", 16: "SAE", 17: "OWE"}
_WEPS: Final = (_WEP, 1 << 3, 1 << 4)
_WPS_BIT: Final = 1 << 26
_EXPLAINED: Final = sum(1 << bit for bit in (*_VERSIONS, *_CIPHERS, *_KEYS)) | _WEP | _WPA | _WPS_BIT


def is_json(text: str) -> bool:
    """Whether a text begins as Kismet's devices do."""
    return text.lstrip("\ufeff\r\n ")[:1] in ("[", "{") and bool(_OF_KISMET.search(text))


def of_log(path: Path) -> Reading:
    """The networks of a `.kismet` log: by its frames, and by its records where it kept no frame of them."""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro", uri=True)) as log:
            frames = log.execute("SELECT dlt, packet FROM packets WHERE packet IS NOT NULL")
            bare = (bare_frame(bytes(packet), dlt) for dlt, packet in frames if _is_packet(dlt, packet))
            heard = of_frames((frame for frame in bare if frame is not None), str(path))
            rows = log.execute("SELECT device FROM devices")
            records = [
                (f"{path}: devices {number}", _text(row[0])) for number, row in enumerate(rows, start=1)
            ]
    except (sqlite3.Error, UnicodeDecodeError) as error:  # the latter where its own words are broken
        raise BadInput(_("{path}: is no log of Kismet: {error}").format(path=path, error=error)) from error
    recorded = Reading.of(_of_lines(records))
    return Reading(_joined(heard.networks, recorded.networks), heard.left_out + recorded.left_out)


def kismet_json(text: str, name: str) -> Iterator[Heard | LeftOut]:
    """The devices as one list, or one on each line (`ekjson`, `itjson`), names with dots or underscores."""
    whole = text.lstrip("\ufeff")
    try:
        said = json.loads(whole)
    except (ValueError, RecursionError) as error:
        if whole.lstrip().startswith("["):
            why = getattr(error, "msg", error)
            raise BadInput(f"{name}:{getattr(error, 'lineno', 1)}: {why}") from error
        lines = [(f"{name}:{number}", line) for number, line in enumerate(text.split("\n"), start=1)]
        yield from _of_lines([(place, line) for place, line in lines if line.strip("\ufeff\r ")])
    else:
        records = said if isinstance(said, list) else _listed(_Record(said).value("data")) or [said]
        yield from _of_records([(f"{name}: device {at}", each) for at, each in enumerate(records, start=1)])


def _of_lines(lines: Iterable[tuple[str, str]]) -> Iterator[Heard | LeftOut]:
    records = []
    for place, line in lines:
        try:
            records.append((place, json.loads(line.strip("\ufeff\r "))))
        except (ValueError, RecursionError):
            yield left_out(place)
    yield from _of_records(records)


def _of_records(records: list[tuple[str, Any]]) -> Iterator[Heard | LeftOut]:
    known = [(place, _Record(record)) for place, record in records]
    types = {record.mac: record.text("kismet.device.base.type") for _place, record in known}
    for place, record in known:
        if not record.is_of_wireless:
            continue
        about = record.inner("dot11.device")
        joined = {canonical_mac(mac) for mac in about.value("dot11.device.associated_client_map") or ()}
        stations = sorted(mac for mac in joined if types.get(mac) == _IN_THE_AIR)
        if not record.mac:
            yield left_out(place)
            continue
        for each in _listed(about.value("dot11.device.advertised_ssid_map")):
            yield _network(record.mac, _Record(each), stations)


class _Record:
    """One object of the JSON; a name is `a.b` or `a_b`, and what is of another type than meant is missing."""

    def __init__(self, said: object) -> None:
        self._said: Mapping[str, Any] = said if isinstance(said, dict) else {}

    def value(self, name: str) -> Any:  # noqa: ANN401 - whatever the JSON holds
        return self._said.get(name, self._said.get(name.replace(".", "_")))

    def text(self, name: str) -> str:
        value = self.value(name)
        return value if isinstance(value, str) else ""

    def number(self, name: str) -> int:
        value = self.value(name)
        return value if isinstance(value, int) else 0

    def inner(self, name: str) -> "_Record":
        return _Record(self.value(name))

    @property
    def is_of_wireless(self) -> bool:
        """Kismet keeps Bluetooth and sensors too; what is no object at all may be anything."""
        return not self._said or self.value("dot11.device") is not None

    @property
    def mac(self) -> str:
        return canonical_mac(self.text("kismet.device.base.macaddr").partition("/")[0])


def _network(bssid: str, said: _Record, stations: list[str]) -> Heard:
    name = "dot11.advertisedssid."
    heard = _protection(bssid, kismet_name(said.text(f"{name}ssid")), said)
    wps = said.value(f"{name}wps_state")
    seconds = said.number(f"{name}last_time")
    return replace(
        heard,
        wps=heard.wps if heard.wps is not None or wps is None else bool(wps),
        channel=channel_of(said.text(f"{name}channel")),
        stations=tuple(stations),
        last_at=datetime.fromtimestamp(seconds, UTC) if 0 < seconds < 1 << 33 else None,
    )


def _protection(bssid: str, ssid: bytes, said: _Record) -> Heard:
    name = "dot11.advertisedssid."
    kept = _elements(said.value(f"{name}ie_tag_content"))
    words = said.text(f"{name}crypt_string")
    if any(kind == elements.RSN or elements.is_wpa(value) for kind, value in kept):
        found = advertised([(elements.SSID, ssid), *kept], bssid, privacy=True)
        if found is not None:
            return graded(found, tells_pmf=True, wps=found.wps is not None)
    if words.strip():
        heard = _of_words(bssid, ssid, words)
    elif said.value(f"{name}crypt_bitfield") is None and said.value(f"{name}crypt_set") is not None:
        heard = _of_bits(bssid, ssid, said.number(f"{name}crypt_set"))
    else:
        heard = untold(graded(told(bssid, ssid, True, None, None, None), tells_pmf=False))
    if heard.security == "OPEN" and (said.text(f"{name}owe_ssid") or said.text(f"{name}owe_bssid")):
        return replace(heard, security="OWE-TRANSITION")
    return heard


def _of_words(bssid: str, ssid: bytes, text: str) -> Heard:
    """`Open`, `WEP…`, or a version, keys and ciphers (`WPA2 WPA2-PSK TKIP AES-CCMP`) of all elements."""
    words = text.split()
    if words == ["Open"] or words[0].startswith("WEP"):
        return graded(told(bssid, ssid, words != ["Open"], None, None, None), tells_pmf=False)
    is_old = words[0] == "WPA1"
    rsn, wpa = suites_of(["WPA" if is_old else "WPA2"], [each for each in words if each == "TKIP"], ())
    heard = graded(Advertisement(Said.ADVERTISED, bssid, ssid, None, True, rsn, wpa), tells_pmf=False)
    return replace(heard, security=UNTOLD)


def _of_bits(bssid: str, ssid: bytes, bits: int) -> Heard:
    versions, ciphers, keys = (
        [word for bit, word in table.items() if bits & 1 << bit] for table in (_VERSIONS, _CIPHERS, _KEYS)
    )
    rsn, wpa = suites_of(versions, ciphers, keys)
    heard = graded(told(bssid, ssid, bool(bits & ~_WPS_BIT), rsn, wpa, None), tells_pmf=False)
    is_wep = any(bits & bit for bit in _WEPS) and not bits & _WPA
    if bits & ~_WPS_BIT and not versions and not is_wep:
        return untold(heard)
    return replace(heard, security=UNTOLD) if bits & ~_EXPLAINED else heard


def _elements(content: object) -> list[elements.Element]:
    """The elements of the last beacon, as far as the record keeps them."""
    found = []
    for each in _listed(content):
        said = _Record(each)
        try:
            found.append((said.number("dot11.ietag.number"), bytes.fromhex(said.text("dot11.ietag.data"))))
        except ValueError:
            return []
    return found


def _listed(value: object) -> list[Any]:
    """What a map holds, or a list: which of them Kismet writes differs by version."""
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _joined(by_frames: Iterable[Heard], by_records: Iterable[Heard]) -> tuple[Heard, ...]:
    """Each network by its frames where there are any, its stations and time by the record."""
    found = {(one.bssid, one.ssid): one for one in by_records}
    about = {one.bssid: one for one in found.values()}
    for one in by_frames:
        found.pop((one.bssid, ""), None)
        record = about.get(one.bssid)
        if record is not None:
            stations = tuple(sorted({*one.stations, *record.stations}))
            one = replace(one, stations=stations, last_at=record.last_at)  # noqa: PLW2901 - the same network
        found[one.bssid, one.ssid] = one
    return tuple(found.values())


def _is_packet(dlt: object, packet: object) -> bool:
    return isinstance(dlt, int) and isinstance(packet, bytes)


def _text(value: object) -> str:
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)

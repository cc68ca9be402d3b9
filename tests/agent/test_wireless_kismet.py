"""Kismet's log and its JSON: frames tell all, records as much as they keep, and nothing is silently lost."""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from test_wireless import AP, PSK, SAE, beacon, rsn, wpa

from agent.wireless.exports import read
from agent.wireless.frames import IEEE802_11
from agent.wireless.heard import Heard, Reading
from inventory.exits import BadInput

BSSID = AP.hex(":")
STATION, WIRED = "02:4D:55:00:00:09", "02:4D:55:00:00:0A"
SEEN = 1_782_000_000
WPA2_PSK_CCMP = 1 << 28 | 1 << 6 | 1 << 7 | 1 << 9


def advertised(ssid: str = "office", **about: object) -> dict[str, object]:
    said = {"ssid": ssid, "channel": "6", "last_time": SEEN, **about}
    return {f"dot11.advertisedssid.{name}": value for name, value in said.items()}


def access_point(*networks: object, keyed: bool = False) -> dict[str, object]:
    listed = {str(at): each for at, each in enumerate(networks)} if keyed else list(networks)
    return {
        "kismet.device.base.macaddr": BSSID.upper(),
        "kismet.device.base.type": "Wi-Fi AP",
        "dot11.device": {
            "dot11.device.advertised_ssid_map": listed,
            "dot11.device.associated_client_map": {STATION: "key", WIRED: "key"},
        },
    }


def station(mac: str, kind: str = "Wi-Fi Client") -> dict[str, object]:
    return {"kismet.device.base.macaddr": mac, "kismet.device.base.type": kind}


def kept(element: bytes) -> dict[str, object]:
    return {"dot11.ietag.number": element[0], "dot11.ietag.data": element[2:].hex().upper()}


def reading(records: object, tmp_path: Path) -> Reading:
    path = tmp_path / "devices.json"
    path.write_text(records if isinstance(records, str) else json.dumps(records), encoding="utf-8")
    return read(path)


def only(records: object, tmp_path: Path) -> Heard:
    (found,) = reading(records, tmp_path).networks
    return found


def underscored(said: Any) -> Any:
    if isinstance(said, dict):
        return {name.replace(".", "_"): underscored(value) for name, value in said.items()}
    return [underscored(each) for each in said] if isinstance(said, list) else said


@pytest.mark.parametrize("form", ["list", "lines", "underscored", "keyed"])
def test_every_form_of_the_records_says_the_same(form: str, tmp_path: Path) -> None:
    content = {"1": kept(rsn(SAE, capabilities=0xC0)), "2": kept(b"\x0b\x05\x00\x00\x00\x00\x00")}
    network = advertised(ie_tag_content=content, crypt_string="WPA3 WPA3-SAE AES-CCMP", wps_state=0)
    records: Sequence[Any] = [
        access_point(network, keyed=form == "keyed"),
        station(STATION),
        station(WIRED, "Wi-Fi Bridged"),
    ]
    records = underscored(records) if form == "underscored" else records
    text = json.dumps(records)
    if form in ("lines", "underscored"):
        text = "\n".join(json.dumps(each) for each in records) + "\n"
    found = only(text, tmp_path)
    assert (found.bssid, found.ssid, found.security, found.weak, found.pmf) == (
        BSSID,
        "office",
        "WPA3-PERSONAL",
        (),
        "required",
    )
    assert (found.channel, found.stations) == (6, (STATION.lower(),)), "who is on the wire is no station"
    assert found.last_at == datetime.fromtimestamp(SEEN, UTC)


@pytest.mark.parametrize(
    ("said", "security", "weak"),
    [
        ({"crypt_string": "Open"}, "OPEN", ("open",)),
        ({"crypt_string": "Open", "owe_bssid": "88:AC:C0:57:00:09"}, "OWE-TRANSITION", ("open",)),
        ({"crypt_string": "WEP104"}, "WEP", ("wep",)),
        ({"crypt_string": "WPA1 WPA1-PSK TKIP"}, "UNKNOWN", ("tkip", "wpa1")),
        ({"crypt_string": "WPA2 WPA2-PSK TKIP AES-CCMP"}, "UNKNOWN", ("tkip",)),
        ({"crypt_string": "WPA2 WPA2-PSK AES-CCMP"}, "UNKNOWN", ()),
        ({"crypt_string": " ", "crypt_bitfield": 7, "crypt_set": 0}, "UNKNOWN", ()),
        ({}, "UNKNOWN", ()),
        ({"crypt_set": 0}, "OPEN", ("open",)),
        ({"crypt_set": 1 << 26}, "OPEN", ("open",)),
        ({"crypt_set": 1 << 1}, "WEP", ("wep",)),
        ({"crypt_set": 1 << 1 | 1 << 4}, "WEP", ("wep",)),
        ({"crypt_set": WPA2_PSK_CCMP}, "WPA2-PERSONAL", ()),
        ({"crypt_set": WPA2_PSK_CCMP | 1 << 27 | 1 << 5}, "WPA/WPA2-MIXED-PERSONAL", ("tkip", "wpa1")),
        ({"crypt_set": 1 << 29 | 1 << 6 | 1 << 16 | 1 << 7 | 1 << 9}, "WPA3-TRANSITION", ()),
        ({"crypt_set": 1 << 28 | 1 << 6 | 1 << 17 | 1 << 9}, "OWE", ()),
        ({"crypt_set": 1 << 28 | 1 << 6 | 1 << 11 | 1 << 9}, "WPA2-ENTERPRISE", ()),
        ({"crypt_set": 1 << 6 | 1 << 7 | 1 << 9}, "UNKNOWN", ()),
        ({"crypt_set": WPA2_PSK_CCMP | 1 << 8}, "UNKNOWN", ()),
        ({"crypt_set": 1}, "UNKNOWN", ()),
    ],
)
def test_a_record_without_elements_is_believed_where_it_tells_what_is_offered_together(
    said: dict[str, object], security: str, weak: tuple[str, ...], tmp_path: Path
) -> None:
    found = only([access_point(advertised(**said))], tmp_path)
    assert (found.security, found.weak, found.pmf) == (security, weak, "")


def test_elements_that_are_no_hexadecimal_are_not_believed(tmp_path: Path) -> None:
    broken = {"dot11.ietag.number": 48, "dot11.ietag.data": "01zz"}
    assert only([access_point(advertised(ie_tag_content=[broken]))], tmp_path).security == "UNKNOWN"


def test_what_cannot_be_read_is_named_and_the_rest_is_kept(tmp_path: Path) -> None:
    whole = json.dumps(access_point(advertised(crypt_string="Open")))
    found = reading(f"{whole}\n{whole[:-40]}", tmp_path)
    assert [one.ssid for one in found.networks] == ["office"]
    assert [str(each) for each in found.left_out] == [f"{tmp_path / 'devices.json'}:2: is cut short"]
    nameless = {**access_point(advertised()), "kismet.device.base.macaddr": "nonsense"}
    sensor = {"kismet.device.base.macaddr": "nonsense", "rtl433.device": {}}
    found = reading([sensor, nameless, 7], tmp_path)
    assert [each.place.rpartition(": ")[2] for each in found.left_out] == ["device 2", "device 3"]


def test_a_broken_list_is_refused_by_its_line(tmp_path: Path) -> None:
    text = json.dumps([access_point(advertised())], indent=0)
    with pytest.raises(BadInput, match=r"devices\.json:4: "):
        reading("\n".join(text.splitlines()[:4]), tmp_path)


# -- the log itself ---------------------------------------------------------------------------------------


def log(tmp_path: Path, packets: Sequence[tuple[int, object]], records: Sequence[object]) -> Path:
    path = tmp_path / "Kismet 1.kismet"
    with closing(sqlite3.connect(path)) as made, made:
        made.execute("CREATE TABLE packets (ts_sec INT, ts_usec INT, dlt INT, packet BLOB, error INT)")
        made.execute("CREATE TABLE devices (phyname TEXT, devmac TEXT, device BLOB)")
        rows = [(SEEN, at, dlt, packet) for at, (dlt, packet) in enumerate(packets)]
        made.executemany("INSERT INTO packets VALUES (?, ?, ?, ?, 0)", rows)
        devices = [("IEEE802.11", json.dumps(each)) for each in records]
        sensor = ("RTL433", json.dumps({"kismet.device.base.key": "1", "rtl433.device": {}}))
        made.executemany("INSERT INTO devices VALUES (?, '', ?)", [*devices, sensor])
    return path


def test_the_frames_of_a_log_tell_more_than_its_records(tmp_path: Path) -> None:
    record = access_point(advertised(crypt_string="WPA2 WPA2-PSK AES-CCMP"), advertised("", cloaked=1))
    other = access_point(advertised("elsewhere", crypt_string="WEP"))
    other["kismet.device.base.macaddr"] = "02:00:00:00:00:01"
    frames = [(IEEE802_11, beacon(rsn(PSK), wpa(PSK))), (251, b"bluetooth"), (IEEE802_11, None)]
    found = read(log(tmp_path, frames, [record, other, station(STATION)]))
    assert {(one.ssid, one.security) for one in found.networks} == {
        ("office", "WPA/WPA2-MIXED-PERSONAL"),
        ("elsewhere", "WEP"),
    }
    (office,) = (one for one in found.networks if one.ssid == "office")
    assert (office.stations, office.last_at) == ((STATION.lower(),), datetime.fromtimestamp(SEEN, UTC))
    assert found.left_out == ()


def test_damaged_frames_and_records_of_a_log_are_told(tmp_path: Path) -> None:
    path = log(tmp_path, [(IEEE802_11, beacon(rsn(PSK))[:-3])], [7])
    found = read(path)
    assert found.networks == ()
    assert [str(each) for each in found.left_out] == [
        f"{path}: 1 frame is damaged",
        f"{path}: devices 1: is cut short",
    ]


def test_another_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as made, made:
        made.execute("CREATE TABLE things (name TEXT)")
    with pytest.raises(BadInput, match=r"other\.db: is no log of Kismet"):
        read(path)
    made = path.read_bytes()
    path.write_bytes(made.replace(b"things", b"t\xd5\xffngs"))
    with pytest.raises(BadInput, match=r"other\.db: is no log of Kismet"):
        read(path)
    path.write_bytes(made[:200])
    with pytest.raises(BadInput, match=r"other\.db: is no log of Kismet"):
        read(path)

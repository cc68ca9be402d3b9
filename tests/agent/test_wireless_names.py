"""SSIDs are octets: no two are shown alike, whatever they are and whoever heard them."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.snmp_octets import text_of_octets
from agent.wireless.expected import ExpectedNetworks, Matter, notices
from agent.wireless.exports import read
from agent.wireless.gear import networks_of
from agent.wireless.heard import Heard
from agent.wireless.names import octets, readable
from inventory.types import WirelessNetwork

NOW = datetime(2026, 7, 1, 3, 0, tzinfo=UTC)
UNIFI = "1.3.6.1.4.1.41112.1.6.1.2.1"
BIG5 = "永豐".encode("big5")
AIRODUMP_HEAD = (
    "BSSID, First time seen, Last time seen, channel, Speed, Privacy, Cipher, Authentication, Power,"
    " # beacons, # IV, LAN IP, ID-length, ESSID, Key"
)
NETXML = (
    b'<?xml version="1.0" encoding="%s"?>\n<detection-run><wireless-network number="1">\n'
    b"<SSID><encryption>None</encryption><essid>%s</essid></SSID><BSSID>88:AC:C0:57:00:01</BSSID>"
    b"<channel>1</channel></wireless-network></detection-run>\n"
)


def airodump(name: bytes, privacy: bytes = b"OPN") -> bytes:
    line = b"88:AC:C0:57:00:01, x, x,  6, 54, %s,,, -40, 10, 0, 0. 0. 0. 0, 6, %s, \r\n" % (privacy, name)
    return AIRODUMP_HEAD.encode() + b"\r\n" + line


def heard(survey: bytes, tmp_path: Path) -> Heard:
    path = tmp_path / "survey"
    path.write_bytes(survey)
    (found,) = read(path).networks
    return found


@pytest.mark.parametrize(
    ("ssid", "shown"),
    [
        (b"office", "office"),
        ("永豐-5G".encode(), "永豐-5G"),
        ("Café".encode(), "Café"),
        (BIG5, "永豐 (hex a5c3c2d7)"),
        ("办公室".encode("gbk"), "办公室 (hex b0ecb9abcad2)"),
        ("会議室".encode("shift_jis"), "会議室 (hex 89ef8b638eba)"),
        ("Café".encode("latin-1"), "Café (hex 436166e9)"),
        (b"\xff\xfe\x01", "\\xff\\xfe\\x01 (hex fffe01)"),
        (b"office ", "office  (hex 6f666669636520)"),
        ("OFFIСE".encode(), "OFFIСE (hex 4f464649d0a145)"),
        ("ＦＩＲＭ".encode(), "ＦＩＲＭ (hex efbca6efbca9efbcb2efbcad)"),
        (b"a\x1b[31m", "a\\x1b[31m (hex 611b5b33316d)"),
        (b"x (hex 78)", "x (hex 78) (hex 78202868657820373829)"),
        (b"", ""),
        (b"\0\0\0", ""),
    ],
)
def test_a_name_is_shown_plain_only_where_nothing_else_looks_like_it(ssid: bytes, shown: str) -> None:
    assert readable(ssid) == shown


@given(st.binary(max_size=32), st.binary(max_size=32))
def test_no_two_names_are_shown_alike(one: bytes, other: bytes) -> None:
    shown = {readable(each) for each in (one, other)}
    assert all(each.isprintable() for each in shown)
    hidden = not one.strip(b"\0") and not other.strip(b"\0")
    assert len(shown) == len({one, other}) or hidden


@pytest.mark.parametrize(
    "twin", ["FIRM-FREE", "f1rm free", "FІRМ", "ＦＩＲＭ", "F I R M", "Fïrm", "FIRM\u200b"]
)
def test_a_name_that_reads_like_the_firms_bears_it(twin: str) -> None:
    network = WirelessNetwork("hq", "", "aa", readable(twin.encode()), "OPEN", ("open",), "x", NOW, NOW)
    others = [replace(network, ssid=name) for name in ("FARM", readable(b"\xfa\xce\xff"))]
    found = notices(ExpectedNetworks(names=("Firm", "FACE", "-")), [network, *others], NOW.date())
    assert [(one.matter, one.ssid) for one in found] == [(Matter.UNREGISTERED, network.ssid)]


@given(st.binary(min_size=1, max_size=32))
def test_a_name_comes_through_snmp_octet_by_octet(ssid: bytes) -> None:
    assert octets(text_of_octets(ssid, f"{UNIFI}.6.1")) == ssid


@pytest.mark.parametrize(
    "survey",
    [
        b"BSS 88:ac:c0:57:00:01(on wlan0)\n\tSSID: \\xa5\\xc3\\xc2\\xd7\n",
        airodump(BIG5),
        NETXML % (b"ISO-8859-1", BIG5),
        NETXML % (b"ISO-8859-1", b"&#x00a5;&#x00c3;&#x00c2;&#x00d7;"),
        NETXML % (b"UTF-8", rb"\245\303\302\327"),
        b"Network;NetType;ESSID;BSSID;Channel;Encryption\n1;infrastructure;"
        rb"\245\303\302\327;88:AC:C0:57:00:01;6;None" + b"\n",
        f".{UNIFI}.6.1 = Hex-STRING: A5 C3 C2 D7\n.{UNIFI}.2.1 = Hex-STRING: 88 AC C0 57 00 01\n".encode(),
    ],
    ids=["iw", "airodump", "netxml-raw", "netxml-references", "netxml-octal", "kismet", "snmpwalk"],
)
def test_every_source_gives_the_octets_of_a_name(survey: bytes, tmp_path: Path) -> None:
    assert heard(survey, tmp_path).ssid == "永豐 (hex a5c3c2d7)"


@pytest.mark.parametrize(
    ("survey", "shown"),
    [
        (airodump(b"A, B"), "A, B"),  # as older versions write it
        (airodump(b'"A, B"'), "A, B"),
        (airodump(b'"evil'), '"evil'),
        (b"Network;NetType;ESSID;BSSID;Channel\n1;infrastructure;a;b;88:AC:C0:57:00:01;6\n", "a;b"),
        (rb"88\:AC\:C0\:57\:00\:01:A\:B\\:6:::" + b"\n", "A:B\\"),
        ("88\\:AC\\:C0\\:57\\:00\\:01:A\u2028B:6:::\n".encode(), "A\\x2028B (hex 41e280a842)"),
        (NETXML % (b"ISO-8859-1", b"a&#x0007;"), "a\\x07 (hex 6107)"),
        (f'.{UNIFI}.6.1 = STRING: "41"\n.{UNIFI}.2.1 = Hex-STRING: 88 AC C0 57 00 01\n'.encode(), "41"),
        (f'.{UNIFI}.6.1 = STRING: "a\\"b"\n.{UNIFI}.2.1 = Hex-STRING: 88 AC C0 57 00 01\n'.encode(), 'a"b'),
    ],
)
def test_a_name_chosen_to_break_the_survey_is_only_a_name(survey: bytes, shown: str, tmp_path: Path) -> None:
    assert heard(survey, tmp_path).ssid == shown


@pytest.mark.parametrize(
    "survey",
    [
        airodump(b"office", privacy=b""),
        (NETXML % (b"UTF-8", b"office")).replace(b"<encryption>None</encryption>", b""),
        b"Network;NetType;ESSID;BSSID;Channel\n1;infrastructure;office;88:AC:C0:57:00:01;6\n",
    ],
)
def test_a_network_of_which_no_protection_is_told_is_neither_open_nor_wep(
    survey: bytes, tmp_path: Path
) -> None:
    found = heard(survey, tmp_path)
    assert (found.security, found.weak) == ("UNKNOWN", ())


def test_versions_are_told_apart_however_they_are_written(tmp_path: Path) -> None:
    found = heard(airodump(b"office", privacy=b"WPA2WPA"), tmp_path)
    assert found.security.startswith("WPA/WPA2-MIXED")


def test_a_station_of_a_network_named_in_no_utf8_is_its_own() -> None:
    column = "1.3.6.1.4.1.9.9.512.1.1.1.1.4"
    stations = "1.3.6.1.4.1.14179.2.1.4.1.7"
    walked = [(f"{column}.1", BIG5.hex(":")), (f"{stations}.2.77.85.0.0.9", BIG5.hex(":"))]
    walked += [(f"{column}.2", "永豐".encode().hex(":"))]
    named = {one.ssid: one.stations for one in networks_of(walked)}
    assert named == {"永豐 (hex a5c3c2d7)": ("02:4d:55:00:00:09",), "永豐": ()}

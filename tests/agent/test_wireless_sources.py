"""Wireless networks in other programs' words, joined to access points, held against what is declared."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.wireless.exports import read
from agent.wireless.heard import Heard
from inventory.exits import BadInput

NOW = datetime(2026, 7, 1, 3, 0, tzinfo=UTC)
IW = """BSS 88:ac:c0:57:00:01(on wlan0)
\tlast seen: 12.3s [boottime]
\tfreq: 2412
\tcapability: ESS Privacy ShortSlotTime (0x0411)
\tsignal: -40.00 dBm
\tSSID: OFFICE
\tDS Parameter set: channel 1
\tRSN:\t * Version: 1
\t\t * Group cipher: TKIP
\t\t * Pairwise ciphers: CCMP TKIP
\t\t * Authentication suites: PSK
\t\t * Capabilities: 1-PTKSA-RC 1-GTKSA-RC (0x0000)
\tWPA:\t * Version: 1
\t\t * Group cipher: TKIP
\t\t * Pairwise ciphers: CCMP TKIP
\t\t * Authentication suites: PSK
\tWPS:\t * Version: 1.0
BSS 88:ac:c0:57:00:02(on wlan0)
\tcapability: ESS Privacy (0x0011)
\tSSID: TRADING
\tRSN:\t * Version: 1
\t\t * Group cipher: CCMP
\t\t * Pairwise ciphers: CCMP
\t\t * Authentication suites: IEEE 802.1X/SHA-256
\t\t * Capabilities: MFP-required MFP-capable (0x00c0)
BSS 88:ac:c0:57:00:03(on wlan0)
\tcapability: ESS (0x0001)
\tSSID: GUEST
"""
NMCLI = (
    r"88\:AC\:C0\:57\:00\:01:OFFICE:1:WPA1 WPA2:pair_tkip pair_ccmp group_tkip psk"
    r":pair_tkip pair_ccmp group_tkip psk"
    "\n"
    r"88\:AC\:C0\:57\:00\:02:A\:B:36:WPA3:(none):pair_ccmp group_ccmp sae"
    "\n"
    r"88\:AC\:C0\:57\:00\:03:GUEST:6:::"
    "\n"
)
AIRODUMP = """
BSSID, First time seen, Last time seen, channel, Speed, Privacy, Cipher, Authentication, Power, # beacons, # IV, LAN IP, ID-length, ESSID, Key
88:AC:C0:57:00:01, 2026-06-30 10:00:00, 2026-06-30 10:01:00,  1,  54, WPA2 WPA, CCMP TKIP, PSK, -40, 10, 0,   0.  0.  0.  0,   6, OFFICE,
88:AC:C0:57:00:03, 2026-06-30 10:00:00, 2026-06-30 10:01:00,  6,  54, OPN,,, -40, 10, 0,   0.  0.  0.  0,   5, GUEST,
88:AC:C0:57:00:04, 2026-06-30 10:00:00, 2026-06-30 10:01:00,  6,  54, WEP, WEP,, -40, 10, 0,   0.  0.  0.  0,   3, OLD,

Station MAC, First time seen, Last time seen, Power, # packets, BSSID, Probed ESSIDs
02:4D:55:00:00:09, 2026-06-30 10:00:00, 2026-06-30 10:01:00, -50, 7, 88:AC:C0:57:00:01,
02:4D:55:00:00:0A, 2026-06-30 10:00:00, 2026-06-30 10:01:00, -50, 7, (not associated), OFFICE
"""  # noqa: E501 - the lines are as long as the program writes them
NETXML = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE detection-run SYSTEM "http://kismetwireless.net/kismet-3.1.0.dtd">
<detection-run kismet-version="x">
<wireless-network number="1" type="infrastructure">
<SSID><type>Beacon</type><encryption>WPA+PSK</encryption><encryption>WPA+TKIP</encryption>
<encryption>WPA+AES-CCM</encryption><essid cloaked="false">OFFICE</essid></SSID>
<BSSID>88:AC:C0:57:00:01</BSSID><channel>1</channel>
<wireless-client number="1"><client-mac>02:4D:55:00:00:09</client-mac><channel>9</channel></wireless-client>
</wireless-network>
<wireless-network number="2" type="infrastructure">
<SSID><encryption>None</encryption><essid cloaked="false">GUEST</essid></SSID>
<BSSID>88:AC:C0:57:00:03</BSSID><channel>6</channel>
</wireless-network>
</detection-run>
"""
KISMET = """Network;NetType;ESSID;BSSID;Info;Channel;Cloaked;Encryption;Decrypted
1;infrastructure;OFFICE;88:AC:C0:57:00:01;;1;No;WPA,PSK,TKIP,AES-CCM;No
2;infrastructure;GUEST;88:AC:C0:57:00:03;;6;No;None;No
"""


def heard(text: str, tmp_path: Path) -> dict[str, Heard]:
    path = tmp_path / "survey"
    path.write_text(text, encoding="utf-8")
    return {one.ssid: one for one in read(path).networks}


@pytest.mark.parametrize(
    "text", [IW, NMCLI, AIRODUMP, NETXML, KISMET], ids=["iw", "nmcli", "airodump", "netxml", "csv"]
)
def test_every_source_grades_the_same_networks_alike(text: str, tmp_path: Path) -> None:
    found = heard(text, tmp_path)
    assert found["OFFICE"].security == "WPA/WPA2-MIXED-PERSONAL"
    assert {"tkip", "wpa1"} <= set(found["OFFICE"].weak)
    assert (found["GUEST"].security, found["GUEST"].weak) == ("OPEN", ("open",))
    assert found["OFFICE"].channel == 1
    assert found["OFFICE"].bssid == "88:ac:c0:57:00:01"


def test_iw_tells_an_open_network_that_points_at_its_encrypted_twin(tmp_path: Path) -> None:
    twin = "\tOWE Transition Mode:\n\t\tBSSID: 88:ac:c0:57:00:09\n\t\tSSID: GUEST-OWE\n"
    found = heard(IW + twin, tmp_path)["GUEST"]
    assert (found.security, found.weak) == ("OWE-TRANSITION", ("open",))


def test_only_a_source_that_tells_of_pmf_is_quoted_on_it(tmp_path: Path) -> None:
    assert (heard(IW, tmp_path)["TRADING"].security, heard(IW, tmp_path)["TRADING"].pmf) == (
        "WPA3-ENTERPRISE",
        "required",
    )
    assert "no-mfp" in heard(IW, tmp_path)["OFFICE"].weak
    silent = heard(NMCLI, tmp_path)
    assert (silent["A:B"].security, silent["A:B"].weak, silent["A:B"].pmf) == ("WPA3-PERSONAL", (), "")


def test_suites_that_iw_gives_by_number_are_named(tmp_path: Path) -> None:
    def told(group: str, pairwise: str, akm: str) -> Heard:
        text = IW.replace("Group cipher: CCMP", f"Group cipher: {group}")
        text = text.replace("Pairwise ciphers: CCMP\n", f"Pairwise ciphers: {pairwise}\n")
        return heard(text.replace("IEEE 802.1X/SHA-256", akm), tmp_path)["TRADING"]

    assert told("00-0f-ac:9", "00-0f-ac:9", "IEEE 802.1X/SUITE-B-192").security == "WPA3-ENTERPRISE-192"
    assert told("00-0f-ac:9", "00-0f-ac:9", "00-0f-ac:24").security == "WPA3-PERSONAL"
    assert told("TKIP", "Use group cipher suite", "PSK").weak == ("tkip",)
    assert told("CCMP", "CCMP", "PSK 00-90-4c:1").security == "UNKNOWN"
    assert told("CCMP", "CCMP aes-of-tomorrow", "PSK").security == "UNKNOWN"


@pytest.mark.parametrize(
    ("said", "label", "weak"),
    [
        ("OWE-TM:(none):owe", "OWE-TRANSITION", ("open",)),
        ("OWE:(none):pair_ccmp group_ccmp owe", "OWE", ()),
        ("WPA1:pair_wpe40 group_wpe104 psk:(none)", "WPA-PERSONAL", ("wep", "wpa1")),
        ("WPA3 802.1X:(none):wpa-eap-suite-b-192", "WPA3-ENTERPRISE-192", ()),
    ],
)
def test_the_words_of_networkmanager(said: str, label: str, weak: tuple[str, ...], tmp_path: Path) -> None:
    line = rf"88\:AC\:C0\:57\:00\:03:GUEST:6:{said}" + "\n"
    found = heard(line, tmp_path)["GUEST"]
    assert (found.security, found.weak) == (label, weak)


@pytest.mark.parametrize("text", [AIRODUMP, NETXML])
def test_stations_are_those_that_joined(text: str, tmp_path: Path) -> None:
    found = heard(text, tmp_path)
    assert found["OFFICE"].stations == ("02:4d:55:00:00:09",)
    assert found["GUEST"].stations == ()


def test_a_protection_of_which_no_cipher_is_told_is_not_sound(tmp_path: Path) -> None:
    assert heard(AIRODUMP.replace("WEP, WEP,,", "WPA2, ,PSK,"), tmp_path)["OLD"].security == "UNKNOWN"
    assert heard(NMCLI.replace("pair_ccmp group_ccmp sae", "sae"), tmp_path)["A:B"].security == "UNKNOWN"


def test_a_survey_that_calls_every_version_wpa_leaves_open_which_one_it_is(tmp_path: Path) -> None:
    def told(*encryption: str) -> Heard:
        said = "".join(f"<encryption>WPA+{word}</encryption>" for word in encryption)
        return heard(NETXML.replace("<encryption>None</encryption>", said), tmp_path)["GUEST"]

    assert (told("PSK", "AES-CCM").security, told("PSK", "AES-CCM").weak) == ("UNKNOWN", ())
    assert told("PSK", "SAE", "AES-CCM").security == "UNKNOWN"
    assert told("SAE", "AES-CCM").security == "WPA3-PERSONAL"
    assert told("PSK", "TKIP").weak == ("tkip", "wpa1")


@pytest.mark.parametrize(
    "text",
    [
        AIRODUMP.replace("6,  54, OPN,,, -40, 10", "6,  -1, OPN,,, -40, 0"),
        NETXML.replace("<encryption>None", "<max-rate>-1.0</max-rate><encryption>None"),
        KISMET.replace("Decrypted", "MaxRate").replace("None;No", "OPN,None;-1.0"),
    ],
    ids=["airodump", "netxml", "csv"],
)
def test_a_network_whose_access_point_was_not_heard_is_of_no_known_protection(
    text: str, tmp_path: Path
) -> None:
    found = heard(text, tmp_path)["GUEST"]
    assert (found.security, found.weak) == ("UNKNOWN", ())


def test_who_stands_behind_an_access_point_is_no_station_and_who_looks_for_one_no_network(
    tmp_path: Path,
) -> None:
    behind = NETXML.replace('<wireless-client number="1"', '<wireless-client number="1" type="fromds"')
    assert heard(behind, tmp_path)["OFFICE"].stations == ()
    assert list(heard(NETXML.replace('number="2" type="infrastructure"', 'type="probe"'), tmp_path)) == [
        "OFFICE"
    ]


@pytest.mark.parametrize(
    ("text", "line", "left"),
    [
        (AIRODUMP.replace("   5, GUEST,", ""), 4, {"OFFICE", "OLD"}),
        (AIRODUMP.rstrip("\n,").removesuffix(" (not associated), OFFICE"), 9, {"OFFICE", "GUEST", "OLD"}),
        (KISMET.replace(";6;No;None;No", ""), 3, {"OFFICE"}),
        (NMCLI.rstrip("\n"), 3, {"OFFICE", "A:B"}),
        (IW.rstrip("\n"), 28, {"OFFICE", "TRADING", "GUEST"}),
    ],
    ids=["airodump", "airodump-station", "csv", "nmcli", "iw"],
)
def test_what_is_cut_short_is_left_out_by_its_line_and_the_rest_is_read(
    text: str, line: int, left: set[str], tmp_path: Path
) -> None:
    path = tmp_path / "survey"
    path.write_text(text, encoding="utf-8")
    found = read(path)
    assert {one.ssid for one in found.networks} == left
    assert [str(each) for each in found.left_out] == [f"{path}:{line}: is cut short"]


def test_a_survey_tells_when_each_network_was_heard(tmp_path: Path) -> None:
    assert heard(AIRODUMP, tmp_path)["GUEST"].last_at == datetime(2026, 6, 30, 10, 1, tzinfo=UTC)
    timed = NETXML.replace('number="2"', 'number="2" last-time="Tue Jun 30 10:01:00 2026"')
    assert heard(timed, tmp_path)["GUEST"].last_at == datetime(2026, 6, 30, 10, 1, tzinfo=UTC)
    assert heard(NETXML, tmp_path)["GUEST"].last_at is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        NETXML.replace("</detection-run>", ""),
        NETXML.replace('"http://kismetwireless.net/kismet-3.1.0.dtd"', '"x" [<!ENTITY a "b">]'),
        r"88\:AC\:C0\:57\:00\:01:OFFICE:1",
    ],
)
def test_a_broken_file_is_refused_in_one_line(text: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="survey") as refused:
        heard(text, tmp_path)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("channel", "number"), [(" 6", 6), ("\x1f6", 6), ("³6", None), ("²", None), ("", None)]
)
def test_a_channel_is_a_number_or_not_known(channel: str, number: int | None, tmp_path: Path) -> None:
    line = rf"88\:AC\:C0\:57\:00\:03:GUEST:{channel}:::" + "\n"
    assert heard(line, tmp_path)["GUEST"].channel == number

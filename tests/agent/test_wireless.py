"""Wireless captures: what is graded, and that nothing hostile becomes a network."""

import gzip
import json
import struct
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from agent.cli.wireless import wireless
from agent.wireless import grade, survey
from agent.wireless.advertisement import Advertisement, Said, parse
from agent.wireless.captures import read_frames
from agent.wireless.frames import IEEE802_11, RADIOTAP, bare_frame
from agent.wireless.grade import judged, weaknesses
from inventory.exits import BadInput
from inventory.types import CheckOutcome

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "wifi"
AP = bytes.fromhex("0018e7aabbcc")
CCMP, TKIP = b"\x00\x0f\xac\x04", b"\x00\x0f\xac\x02"
PSK, SAE, EAP, OWE, SUITE_B = (b"\x00\x0f\xac" + bytes([kind]) for kind in (2, 8, 1, 18, 12))


def element(kind: int, value: bytes) -> bytes:
    return bytes([kind, len(value)]) + value


def rsn(
    *akms: bytes, pairwise: tuple[bytes, ...] = (CCMP,), group: bytes = CCMP, capabilities: int = 0
) -> bytes:
    return element(
        48,
        b"\x01\x00"
        + group
        + struct.pack("<H", len(pairwise))
        + b"".join(pairwise)
        + struct.pack("<H", len(akms))
        + b"".join(akms)
        + struct.pack("<H", capabilities),
    )


def wpa(*akms: bytes) -> bytes:
    suites = [b"\x00\x50\xf2" + akm[3:] for akm in akms]
    cipher = b"\x00\x50\xf2\x02"
    return element(
        221,
        bytes.fromhex("0050f2010100")
        + cipher
        + struct.pack("<H", 1)
        + cipher
        + struct.pack("<H", len(suites))
        + b"".join(suites),
    )


def beacon(*extra: bytes, ssid: bytes = b"office", privacy: bool = True, subtype: int = 8) -> bytes:
    header = bytes([subtype << 4, 0, 0, 0]) + b"\xff" * 6 + AP + AP + b"\x00\x00"
    fixed = b"\x00" * 8 + b"\x64\x00" + struct.pack("<H", 0x11 if privacy else 0x01)
    return header + fixed + element(0, ssid) + element(3, b"\x06") + b"".join(extra)


def pcap(*frames: bytes) -> bytes:
    return struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, IEEE802_11) + b"".join(
        struct.pack("<IIII", 0, 0, len(frame), len(frame)) + frame for frame in frames
    )


def heard(*extra: bytes, privacy: bool = True) -> Advertisement:
    (found,) = parse(beacon(*extra, privacy=privacy)) or ()
    return found


@pytest.mark.parametrize(
    ("advertised", "security", "weak", "outcome"),
    [
        (heard(privacy=False), "OPEN", ("open",), CheckOutcome.FAIL),
        (heard(), "WEP", ("wep",), CheckOutcome.FAIL),
        (heard(wpa(PSK)), "WPA-PERSONAL", ("tkip", "wpa1"), CheckOutcome.FAIL),
        (
            heard(rsn(PSK), wpa(PSK)),
            "WPA/WPA2-MIXED-PERSONAL",
            ("tkip", "wpa1", "no-mfp"),
            CheckOutcome.FAIL,
        ),
        (heard(rsn(PSK)), "WPA2-PERSONAL", ("no-mfp",), CheckOutcome.PASS),
        (heard(rsn(PSK, group=TKIP)), "WPA2-PERSONAL", ("tkip", "no-mfp"), CheckOutcome.FAIL),
        (heard(rsn(PSK, capabilities=0xC0)), "WPA2-PERSONAL", (), CheckOutcome.PASS),
        (heard(rsn(EAP)), "WPA2-ENTERPRISE", ("no-mfp",), CheckOutcome.PASS),
        (heard(rsn(SUITE_B, capabilities=0xC0)), "WPA3-ENTERPRISE-192", (), CheckOutcome.PASS),
        (heard(rsn(SAE, capabilities=0xC0)), "WPA3-PERSONAL", (), CheckOutcome.PASS),
        (heard(rsn(PSK, SAE, capabilities=0x80)), "WPA3-TRANSITION", ("mfp-optional",), CheckOutcome.PASS),
        (heard(rsn(OWE, capabilities=0xC0)), "OWE", (), CheckOutcome.PASS),
        (heard(rsn(b"\x00\x0f\xac\x63", capabilities=0xC0)), "UNKNOWN", (), CheckOutcome.UNKNOWN),
    ],
)
def test_a_network_is_graded_by_what_it_offers(
    advertised: Advertisement, security: str, weak: tuple[str, ...], outcome: CheckOutcome
) -> None:
    told = grade(advertised)
    assert (told.security, told.weak) == (security, weak)
    assert judged([told.security], told.weak, date(2026, 7, 1))[0] is outcome


def test_no_truncated_beacon_is_believed() -> None:
    """A cut that loses the RSN element would turn a protected network into WEP."""
    whole = beacon(rsn(PSK))
    without_rsn = len(beacon())
    for length in range(len(whole)):
        found = parse(whole[:length])
        assert found is None or length in (without_rsn, without_rsn - 3)


@given(st.binary(max_size=300))
def test_any_bytes_parse_or_are_nothing(noise: bytes) -> None:
    for linktype in (105, 113, 119, 127, 163, 192, 276, 1):
        frame = bare_frame(noise, linktype)
        if frame is not None:
            parse(frame)
    parse(beacon() + noise)


def test_a_frame_the_radio_calls_damaged_is_left_out() -> None:
    radio_header = b"\x00\x00\x09\x00\x02\x00\x00\x00"
    assert bare_frame(radio_header + b"\x50" + beacon(), RADIOTAP) is None
    assert bare_frame(radio_header + b"\x00" + beacon(), RADIOTAP) == beacon()


def test_a_hidden_name_is_joined_with_the_answer_that_gives_it() -> None:
    found = survey([beacon(rsn(PSK), ssid=b""), beacon(rsn(PSK), ssid=b"office", subtype=5)])
    assert [(bss.name, bss.heard) for bss in found.bss] == [("office", 2)]


def test_what_stations_ask_for_is_no_network() -> None:
    header = bytes([0, 0, 0, 0]) + AP + bytes.fromhex("020000000001") + AP + b"\x00\x00"
    asking = header + b"\x11\x00\x0a\x00" + element(0, b"office") + rsn(PSK)
    found = survey([asking])
    assert found.bss == ()
    assert [(each.mac, each.advertisement.said) for each in found.stations] == [
        ("02:00:00:00:00:01", Said.ASKED)
    ]


def test_control_characters_of_a_name_never_reach_the_screen() -> None:
    found = survey([beacon(rsn(PSK), ssid=b"\x1b[2Jboo")])
    assert "\x1b" not in found.bss[0].name


def test_the_command_prints_a_line_for_each_network(tmp_path: Path) -> None:
    capture = tmp_path / "air.pcap"
    capture.write_bytes(pcap(beacon(rsn(PSK, SAE, capabilities=0x80))))
    result = CliRunner().invoke(wireless, ["grade", str(capture), "--format", "jsonl"])
    assert json.loads(result.output) == {
        "bssid": "00:18:e7:aa:bb:cc",
        "ssid": "office",
        "security": "WPA3-TRANSITION",
        "weak": ["mfp-optional"],
        "akm": ["PSK", "SAE"],
        "pairwise": ["CCMP"],
        "group": ["CCMP"],
        "pmf": "optional",
        "wps": None,
    }


def test_the_command_says_what_it_leaves_out_beside_its_lines(tmp_path: Path) -> None:
    capture = tmp_path / "air.pcap"
    capture.write_bytes(pcap(beacon(rsn(PSK)), beacon(rsn(SAE))[:-1], beacon(rsn(SAE))[:-5]))
    result = CliRunner().invoke(wireless, ["grade", str(capture), "--stations", "--format", "jsonl"])
    assert json.loads(result.stdout)["security"] == "WPA2-PERSONAL"
    assert result.stderr == f"left out: {capture}: 2 frames are damaged\n"


@pytest.mark.parametrize("zipped", [False, True])
def test_a_capture_cut_off_gives_the_frames_before_the_cut(tmp_path: Path, zipped: bool) -> None:
    whole = pcap(*[beacon(rsn(PSK), ssid=b"%06d" % number) for number in range(400)])
    capture = tmp_path / "torn.pcap"
    written = gzip.compress(whole) if zipped else whole
    capture.write_bytes(written[: -len(written) // 4])
    found = survey(read_frames(capture))
    assert 0 < len(found.bss) < 400
    assert found.garbled == 1, "the frame at the cut is not lost without a word"


def test_what_is_no_capture_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a capture", encoding="utf-8")
    with pytest.raises(BadInput, match=r"notes\.txt"):
        list(read_frames(path))
    with pytest.raises(BadInput, match=r"none\.pcap"):
        list(read_frames(tmp_path / "none.pcap"))


def test_every_weakness_names_its_source_in_both_languages() -> None:
    assert {name for name, each in weaknesses().items() if each.fails} == {"open", "wep", "tkip", "wpa1"}
    assert all(each.source and each.reason_en and each.reason_zh for each in weaknesses().values())


@pytest.mark.corpus
@pytest.mark.skipif(not CORPUS.is_dir(), reason="the recorded corpus is not beside the checkout")
def test_the_recorded_networks_are_graded_right_and_none_is_invented() -> None:
    cases = [json.loads(line) for line in (CORPUS / "cases.jsonl").read_text(encoding="utf-8").splitlines()]
    surveys = {name: survey(read_frames(CORPUS / name)) for name in {case["file"] for case in cases}}
    expected: dict[str, set[tuple[str, str]]] = {name: set() for name in surveys}
    wrong = []
    for case in cases:
        truth, found = case["expected"], surveys[case["file"]]
        if case["kind"] == "bss":
            expected[case["file"]].add((truth["bssid"], truth["ssid_hex"]))
            graded = [
                (grade(bss.advertisement).security, set(grade(bss.advertisement).weak))
                for bss in found.bss
                if (bss.bssid, bss.ssid.hex()) == (truth["bssid"], truth["ssid_hex"])
            ]
            if graded != [(truth["security"], set(truth["weak"]))]:
                wrong.append((case["id"], graded))
        elif case["kind"] == "assoc":
            asked = [
                grade(each.advertisement).security
                for each in found.stations
                if (each.mac, each.advertisement.bssid) == (truth["station"], truth["bssid"])
            ]
            if asked != [truth["security"]]:
                wrong.append((case["id"], asked))
    assert wrong == []
    assert {
        name: {(bss.bssid, bss.ssid.hex()) for bss in found.bss} for name, found in surveys.items()
    } == expected

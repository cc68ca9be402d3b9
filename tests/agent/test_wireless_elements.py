"""Beacons made to mislead: nothing broken or unknown is called sound, no network is overlooked."""

import struct
from datetime import date
from pathlib import Path

import pytest
from test_wireless import AP, CCMP, PSK, SAE, TKIP, beacon, element, heard, pcap, rsn, wpa

from agent.wireless import grade, survey
from agent.wireless.advertisement import Advertisement, parse
from agent.wireless.captures import read_frames
from agent.wireless.grade import judged, known_by, next_known, weaknesses
from agent.wireless.heard import of_capture
from inventory.exits import BadInput
from inventory.types import CheckOutcome

TODAY = date(2026, 7, 1)
VERSION = b"\x01\x00"
ONE_CCMP = b"\x01\x00" + CCMP
STRONG = 0xC0


def outcome(*advertised: Advertisement) -> CheckOutcome:
    told = grade(advertised[0], advertised[1:])
    return judged([told.security], told.weak, TODAY)[0]


# -- protections that cannot be read ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"\x01",
        b"\x02\x00" + CCMP + ONE_CCMP + b"\x01\x00" + PSK + b"\xc0\x00",
        VERSION + CCMP[:3],
        VERSION + CCMP + b"\x01",
        VERSION + CCMP + b"\xff\xff" + CCMP,
        VERSION + CCMP + b"\x00\x00" + b"\x01\x00" + PSK,
        VERSION + CCMP + ONE_CCMP + b"\x00\x00",
        VERSION + CCMP + ONE_CCMP + b"\x02\x00" + PSK,
    ],
)
def test_a_malformed_rsn_element_is_neither_believed_nor_called_open_or_wep(value: bytes) -> None:
    told = grade(heard(element(48, value)))
    assert (told.security, told.weak, told.pmf) == ("UNKNOWN", (), "")
    assert outcome(heard(element(48, value))) is CheckOutcome.UNKNOWN


def test_an_rsn_element_that_ends_early_has_the_defaults_of_the_standard() -> None:
    told = heard(element(48, VERSION))
    assert told.rsn is not None
    assert (told.rsn.group, told.rsn.pairwise, told.rsn.akm) == ("CCMP", ("CCMP",), ("802.1X",))


@pytest.mark.parametrize("rest", [b"\x02\x00", b"\x01\x00\x00\x50\xf2", b"\x01\x00\x00\x50\xf2\x02\x09\x00"])
def test_a_broken_wpa_element_beside_a_sound_one_is_not_overlooked(rest: bytes) -> None:
    broken = element(221, bytes.fromhex("0050f201") + rest)
    assert outcome(heard(rsn(PSK, capabilities=STRONG), broken)) is CheckOutcome.UNKNOWN


@pytest.mark.parametrize(
    "elements",
    [
        rsn(PSK, group=b"\x00\x0f\xac\x63", capabilities=STRONG),
        rsn(PSK, pairwise=(CCMP, b"\x00\x14\x72\x01"), capabilities=STRONG),
        rsn(SAE, b"\x00\x90\x4c\x01", capabilities=STRONG),
    ],
)
def test_a_suite_nobody_explains_leaves_the_network_unknown(elements: bytes) -> None:
    assert outcome(heard(elements)) is CheckOutcome.UNKNOWN


def test_known_suites_of_others_are_named() -> None:
    told = heard(rsn(b"\x00\x0f\xac\x01", b"\x00\x40\x96\x00", b"\x50\x6f\x9a\x02"))
    assert told.rsn is not None
    assert told.rsn.akm == ("802.1X", "CCKM", "DPP")
    assert grade(told).security == "WPA2-ENTERPRISE"


@pytest.mark.parametrize(
    ("elements", "security", "weak"),
    [
        ((rsn(PSK, pairwise=(CCMP,), group=TKIP, capabilities=STRONG),), "WPA2-PERSONAL", ("tkip",)),
        ((rsn(PSK, pairwise=(b"\x00\x0f\xac\x00",), group=b"\x00\x0f\xac\x05"),), "WPA2-PERSONAL", ("wep",)),
        ((rsn(b"\x00\x0f\xac\x04", b"\x00\x0f\xac\x09", capabilities=0x80),), "WPA3-TRANSITION", ()),
        ((rsn(b"\x00\x0f\xac\x18", capabilities=STRONG), element(244, b"\x20")), "WPA3-PERSONAL", ()),
        ((rsn(b"\x00\x0f\xac\x0d", b"\x00\x0f\xac\x0c", capabilities=STRONG),), "WPA3-ENTERPRISE-192", ()),
    ],
    ids=["tkip-group", "wep-group", "ft", "sae-ext-rsnxe", "192-bit-ft"],
)
def test_rarer_suites_have_their_label(
    elements: tuple[bytes, ...], security: str, weak: tuple[str, ...]
) -> None:
    told = grade(heard(*elements))
    assert told.security == security
    assert set(told.weak) - {"no-mfp", "mfp-optional"} == set(weak)


# -- one network, several senders -------------------------------------------------------------------------


def test_a_second_sender_of_the_name_and_address_is_not_outvoted() -> None:
    sound, twin = beacon(rsn(PSK, capabilities=STRONG)), beacon(privacy=False)
    (found,) = survey([sound] * 9 + [twin] * 2).bss
    assert grade(found.advertisement, found.variants).security == "WPA2-PERSONAL"
    assert grade(found.advertisement, found.variants).weak == ("open",)
    (once,) = survey([sound] * 9 + [twin]).bss
    assert once.variants == (), "a frame that was damaged unnoticed is no second sender"


def test_a_variant_that_cannot_be_read_leaves_the_network_unknown() -> None:
    sound, broken = heard(rsn(PSK, capabilities=STRONG)), heard(element(48, b"\x09"))
    assert outcome(sound, broken) is CheckOutcome.UNKNOWN


# -- networks without a beacon of their own ---------------------------------------------------------------


def profile(index: int, name: bytes, *others: bytes, capability: int = 0x11) -> bytes:
    head = element(83, struct.pack("<H", capability)) + element(0, name) + element(85, bytes([index]))
    return head + b"".join(others)


def multiple(*parts: bytes, bits: int = 4) -> bytes:
    return element(71, bytes([bits]) + b"".join(element(0, part) for part in parts))


def networks(*extra: bytes) -> dict[str, tuple[str, str]]:
    told = parse(beacon(*extra)) or ()
    return {each.ssid.decode(): (each.bssid, grade(each).security) for each in told}


def test_one_beacon_speaks_for_several_networks() -> None:
    own = profile(3, b"staff", rsn(SAE, capabilities=STRONG))
    guest = profile(5, b"guest", capability=0x01)
    found = networks(rsn(PSK), multiple(own, guest), multiple(profile(1, b"like-it")))
    assert found == {
        "office": ("00:18:e7:aa:bb:cc", "WPA2-PERSONAL"),
        "staff": ("00:18:e7:aa:bb:cf", "WPA3-PERSONAL"),
        "guest": ("00:18:e7:aa:bb:c1", "OPEN"),
        "like-it": ("00:18:e7:aa:bb:cd", "WPA2-PERSONAL"),
    }


def test_what_a_profile_disowns_does_not_hold_for_it() -> None:
    disowns = element(255, bytes([56, 1, 48, 0]))
    assert networks(rsn(PSK), multiple(profile(1, b"old", disowns)))["old"][1] == "WEP"


def test_a_profile_goes_on_in_the_next_element() -> None:
    whole = profile(2, b"split", rsn(SAE, capabilities=STRONG))
    assert networks(rsn(PSK), multiple(whole[:20]), multiple(whole[20:]))["split"][1] == "WPA3-PERSONAL"


@pytest.mark.parametrize(
    "broken",
    [
        element(71, b""),
        element(71, b"\x09" + element(0, profile(1, b"x"))),
        multiple(profile(0, b"x")),
        multiple(profile(16, b"x")),
        multiple(profile(1, b"x")[:-1]),
        multiple(element(0, b"x")),
    ],
)
def test_a_broken_profile_takes_nothing_from_the_network_beaconed(broken: bytes) -> None:
    assert networks(rsn(PSK), broken) == {"office": ("00:18:e7:aa:bb:cc", "WPA2-PERSONAL")}


def test_wps_goes_on_in_the_next_element() -> None:
    said = b"\x10\x4a\x00\x01\x10" + b"\x10\x21\x00\x05Maker" + b"\x10\x23\x00\x06AP-650"
    halves = [element(221, bytes.fromhex("0050f204") + part) for part in (said[:12], said[12:])]
    assert heard(rsn(PSK), *halves).wps == {"manufacturer": "Maker", "model_name": "AP-650"}


# -- captures ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("magic", [0xA1B2C3D4, 0xA1B23C4D])
@pytest.mark.parametrize("extra", [0, 0x30000000], ids=["plain", "with-fcs-length"])
def test_captures_of_either_byte_order_and_clock_are_read(
    order: str, magic: int, extra: int, tmp_path: Path
) -> None:
    frame = beacon(rsn(PSK))
    path = tmp_path / "air.pcap"
    path.write_bytes(
        struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, 105 | extra)
        + struct.pack(order + "IIII", 0, 0, len(frame), len(frame))
        + frame
    )
    assert [bss.bssid for bss in survey(read_frames(path)).bss] == [AP.hex(":")]


def test_each_network_counts_from_its_own_last_frame(tmp_path: Path) -> None:
    path = tmp_path / "long.pcap"
    frames = [(1_700_000_000, b"gone"), (1_700_000_000, b"here"), (1_700_900_000, b"here"), (0, b"no-clock")]
    records = [(at, beacon(rsn(PSK), ssid=name)) for at, name in frames]
    path.write_bytes(
        pcap()[:24] + b"".join(struct.pack("<IIII", at, 0, len(one), len(one)) + one for at, one in records)
    )
    assert {one.ssid: one.last_at and one.last_at.timestamp() for one in of_capture(path).networks} == {
        "gone": 1_700_000_000,
        "here": 1_700_900_000,
        "no-clock": None,
    }


def test_a_capture_of_a_wire_is_refused_by_its_link_type(tmp_path: Path) -> None:
    path = tmp_path / "wire.pcap"
    path.write_bytes(pcap(beacon())[:20] + struct.pack("<I", 1) + pcap(beacon())[24:])
    with pytest.raises(BadInput, match=r"wire\.pcap: .*link type 1\b"):
        list(read_frames(path))


def test_a_frame_of_which_a_part_was_kept_is_not_believed(tmp_path: Path) -> None:
    """Its end may stand where an element ends: what protects the network would be missing unseen."""
    whole = beacon(rsn(PSK))
    kept = len(beacon())
    path = tmp_path / "short.pcap"
    path.write_bytes(pcap()[:24] + struct.pack("<IIII", 0, 0, kept, len(whole)) + whole[:kept])
    found = survey(read_frames(path))
    assert (found.bss, found.garbled) == ((), 1)


# -- what is known, and since when ------------------------------------------------------------------------


def test_a_weakness_counts_from_the_day_it_was_known() -> None:
    told = grade(heard(wpa(PSK)))
    assert told.weak == ("tkip", "wpa1")
    known = weaknesses()["tkip"].known_since
    before = known.replace(day=known.day - 1)
    assert judged([told.security], told.weak, before) == (CheckOutcome.PASS, ())
    assert judged([told.security], told.weak, known) == (CheckOutcome.FAIL, ("tkip",))
    assert "tkip" not in known_by(before)
    assert next_known(before) == known
    assert next_known(TODAY) is None

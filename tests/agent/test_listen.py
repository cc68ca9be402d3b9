"""Listening: every announcement is read right, anything else is nothing, and nobody is made up."""

import ipaddress
import json
import struct
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from agent.cli.listen import listen
from agent.fingerprints import Fingerprinter
from agent.listen.frame import hear
from agent.listen.wire import recorded
from agent.permit import Gate
from agent.service.listening import all_of, sightings
from inventory.console import Session
from inventory.types import FixedClock, Scope, Touch

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
MAC = bytes.fromhex("02aabbccdd01")
OTHER = bytes.fromhex("02aabbccdd02")
ALL = b"\xff" * 6
NAMES = {"lldp": ("lldp.sysname", "lldp.sysdesc"), "cdp": ("cdp.device-id", "cdp.version")}


def ethernet(kind: int, body: bytes, *, to: bytes = ALL, by: bytes = MAC) -> bytes:
    return to + by + struct.pack(">H", kind) + body


def arp(ip: str, by: bytes = MAC) -> bytes:
    mine = ipaddress.IPv4Address(ip).packed
    return ethernet(0x0806, bytes.fromhex("0001080006040001") + by + mine + bytes(6) + mine, by=by)


def udp(source: str, to: str, port: int, data: bytes, *, by: bytes = MAC, mac: bytes = ALL) -> bytes:
    inner = struct.pack(">4H", port, port, 8 + len(data), 0) + data
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(inner), 0, 0, 1, 17, 0)
    addresses = ipaddress.IPv4Address(source).packed + ipaddress.IPv4Address(to).packed
    return ethernet(0x0800, head + addresses + inner, to=mac, by=by)


def dhcp_request(*options: tuple[int, bytes]) -> bytes:
    head = b"\x01\x01\x06\x00" + bytes(24) + MAC + bytes(10) + bytes(192) + b"\x63\x82\x53\x63"
    return head + b"".join(bytes((number, len(value))) + value for number, value in options) + b"\xff"


def facts_of(frame: bytes) -> dict[str, str]:
    heard = hear(frame)
    return {fact.name: fact.value for fact in heard.facts} if heard else {}


def test_dhcp_tells_name_vendor_and_parameters() -> None:
    wanted = ipaddress.IPv4Address("192.0.2.77").packed
    data = dhcp_request(
        (53, b"\x03"), (12, b"cam-7"), (50, wanted), (55, b"\x01\x03\x06"), (60, b"udhcp 1.20")
    )
    heard = hear(udp("0.0.0.0", "255.255.255.255", 67, data))
    assert heard is not None
    assert (heard.ip, heard.mac) == ("192.0.2.77", MAC.hex(":"))
    assert {fact.name: fact.value for fact in heard.facts} == {
        "dhcp.mac": MAC.hex(":"),
        "dhcp.hostname": "cam-7",
        "dhcp.parameters": "1,3,6",
        "dhcp.vendor-class": "udhcp 1.20",
    }


def test_an_ssdp_notify_is_read_and_a_search_says_nothing_of_its_sender() -> None:
    notify = (
        b"NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nNT: upnp:rootdevice\r\nNTS: ssdp:alive\r\n"
        b"LOCATION: http://192.0.2.9/d.xml\r\nSERVER: Linux UPnP/1.0 Cam/2\r\nUSN: uuid:1\r\n\r\n"
    )
    assert (
        facts_of(udp("192.0.2.9", "239.255.255.250", 1900, notify))["ssdp.server"] == "Linux UPnP/1.0 Cam/2"
    )
    search = b'M-SEARCH * HTTP/1.1\r\nMAN: "ssdp:discover"\r\nST: ssdp:all\r\nSERVER: other\r\n\r\n'
    assert hear(udp("192.0.2.9", "239.255.255.250", 1900, search)) is None


def test_an_igmp_report_names_its_groups() -> None:
    body = bytes.fromhex("2200f9fe00000001") + bytes.fromhex("04000000") + bytes((224, 0, 0, 251))
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), 0, 0, 1, 2, 0) + bytes(
        (192, 0, 2, 5, 224, 0, 0, 22)
    )
    assert facts_of(ethernet(0x0800, head + body)) == {"igmp.group": "224.0.0.251"}


def test_a_frame_behind_a_vlan_tag_is_read() -> None:
    plain = arp("192.0.2.5")
    tagged = plain[:12] + bytes.fromhex("8100000a") + plain[12:]
    assert facts_of(tagged) == facts_of(plain) == {"arp.mac": MAC.hex(":")}


def test_a_mac_is_known_only_where_no_router_stands_between() -> None:
    answer = b"HTTP/1.1 200 OK\r\nSERVER: x/1\r\nUSN: u\r\n\r\n"
    routed = hear(udp("198.51.100.7", "192.0.2.1", 1900, answer, mac=OTHER))
    assert routed is not None
    assert routed.mac == ""


def test_two_who_claim_one_address_leave_its_mac_open() -> None:
    gate = Gate([Scope("192.0.2.0/24", "hq", "office", Touch.PASSIVE)])
    clock = FixedClock(datetime(2026, 1, 1, tzinfo=UTC))
    both = all_of([arp("192.0.2.5"), arp("192.0.2.5", OTHER), arp("192.0.2.6"), arp("203.0.113.1", OTHER)])
    listened = sightings(both, gate, Fingerprinter.load(), clock, run="r", vantage="v")
    assert [(one.target.ip, one.target.mac) for one in listened.sightings] == [
        ("192.0.2.5", None),
        ("192.0.2.6", MAC.hex(":")),
    ]
    assert listened.outside == 1


@given(
    st.binary(max_size=300),
    st.sampled_from((b"\x08\x06", b"\x08\x00", b"\x88\xcc", b"\x00\x80", b"\x81\x00")),
)
def test_any_bytes_are_read_without_a_fault(data: bytes, kind: bytes) -> None:
    hear(ALL + MAC + kind + data)


@given(st.binary(max_size=300), st.sampled_from((67, 137, 1900, 3702, 5353)))
def test_any_datagram_is_read_without_a_fault(data: bytes, port: int) -> None:
    hear(udp("192.0.2.5", "224.0.0.251", port, data))


@given(st.binary(max_size=300))
def test_any_announcement_is_read_without_a_fault(data: bytes) -> None:
    hear(ethernet(0x88CC, data))
    hear(ethernet(len(data) + 8, bytes.fromhex("aaaa0300000c2000") + data))


def test_the_command_prints_a_line_per_thing_said_and_a_summary(tmp_path: Path) -> None:
    place = tmp_path / "wire.pcap"
    frames = [arp("192.0.2.5"), arp("192.0.2.5"), arp("192.0.2.6", OTHER)]
    place.write_bytes(
        struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
        + b"".join(struct.pack("<4I", 0, 0, len(frame), len(frame)) + frame for frame in frames)
    )
    done = CliRunner().invoke(
        listen, ["--pcap", str(place), "--no-register", "--format", "json"], obj=Session()
    )
    *said, summary = [json.loads(line) for line in done.output.splitlines()]
    assert [(one["source"], one["ip"]) for one in said] == [("arp", "192.0.2.5"), ("arp", "192.0.2.6")]
    assert summary["summary"] == {"frames": 3, "senders": 2}


@pytest.mark.skipif(not (CORPUS / "l2" / "cases.jsonl").is_file(), reason="the recorded corpus is not here")
def test_every_recorded_lldp_and_cdp_announcement_is_read_right() -> None:
    wrong = []
    for line in (CORPUS / "l2" / "cases.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        wanted = case["expected"]
        found = [
            {fact.name: fact.value for fact in heard.facts}
            for frame in recorded(CORPUS / case["file"])
            if frame[6:12].hex(":") == wanted["src"]
            if (heard := hear(frame)) and heard.source == wanted["proto"]
        ]
        name, description = NAMES[wanted["proto"]]
        right = (
            one.get(name, "") == wanted["name"]
            and squeezed(one.get(description, "")) == squeezed(wanted["descr"])
            and one.get("lldp.chassis", "") == wanted["chassis"]
            and one.get("cdp.platform", "") == wanted["platform"]
            for one in found
        )
        if not any(right):
            wrong.append(case["id"])
    assert not wrong


def squeezed(text: str) -> str:
    """Without what the corpus writes differently: line ends, commas for them, blanks."""
    return "".join(text.replace("\\r\\n", "").replace(",", "").split())

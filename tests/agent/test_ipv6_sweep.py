"""IPv6 on the wire: who is there is found without going through a /64, and nobody is made up."""

import ipaddress
import json
import os
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import UDP
from scapy.layers.inet6 import (
    ICMPv6EchoReply,
    ICMPv6MLDMultAddrRec,
    ICMPv6MLReport,
    ICMPv6MLReport2,
    ICMPv6ND_NA,
    ICMPv6ND_NS,
    IPv6,
    IPv6ExtHdrHopByHop,
    RouterAlert,
)
from scapy.layers.l2 import Ether
from test_raw_sweep_lab import ROOT, UNSHARE, why_not

from agent.permit import Gate
from agent.ranges import six_and_four
from agent.service.coverage import AreaRecord, coverage_of
from agent.sweeps import hints
from agent.sweeps.found import Host, Roll
from agent.sweeps.six_wire import answer_in
from inventory.coverage_words import size_of
from inventory.exits import UsageFault
from inventory.glance import Spot, Whereabouts
from inventory.types import AddressState, DeviceClass, Scope, Why

NODE = "2001:db8:99::77"
MADE = "2001:db8:99:0:207:4dff:fe00:7"  # of MAC, as RFC 4291 has it
WIRE = ipaddress.IPv6Network("2001:db8:99::/64")
OWN, THERE, MAC = "2001:db8::1", "2001:db8::7", "00:07:4d:00:00:07"
COOKIE = 0x12345678
WORLD = """
set -e
mount -t tmpfs none /run; mkdir -p /run/netns
sysctl -qw net.ipv6.conf.default.accept_dad=0; ip link set lo up; ip netns add far
ip netns exec far sysctl -qw net.ipv6.conf.default.accept_dad=0
ip link add near0 type veth peer name far0 netns far
ip -n far link set far0 address 00:07:4d:00:00:07
ip addr add 10.99.0.1/24 dev near0; ip -n far addr add 10.99.0.2/24 dev far0
ip -6 addr add 2001:db8:99::1/64 dev near0 nodad; ip link set near0 up
ip -n far link set lo up; ip -n far -6 addr add 2001:db8:99::77/64 dev far0 nodad; ip -n far link set far0 up
muster() { "$PYTHON" -m muster --register "$REGISTER" "$@"; }
muster scope add 2001:db8:99::/64 --site hq --segment office > /dev/null
muster sweep 2001:db8:99::/64 --ports 81 --format json
ip netns exec far "$PYTHON" -m http.server 80 --bind 2001:db8:99::77 > /dev/null 2>&1 &
served=$!
muster scope add 10.99.0.2/32 --site hq --segment office > /dev/null
MUSTER_SCAN__TIMEOUT=0.4 muster scan --quiet --format json > "$OUT/scan.json"
muster register export --format json --out "$OUT/export.json" > /dev/null
kill $served
muster scope change 2001:db8:99::/64 --do-not-probe 2001:db8:99::66 > /dev/null
ip -n far -6 addr add 2001:db8:99:0:207:4dff:fe00:7/64 dev far0 nodad
muster sweep 10.99.0.2 2001:db8:99::/64 --ports 81 --format json > "$OUT/barred.jsonl"
"""


def echo_reply(cookie: int, to: str = OWN) -> bytes:
    reply = ICMPv6EchoReply(id=cookie >> 16, seq=cookie & 0xFFFF, data=bytes(8))
    return bytes(Ether(src=MAC, dst="02:00:00:00:00:01") / IPv6(src=THERE, dst=to) / reply)


def advertisement(target: str, hops: int = 255) -> bytes:
    head = Ether(src=MAC, dst="02:00:00:00:00:01") / IPv6(src=target, dst=OWN, hlim=hops)
    return bytes(head / ICMPv6ND_NA(tgt=target, S=1))


def test_an_echo_reply_counts_with_its_cookie_only() -> None:
    assert answer_in(echo_reply(COOKIE), OWN, COOKIE, frozenset()) == (THERE, MAC)
    assert answer_in(echo_reply(COOKIE + 1), OWN, COOKIE, frozenset()) is None
    assert answer_in(echo_reply(COOKIE, "2001:db8::2"), OWN, COOKIE, frozenset()) is None


def test_an_advertisement_counts_for_an_address_that_was_asked_on_the_wire() -> None:
    assert answer_in(advertisement(THERE), OWN, COOKIE, frozenset([THERE])) == (THERE, MAC)
    assert answer_in(advertisement(THERE), OWN, COOKIE, frozenset()) is None
    assert answer_in(advertisement(THERE, hops=64), OWN, COOKIE, frozenset([THERE])) is None


@given(st.binary(max_size=120))
def test_any_frame_is_read_without_a_fault(data: bytes) -> None:
    head = bytes(12) + b"\x86\xdd"
    assert answer_in(head + data, OWN, COOKIE, frozenset([THERE])) is None
    answer_in(data, OWN, COOKIE, frozenset())


def frame(packet: IPv6, mac: str = MAC) -> bytes:
    return bytes(Ether(src=mac, dst="33:33:00:00:00:16") / packet)


@pytest.mark.parametrize(
    ("packet", "hinted"),
    [
        (IPv6(src="2001:db8:99::5", dst="ff02::fb") / UDP(dport=5353), {"2001:db8:99::5"}),
        (IPv6(src="::", dst="ff02::1:ff00:9", hlim=255) / ICMPv6ND_NS(tgt="2001:db8:99::9"),
         {"2001:db8:99::9"}),
        (IPv6(src="::", dst="ff02::1:ff00:9", hlim=64) / ICMPv6ND_NS(tgt="2001:db8:99::9"), set()),
        (IPv6(src="fe80::7", dst="ff02::1:ff00:88") / ICMPv6MLReport(mladdr="ff02::1:ff00:88"),
         {"2001:db8:99::88", MADE}),
        (IPv6(src="fe80::7", dst="ff02::16") / IPv6ExtHdrHopByHop(options=RouterAlert()) / ICMPv6MLReport2(
            records=[ICMPv6MLDMultAddrRec(dst="ff02::fb"), ICMPv6MLDMultAddrRec(dst="ff02::1:ff12:3456")]),
         {"2001:db8:99::12:3456", MADE}),
        (IPv6(src="fe80::7", dst="ff02::16") / ICMPv6MLReport(mladdr="ff02::fb"), set()),
        (IPv6(src="2001:db8::5", dst="ff02::1") / ICMPv6EchoReply(), set()),
    ],
    ids=["sender", "booting", "routed", "mld", "mld2", "no-node", "elsewhere"],
)  # fmt: skip
def test_what_is_heard_gives_addresses_away(packet: IPv6, hinted: set[str]) -> None:
    assert hints.given_away(frame(packet), WIRE) == dict.fromkeys(hinted, MAC)


@given(st.binary(max_size=200), st.sampled_from([b"", b"\x60\0\0\0\0\x40\x3a\xff", b"\x60\0\0\0\0\x40\0\1"]))
def test_any_frame_is_looked_at_for_hints_without_a_fault(data: bytes, head: bytes) -> None:
    for one in hints.given_away(bytes(12) + b"\x86\xdd" + head + data, WIRE):
        assert ipaddress.IPv6Address(one) in WIRE


def test_macs_make_addresses_only_where_they_may_be_asked() -> None:
    wide = Scope("2001:db8:99::/64", "hq", "office", do_not_probe=("10.1.0.8",))
    narrow, iot = Scope("10.1.0.0/24", "hq", "office"), Scope("10.2.0.0/24", "hq", "iot")
    at = {"10.1.0.7": MAC, "10.1.0.8": "02:00:00:00:00:08", "10.2.0.9": "02:00:00:00:00:09"}
    known = [Whereabouts(DeviceClass.OTHER, (Spot("hq", ip, mac),)) for ip, mac in at.items()]
    gate = Gate([wide, narrow, iot], known)
    assert gate.six_area(wide.network, wide).macs == (MAC,)
    assert gate.six_area("2001:db8:99::f0/125", wide).macs == ()
    assert hints.of_macs([MAC], WIRE) == {MADE: MAC}


def test_targets_are_told_apart_by_their_kind() -> None:
    assert six_and_four(["2001:db8::/64,192.0.2.1", "192.0.2.5-9"]) == (
        ("2001:db8::/64",),
        ("192.0.2.1", "192.0.2.5-9"),
    )
    with pytest.raises(UsageFault, match="nobody"):
        six_and_four(["ff02::1"])


def test_a_wide_area_asks_who_is_known_and_all_nodes_only_where_nobody_barred_may_hear() -> None:
    wide = Scope("2001:db8::/64", "hq", "office")
    elsewhere = Scope("10.2.0.0/24", "hq", "iot", do_not_probe=("10.2.0.9", "segment:iot"))
    spots = tuple(Spot("hq", ip, None) for ip in (THERE, "10.1.0.7", "2001:db8:1::7"))
    area = Gate([wide, elsewhere], [Whereabouts(DeviceClass.OTHER, spots)]).six_area(wide.network, wide)
    assert (area.named, area.everybody) == ((THERE,), True)
    for entry in ("10.1.0.7", "02:00:00:00:00:07", "class:camera", "2001:db8::9", "site", "nonsense"):
        barred = replace(wide, do_not_probe=(entry,))
        assert not Gate([barred, elsewhere]).six_area(wide.network, barred).everybody, entry


def test_a_small_network_is_asked_whole_but_for_the_barred() -> None:
    scope = Scope("2001:db8::/64", "hq", "office", do_not_probe=("2001:db8::f2-2001:db8::f4",))
    area = Gate([scope]).six_area("2001:db8::f0/125", scope)
    assert [one.ip for one in area.refused] == ["2001:db8::f2", "2001:db8::f3", "2001:db8::f4"]
    assert area.named == tuple(f"2001:db8::f{last}" for last in (0, 1, 5, 6, 7))


def test_coverage_of_a_wide_network_is_of_what_is_known_and_says_so() -> None:
    scope = Scope("2001:db8::/64", "hq", "office")
    area = Gate([scope]).six_area(scope.network, scope, [THERE, "2001:db8::8"])
    record = AreaRecord(area)
    found = Host("2001:db8::9", MAC, ("icmp6",)), Host(THERE, MAC, ("icmp6",))
    record.settle(Roll(found, partly=frozenset([scope.network])), "icmp6")
    (stated,) = coverage_of([record])
    assert (stated.addresses, size_of(stated)) == (3, "3 known")
    assert stated.counts[AddressState.FOUND] == 2
    assert stated.counts[AddressState.SILENT] == 1
    assert [(one.ip, one.why) for one in stated.unsettled] == [(scope.network, Why.ONLY_KNOWN_ASKED)]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("six")
    place = {"REGISTER": str(folder / "register.sqlite"), "OUT": str(folder)}
    done = subprocess.run(
        [*UNSHARE, "--fork", "--pid", "--kill-child", "bash", "-c", WORLD],
        capture_output=True, text=True, timeout=300, check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHON": sys.executable} | place,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    files = {path.stem: json.loads(path.read_text()) for path in folder.glob("*.json")}
    barred = (folder / "barred.jsonl").read_text()
    return files | {"swept": answers(done.stdout), "barred": answers(barred)}


def answers(lines: str) -> list[tuple[str, str, str]]:
    rows = [row for row in map(json.loads, lines.splitlines()) if "ip" in row]
    return [(str(ipaddress.ip_address(row["ip"])), row["proto"], row["state"]) for row in rows]


@pytest.mark.lab
@pytest.mark.skipif(bool(why_not()), reason=why_not() or "namespaces")
class TestOnAWire:
    def test_a_node_is_found_by_the_echo_to_all(self, told: dict[str, Any]) -> None:
        assert told["swept"] == [(NODE, "icmp6", "answered"), (NODE, "tcp", "closed")]

    def test_where_somebody_must_not_be_probed_the_known_are_asked_alone(self, told: dict[str, Any]) -> None:
        six = [answer for answer in told["barred"] if ":" in answer[0]]
        assert six[:2] == [(NODE, "icmp6", "answered"), (NODE, "tcp", "closed")]

    def test_the_address_a_known_mac_makes_is_asked_too(self, told: dict[str, Any]) -> None:
        # Nothing was asked of all nodes here: 10.99.0.2 answered ARP, and that MAC makes this address.
        assert told["barred"][-2:] == [(MADE, "icmp6", "answered"), (MADE, "tcp", "closed")]

    def test_a_scan_keeps_a_device_of_both_kinds_as_one_and_says_what_it_covered(
        self, told: dict[str, Any]
    ) -> None:
        (device,) = told["export"]
        assert [(one["ip"], one["mac"]) for one in device["addresses"]] == [("10.99.0.2", MAC), (NODE, MAC)]
        assert [(one["proto"], one["port"]) for one in device["services"]] == [("tcp", 80)]
        (part,) = [part for part in told["scan"][0]["coverage"] if ":" in part["network"]]
        assert (part["network"], part["addresses"], part["method"]) == ("2001:db8:99::/64", 1, "icmp6")
        assert part["counts"]["found"] == 1
        assert part["known"]["answering"] == 1

"""IPv6 on the wire: who is there is found without going through a /64, and nobody is made up."""

import ipaddress
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet6 import ICMPv6EchoReply, ICMPv6ND_NA, IPv6
from scapy.layers.l2 import Ether
from test_raw_sweep_lab import ROOT, UNSHARE, why_not

from agent.ranges import six_and_four
from agent.sweeps.ipv6 import answer_in
from inventory.exits import UsageFault

OWN, THERE, MAC = "2001:db8::1", "2001:db8::7", "02:00:00:00:00:07"
COOKIE = 0x12345678
WORLD = """
set -e
mount -t tmpfs none /run; mkdir -p /run/netns
ip link set lo up; ip netns add far; ip link add near0 type veth peer name far0 netns far
ip -6 addr add 2001:db8:99::1/64 dev near0 nodad; ip link set near0 up
ip -n far link set lo up; ip -n far -6 addr add 2001:db8:99::77/64 dev far0 nodad; ip -n far link set far0 up
for turn in 1 2 3 4 5 6 7 8 9 10; do  # until the link-local addresses are past their duplicate detection
  ip -6 addr show tentative | grep -q inet6 || ip -n far -6 addr show tentative | grep -q inet6 || break
  sleep 0.5
done
muster() { "$PYTHON" -m muster --register "$REGISTER" "$@"; }
muster scope add 2001:db8:99::/64 --site hq --segment office > /dev/null
muster sweep 2001:db8:99::/64 --ports 81 --format json
muster sweep 2001:db8:99::70/124 --ports 81 --format json
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


def test_targets_are_told_apart_by_their_kind() -> None:
    assert six_and_four(["2001:db8::/64,192.0.2.1", "192.0.2.5-9"]) == (
        ("2001:db8::/64",),
        ("192.0.2.1", "192.0.2.5-9"),
    )
    with pytest.raises(UsageFault, match="nobody"):
        six_and_four(["ff02::1"])


@pytest.mark.lab
@pytest.mark.skipif(bool(why_not()), reason=why_not() or "namespaces")
def test_a_node_is_found_by_the_echo_to_all_and_by_its_own_address(tmp_path: Path) -> None:
    place = str(tmp_path / "register.sqlite")
    done = subprocess.run(
        [*UNSHARE, "--fork", "--pid", "--kill-child", "bash", "-c", WORLD],
        capture_output=True, text=True, timeout=90, check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHON": sys.executable, "REGISTER": place},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows = [row for row in map(json.loads, done.stdout.splitlines()) if "ip" in row]
    assert [(row["proto"], row["state"]) for row in rows] == [("icmp6", "answered"), ("tcp", "closed")] * 2
    assert {str(ipaddress.ip_address(row["ip"])) for row in rows} == {"2001:db8:99::77"}

"""The raw engine without a network: what it would send, and what it makes of what comes back."""

import random
import sys
from ipaddress import IPv4Address
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.l2 import ARP, Ether

from agent.ranges import Addresses
from agent.transport.raw import bpf
from agent.transport.raw.answers import State, read
from agent.transport.raw.board import Board, Question
from agent.transport.raw.cookie import Cookies
from agent.transport.raw.datagrams import DATAGRAMS, datagram_for
from agent.transport.raw.fill import Filler
from agent.transport.raw.layouts import Kind, Source, lay_out
from agent.transport.raw.link import Link, how_to_grant
from agent.transport.raw.order import Order
from agent.transport.raw.volley import Volley
from agent.transport.tally import Tally

SOURCE = Source("eth0", "02:00:00:00:00:01", "10.0.0.1")
OUR_PORT = 40_000
COOKIES = Cookies(bytes(range(16)))
MASK = (1 << 64) - 1


def number(ip: str) -> int:
    return int(IPv4Address(ip))


def sent(kind: Kind, ip: str, port: int = 0) -> bytes:
    filler = Filler(lay_out(kind, SOURCE, OUR_PORT, datagram_for(port)), COOKIES, 4)
    macs = np.frombuffer(bytes.fromhex("0200000000aa"), np.uint8).reshape(1, 6)
    filler.fill(np.array([number(ip)], np.uint32), np.array([port], np.uint16), macs)
    return filler.frames[0].tobytes()


def heard(*frames: bytes) -> list[tuple[Kind, str, int, State, str]]:
    rows = np.zeros((len(frames), bpf.SNAP), np.uint8)
    for at, frame in enumerate(frames):
        rows[at, : min(len(frame), bpf.SNAP)] = np.frombuffer(frame[: bpf.SNAP], np.uint8)
    sizes = np.array([min(len(frame), bpf.SNAP) for frame in frames], np.uint32)
    answers = read(rows, sizes, COOKIES, OUR_PORT)
    return [
        (
            Kind(int(answers.kind[at])),
            str(IPv4Address(int(answers.ip[at]))),
            int(answers.port[at]),
            State(int(answers.state[at])),
            answers.mac[at].tobytes().hex(":"),
        )
        for at in range(len(answers))
    ]


def syn_ack(ip: str, port: int, flags: str = "SA") -> bytes:
    asked = Ether(sent(Kind.SYN, ip, port))[TCP]
    return bytes(
        Ether(dst=SOURCE.mac, src="02:00:00:00:00:aa")
        / IP(src=ip, dst=SOURCE.ip)
        / TCP(sport=port, dport=OUR_PORT, flags=flags, seq=7, ack=asked.seq + 1)
    )


def siphash_1_3(key: bytes, word: int) -> int:
    """The paper's algorithm for one eight-byte block, written out for one word at a time."""

    def rotate(value: int, bits: int) -> int:
        return (value << bits | value >> (64 - bits)) & MASK

    def rounds(v: list[int], count: int) -> None:
        for _ in range(count):
            v[0] = v[0] + v[1] & MASK
            v[1] = rotate(v[1], 13) ^ v[0]
            v[0] = rotate(v[0], 32)
            v[2] = v[2] + v[3] & MASK
            v[3] = rotate(v[3], 16) ^ v[2]
            v[0] = v[0] + v[3] & MASK
            v[3] = rotate(v[3], 21) ^ v[0]
            v[2] = v[2] + v[1] & MASK
            v[1] = rotate(v[1], 17) ^ v[2]
            v[2] = rotate(v[2], 32)

    k0, k1 = int.from_bytes(key[:8], "little"), int.from_bytes(key[8:], "little")
    v = [k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D, k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573]
    for block in (word, 8 << 56):
        v[3] ^= block
        rounds(v, 1)
        v[0] ^= block
    v[2] ^= 0xFF
    rounds(v, 3)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


@given(st.binary(min_size=16, max_size=16), st.lists(st.integers(0, MASK), min_size=1, max_size=8))
def test_the_cookie_is_siphash_1_3(key: bytes, words: list[int]) -> None:
    got = Cookies(key).siphash(np.array(words, np.uint64))
    assert [int(value) for value in got] == [siphash_1_3(key, word) for word in words]


@given(st.integers(1, 5000), st.integers())
def test_every_host_is_asked_once_and_neighbours_in_time_are_apart(n: int, seed: int) -> None:
    order = Order.over(n, random.Random(seed))
    hosts = np.concatenate([order.hosts(first, min(first + 64, n)) for first in range(0, n, 64)])
    assert sorted(hosts.tolist()) == list(range(n))
    if n > 100:
        assert np.abs(np.diff(hosts)).min() > n // 8


@pytest.mark.parametrize(("kind", "port"), [(Kind.ECHO, 0), (Kind.SYN, 443), (Kind.SYN, 9100)])
@given(ip=st.integers(1, 2**32 - 2))
def test_checksums_are_what_scapy_computes(kind: Kind, port: int, ip: int) -> None:
    frame = sent(kind, str(IPv4Address(ip)), port)
    packet = Ether(frame)
    inner = TCP if kind is Kind.SYN else ICMP
    given_sums = (packet[IP].chksum, packet[inner].chksum)
    del packet[IP].chksum
    del packet[inner].chksum
    again = Ether(bytes(packet))
    assert (again[IP].chksum, again[inner].chksum) == given_sums
    assert packet[IP].dst == str(IPv4Address(ip))
    assert packet.dst == "02:00:00:00:00:aa"


def test_a_syn_carries_no_byte_of_payload() -> None:
    packet = Ether(sent(Kind.SYN, "10.0.0.9", 9100))
    assert packet[TCP].flags == "S"
    assert len(bytes(packet[TCP].payload)) == 0
    assert packet[IP].len == len(bytes(packet[IP]))


def test_an_arp_request_goes_to_everybody_and_asks_for_one() -> None:
    packet = Ether(sent(Kind.ARP, "10.0.0.9"))
    assert (packet.dst, packet[ARP].op, packet[ARP].pdst) == ("ff:ff:ff:ff:ff:ff", 1, "10.0.0.9")


def test_an_open_and_a_closed_port_are_told_apart() -> None:
    assert heard(syn_ack("10.0.0.9", 80), syn_ack("10.0.0.8", 81, "RA")) == [
        (Kind.SYN, "10.0.0.9", 80, State.OPEN, "00:00:00:00:00:00"),
        (Kind.SYN, "10.0.0.8", 81, State.CLOSED, "00:00:00:00:00:00"),
    ]


def test_an_echo_reply_is_an_answer_only_with_its_cookie() -> None:
    asked = Ether(sent(Kind.ECHO, "10.0.0.9"))[ICMP]
    reply = Ether() / IP(src="10.0.0.9", dst=SOURCE.ip) / ICMP(type=0, id=asked.id, seq=asked.seq)
    other = Ether() / IP(src="10.0.0.8", dst=SOURCE.ip) / ICMP(type=0, id=asked.id, seq=asked.seq)
    assert [one[1] for one in heard(bytes(reply), bytes(other))] == ["10.0.0.9"]


def test_an_arp_reply_gives_the_mac_but_never_a_group_address() -> None:
    good = Ether() / ARP(op=2, hwsrc="02:00:00:00:00:aa", psrc="10.0.0.9", pdst=SOURCE.ip)
    group = Ether() / ARP(op=2, hwsrc="01:00:5e:00:00:01", psrc="10.0.0.8", pdst=SOURCE.ip)
    assert heard(bytes(good), bytes(group)) == [
        (Kind.ARP, "10.0.0.9", 0, State.ANSWERED, "02:00:00:00:00:aa")
    ]


@pytest.mark.parametrize(("code", "state"), [(1, State.NO_HOST), (13, State.PROHIBITED)])
def test_a_router_speaks_for_the_host_it_cannot_reach(code: int, state: State) -> None:
    quoted = Ether(sent(Kind.SYN, "10.0.0.9", 80))[IP]
    error = Ether() / IP(src="10.0.0.254", dst=SOURCE.ip) / ICMP(type=3, code=code) / bytes(quoted)[:28]
    assert heard(bytes(error)) == [(Kind.SYN, "10.0.0.9", 80, state, "00:00:00:00:00:00")]


@pytest.mark.parametrize("change", ["ack", "sport", "src", "dport"])
def test_a_made_up_answer_changes_nothing(change: str) -> None:
    packet = Ether(syn_ack("10.0.0.9", 80))
    if change == "ack":
        packet[TCP].ack += 1
    elif change == "sport":
        packet[TCP].sport = 81
    elif change == "dport":
        packet[TCP].dport = 40_001
    else:
        packet[IP].src = "10.0.0.10"
    assert heard(bytes(packet)) == []


def test_every_beginning_of_every_answer_is_an_answer_or_nothing() -> None:
    quoted = Ether(sent(Kind.SYN, "10.0.0.9", 80))[IP]
    error = bytes(Ether() / IP(src="10.0.0.254", dst=SOURCE.ip) / ICMP(type=3, code=1) / bytes(quoted)[:28])
    arp = bytes(Ether() / ARP(op=2, hwsrc="02:00:00:00:00:aa", psrc="10.0.0.9", pdst=SOURCE.ip))
    for frame in (syn_ack("10.0.0.9", 80), error, arp):
        assert len(heard(frame)) == 1
        for size in range(len(frame)):
            assert len(heard(frame[:size])) <= 1
    assert heard(arp[:41]) == []


@given(st.lists(st.binary(max_size=128), min_size=1, max_size=8))
def test_no_bytes_whatever_raise_or_pass_for_an_answer(frames: list[bytes]) -> None:
    assert [one for one in heard(*frames) if one[0] is not Kind.ARP] == []


def test_the_board_knows_only_those_who_were_asked() -> None:
    addresses = Addresses.of([number("10.0.0.8"), number("10.0.0.9")])
    board = Board(addresses, np.zeros((2, 6), np.uint8), (Question(Kind.SYN, 80),), settle_hosts=False)
    rows = np.zeros((2, bpf.SNAP), np.uint8)
    for at, ip in enumerate(("10.0.0.9", "10.0.0.77")):
        frame = np.frombuffer(syn_ack(ip, 80), np.uint8)
        rows[at, : len(frame)] = frame
    board.enter(read(rows, np.array([54, 54], np.uint32), COOKIES, OUR_PORT))
    assert board.said(np.arange(2)).tolist() == [[State.NOTHING], [State.OPEN]]
    assert board.heard().tolist() == [1]


def test_of_every_host_only_its_own_ports_are_asked() -> None:
    addresses = Addresses.of([number("10.0.0.8"), number("10.0.0.9")])
    asked = (Question(Kind.SYN, 80), Question(Kind.SYN, 443))
    board = Board(addresses, np.zeros((2, 6), np.uint8), asked, settle_hosts=False)
    board.leave_out(np.array([[False, True], [True, False]]))
    hosts, questions = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    assert board.unsettled(hosts, questions).tolist() == [True, False, False, True]
    assert board.heard().tolist() == []


def test_a_filter_on_the_way_settles_one_question_and_a_router_that_finds_nobody_all() -> None:
    asked = (Question(Kind.SYN, 80), Question(Kind.ECHO))
    hosts, questions = np.array([0, 0]), np.array([0, 1])
    for code, left in ((13, [False, True]), (1, [False, False])):
        addresses = Addresses.of([number("10.0.0.9")])
        board = Board(addresses, np.zeros((1, 6), np.uint8), asked, settle_hosts=True)
        quoted = Ether(sent(Kind.SYN, "10.0.0.9", 80))[IP]
        error = Ether() / IP(src="10.0.0.254", dst=SOURCE.ip) / ICMP(type=3, code=code) / bytes(quoted)[:28]
        rows = np.zeros((1, bpf.SNAP), np.uint8)
        rows[0, : len(error)] = np.frombuffer(bytes(error), np.uint8)
        board.enter(read(rows, np.array([len(error)], np.uint32), COOKIES, OUR_PORT))
        assert board.unsettled(hosts, questions).tolist() == left


def test_what_a_host_says_outranks_what_a_router_said_of_it() -> None:
    addresses = Addresses.of([number("10.0.0.9")])
    board = Board(addresses, np.zeros((1, 6), np.uint8), (Question(Kind.SYN, 80),), settle_hosts=False)
    quoted = Ether(sent(Kind.SYN, "10.0.0.9", 80))[IP]
    error = bytes(Ether() / IP(src="10.0.0.254", dst=SOURCE.ip) / ICMP(type=3, code=1) / bytes(quoted)[:28])
    for frame in (error, syn_ack("10.0.0.9", 80), error):
        rows = np.zeros((1, bpf.SNAP), np.uint8)
        rows[0, : len(frame)] = np.frombuffer(frame, np.uint8)
        board.enter(read(rows, np.array([len(frame)], np.uint32), COOKIES, OUR_PORT))
    assert board.said(np.arange(1)).tolist() == [[State.OPEN]]


@pytest.mark.parametrize("port", [*DATAGRAMS, 9])
def test_a_datagram_is_whole_and_its_checksums_are_right(port: int) -> None:
    raw = sent(Kind.UDP, "10.0.0.9", port)
    packet = Ether(raw)
    assert (packet[IP].dst, packet[UDP].dport, packet[UDP].sport) == ("10.0.0.9", port, OUR_PORT)
    given = packet[IP].chksum, packet[UDP].chksum
    del packet[IP].chksum, packet[UDP].chksum
    again = Ether(bytes(packet))
    assert (again[IP].chksum, again[UDP].chksum) == given


@pytest.mark.parametrize("port", DATAGRAMS)
def test_a_udp_answer_counts_only_with_its_cookie(port: int) -> None:
    asked = bytes(Ether(sent(Kind.UDP, "10.0.0.9", port))[UDP])[8:]
    form = DATAGRAMS[port]
    cookie = asked[form.cookie_at : form.cookie_at + form.width]
    told = cookie + bytes(40) if form.width == 2 else bytes(11) + cookie + bytes(20)

    def answer(ip: str, data: bytes) -> bytes:
        return bytes(Ether() / IP(src=ip, dst=SOURCE.ip) / UDP(sport=port, dport=OUR_PORT) / data)

    found = heard(answer("10.0.0.9", told), answer("10.0.0.8", told), answer("10.0.0.9", bytes(60)))
    assert [one[:4] for one in found] == [(Kind.UDP, "10.0.0.9", port, State.OPEN)]


@pytest.mark.parametrize(("speaker", "state"), [("10.0.0.9", State.CLOSED), ("10.0.0.254", State.PROHIBITED)])
def test_only_the_host_itself_says_that_its_udp_port_is_closed(speaker: str, state: State) -> None:
    quoted = bytes(Ether(sent(Kind.UDP, "10.0.0.9", 161))[IP])[:28]
    error = Ether() / IP(src=speaker, dst=SOURCE.ip) / ICMP(type=3, code=3) / quoted
    assert [one[:4] for one in heard(bytes(error))] == [(Kind.UDP, "10.0.0.9", 161, state)]
    forged = quoted[:4] + bytes(2) + quoted[6:]
    assert heard(bytes(Ether() / IP(src=speaker, dst=SOURCE.ip) / ICMP(type=3, code=3) / forged)) == []


@pytest.mark.parametrize("port", [515, 9100, 9999])
def test_no_board_whatever_sends_a_datagram_to_a_raw_print_port(port: int) -> None:
    board = Board(Addresses([(1, 1)]), np.zeros((1, 6), np.uint8), (Question(Kind.UDP, port),), False)
    with pytest.raises(ValueError, match=f"port {port} may print"):
        Volley(
            board,
            cast(Link, None),  # nothing of the link is needed to refuse
            source=SOURCE,
            port=OUR_PORT,
            cookies=COOKIES,
            batch=1,
            tally=Tally(),
        )


def test_the_right_to_raw_packets_is_never_given_to_the_python_of_everybody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybodys = tmp_path / "usr" / "python3"
    own = tmp_path / "venv" / "bin" / "python3"
    for folder in (everybodys.parent, own.parent):
        folder.mkdir(parents=True)
    everybodys.touch()
    own.symlink_to(everybodys)
    (own.parent / "python").symlink_to("python3")
    monkeypatch.setattr(sys, "prefix", str(own.parent.parent))
    monkeypatch.setattr(sys, "executable", str(own.parent / "python"))
    grant = f"sudo setcap cap_net_raw+ep {own}"
    assert how_to_grant() == f"cp --remove-destination {everybodys} {own} && {grant}"
    own.unlink()
    own.touch()
    assert how_to_grant() == grant

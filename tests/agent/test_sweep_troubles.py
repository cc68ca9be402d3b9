"""Sweeps that are killed, stopped, cut off or lied to: nothing missed, nothing believed, all of it said."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agent.ranges import Addresses
from agent.transport.raw.board import Board, Question
from agent.transport.raw.journal import Journal, Place
from agent.transport.raw.layouts import Kind
from agent.transport.raw.order import Order
from agent.transport.raw.passes import Memory, Pass, Standing
from agent.transport.raw.turns import Turns
from agent.transport.setbacks import Setbacks
from inventory.exits import BadInput, Exit
from tests.agent.test_raw_sweep_lab import ROOT, UNSHARE, why_not

SCRIPT = Path(__file__).parent / "sweep_troubles_in_a_namespace.py"
EVERYBODY = {f"10.98.0.{last} {port} {state}" for last in range(1, 255) for port, state in ((80, "open"), (81, "closed"))}  # fmt: skip  # noqa: E501
A_SECOND = 600  # packets asked for
A_BATCH = 6  # a hundredth of a second's packets, at 600 packets per second

in_namespaces = [pytest.mark.lab, pytest.mark.skipif(bool(why_not()), reason=why_not() or "namespaces")]


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    done = subprocess.run(
        [*UNSHARE, "--fork", "--pid", "--kill-child", sys.executable, str(SCRIPT)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def all_marked(test: Any) -> Any:
    for mark in in_namespaces:
        test = mark(test)
    return test


@all_marked
@pytest.mark.parametrize("how", ["killed", "stopped", "unplugged", "moved"])
def test_the_same_command_goes_on_where_a_sweep_ended(told: dict[str, Any], how: str) -> None:
    one = told[how]
    assert one["first_syns"] < len(EVERYBODY)
    assert one["journal_left"]
    assert one["second"]["code"] == Exit.OK
    assert set(one["second"]["answers"]) == EVERYBODY
    assert one["asked"] == len(EVERYBODY)
    assert one["syns"] <= len(EVERYBODY) + A_BATCH
    assert not one["journal_at_the_end"]


@all_marked
def test_a_signal_ends_a_sweep_at_once_with_what_it_heard(told: dict[str, Any]) -> None:
    one = told["stopped"]
    assert one["first_syns"] - one["syns_by_then"] < A_SECOND // 4
    assert one["code"] == Exit.STOPPED
    assert 0 < one["first_answers"] <= one["first_syns"]
    assert "the same command goes on from" in one["said"]


@all_marked
@pytest.mark.parametrize(
    ("how", "reason"), [("unplugged", "Network is down"), ("moved", "the address 10.99.0.1 is gone")]
)
def test_an_interface_that_changes_ends_a_sweep_with_its_reason(
    told: dict[str, Any], how: str, reason: str
) -> None:
    assert reason in told[how]["said"]
    assert told[how]["first_answers"] > 0
    assert "Traceback" not in told[how]["said"]


@all_marked
def test_whoever_cannot_be_asked_is_named_with_the_reason(told: dict[str, Any]) -> None:
    one = told["unasked"]
    assert one["answers"] == ["10.99.0.2 80 open"]
    assert sorted(one["said"].splitlines()) == [
        "muster: 10.90.0.1 and 6 more: no route leads there",
        "muster: 10.99.0.1: this machine itself; --connect asks it",
    ]
    assert len(one["summary"]["not_asked"]) == 2


@all_marked
def test_a_file_of_another_sweep_is_refused_in_one_line(told: dict[str, Any]) -> None:
    for what, reason in (("in_use", "using it"), ("other", "not written by"), ("none", "not written by")):
        one = told["another"][what]
        assert one["code"] == Exit.BAD_INPUT
        assert reason in one["said"]
        assert one["said"].count("\n") == 1


@all_marked
def test_a_queue_that_stays_full_ends_a_sweep_with_its_reason(told: dict[str, Any]) -> None:
    if told["queue"]["stuck"] is None:
        pytest.skip("there is no /dev/net/tun here")
    assert told["queue"]["stuck"] == "sending stopped: No buffer space available"


@all_marked
def test_lies_are_not_believed(told: dict[str, Any]) -> None:
    one = told["lied_to"]
    # Each of 59 asked twice for its MAC but for the one that is there, which was asked its port.
    assert one["summary"]["packets"] == 58 * 2 + 1 + 1
    assert told["lies"] > 58 * 2 * 4 + 8
    assert one["answers"] == []


@all_marked
def test_over_a_wire_that_loses_and_shuffles_frames_all_is_found(told: dict[str, Any]) -> None:
    one = told["shuffled"]
    if one["answers"] is None:
        pytest.skip("there is no /dev/net/tun here")
    assert one["dropped"] > 10
    assert one["overtaken"] > 50
    everybody = [f"10.95.0.{last}" for last in range(64, 96)]
    assert set(one["answers"]) == {f"{ip} {said}" for ip in everybody for said in ("80 open", "81 closed")}


@all_marked
def test_what_our_own_firewall_drops_is_said_and_is_no_silence(told: dict[str, Any]) -> None:
    one = told["forbidden"]
    assert one["answers"] == []
    unsent, tried_again = one["summary"]["not_asked"][::-1][:2]
    assert unsent.startswith("2 questions could not be sent")
    assert "own system did not send" in tried_again
    assert unsent in one["said"]


@all_marked
@pytest.mark.parametrize("how", ["raw", "connect"])
def test_what_a_firewall_rejects_is_closed_only_where_the_host_itself_would_say_so(
    told: dict[str, Any], how: str
) -> None:
    # A reset may be a firewall's too: nobody can tell. ICMP's word for a TCP port never is the host's; for a
    # UDP port "port unreachable" (1002) is, and here the firewall speaks with the host's own address.
    assert set(told["rejected"][how]["ports"]) == {
        *("tcp/80 open", "tcp/81 closed", "tcp/1001 closed"),
        *("udp/1001 closed", "udp/1002 closed"),
    }


NETSTAT = "TcpExt: SyncookiesSent TCPRetransFail\nTcpExt: 7 {failed}\nIpExt: InNoRoutes\nIpExt: 9\n"
NEIGHBOURS = "entries  allocs table_fulls\n00000040 000231b0 {full:08x}\n00000040 000231b0 00000010\n"


def test_the_kernel_s_counters_say_what_it_kept_back(tmp_path: Path) -> None:
    (tmp_path / "stat").mkdir()

    def read(failed: int, full: int) -> Setbacks:
        (tmp_path / "netstat").write_text(NETSTAT.format(failed=failed))
        (tmp_path / "snmp").write_text("Udp: InErrors SndbufErrors\nUdp: 9 2\n")
        (tmp_path / "snmp6").write_text("Udp6InErrors 9\nUdp6SndbufErrors 1\n")
        (tmp_path / "stat" / "arp_cache").write_text(NEIGHBOURS.format(full=full))
        return Setbacks.now(tmp_path)

    before = read(3, 1)
    assert before == Setbacks(6, 17)
    assert read(3, 1).since(before) == ()
    refused, full = read(8, 31).since(before)
    assert "5 packets" in refused
    assert "neighbour table was full 30 times" in full
    assert Setbacks.now(tmp_path / "nothing") == Setbacks()


def board() -> Board:
    questions = (Question(Kind.SYN, 80), Question(Kind.SYN, 81))
    return Board(Addresses([(0, 9)]), np.zeros((10, 6), np.uint8), questions, settle_hosts=False)


def place(group: int) -> Place:
    memory = Memory(2, 1, Standing(3, 4, 5), 0.25, 6, True)
    return Place(Order(10, 3, 1), 2, memory, Pass.THE_HEARD, 1, group)


def test_what_is_known_and_where_it_was_is_read_back(tmp_path: Path) -> None:
    file = tmp_path / "journal"
    with Journal(file, lag=1.0) as journal:
        known = board()
        page = journal.page(known, "eth0")
        assert page.place is None
        page.write(place(0))
        known.table.write(np.array([4]), np.array([1]), np.array([2], np.uint8))
    with Journal(file, lag=1.0) as journal:
        again = board()
        assert journal.page(again, "eth0").place == place(0)
        assert [rows.tolist() for rows in again.known()] == [[4], [[0, 2]]]
    with Journal(file, lag=1.0) as journal, pytest.raises(BadInput, match="journal was not written"):
        journal.page(board(), "eth1")


def test_what_was_asked_in_the_time_answers_take_is_asked_again(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal", lag=1.0) as journal:
        page = journal.page(board(), "eth0")
        page.write(place(0))
        for group, now in enumerate([10.0, 10.5, 11.2, 11.4, 11.6]):
            page.reach(place(group), now)
    with Journal(tmp_path / "journal", lag=1.0) as journal:
        assert journal.page(board(), "eth0").place == place(1)


def test_a_half_written_place_leaves_the_one_before(tmp_path: Path) -> None:
    file = tmp_path / "journal"
    with Journal(file, lag=0.0) as journal:
        page = journal.page(board(), "eth0")
        page.write(place(1))
        page.write(place(2))
    raw = bytearray(file.read_bytes())
    raw[100] ^= 1  # the first half holds the second place
    file.write_bytes(raw)
    with Journal(file, lag=0.0) as journal:
        assert journal.page(board(), "eth0").place == place(1)


@pytest.mark.parametrize("per_host", [1.0, 2.0, 7.0, 40.0, 400.0])
@pytest.mark.parametrize("accepts", [False, True])
def test_a_host_gets_no_more_than_its_cap_in_any_second(per_host: float, accepts: bool) -> None:
    turns = Turns(per_host, began=0.0)
    left_before = [0.0, 0.0]  # another sweep ended just now, with a SYN and the kernel's RST
    now, packets = 0.0, left_before
    while now < 5:
        now = max(now, turns.next(0))
        turns.ask(0, now)
        packets.append(now)
        if accepts:
            packets.append(now)  # the RST, at once
            turns.accept(np.array([0, 0]))
    for begin in packets:
        assert sum(begin <= at < begin + 1 for at in packets) <= max(per_host, 2)

"""Networks that mislead: what a scan says of them is true, and says what cannot be told."""

import json
import os
import random
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agent.permit import Gate
from agent.ranges import Addresses, addresses
from agent.sweeps import presence, raw
from agent.sweeps.asking import Asker, arp_board
from agent.sweeps.boards import hosts_of
from agent.sweeps.connect import ConnectSweeper
from agent.sweeps.found import Host, PortState
from agent.sweeps.raw import RawSweeper
from agent.transport.door import Door
from agent.transport.limits import Limits
from agent.transport.pace import Pace
from agent.transport.raw.answers import Answers, State
from agent.transport.raw.board import Board
from agent.transport.raw.layouts import Kind, Source
from agent.transport.raw.outcome import Outcome
from agent.transport.raw.route import Way, Ways
from agent.transport.raw.tempo import Caps
from agent.transport.tally import Tally
from inventory.types import Scope
from tests.agent.test_raw_sweep_lab import ROOT, UNSHARE, why_not

SCRIPT = Path(__file__).parent / "hostile_in_a_namespace.py"
in_namespaces = [
    pytest.mark.lab,
    pytest.mark.slow,
    pytest.mark.skipif(bool(why_not()), reason=why_not() or "namespaces"),
]


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    done = subprocess.run(
        [*UNSHARE, "--fork", "--pid", "--kill-child", sys.executable, str(SCRIPT)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT), "MUSTER_SCAN__TIMEOUT": "1"},
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def all_marked(test: Any) -> Any:
    for mark in in_namespaces:
        test = mark(test)
    return test


def unsettled(run: dict[str, Any], ip: str) -> tuple[str, str, str]:
    ((state, why, reason),) = [
        (one["state"], one["why"], one["reason"])
        for part in run["coverage"]
        for one in part["unsettled"]
        if one["ip"] == ip
    ]
    return state, why, reason


def device_at(told: dict[str, Any], ip: str) -> dict[str, Any]:
    (one,) = [each for each in told["export"] if ip in {address["ip"] for address in each["addresses"]}]
    return dict(one)


@all_marked
def test_a_router_that_answers_for_everybody_is_one_device(told: dict[str, Any]) -> None:
    places = {address["ip"] for device in told["export"] for address in device["addresses"]}
    assert places == {f"10.99.0.{last}" for last in (2, 5, 6, 9, 200)}
    state, why, reason = unsettled(told["run"], "10.99.0.0/24")
    assert (state, why) == ("silent", "answered-for")
    assert f"{told['macs']['router'][0]} (126)" in reason
    assert told["run"]["coverage"][0]["counts"]["found"] == 5


@all_marked
def test_a_host_that_accepts_at_every_port_has_no_services(told: dict[str, Any]) -> None:
    assert unsettled(told["run"], "10.99.0.5")[:2] == ("found", "accepts-all")
    assert device_at(told, "10.99.0.5")["services"] == []
    assert [each["port"] for each in device_at(told, "10.99.0.9")["services"]] == [80]


@all_marked
def test_both_macs_of_an_address_that_two_have_are_told(told: dict[str, Any]) -> None:
    state, why, reason = unsettled(told["run"], "10.99.0.6")
    assert (state, why) == ("found", "several-macs")
    assert reason.endswith(", ".join(told["macs"]["twice"]))
    assert device_at(told, "10.99.0.6")["addresses"][0]["mac"] == told["macs"]["twice"][0]


@all_marked
def test_without_privileges_this_machine_is_not_asked_either(told: dict[str, Any]) -> None:
    assert unsettled(told["without"], "10.99.0.1")[:2] == ("refused", "own-address")


def arp_answers(*pairs: tuple[int, int]) -> Answers:
    """(address, last byte of the MAC) of each."""
    count = len(pairs)
    macs = np.zeros((count, 6), np.uint8)
    macs[:, 5] = [mac for _ip, mac in pairs]
    return Answers(
        np.full(count, Kind.ARP, np.uint8),
        np.array([ip for ip, _mac in pairs], np.uint32),
        np.zeros(count, np.uint16),
        np.full(count, State.ANSWERED, np.uint8),
        macs,
    )


@pytest.mark.parametrize("together", [True, False])
def test_every_mac_that_answers_for_an_address_is_kept(*, together: bool) -> None:
    board = arp_board(Addresses([(1, 4)]))
    answers = ((1, 7), (2, 8), (2, 9), (2, 8), (3, 7))
    for part in [answers] if together else [[one] for one in answers]:
        board.enter(arp_answers(*part))
    macs = {
        host.ip[-1]: {str(host.mac)[-2:], *(mac[-2:] for mac in host.other_macs)} for host in hosts_of(board)
    }
    assert macs == {"1": {"07"}, "2": {"08", "09"}, "3": {"07"}}


class Wire(Asker):
    """A wire on which `there`, (address, last byte of the MAC) each, answer ARP and nothing else."""

    def __init__(self, *there: tuple[int, int]) -> None:
        self.there = there
        self.called: list[str] = []
        self.stop = threading.Event()

    def ask(self, board: Board, _way: Way, **_how: object) -> Outcome:
        if board.questions[0].kind is Kind.ARP:
            board.enter(arp_answers(*self.there))
        else:
            self.called += board.addresses.texts()
        return Outcome(0, 0.0, 0.0, 0, 0.0, stopped=False)


HERE = Way(Source("eth0", "02:00:00:00:00:01", "10.0.0.1"), None)
ASKED = Addresses([(1, 30)])
ROUTER, BARRED = 7, 8


def may_ask(_ip: str, mac: str) -> bool:
    return not mac.endswith(f"{BARRED:02x}")


@pytest.mark.parametrize(("mac", "devices"), [(ROUTER, 0), (BARRED, 12)])
def test_behind_a_mac_that_answers_for_many_nobody_is_asked_where_it_is_barred(
    mac: int, devices: int
) -> None:
    wire = Wire(*((ip, mac) for ip in range(1, 13)), (20, 9), (21, 9))
    roll = presence.on_the_wire(wire, HERE, ASKED, 0, may_ask)
    nobody = [ip for places in roll.answered_for.values() for ip in places]
    assert len(roll.hosts) == devices + 2  # the gate refuses those that stay, each with its reason
    assert set(wire.called) == set(nobody)
    assert len(nobody) == 12 - devices


def test_of_two_macs_the_barred_one_stands_first_so_that_nothing_is_asked() -> None:
    roll = presence.on_the_wire(Wire((3, 5), (3, BARRED), (4, 9), (4, 6)), HERE, ASKED, 0, may_ask)
    firsts = {host.ip: (str(host.mac)[-2:], [mac[-2:] for mac in host.other_macs]) for host in roll.hosts}
    assert firsts == {"0.0.0.3": ("08", ["05"]), "0.0.0.4": ("06", ["09"])}


async def test_a_host_whose_route_is_gone_stays_with_no_port_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raw, "ways", lambda addresses: Ways((), addresses))
    scope, stop = Scope("10.1.0.0/24", "hq", "office"), threading.Event()
    gate = Gate([scope])
    connect = ConnectSweeper(Door(Pace(1000, 40), Limits(), 2), gate, 0, stop, lambda _progress: None)
    caps, area = Caps(1000, 40), gate.area(addresses([scope.network]), scope)
    sweeper = RawSweeper(caps, connect, 0, Tally(), stop, lambda _progress: None, random.Random(1))
    host = Host("10.1.0.9", None, ("icmp",))
    assert await sweeper.find_ports([area], [host], [80]) == (host,)


def test_no_device_accepts_at_most_ports_of_many() -> None:
    def host(accepting: int, refusing: int) -> Host:
        states = [PortState.OPEN] * accepting + [PortState.CLOSED] * refusing
        return Host("10.0.0.1", None, ("icmp",), dict(enumerate(states, start=1)))

    assert host(20, 10).accepts_all
    assert not host(20, 30).accepts_all, "a server with a lot to offer"
    assert not host(3, 0).accepts_all, "few were asked"

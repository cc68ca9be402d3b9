"""The sweep without privileges where this machine's own system refuses: said, and never taken for silence."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from agent.permit import Gate, Permit
from agent.ranges import addresses
from agent.sweeps import connect
from agent.sweeps.connect import ConnectSweeper
from agent.transport.door import Door
from agent.transport.limits import Limits
from agent.transport.pace import Pace
from agent.transport.raw.outcome import Progress
from inventory.types import ProbeOutcome, Scope


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever addresses this machine has, it asks others here."""
    monkeypatch.setattr(connect, "own_addresses", lambda: OWN)


OWN = ("192.0.2.5",)
SCOPE = Scope("192.0.2.0/29", "hq", "office")


@dataclass
class RefusingDoor(Door):
    """Answers for .1, is silent for .2, and for everybody else the system refuses to send."""

    knocks: list[str] = field(default_factory=list)

    async def knock(self, permit: Permit, port: int) -> ProbeOutcome:
        self.knocks.append(permit.ip)
        said = {"192.0.2.1": ProbeOutcome.ANSWERED, "192.0.2.2": ProbeOutcome.SILENT}
        return said.get(permit.ip, ProbeOutcome.NOT_TRIED)


def sweeper(
    stop: threading.Event, on_progress: Callable[[Progress], None] = lambda _progress: None
) -> ConnectSweeper:
    door = RefusingDoor(Pace(1000, 40), Limits(), 2)
    return ConnectSweeper(door, Gate([SCOPE]), 0, stop, on_progress)


def test_what_the_system_would_not_send_is_no_silence() -> None:
    one = sweeper(threading.Event())
    area = one.gate.area(addresses(["192.0.2.1-4"]), SCOPE)
    roll = asyncio.run(one.find_hosts([area]))
    assert [host.ip for host in roll.hosts] == ["192.0.2.1"]
    assert set(roll.unsent) == {"192.0.2.3", "192.0.2.4"}
    assert one.remarks
    assert all("could not be sent" in remark for remark in one.remarks)


def test_a_large_network_is_asked_in_blocks_and_this_machine_not_at_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connect, "_BLOCK", 2)
    far = list[tuple[int, int]]()
    one = sweeper(threading.Event(), lambda progress: far.append((progress.done, progress.planned)))
    roll = asyncio.run(one.find_hosts([one.gate.area(addresses(["192.0.2.0/29"]), SCOPE)]))
    assert [remark.split(maxsplit=1)[0] for remark in one.remarks] == ["3"]
    assert [host.ip for host in roll.hosts] == ["192.0.2.1"]
    assert (list(roll.unsent), list(roll.own)) == ([f"192.0.2.{last}" for last in (3, 4, 6)], ["192.0.2.5"])
    assert far == sorted(far)
    assert far[-1] == (5, 5)
    area = one.gate.area(addresses(["192.0.2.1-4"]), SCOPE)
    swept, _dropped = asyncio.run(one.sweep([area], [80, 81]))
    assert {host.ip: host.open_ports for host in swept} == {"192.0.2.1": (80, 81)}


def test_a_raw_print_port_left_out_is_no_refusal_of_the_system() -> None:
    one = sweeper(threading.Event())
    area = one.gate.area(addresses(["192.0.2.3"]), SCOPE)
    asyncio.run(one.sweep([area], [9100]))
    assert one.remarks == []


def test_a_stop_ends_it_though_a_connection_hangs() -> None:
    stop = threading.Event()
    one = sweeper(stop)

    async def hang(_permit: Permit, _port: int) -> ProbeOutcome:
        stop.set()
        await asyncio.Event().wait()
        return ProbeOutcome.SILENT

    one.door.knock = hang  # type: ignore[method-assign]
    area = one.gate.area(addresses(["192.0.2.1-4"]), SCOPE)
    roll = asyncio.run(one.find_hosts([area]))
    assert list(roll.not_reached) == [f"192.0.2.{last}" for last in range(1, 5)]

"""Segments are called side by side: nobody waits for another's silence, and all of it is told as one."""

import asyncio
import random
import threading
from collections.abc import Collection, Sequence
from datetime import UTC, datetime

import pytest

from agent.events import Noted, Phase, Progressed, ScanEvent
from agent.faults import NoRawSockets
from agent.permit import Permit
from agent.probes.gear import Tables
from agent.probes.reply import Context
from agent.service import neighbourhood
from agent.service.interview import Interview
from agent.service.interviewer import Interviewer
from agent.service.plan import ScanPlan, plan
from agent.service.progress import Progress
from agent.service.scan import run
from agent.service.sweeping import Sweeping
from agent.sweeps.connect import Only
from agent.sweeps.found import Host, PortState, Roll
from agent.transport.door import Door
from agent.transport.tally import Tally
from inventory.settings import ScanSettings
from inventory.types import AddressState, FixedClock, ScanRun, Scope, Sighting, Why

CLOCK = FixedClock(datetime(2026, 11, 21, tzinfo=UTC))
SCOPES = (
    Scope("10.1.0.0/29", "hq", "office"),
    Scope("10.2.0.0/29", "hq", "iot"),
    Scope("10.3.0.0/29", "hq", "office"),
)


def made(*scopes: Scope) -> ScanPlan:
    return plan(scopes or SCOPES, (), (), ScanSettings(rate=100_000), ports=(22, 80, 5000))


class Office:
    """Stands in for the wire: who answers, which ports stay silent at first, and what is asked, in order."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *ips: str) -> None:
        self.ips = ips
        self.silent_at_first: set[str] = set()
        self.asked: list[str] = []
        self.interviewed = asyncio.Event()
        self.faulty = False
        self.ends_early = False
        self.left_out: dict[str, set[int]] = {}
        office = self

        async def hosts(sweeping: Sweeping) -> Roll:
            if office.faulty:
                raise NoRawSockets("no")
            areas = sweeping.plan.areas
            there = [ip for ip in office.ips if any(area.covers(ip) for area in areas)]
            return Roll(tuple(Host(ip, None, ("icmp",)) for ip in there))

        async def ask_ports(
            _sweeping: Sweeping,
            hosts: Sequence[Host],
            ports: Sequence[int],
            only: Only | None,
            retries: int | None = None,
        ) -> tuple[Host, ...]:
            if office.ends_early and 5000 in ports:
                return ()
            states = dict.fromkeys(office.ips, PortState.CLOSED)
            if retries == 0:
                states |= dict.fromkeys(office.silent_at_first, PortState.FILTERED)
            elif only and 5000 not in ports:
                office.asked += [f"{host.ip} again" for host in hosts]
                await asyncio.wait_for(office.interviewed.wait(), 5)
            return tuple(
                Host(host.ip, None, host.answered, host.ports | dict.fromkeys(ports, states[host.ip]))
                for host in hosts
            )

        async def interview(asking: Interviewer, host: Host, *_known: object) -> Interview:
            office.asked.append(f"{host.ip} interviewed")
            office.interviewed.set()
            told = asking.begin(host)
            told.note_sweeps(())
            return told

        async def by_name(
            _sweeping: Sweeping, _scope: Scope, ips: Sequence[str]
        ) -> tuple[Sequence[Host], Sequence[Host]]:
            office.asked += [f"{ip} once more" for ip in ips]
            return (), ()

        async def nothing(*_anything: object) -> dict[str, object]:
            return {}

        monkeypatch.setattr(Sweeping, "hosts", hosts)
        monkeypatch.setattr(Sweeping, "_ask_ports", ask_ports)
        monkeypatch.setattr(Sweeping, "by_name", by_name)
        monkeypatch.setattr(Sweeping, "overheard", nothing)
        monkeypatch.setattr(Interviewer, "interview", interview)

        async def go_on(
            _asking: Interviewer, told: Interview, host: Host, _known: object, wanted: Collection[int]
        ) -> Interview:
            office.left_out[host.ip] = set(wanted) - host.ports.keys()
            return told.further(host, goes_on=True)

        monkeypatch.setattr(Interviewer, "go_on", go_on)


class Register:
    def __init__(self) -> None:
        self.sightings: list[Sighting] = []

    def begin_scan(self, run: ScanRun) -> None:
        pass

    def ingest(self, sightings: Sequence[Sighting]) -> None:
        self.sightings += sightings

    def finish_scan(self, run: ScanRun) -> None:
        pass


async def call(register: Register, planned: ScanPlan | None = None) -> ScanRun:
    events: list[ScanEvent] = []
    return await run(
        planned or made(),
        register,
        CLOCK,
        events.append,
        threading.Event(),
        vantage="here",
        randomness=random.Random(1),
    )


def test_a_plan_by_segment_has_every_address_once() -> None:
    whole = made()
    parts = whole.by_segment()
    assert [{area.scope.segment for area in part.areas} for part in parts] == [{"office"}, {"iot"}]
    assert sorted(str(a.scope.network) for part in parts for a in part.areas) == [
        scope.network for scope in SCOPES
    ]
    assert sum(part.addresses for part in parts) == whole.addresses


async def test_whoever_leaves_ports_unanswered_is_asked_again_and_holds_nobody_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    office = Office(monkeypatch, "10.1.0.1", "10.1.0.2")
    office.silent_at_first = {"10.1.0.1"}
    register = Register()
    await call(register, made(SCOPES[0]))  # asking again waits here until the other was interviewed
    assert office.asked == ["10.1.0.1 again", "10.1.0.2 interviewed", "10.1.0.1 interviewed"]
    assert {one.target.ip for one in register.sightings} == {"10.1.0.1", "10.1.0.2"}


async def test_of_everybody_is_said_which_ports_were_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    office = Office(monkeypatch, "10.1.0.1", "10.1.0.2")
    await call(Register(), made(SCOPES[0]))
    assert office.left_out == {"10.1.0.1": set(), "10.1.0.2": set()}
    office.ends_early = True
    await call(Register(), made(SCOPES[0]))
    assert office.left_out == {"10.1.0.1": {5000}, "10.1.0.2": {5000}}


async def test_a_silent_device_is_asked_once_more_when_all_segments_have_told_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    office = Office(monkeypatch, "10.1.0.1", "10.2.0.1")

    async def tables(_door: Door, permit: Permit, _port: int, _context: Context) -> Tables:
        return Tables(arp={"10.2.0.5": "02:00:00:00:00:05"} if permit.ip == "10.1.0.1" else {})

    monkeypatch.setattr(neighbourhood, "read_tables", tables)
    monkeypatch.setattr(neighbourhood, "_forwards", lambda _told: True)
    register = Register()
    finished = await call(register)
    assert office.asked[-1] == "10.2.0.5 once more"
    assert [one.target.mac for one in register.sightings if one.target.ip == "10.2.0.5"] == [
        "02:00:00:00:00:05"
    ]
    (iot,) = [part for part in finished.coverage if part.segment == "iot"]
    assert [(one.ip, one.why) for one in iot.unsettled] == [("10.2.0.5", Why.HEARSAY)]
    assert iot.counts[AddressState.FOUND] == 2


async def test_a_fault_in_one_segment_ends_the_scan_with_that_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    Office(monkeypatch, "10.1.0.1").faulty = True
    with pytest.raises(NoRawSockets):
        await call(Register())


def test_progress_is_that_of_the_hindmost_and_counts_all() -> None:
    heard: list[ScanEvent] = []
    progress = Progress(heard.append, 3, Tally(), now=lambda: 0.0)

    def told(segment: int, phase: Phase, done: int, total: int) -> tuple[Phase, int, int]:
        progress.of(segment)(Progressed(phase, done, total, done, 1.0))
        last = heard[-1]
        assert isinstance(last, Progressed)
        return last.phase, last.done, last.total

    assert told(0, Phase.SWEEP, 10, 10) == (Phase.SWEEP, 10, 10)
    assert told(1, Phase.SWEEP, 5, 20) == (Phase.SWEEP, 15, 30)
    assert told(0, Phase.PROBES, 1, 2) == (Phase.SWEEP, 15, 30)
    progress.end(2)  # nobody was there
    assert told(1, Phase.PORTS, 3, 6) == (Phase.PORTS, 3, 6)
    assert told(1, Phase.PROBES, 1, 1) == (Phase.PROBES, 2, 3)
    assert told(1, Phase.PORTS, 2, 8) == (Phase.PROBES, 2, 3)
    assert told(0, Phase.PORTS, 1, 4) == (Phase.PROBES, 2, 3)  # of whoever is asked again; one is still asked
    assert told(0, Phase.PROBES, 2, 2) == (Phase.PORTS, 3, 12)
    progress.of(0)(Noted("as it is"))
    assert heard[-1] == Noted("as it is")

"""The whole scan without privileges, against servers on this machine's own loopback network."""

import json
import random
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from agent.cli.scan import scan as scan_command
from agent.events import Identified, Phase, Progressed, ScanEvent
from agent.service.plan import plan
from agent.service.resume import interrupted
from agent.service.scan import run
from agent.service.sweeping import Sweeping
from agent.sweeps.found import Host, Roll
from agent.sweeps.raw import RawSweeper
from agent.transport.door import Door
from agent.transport.limits import Limits
from agent.transport.pace import Pace
from inventory.console import Session
from inventory.exits import Exit, MusterError, UsageFault
from inventory.register import Register as RealRegister
from inventory.settings import ScanSettings
from inventory.types import AddressState, Device, Fact, FixedClock, ScanRun, Scope, Sighting, SystemClock
from tests.agent.things import things

CLOCK = FixedClock(datetime(2026, 11, 20, tzinfo=UTC))
SCOPE = Scope("127.0.77.0/28", "hq", "here")
FEW = (80, 2049, 8080)
QUICK = ScanSettings(rate=10_000, timeout=0.2, retries=1)


class MemoryRegister:
    """A register that only remembers what it was given."""

    def __init__(self) -> None:
        self.begun: list[ScanRun] = []
        self.finished: list[ScanRun] = []
        self.batches: list[Sequence[Sighting]] = []

    def begin_scan(self, run: ScanRun) -> None:
        self.begun.append(run)

    def ingest(self, sightings: Sequence[Sighting]) -> None:
        self.batches.append(sightings)

    def finish_scan(self, run: ScanRun) -> None:
        self.finished.append(run)

    def iter_devices(self) -> Sequence[Device]:
        return ()

    @property
    def sightings(self) -> list[Sighting]:
        return [sighting for batch in self.batches for sighting in batch]


async def scan_here(register: MemoryRegister, events: list[ScanEvent], stop: threading.Event) -> ScanRun:
    made = plan((SCOPE,), (), ["127.0.77.1-3"], QUICK, connect=True, ports=FEW)
    return await run(made, register, CLOCK, events.append, stop, vantage="here")


async def test_a_device_goes_from_packets_to_the_register() -> None:
    register, events = MemoryRegister(), list[ScanEvent]()
    async with things("127.0.77.1"):
        finished = await scan_here(register, events, threading.Event())
    met, further = [one for one in register.sightings if one.target.ip == "127.0.77.1"]
    assert [one.facts for one in further.observations] == [(Fact("ports.left_out", "none"),)]
    facts = {(fact.name, fact.value) for one in met.observations for fact in one.facts}
    assert {("http_servers", "Thing/1.0"), ("html_title", "A thing")} <= facts
    assert {one.service for one in met.observations} >= {"tcp/8080"}
    assert all(len(one.digest) == 64 for one in met.observations if one.source == "http")
    assert register.finished == [finished]
    assert finished.finished is not None
    assert not finished.stopped
    assert sum(part.counts[AddressState.FOUND] for part in finished.coverage) == 3
    assert any(isinstance(event, Identified) for event in events)
    assert any(isinstance(event, Progressed) and event.phase is Phase.PROBES for event in events)
    assert finished.packets["connect"] > 0


async def test_a_scan_stopped_before_it_began_keeps_a_whole_register_and_says_so() -> None:
    register, stop = MemoryRegister(), threading.Event()
    stop.set()
    async with things("127.0.77.1"):
        finished = await scan_here(register, [], stop)
    assert finished.stopped
    assert register.finished == [finished]
    assert sum(part.counts[AddressState.NOT_REACHED] for part in finished.coverage) == 3
    assert register.sightings == []


async def test_a_scan_stopped_in_the_middle_keeps_what_it_learned() -> None:
    register, stop, events = MemoryRegister(), threading.Event(), list[ScanEvent]()

    def hear(event: ScanEvent) -> None:
        events.append(event)
        if isinstance(event, Identified):
            stop.set()

    made = plan((SCOPE,), (), ["127.0.77.1-3"], QUICK, connect=True, ports=FEW)
    async with things("127.0.77.1", "127.0.77.2"):
        finished = await run(made, register, CLOCK, hear, stop, vantage="here")
    assert finished.stopped
    assert register.sightings


async def test_a_killed_scan_is_gone_on_with_and_nobody_is_asked_twice(tmp_path: Path) -> None:
    class Killed(Exception):
        pass

    identified: list[str] = []

    def die_at_the_first(event: ScanEvent) -> None:
        if isinstance(event, Identified):
            identified.append(event.ip)
            if len(identified) == 1:
                raise Killed

    def note(event: ScanEvent) -> None:
        if isinstance(event, Identified):
            identified.append(event.ip)

    clock = SystemClock()
    with RealRegister.open(str(tmp_path / "register.sqlite"), clock) as register:
        register.add_scope(SCOPE, "tester")
        planned = plan([SCOPE], [], ["127.0.77.0/28"], QUICK, connect=True, ports=FEW)
        async with things("127.0.77.3", "127.0.77.5", ports=(2049, 8080)):
            with pytest.raises(Killed):
                await run(planned, register, clock, die_at_the_first, threading.Event(), vantage="v")
            before = list(identified)  # an interview side by side with the first may have ended with it
            identified.clear()
            resumed = interrupted(register, "v")
            assert ("hq", before[0]) in resumed.met
            finished = await run(
                planned, register, clock, note, threading.Event(), vantage="v", resumed=resumed
            )
        assert [one.id for one in register.runs()] == [finished.id]
        assert finished.finished is not None
        after = list(identified)
        assert not {ip for _site, ip in resumed.met} & set(after)
        assert {ip for _site, ip in resumed.met} >= set(before)
        # What is asked by kind, after the interviews, is asked of those met before as well.
        served = [device for device in register.devices() if device.services]
        assert [{one.key for one in device.services} for device in served] == [{"tcp/2049", "tcp/8080"}] * 2
        everybody = {device.addresses[0].ip for device in register.devices()}
        assert everybody == {ip for _site, ip in resumed.met} | set(after)
        assert sum(part.counts[AddressState.FOUND] for part in finished.coverage) == len(everybody)
        with pytest.raises(UsageFault):
            interrupted(register, "v")


async def test_a_stopped_scan_is_gone_on_with_where_it_was_not_settled(tmp_path: Path) -> None:
    stop, clock, addresses = threading.Event(), SystemClock(), [f"127.0.77.{last}" for last in range(3, 8)]

    def stop_at_the_ports(event: ScanEvent) -> None:
        if isinstance(event, Progressed) and event.phase is Phase.PORTS:
            stop.set()

    with RealRegister.open(str(tmp_path / "register.sqlite"), clock) as register:
        register.add_scope(SCOPE, "tester")
        planned = plan([SCOPE], [], addresses, QUICK, connect=True, ports=FEW)
        async with things(*addresses, ports=(2049, 8080)):
            first = await run(planned, register, clock, stop_at_the_ports, stop, vantage="v")
            assert first.stopped
            resumed = interrupted(register, "v")
            open_ = {one.ip for part in first.coverage for one in part.unsettled if "/" not in one.ip}
            assert open_
            assert not {("hq", ip) for ip in open_} & resumed.met
            heard: list[ScanEvent] = []
            again = threading.Event()
            second = await run(planned, register, clock, heard.append, again, vantage="v", resumed=resumed)
        assert [one.id for one in register.runs()] == [first.id]
        assert not second.stopped
        assert open_ <= {event.ip for event in heard if isinstance(event, Identified)}
        assert sum(part.counts[AddressState.FOUND] for part in second.coverage) == len(addresses)
        assert {device.addresses[0].ip for device in register.devices()} == set(addresses)
        with pytest.raises(UsageFault):
            interrupted(register, "v")


async def test_a_register_that_fails_ends_the_scan_with_its_own_fault() -> None:
    class FullDisk(MemoryRegister):
        def ingest(self, sightings: Sequence[Sighting]) -> None:
            raise MusterError("disk full")

    with pytest.raises(MusterError, match="disk full"):
        await scan_here(FullDisk(), [], threading.Event())


async def test_a_device_barred_by_its_mac_is_left_alone_as_soon_as_the_mac_is_heard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    barred = Scope("10.1.0.0/24", "hq", "office", do_not_probe=("02:00:00:00:00:09",))
    made = plan((barred,), (), (), QUICK)
    sweeping = Sweeping(
        made, Door(Pace(1000, 40), Limits(), 2), lambda _event: None, threading.Event(), random.Random(1)
    )
    asked: list[str] = []

    async def find_ports(
        _sweeper: RawSweeper, _areas: object, hosts: Sequence[Host], _ports: object, _only: object
    ) -> tuple[Host, ...]:
        asked.extend(host.ip for host in hosts)
        return tuple(hosts)

    monkeypatch.setattr(RawSweeper, "find_ports", find_ports)
    roll = Roll(
        (Host("10.1.0.8", "02:00:00:00:00:08", ("arp",)), Host("10.1.0.9", "02:00:00:00:00:09", ("arp",)))
    )
    brisk, slow = await sweeping.ports(roll)
    assert asked == ["10.1.0.8"]
    assert {host.ip for host in brisk} == {"10.1.0.8", "10.1.0.9"}
    assert slow == ()


def invoke(register: Path, *arguments: str, expect: int = Exit.OK) -> str:
    session = Session(register_url=str(register))
    result = CliRunner().invoke(scan_command, arguments, obj=session)
    if isinstance(result.exception, MusterError):
        assert result.exception.exit_code == expect
        return str(result.exception)
    assert result.exit_code == expect, result.output
    return result.output


@pytest.fixture
def register_file(tmp_path: Path) -> Path:
    place = tmp_path / "register.sqlite"
    with RealRegister.open(str(place), SystemClock()) as register:
        register.add_scope(SCOPE, by="test")
    return place


def test_the_command_without_a_scope_says_what_to_type(tmp_path: Path) -> None:
    place = tmp_path / "register.sqlite"
    RealRegister.open(str(place), SystemClock()).close()
    assert "muster scope add" in invoke(place, "127.0.77.1", expect=Exit.NOT_ALLOWED)


def test_a_dry_run_prints_and_sends_nothing(register_file: Path) -> None:
    rows = json.loads(invoke(register_file, "--dry-run", "--connect", "--format", "json"))
    assert {row["kind"] for row in rows} == {"connect", "udp", "tcp", "tls"}
    with RealRegister.open(str(register_file), SystemClock()) as register:
        assert register.runs() == ()


def test_the_command_fills_the_register_and_sums_up_with_denominators_a_sweep_does_not_make(
    register_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUSTER_SCAN__RATE", "10000")
    monkeypatch.setenv("MUSTER_SCAN__TIMEOUT", "0.2")
    told = invoke(register_file, "127.0.77.9", "--connect", "-q")
    assert "0 declared, 0 leased, 0 in tables, 1 answering; 0 are known and did not answer" in told
    with RealRegister.open(str(register_file), SystemClock()) as register:
        assert [device.addresses[0].ip for device in register.devices()] == ["127.0.77.9"]
        (kept,) = register.runs()
    assert not kept.stopped
    assert kept.id in told
    (part,) = kept.coverage
    assert part.known is not None
    assert (part.known.known, part.known.answering) == (1, 1)

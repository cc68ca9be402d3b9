"""A scan from the screen: its plan is shown first, it is watched and stopped, and no fault is lost."""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from agent.events import FellSilent, Identified, Phase, Progressed
from agent.faults import NoRawSockets
from inventory.register import Register
from inventory.types import FixedClock, ScanRun, Scope
from tests.tui import office
from tests.tui.conftest import Walk
from tui.app import MusterApp


class PretendScan:
    """Carries a plan out as far as it is let: says what it finds, then waits to be stopped or let go."""

    def __init__(self) -> None:
        self.spoken = threading.Event()
        self.go_on = threading.Event()
        self.plan = None
        self.fault: Exception | None = None

    def __call__(self, plan, register, hear, stop) -> ScanRun:
        self.plan = plan
        if self.fault:
            raise self.fault
        run = ScanRun("run-9", "here", office.NOW)
        register.begin_scan(run)
        hear(Identified("10.0.0.5", "RICOH IM C3000", "printer"))
        hear(FellSilent("10.0.0.6", "it stopped answering"))
        hear(Progressed(Phase.PROBES, 3, 12, 4, 61.5, "office"))
        self.spoken.set()
        self.go_on.wait()
        finished = replace(run, finished=office.NOW, stopped=stop.is_set())
        register.finish_scan(finished)
        return finished


@pytest.fixture
def scan() -> Iterator[PretendScan]:
    pretend = PretendScan()
    yield pretend
    pretend.go_on.set()


@pytest.fixture
def at_desk(
    offices: Callable[[str], Path], tmp_path: Path, scan: PretendScan
) -> Callable[[], AbstractAsyncContextManager[Walk]]:
    """A walk that stands on the scan screen of an office with one network in scope."""

    @asynccontextmanager
    async def walk():
        place = shutil.copy(offices("small"), tmp_path / "register.sqlite")
        clock = FixedClock(office.NOW)
        with Register.open(str(place), clock) as register:
            register.remove_scope("10.0.0.0/22", "lin")
            register.add_scope(Scope("10.0.0.0/24", "hq", "office"), "lin")
            app = MusterApp(register, operator="lin", clock=clock, scan=scan)
            async with app.run_test(size=(100, 30)) as pilot:
                walking = Walk(app, pilot, register)
                await walking.settle()
                await walking.press("5")
                try:
                    yield walking
                finally:
                    scan.go_on.set()

    return walk


async def ended(walk: Walk) -> None:
    """Lets the scan's thread come to its end and the screen hear of it."""
    walk.app.scan_watch._thread.submit(lambda: None).result(timeout=30)
    walk.app.screen.tick()
    await walk.settle()


async def test_nothing_begins_before_the_plan_was_seen(at_desk, scan) -> None:
    async with at_desk() as walk:
        seen = await walk.press("c")
        assert "254 addresses will be asked" in seen
        assert "hq/office" in seen
        assert "at most 1,000 packets a second in all, 40 to one device" in seen
        await walk.press("escape")
        assert scan.plan is None
        assert not walk.app.scan_watch.running


async def test_a_scan_is_watched_and_its_end_is_told(at_desk, scan) -> None:
    async with at_desk() as walk:
        await walk.press("c", "enter")
        assert scan.spoken.wait(30)
        walk.app.screen.tick()
        await walk.settle()
        assert scan.plan.connect
        assert "Who they are office" in walk.seen
        assert "25%  3/12" in walk.seen
        assert "4 found" in walk.seen
        assert "RICOH IM C3000" in walk.seen
        assert "it stopped answering" in walk.seen
        assert "x Stop" in walk.lines[-1]
        assert "New scan" not in walk.lines[-1]
        scan.go_on.set()
        await ended(walk)
        assert "The scan is kept." in walk.seen
        assert "is complete" in walk.seen
        assert "New scan" in walk.lines[-1]


async def test_a_scan_goes_on_while_other_screens_are_looked_at(at_desk, scan) -> None:
    async with at_desk() as walk:
        await walk.press("c", "enter")
        assert scan.spoken.wait(30)
        assert "24 devices" in await walk.press("2")
        assert walk.app.scan_watch.running
        await walk.press("5")
        walk.app.screen.tick()
        await walk.settle()
        assert "RICOH IM C3000" in walk.seen


async def test_a_stopped_scan_says_that_it_was(at_desk, scan) -> None:
    async with at_desk() as walk:
        await walk.press("c", "enter")
        assert scan.spoken.wait(30)
        walk.app.screen.tick()
        assert "Stopping" in await walk.press("x")
        scan.go_on.set()
        await ended(walk)
        assert "Stopped; what was learned is kept." in walk.seen
        assert walk.register.last_run().stopped


async def test_what_keeps_a_scan_from_beginning_is_said(at_desk, scan) -> None:
    scan.fault = NoRawSockets("CAP_NET_RAW is missing; c scans by TCP connections")
    async with at_desk() as walk:
        await walk.press("n", "enter")
        await ended(walk)
        assert "✘ CAP_NET_RAW is missing" in walk.seen
        assert "New scan" in walk.lines[-1]


async def test_leaving_while_a_scan_runs_asks_stops_it_and_keeps_what_it_learned(at_desk, scan) -> None:
    async with at_desk() as walk:
        await walk.press("c", "enter")
        assert scan.spoken.wait(30)
        assert "A scan is running" in await walk.press("q")
        assert not walk.app.scan_watch.stopping
        scan.go_on.set()
        await walk.pilot.press("q")
    assert walk.app.scan_watch.stopping
    assert not walk.app.scan_watch.running


async def test_without_a_scope_it_says_what_to_type(begin) -> None:
    async with begin("small") as walk:
        walk.register.remove_scope("10.0.0.0/22", "lin")
        seen = await walk.press("5", "n")
        assert "muster scope add" in seen


async def test_the_coverage_names_what_was_not_settled_and_why(begin) -> None:
    async with begin("small") as walk:
        seen = await walk.press("5")
        assert "10.0.3.9  not allowed: do not probe" in seen
        line = next(line for line in walk.lines if line[1:].startswith("hq/office"))
        assert line[1:].split()[:6] == ["hq/office", "10.0.0.0/22", "1,019", "23", "992", "4"]

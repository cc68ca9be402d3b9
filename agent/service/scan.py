"""Calling the roll: from what is in scope to what the register knows. `call_the_roll` reads top to bottom.

plan → every segment (`segment`) → what network gear knows of others → nmap, where wanted → coverage. Every
batch of sightings is one transaction, so a scan that is stopped leaves a register that is whole, and a run
that says it was stopped.
"""

import asyncio
import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from agent import second_opinion
from agent.events import Noted, Phase, Progressed
from agent.fingerprints import Fingerprinter
from agent.service.coverage import AreaRecord, coverage_of
from agent.service.handover import Handover, Taker
from agent.service.interview import Interview, Notebook
from agent.service.interviewer import Interviewer
from agent.service.neighbourhood import sightings
from agent.service.plan import Resumed, ScanPlan
from agent.service.progress import OnEvent, Progress
from agent.service.segment import Known, SegmentCall
from agent.service.sweeping import Sweeping
from agent.service.wiring import Neighbourhood
from agent.transport.door import Door
from agent.transport.limits import Limits
from agent.transport.pace import Pace
from agent.transport.setbacks import Setbacks
from agent.transport.tally import Tally
from inventory.types import Clock, ScanRun

_INTERVIEWS_AT_ONCE: Final = 200
_SWEEPS_AT_ONCE: Final = 3  # one asks while others wait for late answers; more would only ask more slowly


async def run(
    plan: ScanPlan,
    register: Taker,
    clock: Clock,
    on_event: OnEvent,
    stop: threading.Event,
    *,
    vantage: str,
    randomness: random.Random | None = None,
    known: Known | None = None,
    resumed: Resumed | None = None,
) -> ScanRun:
    """Carries the plan out; the finished run, with coverage and packet counts.

    NoRawSockets without CAP_NET_RAW (unless the plan connects), StoreFault when the register cannot be
    written. `stop` ends it within a second or so; what was learned is kept and the run says it was stopped.
    `known` are the services the register has. With `resumed` an interrupted run is gone on with.

    This is the work itself, in whichever process: `agent.service.roll_call` gives it one of its own.
    """
    chance = randomness or random.SystemRandom()
    scan = _Scan(plan, register, clock, on_event, stop, vantage, chance, known or {}, resumed)
    return await scan.call_the_roll()


@dataclass
class _Scan:
    plan: ScanPlan
    register: Taker
    clock: Clock
    on_event: OnEvent
    stop: threading.Event
    vantage: str
    randomness: random.Random
    known: Known
    resumed: Resumed | None
    tally: Tally = field(default_factory=Tally)
    told: list[Interview] = field(default_factory=list)
    neighbourhood: Neighbourhood = field(default_factory=Neighbourhood)

    def __post_init__(self) -> None:
        settings = self.plan.settings
        self.door = Door(
            Pace(settings.rate, settings.per_host_rate),
            Limits().scaled(settings.timeout),
            settings.per_host_connections,
            self.tally,
            self.randomness,
        )
        self.handover = Handover(self.register, self.on_event)

    async def call_the_roll(self) -> ScanRun:
        opened = self._open()
        fingerprints = await asyncio.to_thread(Fingerprinter.load)
        notebook = Notebook(opened.id, self.vantage, fingerprints, self.clock)
        interviewer = Interviewer(
            notebook,
            self.door,
            self.plan.gate,
            self.plan.settings,
            self.stop,
            lambda message: self.on_event(Noted(message)),
        )
        calls = self._segments(interviewer)
        records = [record for call in calls for record in call.records]
        before = Setbacks.now()
        try:
            await self._call(calls)
            if not self.stop.is_set():
                for sighting in sightings(notebook, self.neighbourhood, self.told):
                    self.handover.sighting(sighting)
            await self._second_opinion()
        finally:
            self.handover.flush()
            for setback in Setbacks.now().since(before):
                self.on_event(Noted(setback))
        finished = replace(
            opened,
            finished=self.clock.now(),
            stopped=self.stop.is_set(),
            coverage=coverage_of(records, self.plan.passive),
            packets=self.tally.packets,
        )
        self.register.finish_scan(finished)
        return finished

    def _open(self) -> ScanRun:
        """The run, which the register knows of from now on."""
        if self.resumed:
            return self.resumed.run
        started = self.clock.now()
        run_id = f"run-{started:%Y%m%dT%H%M%SZ}-{self.randomness.getrandbits(24):06x}"
        opened = ScanRun(run_id, self.vantage, started, profile="connect" if self.plan.connect else "default")
        self.register.begin_scan(opened)
        return opened

    def _segments(self, interviewer: Interviewer) -> list[SegmentCall]:
        parts = self.plan.by_segment()
        self.progress = Progress(self.on_event, len(parts), self.tally)
        turn, room = asyncio.Semaphore(_SWEEPS_AT_ONCE), asyncio.Semaphore(_INTERVIEWS_AT_ONCE)
        met = asyncio.Barrier(max(1, len(parts)))
        return [
            SegmentCall(
                [AreaRecord(area) for area in part.every_area],
                Sweeping(part, self.door, self.progress.of(number), self.stop, self.randomness),
                interviewer,
                self.handover,
                self.neighbourhood,
                self.told,
                turn,
                room,
                met,
                self.known,
                self.resumed,
            )
            for number, part in enumerate(parts)
        ]

    async def _call(self, calls: Sequence[SegmentCall]) -> None:
        """All segments side by side; a fault of one ends all."""

        async def one(number: int, call: SegmentCall) -> None:
            await call.call()
            self.progress.end(number)

        try:
            async with asyncio.TaskGroup() as group:
                for number, call in enumerate(calls):
                    group.create_task(one(number, call))
        except BaseExceptionGroup as faults:
            self.stop.set()  # for the threads that still ask
            raise faults.exceptions[0] from None

    async def _second_opinion(self) -> None:
        """nmap, if it is wanted, about devices nobody could put a name to."""
        settings = self.plan.settings
        unnamed = [one for one in self.told if settings.use_nmap and not one.trouble and not one.label]
        for number, one in enumerate(unnamed):
            if self.stop.is_set():
                return
            again = one.further(one.host)
            again.take_second_hand(
                await second_opinion.ask(one.target, one.host.open_ports, settings, self.tally)
            )
            if again.observations:
                self.handover.sighting(again.sighting)
            rate = float(settings.per_host_rate)
            self.on_event(Progressed(Phase.SECOND_OPINION, number + 1, len(unnamed), len(unnamed), rate))

"""Calling the roll: from what is in scope to what the register knows. `run` reads top to bottom.

plan → sweep → ports → interviews → register, in batches → coverage. Every batch is one transaction, so a
scan that is stopped leaves a register that is whole, and a run that says it was stopped.
"""

import asyncio
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from agent import second_opinion
from agent.events import FellSilent, Identified, Noted, Phase, Progressed, ScanEvent
from agent.fingerprints import Fingerprinter
from agent.permit import Area, Refused, SixArea
from agent.probes.reply import Reply
from agent.service.coverage import AreaRecord, coverage_of, method_of
from agent.service.interview import Interview, Interviewer
from agent.service.neighbourhood import hearsay, learn, sightings
from agent.service.plan import Resumed, ScanPlan
from agent.service.sweeping import Sweeping
from agent.service.wiring import Neighbourhood
from agent.sweeps import TCP_SYN
from agent.sweeps.found import Host
from agent.sweeps.ports import ports_of
from agent.transport.door import Door
from agent.transport.limits import Limits
from agent.transport.pace import Pace
from agent.transport.setbacks import Setbacks
from agent.transport.tally import Tally
from inventory.coverage_words import reason_of
from inventory.types import AddressState, Attribute, Clock, ScanRun, Sighting, Unsettled, Why

OnEvent = Callable[[ScanEvent], None]
Known = Mapping[tuple[str, str], tuple[str, ...]]
"""(site, ip) → the services the register has for the device there."""

_AT_ONCE: Final = 200
_BATCH: Final = 25


class Taker(Protocol):
    """Who takes what a scan learns: the register, or the pipe to its process."""

    def begin_scan(self, run: ScanRun) -> None:
        """Notes that a run has begun."""

    def ingest(self, sightings: Sequence[Sighting]) -> object:
        """Takes a batch in, as one transaction."""

    def finish_scan(self, run: ScanRun) -> None:
        """Stores the run with its coverage."""


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
    scan = _Scan(
        plan,
        register,
        clock,
        on_event,
        stop,
        vantage,
        randomness or random.SystemRandom(),
        known=known or {},
        resumed=resumed,
    )
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
    known: Known = field(default_factory=dict)
    resumed: Resumed | None = None
    tally: Tally = field(default_factory=Tally)
    waiting: list[Sighting] = field(default_factory=list)

    async def call_the_roll(self) -> ScanRun:
        started = self.clock.now()
        run_id = f"run-{started:%Y%m%dT%H%M%SZ}-{self.randomness.getrandbits(24):06x}"
        opened = ScanRun(run_id, self.vantage, started, profile="connect" if self.plan.connect else "default")
        if self.resumed:
            opened, run_id = self.resumed.run, self.resumed.run.id
        else:
            self.register.begin_scan(opened)
        door = self._door()
        sweeping = Sweeping(self.plan, door, self.on_event, self.stop, self.randomness)
        fingerprints = await asyncio.to_thread(Fingerprinter.load)
        areas: tuple[Area | SixArea, ...] = (*self.plan.areas, *self.plan.six)
        records = [AreaRecord(area) for area in areas]
        before = Setbacks.now()
        try:
            roll = await sweeping.hosts()
            roll, overheard = await asyncio.gather(sweeping.ports(roll), sweeping.overheard(roll))
            for record in records:
                record.settle(roll, method_of(roll, record.area, connect=self.plan.connect))
            interviewer = Interviewer(
                run_id,
                self.vantage,
                door,
                self.plan.gate,
                self.plan.settings,
                fingerprints,
                self.clock,
                self.stop,
                lambda message: self.on_event(Noted(message)),
            )
            told = await self._interview(interviewer, records, overheard)
            further = await self._ports_by_kind(sweeping, interviewer, records, told)
            neighbourhood, _gone_on = await asyncio.gather(
                self._neighbourhood(interviewer, told), self._go_on(interviewer, records, further)
            )
            await self._ask_the_neighbours(sweeping, interviewer, records, told, neighbourhood)
            await self._second_opinion(interviewer, told)
        finally:
            self._hand_over(at_least=1)
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

    async def _interview(
        self,
        interviewer: Interviewer,
        records: Sequence[AreaRecord],
        overheard: Mapping[str, tuple[Reply, ...]],
    ) -> list[Interview]:
        room, began, done = asyncio.Semaphore(_AT_ONCE), time.monotonic(), 0
        before = sum(self.tally.packets.values())
        met = self.resumed.met if self.resumed else frozenset()
        everyone = [
            (record, host)
            for record in records
            for host in record.hosts
            if (record.area.scope.site, host.ip) not in met
        ]
        finished: list[Interview] = []

        async def one(record: AreaRecord, host: Host) -> None:
            nonlocal done
            async with room:
                key = (record.area.scope.site, host.ip)
                told = await interviewer.interview(host, self.known.get(key, ()), overheard.get(host.ip, ()))
            done += 1
            finished.append(told)
            self._keep(interviewer, record, told)
            rate = (sum(self.tally.packets.values()) - before) / max(0.001, time.monotonic() - began)
            self.on_event(Progressed(Phase.PROBES, done, len(everyone), len(everyone), rate))

        await asyncio.gather(*(one(record, host) for record, host in everyone))
        return finished

    async def _ports_by_kind(
        self,
        sweeping: Sweeping,
        interviewer: Interviewer,
        records: Sequence[AreaRecord],
        told: Sequence[Interview],
    ) -> list[tuple[Interview, Host]]:
        """Ports that only some kinds of device have: asked of those, and of whoever is of no known kind.

        So is whoever was interviewed before a run was interrupted: nobody knows how far that had come.
        """
        met = self.resumed.met if self.resumed else frozenset()
        before = [
            interviewer.begin(host)
            for record in records
            for host in record.hosts
            if (record.area.scope.site, host.ip) in met
        ]
        going_on = {one.host.ip: one for one in (*told, *before) if not one.trouble}
        only = {
            ip: ports_of(interviewer.kind_of(one))
            | {int(key[4:]) for key in self._known_of(one) if key.startswith("tcp/")}
            for ip, one in going_on.items()
        }
        hosts = await sweeping.further_ports([one.host for one in going_on.values()], only)
        return [(going_on[host.ip], host) for host in hosts]

    def _known_of(self, told: Interview) -> tuple[str, ...]:
        return self.known.get((told.target.site, told.host.ip), ())

    async def _go_on(
        self,
        interviewer: Interviewer,
        records: Sequence[AreaRecord],
        further: Sequence[tuple[Interview, Host]],
    ) -> None:
        """The interviews of those with ports that were not known at the first."""
        room = asyncio.Semaphore(_AT_ONCE)

        async def one(told: Interview, host: Host) -> None:
            async with room:
                again = await interviewer.go_on(told, host, self._known_of(told))
            if again.trouble:
                record = next(record for record in records if record.area.covers(host.ip))
                self._note_trouble(record, again.trouble)
            if again.observations:
                self.waiting.append(interviewer.sighting(again))
                told.claims[:] = again.claims
            told.host = host
            self._hand_over(at_least=_BATCH)

        await asyncio.gather(*(one(told, host) for told, host in further))

    async def _neighbourhood(self, interviewer: Interviewer, told: Sequence[Interview]) -> Neighbourhood:
        """What routers and switches know; nothing of it once the scan is to stop."""
        if self.stop.is_set():
            return Neighbourhood()
        return await learn(interviewer, told, interviewer.context)

    async def _ask_the_neighbours(
        self,
        sweeping: Sweeping,
        interviewer: Interviewer,
        records: Sequence[AreaRecord],
        told: Sequence[Interview],
        neighbourhood: Neighbourhood,
    ) -> None:
        """MACs beyond the router, silent devices, switch ports."""
        if self.stop.is_set():
            return
        for sighting in sightings(interviewer, neighbourhood, told):
            self.waiting.append(sighting)
            self._hand_over(at_least=_BATCH)
        met = {one.target.ip for one in told}
        silent = {ip: mac for ip, mac, _gear in neighbourhood.silent(met)}
        for record in records:
            here = {
                ip: mac for ip, mac in silent.items() if record.area.covers(ip) and ip not in record.roll.own
            }
            await self._ask_the_silent(sweeping, interviewer, record, neighbourhood, here)

    async def _ask_the_silent(
        self,
        sweeping: Sweeping,
        interviewer: Interviewer,
        record: AreaRecord,
        neighbourhood: Neighbourhood,
        macs: Mapping[str, str],
    ) -> None:
        """Asks once more whom a router knows to be there; who stays silent is known by hearsay alone."""
        answers = {ip: self.plan.gate.admit(ip, TCP_SYN.touch, mac=mac) for ip, mac in macs.items()}
        barred = {ip: answer for ip, answer in answers.items() if isinstance(answer, Refused)}
        record.troubles |= {ip: one.unsettled for ip, one in barred.items()}
        macs = {ip: mac for ip, mac in macs.items() if ip not in barred}
        if not macs or self.stop.is_set():
            return
        found, hosts = await sweeping.by_name(record.area.scope, list(macs))
        for host in hosts:
            known = replace(host, mac=host.mac or macs[host.ip])
            record.roll = replace(record.roll, hosts=(*record.roll.hosts, known))
            self._keep(interviewer, record, await interviewer.interview(known))
        for ip in sorted(set(macs) - {host.ip for host in found}):
            told = hearsay(interviewer, neighbourhood, ip)
            if told is not None:
                self.waiting.append(told)
                record.troubles[ip] = Unsettled(ip, AddressState.FOUND, "", Why.HEARSAY)
        self._hand_over(at_least=_BATCH)

    async def _second_opinion(self, interviewer: Interviewer, told: Sequence[Interview]) -> None:
        """nmap, if it is wanted, about devices nobody could put a name to."""
        if not self.plan.settings.use_nmap:
            return
        unnamed = [one for one in told if not one.trouble and not interviewer.label(one)]
        for number, one in enumerate(unnamed):
            if self.stop.is_set():
                return
            replies = await second_opinion.ask(
                one.target, one.host.open_ports, self.plan.settings, self.tally
            )
            again = interviewer.heard(one, replies)
            if again.observations:
                self.waiting.append(interviewer.sighting(again))
            rate = float(self.plan.settings.per_host_rate)
            self.on_event(Progressed(Phase.SECOND_OPINION, number + 1, len(unnamed), len(unnamed), rate))

    def _keep(self, interviewer: Interviewer, record: AreaRecord, told: Interview) -> None:
        if told.trouble:
            self._note_trouble(record, told.trouble)
        if told.observations:
            self.waiting.append(interviewer.sighting(told))
            concluded = interviewer.fingerprints.conclude(told.claims)
            kind = concluded.get(Attribute.DEVICE_CLASS)
            self.on_event(Identified(told.host.ip, interviewer.label(told), kind.value if kind else ""))
        self._hand_over(at_least=_BATCH)

    def _note_trouble(self, record: AreaRecord, trouble: Unsettled) -> None:
        record.troubles[trouble.ip] = trouble
        if trouble.why is Why.FELL_SILENT:
            self.on_event(FellSilent(trouble.ip, reason_of(trouble)))

    def _hand_over(self, *, at_least: int) -> None:
        if len(self.waiting) >= at_least:
            batch, self.waiting = self.waiting, []
            self.register.ingest(batch)

    def _door(self) -> Door:
        settings = self.plan.settings
        return Door(
            Pace(settings.rate, settings.per_host_rate),
            Limits().scaled(settings.timeout),
            settings.per_host_connections,
            self.tally,
            self.randomness,
        )

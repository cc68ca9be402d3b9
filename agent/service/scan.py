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
from agent.permit import Permit, Refused
from agent.probes.mdns import MDNS
from agent.probes.multicast import ask_segment
from agent.probes.reply import Reply
from agent.ranges import addresses
from agent.service.coverage import AreaRecord, coverage_of, method_of
from agent.service.interview import Interview, Interviewer
from agent.service.neighbourhood import hearsay, learn, sightings
from agent.service.plan import Resumed, ScanPlan
from agent.service.wiring import Neighbourhood
from agent.sweeps import TCP_SYN
from agent.sweeps.connect import ConnectSweeper
from agent.sweeps.found import Host, Roll
from agent.sweeps.raw import RawSweeper
from agent.transport.door import Door
from agent.transport.limits import Limits
from agent.transport.pace import Pace
from agent.transport.raw.engine import Caps, Progress
from agent.transport.raw.route import own_addresses_toward
from agent.transport.tally import Tally
from inventory.language import _
from inventory.types import AddressState, Attribute, Clock, ScanRun, Sighting

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
        fingerprints = await asyncio.to_thread(Fingerprinter.load)
        records = [AreaRecord(area) for area in self.plan.areas]
        try:
            roll = await self._find_hosts(door)
            roll, overheard = await asyncio.gather(self._find_ports(door, roll), self._listen(door, roll))
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
            await self._ask_the_neighbours(door, interviewer, records, told)
            await self._second_opinion(interviewer, told)
        finally:
            self._hand_over(at_least=1)
        finished = replace(
            opened,
            finished=self.clock.now(),
            stopped=self.stop.is_set(),
            coverage=coverage_of(records, self.plan.passive),
            packets=self.tally.packets,
        )
        self.register.finish_scan(finished)
        return finished

    async def _find_hosts(self, door: Door) -> Roll:
        sweeper = self._sweeper(door, Phase.SWEEP)
        roll = await sweeper.find_hosts(self.plan.areas)
        self._say_faults(sweeper)
        if roll.dropped:
            text = _("the kernel dropped {count} answers; the sweep slowed down and asked again")
            self.on_event(Noted(text.format(count=roll.dropped)))
        return roll

    async def _find_ports(self, door: Door, roll: Roll) -> Roll:
        if self.stop.is_set() or not roll.hosts:
            return roll
        sweeper = self._sweeper(door, Phase.PORTS)
        allowed = [host for host in roll.hosts if self._may_ask(host.ip, host.mac)]
        barred = tuple(host for host in roll.hosts if host not in allowed)
        hosts = await sweeper.find_ports(self.plan.areas, allowed, self.plan.ports)
        self._say_faults(sweeper)
        return replace(roll, hosts=(*hosts, *barred))

    def _may_ask(self, ip: str, mac: str | None) -> bool:
        """Whether a host may be asked more, its MAC being known; the interview says why not."""
        return isinstance(self.plan.gate.admit(ip, TCP_SYN.touch, mac=mac), Permit)

    def _say_faults(self, sweeper: RawSweeper | ConnectSweeper) -> None:
        for fault in sweeper.faults if isinstance(sweeper, RawSweeper) else ():
            self.on_event(Noted(fault))

    async def _listen(self, door: Door, roll: Roll) -> dict[str, tuple[Reply, ...]]:
        """What the hosts on our own wires answer to everybody; nothing where a stop is wanted."""
        permits = [self.plan.gate.admit(host.ip, MDNS.touch, mac=host.mac) for host in roll.hosts if host.mac]
        allowed = {permit.ip: permit for permit in permits if isinstance(permit, Permit)}
        if self.stop.is_set() or not allowed:
            return {}
        overheard: dict[str, tuple[Reply, ...]] = {}
        for source_ip in await asyncio.to_thread(own_addresses_toward, list(allowed)):
            overheard |= await ask_segment(door, allowed, source_ip)
        return overheard

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

    async def _ask_the_neighbours(
        self,
        door: Door,
        interviewer: Interviewer,
        records: Sequence[AreaRecord],
        told: Sequence[Interview],
    ) -> None:
        """What routers and switches know: MACs beyond the router, silent devices, switch ports."""
        if self.stop.is_set():
            return
        neighbourhood = await learn(interviewer, told, interviewer.context)
        for sighting in sightings(interviewer, neighbourhood, told):
            self.waiting.append(sighting)
            self._hand_over(at_least=_BATCH)
        met = {one.target.ip for one in told}
        silent = {ip: mac for ip, mac, _gear in neighbourhood.silent(met)}
        for record in records:
            here = {
                ip: mac for ip, mac in silent.items() if record.area.covers(ip) and ip not in record.roll.own
            }
            await self._ask_the_silent(door, interviewer, record, neighbourhood, here)

    async def _ask_the_silent(
        self,
        door: Door,
        interviewer: Interviewer,
        record: AreaRecord,
        neighbourhood: Neighbourhood,
        macs: Mapping[str, str],
    ) -> None:
        """Asks once more whom a router knows to be there; who stays silent is known by hearsay alone."""
        answers = {ip: self.plan.gate.admit(ip, TCP_SYN.touch, mac=mac) for ip, mac in macs.items()}
        barred = {ip: answer for ip, answer in answers.items() if isinstance(answer, Refused)}
        record.troubles |= {ip: (AddressState.REFUSED, one.reason) for ip, one in barred.items()}
        macs = {ip: mac for ip, mac in macs.items() if ip not in barred}
        if not macs or self.stop.is_set():
            return
        scope = record.area.scope
        area = self.plan.gate.area(addresses(macs), scope)
        sweeper = self._sweeper(door, Phase.SWEEP)
        found = (await sweeper.find_hosts((area,))).hosts
        for host in await sweeper.find_ports((area,), found, self.plan.ports):
            known = replace(host, mac=host.mac or macs[host.ip])
            record.roll = replace(record.roll, hosts=(*record.roll.hosts, known))
            self._keep(interviewer, record, await interviewer.interview(known))
        for ip in sorted(set(macs) - {host.ip for host in found}):
            told = hearsay(interviewer, neighbourhood, ip)
            if told is not None:
                self.waiting.append(told)
                record.hearsay[ip] = _("answers nothing; a router's ARP table has it")
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
        if told.fell_silent:
            self.on_event(FellSilent(told.host.ip, told.trouble))
        if told.trouble:
            state = AddressState.REFUSED if told.refused else AddressState.UNREACHABLE
            state = AddressState.FOUND if not told.refused and not told.fell_silent else state
            record.troubles[told.host.ip] = (state, told.trouble)
        if told.observations:
            self.waiting.append(interviewer.sighting(told))
            concluded = interviewer.fingerprints.conclude(told.claims)
            kind = concluded.get(Attribute.DEVICE_CLASS)
            self.on_event(Identified(told.host.ip, interviewer.label(told), kind.value if kind else ""))
        self._hand_over(at_least=_BATCH)

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

    def _sweeper(self, door: Door, phase: Phase) -> RawSweeper | ConnectSweeper:
        began = time.monotonic()
        loop = asyncio.get_running_loop()

        def tell(progress: Progress) -> None:
            rate = progress.sent / max(0.001, time.monotonic() - began)
            event = Progressed(phase, progress.done, progress.planned, progress.found, rate)
            loop.call_soon_threadsafe(self.on_event, event)

        settings = self.plan.settings
        connect = ConnectSweeper(door, self.plan.gate, settings.retries, self.stop, tell)
        if self.plan.connect:
            return connect
        caps = Caps(float(settings.rate), float(settings.per_host_rate))
        return RawSweeper(caps, connect, settings.retries, self.tally, self.stop, tell, self.randomness)

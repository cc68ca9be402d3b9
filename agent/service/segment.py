"""One segment's roll: sweep → ports → interviews → the ports of some kinds alone → interviews go on.

Segments are called side by side. No device is asked by two of them, and the rates are those of the one door
that all share.
"""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, replace

from agent.areas import Refused
from agent.events import Phase, Progressed
from agent.permit import Permit
from agent.service.coverage import AreaRecord, method_of
from agent.service.handover import Handover
from agent.service.interview import Interview
from agent.service.interviewer import Interviewer, Overheard
from agent.service.neighbourhood import hearsay, learn
from agent.service.plan import Resumed
from agent.service.sweeping import Sweeping
from agent.service.wiring import Neighbourhood
from agent.sweeps import TCP_SYN
from agent.sweeps.found import Host
from agent.sweeps.ports import common_ports, ports_of
from inventory.types import AddressState, Unsettled, Why

Known = Mapping[tuple[str, str], tuple[str, ...]]
"""(site, ip) → the services the register has for the device there."""

Party = list[Interview]


@dataclass
class SegmentCall:
    """Calls the roll of one segment; `told` is what the devices of all segments said so far.

    `turn` bounds how many segments are swept at once and `room` how many interviews are held; at `met` every
    segment waits until all have met everybody, and what network gear knows is known.
    """

    records: Sequence[AreaRecord]
    sweeping: Sweeping
    interviewer: Interviewer
    handover: Handover
    neighbourhood: Neighbourhood
    told: list[Interview]
    turn: asyncio.Semaphore
    room: asyncio.Semaphore
    met: asyncio.Barrier
    known: Known
    resumed: Resumed | None
    _expected: int = 0
    _done: int = 0

    async def call(self) -> None:
        """All of it. Whoever left questions about ports unanswered is asked again, and holds nobody up."""
        async with self.turn:
            roll = await self.sweeping.hosts()
        for record in self.records:
            record.settle(roll, method_of(roll, record.area, connect=self.sweeping.plan.connect))
        overheard = asyncio.create_task(self.sweeping.overheard(roll))
        brisk, slow = await self.sweeping.ports(roll)
        parties = [
            asyncio.create_task(self._meet(brisk, overheard)),
            asyncio.create_task(self._meet_slow(slow, overheard)),
        ]
        await asyncio.gather(
            overheard, *(self._go_on(party) for party in parties), self._ask_the_silent(parties)
        )

    async def _meet_slow(self, hosts: Sequence[Host], overheard: Awaitable[Overheard]) -> Party:
        return await self._meet(await self.sweeping.ports_again(hosts), overheard)

    async def _meet(self, hosts: Sequence[Host], overheard: Awaitable[Overheard]) -> Party:
        """Interviews the hosts, and reads the tables of those that are network gear."""
        everyone = [(record, host) for host in hosts if (record := self._record_of(host)) is not None]
        party = [self.interviewer.begin(host) for record, host in everyone if self._was_met(record, host)]
        asked = [(record, host) for record, host in everyone if not self._was_met(record, host)]
        self._expected += len(asked)

        async def one(record: AreaRecord, host: Host) -> None:
            known_open = self.known.get((record.area.scope.site, host.ip), ())
            async with self.room:
                told = await self.interviewer.interview(host, known_open, overheard)
            self.told.append(told)
            party.append(told)
            self.handover.interview(record, told)
            self._done += 1
            self.sweeping.on_event(Progressed(Phase.PROBES, self._done, self._expected, self._expected, 0))
            if not self.sweeping.stop.is_set():
                await learn(self.interviewer, told, self.neighbourhood)

        await asyncio.gather(*(one(record, host) for record, host in asked))
        return [told for told in party if not told.trouble]

    async def _go_on(self, meeting: "asyncio.Task[Party]") -> None:
        """The ports that only some kinds of device have, and the interviews of those that have them.

        Asked are those kinds and whoever is of no known kind; so is whoever was interviewed before a run was
        interrupted, for nobody knows how far that had come.
        """
        party = {told.host.ip: told for told in await meeting}
        only = {
            ip: ports_of(told.sure_kind)
            | {int(key[4:]) for key in self._known_of(told) if key.startswith("tcp/")}
            for ip, told in party.items()
        }
        every = frozenset(self.sweeping.plan.ports)

        async def one(told: Interview, host: Host) -> None:
            wanted = every & (common_ports() | only[host.ip])
            async with self.room:
                again = await self.interviewer.go_on(told, host, self._known_of(told), wanted)
            if (record := self._record_of(host)) is not None:
                self.handover.further_interview(record, again)
            if again.observations:
                told.claims[:] = again.claims
            told.host = host

        hosts = await self.sweeping.further_ports([told.host for told in party.values()], only)
        asked = {host.ip: host for host in hosts}
        await asyncio.gather(*(one(told, asked.get(ip, told.host)) for ip, told in party.items()))

    async def _ask_the_silent(self, meetings: "Sequence[asyncio.Task[Party]]") -> None:
        """Asks once more whom network gear knows to be here; who stays silent is known by hearsay alone."""
        await asyncio.gather(*meetings)
        await self.met.wait()
        silent = self.neighbourhood.silent(one.target.ip for one in self.told)
        macs = {ip: mac for ip, mac, _gear in silent}
        for record in self.records:
            here = [ip for ip in macs if record.area.covers(ip) and ip not in record.roll.own]
            await self._ask_once_more(record, {ip: macs[ip] for ip in here})

    async def _ask_once_more(self, record: AreaRecord, macs: Mapping[str, str]) -> None:
        gate, notebook = self.interviewer.gate, self.interviewer.notebook
        answers = {ip: gate.admit(ip, TCP_SYN.touch, mac=mac) for ip, mac in macs.items()}
        permits = {ip: answer for ip, answer in answers.items() if isinstance(answer, Permit)}
        if self.sweeping.stop.is_set():
            return
        record.troubles |= {ip: one.unsettled for ip, one in answers.items() if isinstance(one, Refused)}
        found, hosts = await self.sweeping.by_name(record.area.scope, list(permits)) if permits else ((), ())
        for host in hosts:
            known = replace(host, mac=host.mac or macs[host.ip])
            record.roll = replace(record.roll, hosts=(*record.roll.hosts, known))
            told = await self.interviewer.interview(known)
            if not told.trouble:
                self.interviewer.note_left_out(told, set(self.sweeping.plan.ports) - host.ports.keys())
            self.handover.interview(record, told)
        for ip in sorted(permits.keys() - {host.ip for host in found}):
            self.handover.sighting(hearsay(notebook, self.neighbourhood, permits[ip].target))
            record.troubles[ip] = Unsettled(ip, AddressState.FOUND, "", Why.HEARSAY)

    def _record_of(self, host: Host) -> AreaRecord | None:
        return next((record for record in self.records if record.area.covers(host.ip)), None)

    def _was_met(self, record: AreaRecord, host: Host) -> bool:
        """Whether the host was interviewed before the run was interrupted."""
        return self.resumed is not None and (record.area.scope.site, host.ip) in self.resumed.met

    def _known_of(self, told: Interview) -> tuple[str, ...]:
        return self.known.get((told.target.site, told.host.ip), ())

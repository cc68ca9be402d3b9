"""The sweeps of one segment: IPv4 by the raw engine or by connections, then IPv6; and what segments answer.

Nobody with addresses of both kinds is asked at both at once.
"""

import asyncio
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agent.events import Noted, Phase, Progressed, ScanEvent
from agent.permit import Permit
from agent.probes.mdns import MDNS
from agent.probes.multicast import ask_segment
from agent.probes.reply import Reply
from agent.ranges import addresses
from agent.service.plan import ScanPlan
from agent.sweeps import TCP_SYN
from agent.sweeps.connect import ConnectSweeper, Only
from agent.sweeps.found import Host, Roll
from agent.sweeps.ipv6 import SixSweeper
from agent.sweeps.ports import common_ports
from agent.sweeps.raw import RawSweeper
from agent.transport.door import Door
from agent.transport.raw.outcome import Progress
from agent.transport.raw.route import own_addresses_toward
from agent.transport.raw.tempo import Caps
from inventory.language import _
from inventory.types import Scope


@dataclass(frozen=True)
class Sweeping:
    """Finds who is there and which ports would talk, as the plan says; faults and progress are said."""

    plan: ScanPlan
    door: Door
    on_event: Callable[[ScanEvent], None]
    stop: threading.Event
    randomness: random.Random

    async def hosts(self) -> Roll:
        """Everybody in the plan's areas who answers."""
        turn = self._turn(Phase.SWEEP)
        roll = await turn.four.find_hosts(self.plan.areas)
        macs = [host.mac for host in roll.hosts if host.mac]
        roll = roll.joined(await turn.six.find_hosts(self.plan.six, macs))
        turn.say_faults(self.on_event)
        if roll.dropped:
            text = _("the kernel dropped {count} answers; the sweep slowed down and asked again")
            self.on_event(Noted(text.format(count=roll.dropped)))
        return roll

    async def ports(self, roll: Roll) -> tuple[tuple[Host, ...], tuple[Host, ...]]:
        """The hosts with those ports that every device is asked, once: who answered all, and who did not.

        The barred stay as they are, and all do where a stop is wanted.
        """
        allowed = [host for host in roll.hosts if self._may_ask(host) and not self.stop.is_set()]
        barred = tuple(host for host in roll.hosts if host not in allowed)
        hosts = await self._ask_ports(allowed, self._common, None, retries=0) if allowed else ()
        slow = tuple(host for host in hosts if host.silent_ports and not host.fell_silent)
        return (*barred, *(host for host in hosts if host not in slow)), slow

    async def ports_again(self, hosts: Sequence[Host]) -> tuple[Host, ...]:
        """The same hosts, asked again what they left unanswered."""
        only = {host.ip: frozenset(host.silent_ports) for host in hosts}
        ask = bool(hosts) and not self.stop.is_set() and not self.plan.connect
        return await self._ask_ports(hosts, self._common, only) if ask else tuple(hosts)

    async def further_ports(self, hosts: Sequence[Host], only: Only) -> tuple[Host, ...]:
        """The hosts with the further ports that each is asked by what it turned out to be."""
        further = [port for port in self.plan.ports if port not in common_ports()]
        return await self._ask_ports(hosts, further, only) if hosts and not self.stop.is_set() else ()

    async def by_name(self, scope: Scope, ips: Sequence[str]) -> tuple[Sequence[Host], Sequence[Host]]:
        """Who of these addresses answers, and the same hosts with their ports."""
        turn = self._turn(Phase.SWEEP)
        if ":" in scope.network:
            parts = [self.plan.gate.six_area(ip, scope) for ip in ips]
            found = (await turn.six.find_hosts(parts)).hosts
            return found, await turn.six.find_ports(parts, found, self.plan.ports)
        area = self.plan.gate.area(addresses(ips), scope)
        found = (await turn.four.find_hosts((area,))).hosts
        return found, await turn.four.find_ports((area,), found, self.plan.ports)

    async def overheard(self, roll: Roll) -> dict[str, tuple[Reply, ...]]:
        """What the hosts on our own wires answer to everybody; nothing where a stop is wanted."""
        near = [host for host in roll.hosts if host.mac and ":" not in host.ip]
        permits = [self.plan.gate.admit(host.ip, MDNS.touch, mac=host.mac) for host in near]
        allowed = {permit.ip: permit for permit in permits if isinstance(permit, Permit)}
        if self.stop.is_set() or not allowed:
            return {}
        heard: dict[str, tuple[Reply, ...]] = {}
        for source_ip in await asyncio.to_thread(own_addresses_toward, list(allowed)):
            heard |= await ask_segment(self.door, allowed, source_ip)
        return heard

    @property
    def _common(self) -> list[int]:
        return [port for port in self.plan.ports if port in common_ports()]

    async def _ask_ports(
        self, hosts: Sequence[Host], ports: Sequence[int], only: Only | None, retries: int | None = None
    ) -> tuple[Host, ...]:
        turn = self._turn(Phase.PORTS, retries)
        asked = await turn.four.find_ports(self.plan.areas, hosts, ports, only)
        asked += await turn.six.find_ports(self.plan.six, hosts, ports, only)
        turn.say_faults(self.on_event)
        return asked

    def _may_ask(self, host: Host) -> bool:
        """Whether a host may be asked more, its MAC being known; the interview says why not."""
        return isinstance(self.plan.gate.admit(host.ip, TCP_SYN.touch, mac=host.mac), Permit)

    def _turn(self, phase: Phase, retries: int | None = None) -> "_Turn":
        began = time.monotonic()
        loop = asyncio.get_running_loop()

        def tell(progress: Progress) -> None:
            rate = progress.sent / max(0.001, time.monotonic() - began)
            event = Progressed(phase, progress.done, progress.planned, progress.found, rate)
            loop.call_soon_threadsafe(self.on_event, event)

        plan, settings = self.plan, self.plan.settings
        tries = settings.retries if retries is None else retries
        connect = ConnectSweeper(self.door, plan.gate, tries, self.stop, tell)
        six = SixSweeper(connect, privileged=not plan.connect)
        if plan.connect:
            return _Turn(connect, six)
        caps = Caps(float(settings.rate), float(settings.per_host_rate))
        chance, tally = self.randomness, self.door.tally
        raw = RawSweeper(caps, connect, tries, tally, self.stop, tell, chance, whole=self.door.pace.tempo)
        return _Turn(raw, six)


@dataclass(frozen=True, slots=True)
class _Turn:
    """Who asks IPv4 and IPv6 addresses in one phase."""

    four: RawSweeper | ConnectSweeper
    six: SixSweeper

    def say_faults(self, on_event: Callable[[ScanEvent], None]) -> None:
        """Says what could not be asked, and why."""
        faults = self.four.faults if isinstance(self.four, RawSweeper) else ()
        for fault in dict.fromkeys((*faults, *self.six.remarks, *self.six.unprivileged.remarks)):
            on_event(Noted(fault))

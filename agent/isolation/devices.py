"""One vantage asks the devices of other segments for what the roll call found open there.

TCP with a SYN (a whole connection over IPv6, and without CAP_NET_RAW); UDP with the very question that the
device answered to the roll call. A port that answers is open. Silence, or a word from the way that it is
forbidden, is a wall only where the device answered the roll call a short while ago; a refusal may be the
device's own word or a firewall's, and proves neither.
"""

import asyncio
import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from agent.isolation.asking import Vantage
from agent.permit import Gate, Permit
from agent.probes import PROBES
from agent.probes.reply import Probe
from agent.ranges import addresses
from agent.sweeps.raw import RawSweeper
from agent.transport.door import Door
from agent.transport.raw.answers import State
from agent.transport.talk import Failed
from inventory.language import N_
from inventory.types import Crossing, CrossingState, ProbeOutcome, Touch

_SILENCE_TELLS_WITHIN: Final = timedelta(hours=1)
_CONTROL: Final = 61_998  # nobody listens here: who accepts it answers for others
_UDP_TRIES: Final = 3
_UDP_SECONDS: Final = 1.2  # times the tries, more than a router looks for a neighbour before it says so

_BY_SYN: Final = {
    State.OPEN: ProbeOutcome.ANSWERED,
    State.CLOSED: ProbeOutcome.REFUSED,
    State.NOTHING: ProbeOutcome.SILENT,
    State.PROHIBITED: ProbeOutcome.FORBIDDEN,
    State.NO_HOST: ProbeOutcome.UNREACHABLE,
}
_UNTOLD: Final[Mapping[ProbeOutcome, str]] = {
    ProbeOutcome.REFUSED: N_("refused: by the device or by a firewall, which cannot be told apart"),
    ProbeOutcome.UNREACHABLE: N_("a router says that the device is not there now"),
}


@dataclass(frozen=True, slots=True)
class Met:
    """A port (`tcp` or `udp`) that answered the roll call: when last, and over UDP what it told."""

    proto: str
    port: int
    at: datetime
    said: Mapping[str, str] = field(default_factory=dict)

    @property
    def service(self) -> str:
        """`tcp/443`."""
        return f"{self.proto}/{self.port}"

    @property
    def probe(self) -> Probe | None:
        """Whose question the port answered, over UDP."""
        fits = (one for one in PROBES if one.transport == self.proto == "udp" and self.port in one.ports)
        return next(fits, None)


@dataclass(frozen=True, slots=True)
class Known:
    """An address of a device to be asked from elsewhere: its segment, and the ports that were met there."""

    segment: str
    ip: str
    met: tuple[Met, ...]

    @property
    def tcp(self) -> frozenset[int]:
        """The TCP ports, and the one that nobody has open."""
        own = frozenset(one.port for one in self.met if one.proto == "tcp")
        return own | {_CONTROL} if own else own


Outcomes = Mapping[str, ProbeOutcome]
"""What became of each service's question; one that was not put is left out."""


@dataclass(frozen=True)
class DeviceAsker:
    """Asks known devices, as gently as the door and the sweeper go; without a `sweeper` by connections."""

    door: Door
    gate: Gate
    sweeper: RawSweeper | None

    async def ask(self, vantage: Vantage, devices: Iterable[Known], at: datetime) -> tuple[Crossing, ...]:
        """Every way as measured at `at`; devices that no scope of their segment admits are not asked."""
        admitted = [
            (each, permit)
            for each in devices
            if isinstance(permit := self.gate.admit(each.ip, Touch.QUERY), Permit)
            and permit.target.segment == each.segment
        ]
        by_syn, by_udp = await asyncio.gather(
            self._by_syn([each for each, _permit in admitted]),
            asyncio.gather(*(self._by_datagrams(each, permit) for each, permit in admitted)),
        )
        by_tcp = await asyncio.gather(*(self._by_tcp(each, permit, by_syn) for each, permit in admitted))
        return tuple(
            _crossing(vantage, each, met, over_tcp | over_udp, at)
            for (each, _permit), over_tcp, over_udp in zip(admitted, by_tcp, by_udp, strict=True)
            for met in each.met
        )

    async def _by_syn(self, devices: Sequence[Known]) -> Mapping[str, Mapping[int, State]]:
        """The states of those that SYNs can ask; empty states where nothing can be said."""
        own = {each.ip: each.tcp for each in devices if each.tcp and ":" not in each.ip}
        if self.sweeper is None or not own:
            return {}
        wanted = addresses(list(own))
        older = [scope for scope in self.gate.scopes if ipaddress.ip_network(scope.network).version == 4]
        areas = [area for scope in older if len((area := self.gate.area(wanted, scope)).addresses)]
        return {ip: {} for ip in own} | await self.sweeper.ask_beyond(areas, own)

    async def _by_tcp(
        self, each: Known, permit: Permit, by_syn: Mapping[str, Mapping[int, State]]
    ) -> dict[str, ProbeOutcome]:
        if each.ip in by_syn:
            return {
                f"tcp/{port}": _BY_SYN[state] for port, state in by_syn[each.ip].items() if state in _BY_SYN
            }
        return {f"tcp/{port}": await self.door.knock(permit, port) for port in sorted(each.tcp)}

    async def _by_datagrams(self, each: Known, permit: Permit) -> dict[str, ProbeOutcome]:
        over_udp = [met for met in each.met if met.probe]
        outcomes = await asyncio.gather(*(self._by_datagram(permit, met) for met in over_udp))
        return {met.service: outcome for met, outcome in zip(over_udp, outcomes, strict=True)}

    async def _by_datagram(self, permit: Permit, met: Met) -> ProbeOutcome:
        probe = met.probe
        question = probe.again(permit, met.said, self.door.randomness) if probe and probe.again else None
        if probe is None or question is None:
            return ProbeOutcome.NOT_TRIED
        heard = await self.door.ask(
            permit, met.port, question, tries=_UDP_TRIES, wait=_UDP_SECONDS, any_port=probe.own_wire
        )
        return heard.outcome if isinstance(heard, Failed) else ProbeOutcome.ANSWERED


def _crossing(vantage: Vantage, device: Known, met: Met, outcomes: Outcomes, at: datetime) -> Crossing:
    family = ipaddress.ip_address(device.ip).version
    state, words = _state(met, outcomes, at)
    return Crossing(
        vantage.site,
        vantage.segment,
        device.segment,
        met.service,
        family,
        state,
        at,
        vantage.name,
        device.ip,
        words,
    )


def _state(met: Met, outcomes: Outcomes, at: datetime) -> tuple[CrossingState, str]:
    outcome = outcomes.get(met.service, ProbeOutcome.NOT_TRIED)
    if outcome in (ProbeOutcome.ANSWERED, ProbeOutcome.GARBLED):
        if met.proto == "tcp" and outcomes.get(f"tcp/{_CONTROL}") is ProbeOutcome.ANSWERED:
            return CrossingState.MIDDLEBOX, N_("a port nobody listens on accepts as well")
        return CrossingState.OPEN, N_("the device's port answers")
    if outcome in _UNTOLD:
        return CrossingState.NOT_TESTED, _UNTOLD[outcome]
    if outcome is ProbeOutcome.FORBIDDEN:
        return CrossingState.BLOCKED, N_("something on the way forbids it")
    if outcome is not ProbeOutcome.SILENT:
        return CrossingState.NOT_TESTED, N_("the port could not be asked from here")
    if at - met.at > _SILENCE_TELLS_WITHIN:
        return CrossingState.NOT_TESTED, N_(
            "silent, and the last roll call is too long ago: call the roll first"
        )
    if met.probe and met.probe.own_wire:
        return CrossingState.NOT_TESTED, N_("silent: the protocol need not answer beyond its own wire")
    return CrossingState.BLOCKED, N_("silent, though open where the roll was called")

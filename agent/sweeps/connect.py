"""The sweep without privileges: TCP connections, closed at once; no MAC addresses, no raw print ports."""

import asyncio
import ipaddress
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from agent.areas import Area, SixArea
from agent.permit import Gate, Permit
from agent.places import Places
from agent.ranges import Addresses
from agent.sweeps import CONNECT, UDP
from agent.sweeps.found import Host, PortState, Roll
from agent.sweeps.knocks import FIRST_KNOCKS, SECOND_KNOCKS
from agent.sweeps.pairs import EachPort, PairAsker, Pairs
from agent.transport import guard
from agent.transport.door import Door
from agent.transport.raw.datagrams import datagram_for
from agent.transport.raw.outcome import Progress
from agent.transport.raw.route import own_addresses
from agent.transport.talk import Failed
from inventory.types import ProbeOutcome

Only = Mapping[str, frozenset[int]]
"""The TCP ports each address alone is asked; an address that is not in it is asked none."""

_NEVER: Final = guard.RAW_PRINT_PORTS | guard.PRINTER_ONLY_PORTS
_BLOCK: Final = 16_384  # addresses at a time, so that a large network takes no more memory
_WITHOUT_ANSWER: Final = (ProbeOutcome.UNREACHABLE, ProbeOutcome.FORBIDDEN, ProbeOutcome.NOT_TRIED)
_STATES: Final = {ProbeOutcome.ANSWERED: PortState.OPEN, ProbeOutcome.REFUSED: PortState.CLOSED}


@dataclass
class ConnectSweeper:
    """Finds hosts and open ports as any program may, and much as `RawSweeper` does."""

    door: Door
    gate: Gate
    retries: int
    stop: threading.Event
    on_progress: Callable[[Progress], None]

    def __post_init__(self) -> None:
        rest = self.door.limits.connect_seconds
        self._asker = PairAsker(self.gate, self.retries, rest, self.stop, self.on_progress)

    @property
    def remarks(self) -> list[str]:
        """Questions that this machine's own system refused to send."""
        return self._asker.remarks

    async def find_hosts(self, areas: Sequence[Area], only: Sequence[str] | None = None) -> Roll:
        """Everybody in the areas (or of `only`) who accepts or refuses a connection to one of a few ports.

        This machine's own addresses are not asked, unless they are of `only`.
        """
        if only is not None:
            return await self._look_for(only)
        everybody = together(areas)
        ours = await asyncio.to_thread(own_addresses)
        own = Places.of(ip for ip in ours if ":" not in ip and ip in everybody)
        others = everybody.without(own.four)
        roll = Roll(own=own)
        self._asker.gone, self._asker.whole = 0, len(others)
        for part in others.blocks(_BLOCK):
            roll = roll.joined(await self._look_for(list(part.texts())))
            self._asker.gone += len(part)
        return roll

    async def _look_for(self, texts: Sequence[str]) -> Roll:
        """Who of these is there."""
        hosts: dict[str, Host] = {}
        without = {outcome: set[str]() for outcome in _WITHOUT_ANSWER}
        absent, forbidden, unsent = without.values()
        for ports in (FIRST_KNOCKS, SECOND_KNOCKS) if self.retries else (FIRST_KNOCKS,):
            asked = [ip for ip in texts if ip not in hosts and ip not in absent]
            for port in ports:
                pairs = [(ip, port) for ip in asked if ip not in hosts and not self.stop.is_set()]
                outcomes = await self._knock(pairs)
                for (ip, _port), outcome in zip(pairs, outcomes, strict=True):
                    if outcome in _STATES:
                        hosts[ip] = Host(ip, None, (CONNECT.name,), {port: _STATES[outcome]})
                    elif outcome in without:
                        without[outcome].add(ip)
        silent = frozenset(texts) - set(hosts) - absent
        stopped = self.stop.is_set()
        return Roll(
            tuple(hosts.values()),
            absent=Places.of(absent - set(hosts)),
            forbidden=Places.of(silent & forbidden),
            not_reached=Places.of(silent if stopped else ()),
            unsent=Places.of(() if stopped else silent & unsent),
        )

    async def find_ports(
        self,
        areas: Sequence[Area | SixArea],
        hosts: Sequence[Host],
        ports: Sequence[int],
        only: Only | None = None,
    ) -> tuple[Host, ...]:
        """The hosts with the state of each port that may be connected to; `only` as `RawSweeper` has it."""
        self._asker.gone = self._asker.whole = 0
        allowed = {host.ip: host for host in hosts_in(areas, hosts)}
        pairs = [
            (ip, port)
            for port in ports
            for ip, host in allowed.items()
            if port not in host.ports and port not in _NEVER and (only is None or port in only.get(ip, ()))
        ]
        outcomes = await self._knock(pairs)
        for (ip, port), outcome in zip(pairs, outcomes, strict=True):
            if outcome is not ProbeOutcome.NOT_TRIED:
                state = _STATES.get(outcome, PortState.FILTERED)
                allowed[ip] = replace(allowed[ip], ports=allowed[ip].ports | {port: state})
        return tuple(allowed.values())

    async def sweep(
        self, areas: Sequence[Area], ports: Sequence[int], udp_ports: Sequence[int] = ()
    ) -> tuple[tuple[Host, ...], int]:
        """Whoever answers on any port, as `RawSweeper.sweep` finds them; and that no answer was dropped.

        Ports are the outer round, so that nobody is asked twice in a row.
        """
        found: list[Host] = []
        everybody, asked = together(areas), [port for port in ports if port not in _NEVER]
        self._asker.gone, self._asker.whole = 0, len(everybody) * (len(asked) + len(udp_ports))
        for part in everybody.blocks(_BLOCK):
            found += await self._sweep_block(part, asked, udp_ports)
        return tuple(found), 0

    async def _sweep_block(
        self, addresses: Addresses, ports: Sequence[int], udp_ports: Sequence[int]
    ) -> list[Host]:
        hosts: dict[str, Host] = {}
        tcp = EachPort(addresses, ports)
        for at, outcome in enumerate(await self._knock(tcp)):
            if state := _STATES.get(outcome):
                ip, port = tcp[at]
                before = hosts.setdefault(ip, Host(ip, None, (CONNECT.name,)))
                hosts[ip] = replace(before, ports=before.ports | {port: state})
        udp = EachPort(addresses, udp_ports)
        for at, outcome in enumerate(await self._ask_all(udp)):
            if state := _STATES.get(outcome):
                ip, port = udp[at]
                before = hosts.setdefault(ip, Host(ip, None, (UDP.name,)))
                hosts[ip] = replace(before, udp_ports=before.udp_ports | {port: state})
        self._asker.gone += len(tcp) + len(udp)
        return sorted(hosts.values(), key=lambda host: ipaddress.IPv4Address(host.ip))

    async def _knock(self, pairs: Pairs) -> Iterator[ProbeOutcome]:
        return await self._asker.outcomes(pairs, self.door.knock)

    async def _ask_all(self, pairs: Pairs) -> Iterator[ProbeOutcome]:
        async def ask(permit: Permit, port: int) -> ProbeOutcome:
            wait = self.door.limits.connect_seconds / 2
            question = datagram_for(port).payload
            answer = await self.door.ask(permit, port, question, tries=1 + self.retries, wait=wait)
            return answer.outcome if isinstance(answer, Failed) else ProbeOutcome.ANSWERED

        return await self._asker.outcomes(pairs, ask)


def together(areas: Sequence[Area]) -> Addresses:
    """The addresses of all areas."""
    return Addresses.together(area.addresses for area in areas)


def hosts_in(areas: Sequence[Area | SixArea], hosts: Sequence[Host]) -> tuple[Host, ...]:
    """Those of the hosts that the areas' permits cover."""
    return tuple(host for host in hosts if any(area.covers(host.ip) for area in areas))

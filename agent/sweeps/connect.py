"""The sweep without privileges: TCP connections, closed at once; no MAC addresses, no raw print ports."""

import asyncio
import ipaddress
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from agent.areas import Area, SixArea
from agent.permit import Gate, Permit
from agent.places import Places
from agent.ranges import Addresses
from agent.sweeps import CONNECT, UDP
from agent.sweeps.found import Host, PortState, Roll
from agent.sweeps.knocks import FIRST_KNOCKS, SECOND_KNOCKS
from agent.transport import guard
from agent.transport.door import Door
from agent.transport.raw.datagrams import datagram_for
from agent.transport.raw.outcome import Progress
from agent.transport.raw.route import own_addresses
from agent.transport.setbacks import Setbacks
from agent.transport.talk import Failed
from inventory.language import _
from inventory.types import ProbeOutcome, Touch

Ask = Callable[[Permit, int], Awaitable[ProbeOutcome]]
Only = Mapping[str, frozenset[int]]
"""The TCP ports each address alone is asked; an address that is not in it is asked none."""

_AT_ONCE: Final = 400
_NEVER: Final = guard.RAW_PRINT_PORTS | guard.PRINTER_ONLY_PORTS
_LOOK_UP: Final = 0.2  # s
_BLOCK: Final = (
    16_384  # addresses that are told apart at a time, so that a large network takes no more memory
)
_OUTCOMES: Final = tuple(ProbeOutcome)
_NOT_TRIED: Final = _OUTCOMES.index(ProbeOutcome.NOT_TRIED)
_REFUSED: Final = frozenset({ProbeOutcome.NOT_TRIED})
_DOUBTFUL: Final = frozenset({ProbeOutcome.NOT_TRIED, ProbeOutcome.SILENT})
_WITHOUT_ANSWER: Final = (ProbeOutcome.UNREACHABLE, ProbeOutcome.FORBIDDEN, ProbeOutcome.NOT_TRIED)
_STATES: Final = {ProbeOutcome.ANSWERED: PortState.OPEN, ProbeOutcome.REFUSED: PortState.CLOSED}


class Pairs(Protocol):
    """Addresses and ports, some of each."""

    def __len__(self) -> int: ...
    def __getitem__(self, at: int, /) -> tuple[str, int]: ...


@dataclass(frozen=True)
class _EachPort:
    """Every address at the first port, then all again at the next: computed, not stored."""

    addresses: Addresses
    ports: Sequence[int]

    def __len__(self) -> int:
        return len(self.addresses) * len(self.ports)

    def __getitem__(self, at: int, /) -> tuple[str, int]:
        turn, rank = divmod(at, len(self.addresses))
        return self.addresses.text(rank), self.ports[turn]


@dataclass
class ConnectSweeper:
    """Finds hosts and open ports as any program may, and much as `RawSweeper` does.

    `remarks` tells of questions that this machine's own system refused to send.
    """

    door: Door
    gate: Gate
    retries: int
    stop: threading.Event
    on_progress: Callable[[Progress], None]
    remarks: list[str] = field(default_factory=list)
    _gone: int = 0
    _whole: int = 0

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
        self._gone, self._whole = 0, len(others)
        for part in others.blocks(_BLOCK):
            roll = roll.joined(await self._look_for(list(part.texts())))
            self._gone += len(part)
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
        self._gone = self._whole = 0
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
        self._gone, self._whole = 0, len(everybody) * (len(asked) + len(udp_ports))
        for part in everybody.blocks(_BLOCK):
            found += await self._sweep_block(part, asked, udp_ports)
        return tuple(found), 0

    async def _sweep_block(
        self, addresses: Addresses, ports: Sequence[int], udp_ports: Sequence[int]
    ) -> list[Host]:
        hosts: dict[str, Host] = {}
        tcp = _EachPort(addresses, ports)
        for at, outcome in enumerate(await self._knock(tcp)):
            if state := _STATES.get(outcome):
                ip, port = tcp[at]
                before = hosts.setdefault(ip, Host(ip, None, (CONNECT.name,)))
                hosts[ip] = replace(before, ports=before.ports | {port: state})
        udp = _EachPort(addresses, udp_ports)
        for at, outcome in enumerate(await self._ask_all(udp)):
            if state := _STATES.get(outcome):
                ip, port = udp[at]
                before = hosts.setdefault(ip, Host(ip, None, (UDP.name,)))
                hosts[ip] = replace(before, udp_ports=before.udp_ports | {port: state})
        self._gone += len(tcp) + len(udp)
        return sorted(hosts.values(), key=lambda host: ipaddress.IPv4Address(host.ip))

    async def _knock(self, pairs: Pairs) -> Iterator[ProbeOutcome]:
        return await self._each(pairs, self.door.knock)

    async def _ask_all(self, pairs: Pairs) -> Iterator[ProbeOutcome]:
        async def ask(permit: Permit, port: int) -> ProbeOutcome:
            wait = self.door.limits.connect_seconds / 2
            question = datagram_for(port).payload
            answer = await self.door.ask(permit, port, question, tries=1 + self.retries, wait=wait)
            return answer.outcome if isinstance(answer, Failed) else ProbeOutcome.ANSWERED

        return await self._each(pairs, ask)

    async def _each(self, pairs: Pairs, ask: Ask) -> Iterator[ProbeOutcome]:
        """The outcome of every pair; those whose question this system may have kept back are asked again.

        Where it goes on keeping them back their silence proves nothing: they are NOT_TRIED.
        """
        outcomes = bytearray([_NOT_TRIED]) * len(pairs)
        asked: Sequence[int] = range(len(pairs))
        first = Setbacks.now()
        for turn in range(1 + self.retries):
            before, began = Setbacks.now(), time.monotonic()
            await self._one_round(pairs, asked, outcomes, ask)
            doubtful = _DOUBTFUL if Setbacks.now().since(before) else _REFUSED
            asked = [at for at in asked if _OUTCOMES[outcomes[at]] in doubtful]
            if self.stop.is_set() or not asked or turn == self.retries:
                break
            # The kernel gives a neighbour up after three seconds; a burst of sockets has ended by then too.
            rest = began + self.door.limits.connect_seconds - time.monotonic()
            await asyncio.to_thread(self.stop.wait, max(0.0, rest))
        if not self.stop.is_set():
            self.remarks += Setbacks.now().since(first)
            self._remark_on(sum(outcomes[at] == _NOT_TRIED for at in asked))
            for at in asked:
                outcomes[at] = _NOT_TRIED
        return (_OUTCOMES[code] for code in outcomes)

    def _remark_on(self, refused: int) -> None:
        if refused:
            text = _(
                "{count} questions could not be sent: this system refused (its firewall, its number of open "
                "files, or its neighbour table)"
            )
            self.remarks.append(text.format(count=refused))

    async def _one_round(self, pairs: Pairs, asked: Sequence[int], outcomes: bytearray, ask: Ask) -> None:
        """Writes down the outcomes of those `asked`, a few hundred at once."""
        left = iter(asked)
        done = found = 0

        async def work() -> None:
            nonlocal done, found
            for at in left:
                ip, port = pairs[at]
                permit = self.gate.admit(ip, Touch.QUERY)
                if self.stop.is_set():
                    return
                if isinstance(permit, Permit):
                    outcomes[at] = _OUTCOMES.index(await ask(permit, port))
                done += 1
                found += _OUTCOMES[outcomes[at]] in _STATES
                far = self._gone + done
                self.on_progress(Progress(far, max(self._whole, self._gone + len(asked)), far, found))

        working = [asyncio.ensure_future(work()) for _worker in range(min(_AT_ONCE, len(asked)))]
        try:
            while not self.stop.is_set() and not all(worker.done() for worker in working):
                await asyncio.wait(working, timeout=_LOOK_UP)
        finally:
            for worker in working:
                worker.cancel()
        for ended in await asyncio.gather(*working, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended


def together(areas: Sequence[Area]) -> Addresses:
    """The addresses of all areas."""
    return Addresses.together(area.addresses for area in areas)


def hosts_in(areas: Sequence[Area | SixArea], hosts: Sequence[Host]) -> tuple[Host, ...]:
    """Those of the hosts that the areas' permits cover."""
    return tuple(host for host in hosts if any(area.covers(host.ip) for area in areas))

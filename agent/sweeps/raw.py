"""Sweeps with CAP_NET_RAW: ARP on the wire itself, echo and SYN beyond it, then SYN to the ports found."""

import asyncio
import contextlib
import functools
import ipaddress
import itertools
import random
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from agent.permit import Area
from agent.sweeps.boards import Numbers, for_all, own_macs, port_states, roll_of, syns, texts, unwanted
from agent.sweeps.connect import ConnectSweeper, Only, hosts_in, together
from agent.sweeps.found import Host, Roll
from agent.sweeps.knocks import FIRST_KNOCKS, SECOND_KNOCKS
from agent.transport.raw import engine
from agent.transport.raw.board import Board, Question
from agent.transport.raw.engine import Caps, Patience, Progress
from agent.transport.raw.fill import Frames
from agent.transport.raw.journal import Journal
from agent.transport.raw.layouts import Kind
from agent.transport.raw.route import Way, ways
from agent.transport.raw.tempo import Tempo
from agent.transport.raw.vigil import Life
from agent.transport.tally import Tally
from inventory.language import _

PATIENT: Final = Patience(1.0, 1.0)
QUICK: Final = Patience(1.0, 0.15)

_ARP_PASSES: Final = 2  # broadcasts are the first thing a busy switch or host drops
_LIFE_PASSES: Final = 4
_LESS_PATIENT: Final = Patience(0.4, 0.4)  # whoever answers later is asked again


@dataclass
class RawSweeper:
    """Finds hosts and their open ports; stops within a second.

    Every way out is swept in a thread of its own; `caps` hold over all of them together. `retries` counts
    further passes over what stayed silent; `patience` is for `sweep` alone. This machine's own addresses are
    asked by `unprivileged`: the kernel takes no raw frame for them. An interface that goes away stops
    everything; `faults` says so, and `remarks` whom `sweep` could not ask. `sending` are the seconds in which
    packets left, summed over the ways out, and `loss` the greatest share of answers that had to be asked for
    again. With a `journal`, `sweep` goes on from where it ended.
    """

    caps: Caps
    unprivileged: ConnectSweeper
    retries: int
    tally: Tally
    stop: threading.Event
    on_progress: Callable[[Progress], None]
    randomness: random.Random
    patience: Patience = QUICK
    journal: Journal | None = None

    def __post_init__(self) -> None:
        self._tempo = Tempo(self.caps.rate)
        self._parts: dict[Way, Tempo] = {}
        self.faults: list[str] = []
        self.remarks: list[str] = []
        self.sending = self.loss = 0.0
        self._far: dict[int, Progress] = {}
        self._numbers = itertools.count()

    async def find_hosts(self, areas: Sequence[Area]) -> Roll:
        """Everybody in the areas who answers ARP (local) or echo and SYN (routed)."""
        self._far.clear()
        paths = await asyncio.to_thread(ways, together(areas))

        async def ask(way: Way, addresses: Numbers) -> Roll:
            if way.is_loopback:
                return await self._ask_this_machine(areas, addresses)
            return await asyncio.to_thread(_local if way.gateway is None else _routed, self, way, addresses)

        parts = await asyncio.gather(*(ask(way, addresses) for way, addresses in paths.groups))
        start = Roll(no_route=frozenset(texts(paths.without)))
        return functools.reduce(Roll.joined, parts, start)

    async def find_ports(
        self, areas: Sequence[Area], hosts: Sequence[Host], ports: Sequence[int], only: Only | None = None
    ) -> tuple[Host, ...]:
        """The hosts with the state of each port; one that stays silent is FILTERED. `only` as in `sweep`."""
        self._far.clear()
        by_number = {int(ipaddress.IPv4Address(host.ip)): host for host in hosts_in(areas, hosts)}
        numbers = np.array(sorted(by_number), np.uint32)

        async def ask(way: Way, addresses: Numbers) -> Sequence[Host]:
            group = [by_number[int(number)] for number in addresses]
            if way.is_loopback:
                return await self.unprivileged.find_ports(areas, group, ports, only)
            return await asyncio.to_thread(self._ask_ports, way, addresses, group, ports, only)

        paths = await asyncio.to_thread(ways, numbers)
        parts = await asyncio.gather(*(ask(way, addresses) for way, addresses in paths.groups))
        return tuple(host for part in parts for host in part)

    async def _ask_this_machine(self, areas: Sequence[Area], addresses: Numbers) -> Roll:
        """Loopback addresses are asked without raw frames; the machine's own others not at all."""
        looped = [ip for ip in texts(addresses) if ip.startswith("127.")]
        own = frozenset(texts(addresses)) - set(looped)
        part = await self.unprivileged.find_hosts(areas, looped) if looped else Roll()
        return replace(part, own=own)

    async def sweep(
        self,
        areas: Sequence[Area],
        ports: Sequence[int],
        udp_ports: Sequence[int] = (),
        only: Only | None = None,
    ) -> tuple[tuple[Host, ...], int]:
        """The engine alone: whoever answers on any port, without finding hosts first; and the drops.

        Hosts on the wire are asked for their MAC first, for no frame reaches them without. `only` gives the
        TCP ports of each address that are to be asked, where that is not all of `ports`.
        """
        found: list[Host] = []
        dropped = 0
        paths = await asyncio.to_thread(ways, together(areas))
        self._remark(_("{which}: no route leads there"), paths.without)
        for way, addresses in paths.groups:
            if way.is_loopback:
                self._remark(_("{which}: this machine itself; --connect asks it"), addresses)
            elif not self.stop.is_set():
                questions = (*syns(ports), *(Question(Kind.UDP, port) for port in udp_ports))
                hosts, lost = await asyncio.to_thread(self._sweep_one_way, way, addresses, questions, only)
                found += hosts
                dropped += lost
        return tuple(found), dropped

    def _remark(self, text: str, addresses: Numbers) -> None:
        """Keeps in `remarks` that these addresses were not asked, and why."""
        if len(addresses):
            first = texts(addresses[:1])[0]
            which = (
                first
                if len(addresses) == 1
                else _("{first} and {count} more").format(first=first, count=len(addresses) - 1)
            )
            self.remarks.append(text.format(which=which))

    def _sweep_one_way(
        self,
        way: Way,
        addresses: Numbers,
        questions: tuple[Question, ...],
        only: Only | None,
    ) -> tuple[list[Host], int]:
        dropped = 0
        if way.gateway is None:
            roll = _local(self, way, addresses)
            hosts, dropped = roll.hosts, roll.dropped
            if self.stop.is_set():
                return [], dropped
            addresses = np.array(sorted(int(ipaddress.IPv4Address(host.ip)) for host in hosts), np.uint32)
            macs = {int(ipaddress.IPv4Address(host.ip)): host.mac or "" for host in hosts}
            next_hops = own_macs(macs[int(number)] for number in addresses)
        else:
            hop = self.next_hop(way)
            if hop is None:
                if not self.stop.is_set():
                    text = _("{which}: their router {gateway} does not answer")
                    self._remark(text.replace("{gateway}", str(way.gateway)), addresses)
                return [], dropped
            next_hops = for_all(hop, len(addresses))
        board = Board(addresses, next_hops, questions, settle_hosts=False)
        if only is not None:
            board.leave_out(unwanted(addresses, questions, only))
        outcome = self.run(board, way, patience=self.patience, sparing=True)
        roll = roll_of(board, outcome, local=way.gateway is None)
        return list(roll.hosts), dropped + outcome.dropped

    def _ask_ports(
        self,
        way: Way,
        addresses: Numbers,
        hosts: Sequence[Host],
        ports: Sequence[int],
        only: Only | None,
    ) -> list[Host]:
        macs = self._next_hops(way, hosts)
        if macs is None:
            return list(hosts)
        board = Board(addresses, macs, syns(ports), settle_hosts=False)
        if only is not None:
            board.leave_out(unwanted(addresses, board.questions, only))
        self.run(board, way, life=lambda rows: self._live(way, addresses[rows], macs[rows]))
        return [
            replace(
                host,
                ports=host.ports | port_states(ports, board.state[row]),
                fell_silent=bool(board.gone[row]),
            )
            for row, host in enumerate(hosts)
        ]

    def _live(self, way: Way, addresses: Numbers, macs: Frames) -> npt.NDArray[np.bool_]:
        """Which of these hosts still answer what hosts are found by; asked several times, for one is lost."""
        knocks = (Question(Kind.ECHO), *syns((*FIRST_KNOCKS, *SECOND_KNOCKS)))
        questions = (Question(Kind.ARP),) if way.gateway is None else knocks
        board = Board(addresses, macs.copy(), questions, settle_hosts=True)
        self.run(board, way, passes=_LIFE_PASSES, patience=_LESS_PATIENT, kept=False)
        return board.heard()

    def run(
        self,
        board: Board,
        way: Way,
        *,
        passes: int | None = None,
        patience: Patience = PATIENT,
        sparing: bool = False,
        kept: bool = True,
        life: Life | None = None,
    ) -> engine.Outcome:
        """Asks the board's questions on one way out; `kept` in the journal, where there is one."""
        which = next(self._numbers)
        # The port is held for the sweep, so that nobody's connection gets our answers; it never listens,
        # so the kernel answers a SYN+ACK with RST and no connection comes to be.
        # For UDP it is held as well, or the kernel would call every answer unwanted.
        with (
            socket.socket(socket.AF_INET, socket.SOCK_STREAM) as held,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf,
        ):
            held.bind((way.source.ip, 0))
            with contextlib.suppress(OSError):
                deaf.bind(held.getsockname())
            outcome = engine.sweep(
                board,
                way.source,
                held.getsockname()[1],
                self._tempo_of(way),
                per_host=self.caps.per_host,
                passes=passes or 1 + self.retries,
                patience=patience,
                sparing=sparing,
                tally=self.tally,
                stopped=self.stop.is_set,
                on_progress=lambda progress: self._tell(which, progress),
                randomness=self.randomness,
                journal=self.journal if kept else None,
                life=life,
            )
        self.sending += outcome.sending
        self.loss = max(self.loss, outcome.loss)
        if outcome.fault:
            self.faults.append(outcome.fault)
            self.stop.set()
        return outcome

    def _tempo_of(self, way: Way) -> Tempo:
        """Each way out slows down by itself, and stays slow from one question to the next."""
        return self._parts.setdefault(way, self._tempo.part())

    def _tell(self, which: int, progress: Progress) -> None:
        """Passes on how far all sweeps are together."""
        self._far[which] = progress
        far = list(self._far.values())
        self.on_progress(
            Progress(
                sum(one.done for one in far),
                sum(one.planned for one in far),
                sum(one.sent for one in far),
                sum(one.found for one in far),
            )
        )

    def next_hop(self, way: Way) -> bytes | None:
        """The gateway's MAC, asked with ARP; None when it does not answer."""
        if way.gateway is None:
            return None
        gateway = np.array([int(ipaddress.IPv4Address(way.gateway))], np.uint32)
        board = Board(gateway, np.zeros((1, 6), np.uint8), (Question(Kind.ARP),), settle_hosts=True)
        self.run(board, way, passes=3, kept=False)
        return board.macs[0].tobytes() if board.heard()[0] else None

    def _next_hops(self, way: Way, hosts: Sequence[Host]) -> Frames | None:
        if way.gateway is None:
            return own_macs(host.mac or "" for host in hosts)
        hop = self.next_hop(way)
        return None if hop is None else for_all(hop, len(hosts))


def _local(sweeper: RawSweeper, way: Way, addresses: Numbers) -> Roll:
    macs = np.zeros((len(addresses), 6), np.uint8)
    board = Board(addresses, macs, (Question(Kind.ARP),), settle_hosts=True)
    outcome = sweeper.run(board, way, passes=_ARP_PASSES + sweeper.retries)
    return roll_of(board, outcome, local=True)


def _routed(sweeper: RawSweeper, way: Way, addresses: Numbers) -> Roll:
    """Echo and a SYN to everybody; echo and other SYNs, then a last echo, to those still silent."""
    hop = sweeper.next_hop(way)
    if hop is None:
        everybody = frozenset(texts(addresses))
        return Roll(not_reached=everybody) if sweeper.stop.is_set() else Roll(no_route=everybody)
    calls: list[tuple[Question, ...]] = [(Question(Kind.ECHO), *syns(FIRST_KNOCKS))]
    if sweeper.retries:
        calls += [(Question(Kind.ECHO), *syns(SECOND_KNOCKS))]
        calls += [(Question(Kind.ECHO),)] * sweeper.retries
    roll = Roll()
    silent = np.ones(len(addresses), np.bool_)
    for number, questions in enumerate(calls):
        if not silent.any():
            break
        still = addresses if silent.all() else addresses[silent]
        board = Board(still, for_all(hop, len(still)), questions, settle_hosts=True)
        patience = PATIENT if number == len(calls) - 1 else _LESS_PATIENT
        outcome = sweeper.run(board, way, passes=1, patience=patience)
        roll = replace(roll, not_reached=frozenset()).joined(roll_of(board, outcome, local=False))
        silent[np.flatnonzero(silent)[board.settled()]] = False
        if sweeper.stop.is_set():
            break
    return roll

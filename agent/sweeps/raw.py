"""Sweeps with CAP_NET_RAW: ARP on the wire itself, echo and SYN beyond it, then SYN to the ports found."""

import asyncio
import functools
import ipaddress
import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from agent.areas import Area, Refused
from agent.permit import Permit
from agent.places import Places
from agent.ranges import Addresses
from agent.sweeps import presence
from agent.sweeps.asking import Asker
from agent.sweeps.boards import hosts_of, one_hop, own_macs, port_states, syns, unwanted
from agent.sweeps.connect import ConnectSweeper, Only, hosts_in, together
from agent.sweeps.found import Host, Roll
from agent.transport.raw.answers import State
from agent.transport.raw.board import Board, Question
from agent.transport.raw.fill import Frames
from agent.transport.raw.layouts import Kind
from agent.transport.raw.outcome import Progress
from agent.transport.raw.patience import Patience
from agent.transport.raw.route import Way, ways
from agent.transport.raw.tempo import Caps, Tempo
from agent.transport.tally import Tally
from inventory.language import _
from inventory.types import Touch

QUICK: Final = Patience(1.0, 0.1)


@dataclass
class RawSweeper:
    """Finds hosts and their open ports; stops within a second.

    Every way out is swept in a thread of its own; `caps` hold over all of them together. `retries` counts
    further passes over what stayed silent; `patience` is for `sweep` alone. Loopback addresses, and
    whoever a tunnel leads to, are asked by `unprivileged`: no raw frame gets there. `asker` knows what became
    of it all; `remarks` says whom `sweep` could not ask. With a journal `sweep` goes on from where it ended.
    `whole` is the tempo to keep where others send at the same time.
    """

    caps: Caps
    unprivileged: ConnectSweeper
    retries: int
    tally: Tally
    stop: threading.Event
    on_progress: Callable[[Progress], None]
    randomness: random.Random
    patience: Patience = QUICK
    whole: Tempo | None = None

    def __post_init__(self) -> None:
        self.asker = Asker(
            self.caps,
            self.whole or Tempo(self.caps.rate),
            1 + self.retries,
            self.tally,
            self.stop,
            self.on_progress,
            self.randomness,
        )
        self.remarks: list[str] = []

    @property
    def faults(self) -> list[str]:
        """What broke the sweep off; empty for nothing."""
        return self.asker.faults

    async def find_hosts(self, areas: Sequence[Area]) -> Roll:
        """Everybody in the areas who answers ARP (local) or echo and SYN (routed)."""
        self.asker.begin()
        paths = await asyncio.to_thread(ways, together(areas))

        async def ask(way: Way, asked: Addresses) -> Roll:
            if not way.takes_frames:
                return await self._ask_by_connections(areas, way, asked)
            if way.gateway is not None:
                return await asyncio.to_thread(presence.beyond_a_router, self.asker, way, asked, self.retries)
            return await asyncio.to_thread(
                presence.on_the_wire, self.asker, way, asked, self.retries, self._may_ask
            )

        parts = await asyncio.gather(*(ask(way, asked) for way, asked in paths.groups))
        start = Roll(no_route=Places(paths.without))
        return functools.reduce(Roll.joined, parts, start)

    async def find_ports(
        self, areas: Sequence[Area], hosts: Sequence[Host], ports: Sequence[int], only: Only | None = None
    ) -> tuple[Host, ...]:
        """The hosts with the state of each port; one that stays silent is FILTERED, one not asked to the end
        has none.

        `only` gives the ports of each address that are to be asked, where that is not all of `ports`.
        """
        self.asker.begin()
        by_number = {int(ipaddress.IPv4Address(host.ip)): host for host in hosts_in(areas, hosts)}

        async def ask(way: Way, asked: Addresses) -> Sequence[Host]:
            group = [by_number[number] for number in asked]
            if not way.takes_frames:
                return await self.unprivileged.find_ports(areas, group, ports, only)
            return await asyncio.to_thread(self._ask_ports, way, asked, group, ports, only)

        paths = await asyncio.to_thread(ways, Addresses.of(by_number))
        parts = await asyncio.gather(*(ask(way, asked) for way, asked in paths.groups))
        lost = [by_number[number] for number in paths.without]
        return tuple(host for part in (*parts, lost) for host in part)

    async def ask_beyond(self, areas: Sequence[Area], only: Only) -> dict[str, dict[int, State]]:
        """What became of a SYN to each of an address' own ports, of those areas that lie behind a router.

        Left out is whoever nothing can be said of: no route or router leads there, it is on the wire itself,
        or the asking broke off before it answered.
        """
        paths = await asyncio.to_thread(ways, together(areas))
        beyond = [(way, asked) for way, asked in paths.groups if way.takes_frames and way.gateway is not None]
        parts = await asyncio.gather(
            *(asyncio.to_thread(self._ask_own, way, asked, only) for way, asked in beyond)
        )
        return {ip: states for part in parts for ip, states in part.items()}

    async def sweep(
        self, areas: Sequence[Area], ports: Sequence[int], udp_ports: Sequence[int] = ()
    ) -> tuple[tuple[Host, ...], int]:
        """The engine alone: whoever answers on any port, without finding hosts first; and the drops.

        Hosts on the wire are asked for their MAC first, for no frame reaches them without.
        """
        found: list[Host] = []
        dropped = 0
        questions = (*syns(ports), *(Question(Kind.UDP, port) for port in udp_ports))
        paths = await asyncio.to_thread(ways, together(areas))
        self._remark(_("{which}: no route leads there"), paths.without)
        for way, asked in paths.groups:
            if way.is_loopback:
                self._remark(_("{which}: this machine itself; --connect asks it"), asked)
            elif not way.takes_frames:
                self._remark(_("{which}: no frames can be sent there; --connect asks it"), asked)
            elif not self.stop.is_set():
                find = self._sweep_the_wire if way.gateway is None else self._sweep_beyond
                hosts, lost = await asyncio.to_thread(find, way, asked, questions)
                found += hosts
                dropped += lost
        return tuple(found), dropped

    async def _ask_by_connections(self, areas: Sequence[Area], way: Way, asked: Addresses) -> Roll:
        """Loopback, and whoever is behind a tunnel, without raw frames; our own addresses not at all."""
        others = [ip for ip in asked.texts() if not way.is_loopback or ip.startswith("127.")]
        part = await self.unprivileged.find_hosts(areas, others)
        return replace(part, own=Places(asked) - Places.of(others))

    def _may_ask(self, ip: str, mac: str) -> bool:
        return isinstance(self._leave(ip, mac), Permit)

    def _leave(self, ip: str, mac: str) -> Permit | Refused:
        return self.unprivileged.gate.admit(ip, Touch.QUERY, mac=mac)

    def _remark(self, text: str, addresses: Addresses) -> None:
        """Keeps in `remarks` that these addresses were not asked, and why."""
        if not len(addresses):
            return
        which = next(addresses.texts())
        if len(addresses) > 1:
            which = _("{first} and {count} more").format(first=which, count=len(addresses) - 1)
        self.remarks.append(text.replace("{which}", which))

    def _sweep_the_wire(
        self, way: Way, addresses: Addresses, questions: tuple[Question, ...]
    ) -> tuple[list[Host], int]:
        found = presence.by_arp(self.asker, way, addresses, self.retries)
        if self.stop.is_set():
            return [], found.dropped
        macs = {}
        for host in found.hosts:
            leave = self._leave(host.ip, str(host.mac))
            if isinstance(leave, Permit):
                macs[int(ipaddress.IPv4Address(host.ip))] = host.mac
            else:
                self.remarks.append(f"{host.ip}: {leave.reason}")
        present = Addresses.of(macs)
        hosts, dropped = self._sweep_at(way, present, own_macs(map(macs.get, present)), questions)
        return [replace(host, mac=macs[int(ipaddress.IPv4Address(host.ip))]) for host in hosts], (
            found.dropped + dropped
        )

    def _sweep_beyond(
        self, way: Way, addresses: Addresses, questions: tuple[Question, ...]
    ) -> tuple[list[Host], int]:
        hop = self.asker.next_hop(way)
        if hop is not None:
            return self._sweep_at(way, addresses, one_hop(hop, len(addresses)), questions)
        if not self.stop.is_set():
            text = _("{which}: their router {gateway} does not answer")
            self._remark(text.replace("{gateway}", str(way.gateway)), addresses)
        return [], 0

    def _sweep_at(
        self, way: Way, addresses: Addresses, next_hops: Frames, questions: tuple[Question, ...]
    ) -> tuple[list[Host], int]:
        board = Board(addresses, next_hops, questions, settle_hosts=False)
        outcome = self.asker.ask(board, way, patience=self.patience, sparing=True)
        return list(hosts_of(board)), outcome.dropped

    def _ask_ports(
        self, way: Way, asked: Addresses, hosts: Sequence[Host], ports: Sequence[int], only: Only | None
    ) -> list[Host]:
        macs = self._next_hops(way, hosts)
        if macs is None:
            return list(hosts)
        board = Board(asked, macs, syns(ports), settle_hosts=False)
        if only is not None:
            board.leave_out(unwanted(asked, board.questions, only))

        def life(ranks: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
            return presence.signs_of_life(self.asker, way, board, ranks)

        outcome = self.asker.ask(board, way, life=life)
        rows = board.said(np.arange(len(hosts)))
        return [
            replace(
                host,
                ports=host.ports | port_states(ports, row, stopped=outcome.stopped),
                fell_silent=bool((row == State.FELL_SILENT).any()),
            )
            for host, row in zip(hosts, rows, strict=True)
        ]

    def _ask_own(self, way: Way, asked: Addresses, only: Only) -> dict[str, dict[int, State]]:
        hop = self.asker.next_hop(way)
        if hop is None:
            return {}
        ports = sorted({port for ip in asked.texts() for port in only[ip]})
        board = Board(asked, one_hop(hop, len(asked)), syns(ports), settle_hosts=False)
        board.leave_out(unwanted(asked, board.questions, only))
        outcome = self.asker.ask(board, way, patience=self.patience)
        untold = {State.LEFT_OUT} | ({State.NOTHING} if outcome.stopped else set())
        rows = board.said(np.arange(len(asked)))
        return {
            ip: {port: State(int(said)) for port, said in zip(ports, row, strict=True) if said not in untold}
            for ip, row in zip(asked.texts(), rows, strict=True)
        }

    def _next_hops(self, way: Way, hosts: Sequence[Host]) -> Frames | None:
        if way.gateway is None:
            return own_macs(host.mac for host in hosts)
        hop = self.asker.next_hop(way)
        return None if hop is None else one_hop(hop, len(hosts))

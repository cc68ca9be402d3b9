"""IPv6: one echo to all nodes of our own wires, solicitations or connections to addresses that are named.

A /64 cannot be gone through address by address; who is there answers an echo to ff02::1 (RFC 4291, 2.7.1)
from its address in the network that asks, and a named address its solicitation (RFC 4861, 7.2). So does an
address that `hints` suggest, of known MACs and of what is heard meanwhile. An answer counts only with the
echo's cookie, or for an address that was asked. Beyond a router, and without CAP_NET_RAW, named addresses are
asked by connections. So are ports, everywhere.
"""

import asyncio
import contextlib
import functools
import ipaddress
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from agent.areas import MOST_GUESSES, SixArea
from agent.faults import NoWay
from agent.permit import Gate, Permit
from agent.places import Places
from agent.sweeps import ICMP6, hints, six_wire
from agent.sweeps.connect import ConnectSweeper, Only
from agent.sweeps.found import Host, PortState, Roll
from agent.sweeps.six_wire import Wire, wire_in
from inventory.language import _
from inventory.networks import is_countable
from inventory.types import Touch

_SECONDS: Final = 1.0
_LOOK_UP: Final = 0.1
_MOST_ANSWERS: Final = 65_536


@dataclass
class SixSweeper:
    """Finds IPv6 hosts and their open ports; stops within a second.

    It shares the door, the gate and the stop of `unprivileged`, which asks where no frame of ours may or can.
    `remarks` tells of networks that could not be asked.
    """

    unprivileged: ConnectSweeper
    privileged: bool
    remarks: list[str] = field(default_factory=list)

    async def find_hosts(self, areas: Sequence[SixArea], macs: Iterable[str] = ()) -> Roll:
        """Everybody in the areas who answers; of those asked by name also who does not.

        `macs` were heard on our own wires just now.
        """
        heard = tuple(macs)
        rolls = [await self._look(area, heard) for area in areas]
        return functools.reduce(Roll.joined, rolls, Roll())

    async def find_ports(
        self, areas: Sequence[SixArea], hosts: Sequence[Host], ports: Sequence[int], only: Only | None = None
    ) -> tuple[Host, ...]:
        """The hosts with the state of each port that may be connected to."""
        return await self.unprivileged.find_ports(areas, hosts, ports, only)

    async def sweep(
        self, areas: Sequence[SixArea], ports: Sequence[int], macs: Iterable[str] = ()
    ) -> tuple[Host, ...]:
        """Whoever is there and may be asked, with the ports that accept or refuse."""
        roll = await self.find_hosts(areas, macs)
        admit = self.unprivileged.gate.admit
        allowed = [h for h in roll.hosts if isinstance(admit(h.ip, Touch.QUERY, mac=h.mac), Permit)]
        hosts = await self.find_ports(areas, allowed, ports)
        return tuple(
            replace(host, ports={p: s for p, s in host.ports.items() if s is not PortState.FILTERED})
            for host in hosts
        )

    async def _look(self, area: SixArea, macs: tuple[str, ...]) -> Roll:
        wire = await asyncio.to_thread(wire_in, ipaddress.IPv6Network(area.network))
        own = frozenset(ip for ip in area.named if wire and ip in wire.own)
        named = [ip for ip in area.named if ip not in own]
        whole = frozenset[str]() if is_countable(area.network) else frozenset([area.network])
        if wire is None or not self.privileged:
            if not area.named:
                text = _("{network}: no interface of this machine is in it, and no address there is known")
                self.remarks.append(text.format(network=area.network))
            by_connection = await self.unprivileged.find_hosts((), named) if named else Roll()
            return replace(by_connection, own=Places.of(own), partly=whole)
        try:
            found, dropped = await self._ask(wire, area, named, macs)
        except NoWay as fault:
            self.remarks.append(str(fault))
            return Roll(no_route=Places.of(named), own=Places.of(own), partly=whole)
        met = {ip: mac for ip, mac in found.items() if area.covers(ip) and ip not in wire.own}
        hosts = [Host(ip, met[ip], (ICMP6.name,)) for ip in sorted(met, key=ipaddress.IPv6Address)]
        left = Places.of(set(named) - set(met) if self.unprivileged.stop.is_set() else ())
        partly = frozenset[str]() if area.everybody else whole
        return Roll(tuple(hosts), not_reached=left, own=Places.of(own), partly=partly, dropped=dropped)

    async def _ask(
        self, wire: Wire, area: SixArea, named: Sequence[str], macs: tuple[str, ...]
    ) -> tuple[dict[str, str], int]:
        """(address → MAC of whoever answered, answers the kernel dropped); NoWay when the wire fails."""
        cookie = self.unprivileged.door.randomness.getrandbits(32)
        inquiry = _Inquiry(wire, area, cookie, dict.fromkeys(named, ""))
        if not is_countable(area.network):
            inquiry.hinted.update(hints.of_macs((*macs, *area.macs), wire.prefix))
        try:
            with six_wire.listening_socket(wire.interface) as link:
                hearing = asyncio.create_task(inquiry.hear(link))
                try:
                    for _turn in range(1 + max(1, self.unprivileged.retries)):
                        inquiry.take_hints(self.unprivileged.gate)
                        await self._send(link, inquiry)
                        await self._wait(hearing, inquiry.is_answered)
                finally:
                    hearing.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await hearing
                return inquiry.found, six_wire.drops(link)
        except OSError as error:
            text = _("interface {name}: {reason}")
            raise NoWay(text.format(name=wire.interface, reason=error.strerror or error)) from error

    async def _send(self, link: socket.socket, inquiry: "_Inquiry") -> None:
        """Sends each question at its pace, that to all nodes first; fewer where a stop is wanted."""
        door = self.unprivileged.door
        for ip in inquiry.open():
            if self.unprivileged.stop.is_set():
                return
            question = inquiry.question(ip)
            await door.pace.take(ip)
            link.send(question)
            door.tally.count(ICMP6.name, 1, len(question))

    async def _wait(self, hearing: "asyncio.Task[None]", enough: Callable[[], bool]) -> None:
        """Waits for the last answers."""
        until = time.monotonic() + _SECONDS
        while time.monotonic() < until and not (
            enough() or hearing.done() or self.unprivileged.stop.is_set()
        ):
            await asyncio.wait([hearing], timeout=_LOOK_UP)


@dataclass
class _Inquiry:
    """Who is asked on a wire, who answered (address → MAC), and who else may be there by some `hinted` MAC.

    What is heard counts as a hint only where all nodes may be asked: elsewhere it may be of somebody barred.
    """

    wire: Wire
    area: SixArea
    cookie: int
    asked: dict[str, str]
    found: dict[str, str] = field(default_factory=dict)
    hinted: dict[str, str] = field(default_factory=dict)

    def open(self) -> list[str]:
        """Whoever has not answered yet; all nodes never all have."""
        silent = sorted(self.asked.keys() - self.found.keys())
        return [six_wire.ALL_NODES, *silent] if self.area.everybody else silent

    def is_answered(self) -> bool:
        """Whether nobody is left to wait for."""
        return not self.open()

    def question(self, ip: str) -> bytes:
        """The frame that asks it."""
        if ip == six_wire.ALL_NODES:
            return six_wire.echo_to_all(self.wire, self.cookie)
        return six_wire.solicitation(self.wire, ip)

    def take_hints(self, gate: Gate) -> None:
        """Has those hinted at asked too, as far as they may be and are not too many."""
        for ip, mac in list(self.hinted.items())[:MOST_GUESSES]:
            is_elsewhere = ip in self.wire.own or not self.area.covers(ip)
            if not is_elsewhere and isinstance(gate.admit(ip, Touch.QUERY, mac=mac), Permit):
                self.asked.setdefault(ip, mac)

    async def hear(self, link: socket.socket) -> None:
        """Enters whoever answers, and hints, until cancelled."""
        loop = asyncio.get_running_loop()
        while len(self.found) < _MOST_ANSWERS:
            frame = await loop.sock_recv(link, six_wire.LARGEST_FRAME)
            if answer := six_wire.answer_in(frame, self.wire.ip, self.cookie, self.asked):
                self.found.update([answer])
            elif self.area.everybody and len(self.hinted) < MOST_GUESSES:
                self.hinted |= hints.given_away(frame, self.wire.prefix)

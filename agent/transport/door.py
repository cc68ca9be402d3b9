"""The one door every byte leaves through: permits, the raw-print guard, the two rates, the counting.

TCP and TLS conversations, UDP questions, questions to a multicast group, signs of life, and the raw sweep.
Whatever else can send (an SNMP library, nmap) is given what passes here, or the same limits on its command
line; nothing outside `agent.transport` opens a socket.
"""

import asyncio
import contextlib
import ipaddress
import random
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

from agent.permit import Permit
from agent.transport import echo, groups, guard, rejections
from agent.transport.datagrams import Heard, Inbox
from agent.transport.limits import Limits
from agent.transport.opening import failed, hung_up, opened
from agent.transport.pace import Pace
from agent.transport.talk import Failed, Link
from agent.transport.tally import Tally
from inventory.language import _
from inventory.types import DeviceClass, ProbeOutcome

Said = TypeVar("Said")

_OPENING_PACKETS: Final = 3  # SYN, ACK and the FIN or RST at the end
_KNOCKING_PACKETS: Final = 2  # SYN, and a retransmission's worth
_CLOSING_PACKETS: Final = 2  # ACK and FIN, where the port accepts
_TLS_PACKETS: Final = 4
_TALKING_PACKETS: Final = 2  # a request and the ACK of its answer
_IP_TCP_BYTES: Final = 52
_IP_UDP_BYTES: Final = 28
_LIFE_SECONDS: Final = 2.0


@dataclass
class Door:
    """Asks single hosts, gently; one per scan.

    `connections` is how many TCP conversations a host may have at once, under all its addresses. Every method
    takes a `Permit` and gives an answer or a `Failed`, and raises nothing for what the network does.
    """

    pace: Pace
    limits: Limits
    connections: int
    tally: Tally = field(default_factory=Tally)
    randomness: random.Random = field(default_factory=random.SystemRandom)
    _slots: dict[str, "_Slots"] = field(init=False, default_factory=dict)
    _sockets: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self._sockets = asyncio.Semaphore(self.limits.sockets)

    async def converse(
        self, permit: Permit, port: int, talk: Callable[[Link], Awaitable[Said]], *, tls: bool = False
    ) -> Said | Failed:
        """Opens a TCP (or TLS) conversation, holds `talk` and hangs up; what `talk` gives, or Failed."""
        refused = guard.refusal(port, permit.device_class)
        if refused:
            return Failed(ProbeOutcome.NOT_TRIED, refused)
        async with self._slot(permit):
            packets = _OPENING_PACKETS + _TALKING_PACKETS + (_TLS_PACKETS if tls else 0)
            await self.pace.take(permit.host, packets)
            self.tally.count(f"tcp/{port}", packets, packets * _IP_TCP_BYTES)
            try:
                async with asyncio.timeout(self.limits.conversation_seconds):
                    link = await opened(permit.ip, port, self.limits, tls=tls)
                    if isinstance(link, Failed):
                        return link
                    try:
                        return await talk(link)
                    finally:
                        await hung_up(link)
            except TimeoutError:
                return Failed(ProbeOutcome.SILENT, _("no end within the time limit"))

    async def ask(
        self,
        permit: Permit,
        port: int,
        question: bytes,
        *,
        tries: int = 2,
        wait: float,
        any_port: bool = False,
        more: float = 0.0,
    ) -> tuple[bytes, ...] | Failed:
        """Sends one datagram (again when nothing comes within `wait` seconds); the datagrams that answer.

        With `any_port` answers from other ports of the host count too; `more` is how long (seconds) to
        wait for further datagrams after the first.
        """
        refused = guard.refusal(port, permit.device_class)
        if refused:
            return Failed(ProbeOutcome.NOT_TRIED, refused)
        async with self._sockets:
            return await self._ask(permit, port, question, tries, wait, any_port=any_port, more=more)

    async def ask_group(
        self,
        permits: Mapping[str, Permit],
        source_ip: str,
        group: str,
        port: int,
        question: bytes,
        *,
        hops: int = 1,
    ) -> tuple[Heard, ...] | Failed:
        """Asks a multicast group on the wire of `source_ip` once; the answers of hosts we have a permit for.

        Without permits nobody's answer is waited for.
        """
        inbox = Inbox(set(permits), self.limits, port=None, many=True)
        try:
            asking = groups.asking_socket(source_ip, hops)
        except OSError as error:
            return failed(error)
        loop = asyncio.get_running_loop()
        transport, _protocol = await loop.create_datagram_endpoint(lambda: inbox, sock=asking)
        try:
            await self.pace.take(group)
            self.tally.count(f"udp/{port}", 1, len(question) + _IP_UDP_BYTES)
            transport.sendto(question, (group, port))
            await asyncio.sleep(self.limits.group_seconds if permits else 0)
        finally:
            transport.close()
        return failed(inbox.fault) if inbox.fault and not inbox.heard else tuple(inbox.heard)

    async def echo(
        self, permit: Permit, payload: bytes, *, tries: int = 1, wait: float
    ) -> tuple[bytes, ...] | Failed:
        """Sends an ICMP echo request (RFC 792, RFC 4443), again when nothing comes within `wait` seconds.

        The payloads of all replies, of the first try that got one.
        """
        family = ipaddress.ip_address(permit.ip).version
        try:
            raw = echo.raw_socket(family)
        except OSError as error:
            return Failed(ProbeOutcome.NOT_TRIED, error.strerror or str(error))
        ident = self.randomness.randrange(1, 1 << 16)
        loop = asyncio.get_running_loop()
        heard: list[bytes] = []
        with raw:
            for sequence in range(1, tries + 1):
                asked = echo.Echo(echo.REQUEST[family], ident, sequence, payload)
                await self.pace.take(permit.host)
                self.tally.count("icmp", 1, len(payload) + _IP_UDP_BYTES)
                try:
                    await loop.sock_sendto(raw, echo.written(asked, family), (permit.ip, 0))
                    async with asyncio.timeout(wait):
                        while len(heard) < self.limits.datagrams:
                            data, sender = await loop.sock_recvfrom(raw, self.limits.datagram_bytes)
                            said = echo.read(data, family)
                            if said and sender[0] == permit.ip and _replies(said, asked, family):
                                heard.append(said.payload)
                except TimeoutError:
                    pass
                except OSError as error:
                    return failed(error)
                if heard:
                    return tuple(heard)
        return Failed(ProbeOutcome.SILENT, _("no answer"))

    async def is_alive(self, permit: Permit, port: int) -> bool:
        """A sign of life: does the host accept or refuse a connection to `port` (one that answered before)?

        Nothing is written, and a raw print port is never asked. Tried twice, because one packet may be lost.
        """
        if guard.refusal(port, permit.device_class):
            return True  # it may not be asked; silence of a question never put proves nothing
        for _try in range(2):
            async with self._slot(permit):
                await self.pace.take(permit.host, _OPENING_PACKETS)
                self.tally.count("life", _OPENING_PACKETS, _OPENING_PACKETS * _IP_TCP_BYTES)
                try:
                    async with asyncio.timeout(_LIFE_SECONDS):
                        link = await opened(permit.ip, port, self.limits, tls=False)
                except TimeoutError:
                    continue
                if isinstance(link, Link):
                    await hung_up(link)
                    return True
                if link.outcome is ProbeOutcome.REFUSED:
                    return True
        return False

    async def knock(self, permit: Permit, port: int) -> ProbeOutcome:
        """Whether a port accepts (ANSWERED) or refuses connections: the sweep without CAP_NET_RAW.

        A connection is completed and closed at once, so raw print ports are NOT_TRIED.
        """
        if guard.refusal(port, DeviceClass.UNKNOWN):
            return ProbeOutcome.NOT_TRIED
        async with self._slot(permit):
            await self.pace.take(permit.host, _KNOCKING_PACKETS)
            self.tally.count("connect", _KNOCKING_PACKETS, _KNOCKING_PACKETS * _IP_TCP_BYTES)
            try:
                async with asyncio.timeout(self.limits.connect_seconds):
                    link = await opened(permit.ip, port, self.limits, tls=False)
            except TimeoutError:
                return ProbeOutcome.SILENT
            if isinstance(link, Failed):
                return link.outcome
            await self.pace.take(permit.host, _CLOSING_PACKETS)
            self.tally.count("connect", _CLOSING_PACKETS, _CLOSING_PACKETS * _IP_TCP_BYTES)
            await hung_up(link)
            return ProbeOutcome.ANSWERED

    @contextlib.asynccontextmanager
    async def _slot(self, permit: Permit) -> AsyncIterator[None]:
        """One of the host's conversations, and a socket for it."""
        mine = self._slots.setdefault(permit.host, _Slots(asyncio.Semaphore(self.connections)))
        mine.wanted += 1
        try:
            async with mine.free, self._sockets:
                yield
        finally:
            mine.wanted -= 1
            if not mine.wanted:
                del self._slots[permit.host]

    async def _ask(
        self,
        permit: Permit,
        port: int,
        question: bytes,
        tries: int,
        wait: float,
        *,
        any_port: bool,
        more: float,
    ) -> tuple[bytes, ...] | Failed:
        asking = socket.socket(socket.AF_INET6 if ":" in permit.ip else socket.AF_INET, socket.SOCK_DGRAM)
        inbox = Inbox(
            {permit.ip},
            self.limits,
            port=None if any_port else port,
            said=lambda: rejections.read(asking, permit.ip),
        )
        try:
            if not any_port:
                rejections.ask_for(asking)
                asking.connect((permit.ip, port))
            loop = asyncio.get_running_loop()
            transport, _protocol = await loop.create_datagram_endpoint(lambda: inbox, sock=asking)
        except OSError as error:
            asking.close()
            return failed(error)
        try:
            for _try in range(tries):
                await self.pace.take(permit.host)
                self.tally.count(f"udp/{port}", 1, len(question) + _IP_UDP_BYTES)
                _send(asking, question, (permit.ip, port) if any_port else None, inbox)
                if await inbox.first(wait):
                    break
            if inbox.heard and more:
                await asyncio.sleep(more)
        finally:
            transport.close()
        if inbox.heard:
            return tuple(heard.data for heard in inbox.heard)
        if inbox.fault:
            return failed(inbox.fault, inbox.rejected)
        return Failed(ProbeOutcome.SILENT, _("no answer"))


@dataclass
class _Slots:
    """The conversations that one host may have at once, and how many want one."""

    free: asyncio.Semaphore
    wanted: int = 0


def _send(asking: socket.socket, question: bytes, to: tuple[str, int] | None, inbox: Inbox) -> None:
    """Sends a datagram, an empty one too (which asyncio would not)."""
    try:
        asking.sendto(question, to) if to else asking.send(question)
    except OSError as error:
        inbox.error_received(error)


def _replies(said: echo.Echo, asked: echo.Echo, family: int) -> bool:
    return said.kind == echo.REPLY[family] and said.ident == asked.ident

"""What a pretend device has under it: its address, its neighbours, its sockets, its logbook.

Every server in this room is `async def serve(host: Host, settings: X) -> Speaking`.
It opens sockets through `Host.tcp` and `Host.udp` only, so that each packet leaves by the
device's own address and interface, and returns something that can be closed.
"""

import asyncio
import socket
import struct
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from lab.speaks.malformed import Malformed

Conversation = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Address = tuple[str, int]
Answer = Callable[[bytes, Address], Sequence[bytes | tuple[bytes, Address]]]
"""(datagram, asker) → datagrams for the asker, or (datagram, address) for someone else."""

_CONVERSATION_SECONDS = 60
_LONGEST_LINE = 65_536
_LINUX_IP_MULTICAST_ALL = 49
_MULTICAST_TTL = 255


class Writer(Protocol):
    """What a server writes to: an asyncio.StreamWriter, or one under TLS."""

    def write(self, data: bytes) -> None:
        """Send, now or soon."""

    async def drain(self) -> None:
        """Wait until what was written is on its way."""


class Speaking(Protocol):
    """A protocol that is being spoken until it is closed."""

    async def close(self) -> None:
        """Stop listening and hang up on everyone; closing twice is harmless."""


@dataclass(frozen=True)
class Attached:
    """One device behind one port of a switch, as the topology has it."""

    port: int
    mac: str
    hostname: str
    description: str = ""
    lldp: bool = False
    """True when the neighbour announces itself (LLDP, IEEE 802.1AB) to the switch."""
    vlan: int = 0
    """The VLAN it was learned in; 0 is the switch's own default."""


@dataclass(frozen=True)
class ArpEntry:
    """One line of a router's ARP table (RFC 1213 ipNetToMediaTable)."""

    interface: int
    ip: str
    mac: str


def _no_login_log(protocol: str, account: str, outcome: str) -> None:
    """Forget it: used where nobody keeps a logbook."""


def _no_paper(payload: bytes) -> None:
    """Forget it: used where there is no paper tray."""


def _fault_to_stderr(what: str) -> None:
    print(what, file=sys.stderr)


@dataclass(frozen=True)
class Host:
    """One pretend device as its protocol servers see it."""

    name: str
    persona: str
    ip: str
    mac: str
    hostname: str
    serial: str = ""
    interface: str | None = None
    """Bind to this interface (SO_BINDTODEVICE); None binds to the address alone."""
    attached: tuple[Attached, ...] = ()
    arp: tuple[ArpEntry, ...] = ()
    log_login: Callable[[str, str, str], None] = _no_login_log
    """(protocol, account, outcome 'accepted' | 'refused'); never given a password."""
    log_paper: Callable[[bytes], None] = _no_paper
    """Given every byte that a real printer would have put on paper."""
    log_fault: Callable[[str], None] = _fault_to_stderr
    """Told of an unexpected exception in a server: a defect of the lab, not of the client."""

    async def tcp(self, port: int, talk: Conversation) -> Speaking:
        """Listen on a TCP port and hold one `talk` per client; raises OSError when taken."""
        listener = self._socket(socket.SOCK_STREAM, (self.ip, port))
        return await _TcpServer.start(self, listener, talk)

    async def udp(self, port: int, answer: Answer, group: str | None = None) -> Speaking:
        """Answer datagrams on a UDP port, and on a multicast group when one is named.

        Answers to multicast questions leave from the unicast socket, so their source is the
        device's own address and port (RFC 6762 section 6.7, UPnP DA 2.0 section 1.3.3).
        """
        sockets = [self._socket(socket.SOCK_DGRAM, (self.ip, port))]
        if group is not None:
            try:
                sockets.append(self._multicast(group, port))
            except OSError:
                sockets[0].close()
                raise
            own = socket.inet_aton(self.ip)
            sockets[0].setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, own)
            sockets[0].setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, _MULTICAST_TTL)
        return await _UdpServer.start(self, sockets, answer)

    def _socket(self, kind: socket.SocketKind, address: tuple[str, int]) -> socket.socket:
        made = socket.socket(socket.AF_INET, kind)
        try:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if self.interface is not None:
                name = self.interface.encode() + b"\0"
                made.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, name)
            made.setblocking(False)
            made.bind(address)
        except BaseException:
            made.close()
            raise
        return made

    def _multicast(self, group: str, port: int) -> socket.socket:
        made = self._socket(socket.SOCK_DGRAM, (group, port))
        try:
            index = socket.if_nametoindex(self.interface) if self.interface else 0
            request = struct.pack("@4s4si", socket.inet_aton(group), socket.inet_aton(self.ip), index)
            # Without this a socket also hears groups that other devices of the process joined.
            made.setsockopt(socket.IPPROTO_IP, _LINUX_IP_MULTICAST_ALL, 0)
            made.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, request)
        except OSError:
            made.close()
            raise
        return made


class _TcpServer:
    def __init__(self, host: Host, talk: Conversation) -> None:
        self._host = host
        self._talk = talk
        self._open: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @classmethod
    async def start(cls, host: Host, listener: socket.socket, talk: Conversation) -> "_TcpServer":
        made = cls(host, talk)
        made._server = await asyncio.start_server(made._accept, sock=listener, limit=_LONGEST_LINE)
        return made

    async def close(self) -> None:
        """See `Speaking.close`."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for task in tuple(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._hold(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _hold(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_CONVERSATION_SECONDS):
                await self._talk(reader, writer)
                await writer.drain()
        except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError, Malformed):
            pass  # the client went away, fell silent or sent what is no protocol: hang up
        except Exception as defect:  # noqa: BLE001 - said out loud; one device must not end a segment
            self._host.log_fault(f"{self._host.name}: {self._talk!r}: {defect!r}")
        finally:
            writer.close()
            with suppress(OSError, TimeoutError, asyncio.CancelledError):
                await asyncio.wait_for(writer.wait_closed(), timeout=1)


class _UdpServer:
    def __init__(self, transports: list[asyncio.DatagramTransport]) -> None:
        self._transports = transports

    @classmethod
    async def start(cls, host: Host, sockets: list[socket.socket], answer: Answer) -> "_UdpServer":
        loop = asyncio.get_running_loop()
        transports: list[asyncio.DatagramTransport] = []
        for one in sockets:
            transport, _ = await loop.create_datagram_endpoint(
                lambda: _Datagrams(host, answer, transports), sock=one
            )
            transports.append(transport)
        return cls(transports)

    async def close(self) -> None:
        """See `Speaking.close`."""
        for transport in self._transports:
            transport.close()
        await asyncio.sleep(0)


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, host: Host, answer: Answer, transports: list[asyncio.DatagramTransport]) -> None:
        self._host = host
        self._answer = answer
        self._transports = transports

    def datagram_received(self, data: bytes, addr: Address) -> None:
        try:
            answers = self._answer(data, addr)
        except Malformed:
            return
        except Exception as defect:  # noqa: BLE001 - said out loud; one device must not end a segment
            self._host.log_fault(f"{self._host.name}: {self._answer!r}: {defect!r}")
            return
        for each in answers:
            answer, to = (each, addr) if isinstance(each, bytes) else each
            self._transports[0].sendto(answer, to)

    def error_received(self, exc: Exception) -> None:
        """An ICMP error about an earlier answer: the asker has gone, nothing to do."""

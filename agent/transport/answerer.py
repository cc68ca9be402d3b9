"""The other side of an isolation measurement: waits for sealed questions and answers those alone.

It never sends first. What is no true question is neither answered nor kept.
"""

import asyncio
import contextlib
import ipaddress
import socket
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

from agent.transport import echo, groups, guard
from inventory.language import _
from inventory.types import DeviceClass

Reply = Callable[[str, bytes, str], bytes | None]  # service, question, sender → answer, None for a stranger


@dataclass(frozen=True, slots=True)
class Group:
    """A protocol that asks everybody on a wire: its port, and its groups by IP version."""

    port: int
    addresses: Mapping[int, tuple[str, ...]]


# RFC 6762, 3; UPnP Device Architecture 2.0, 1.3.2 and A.3: over IPv6 also beyond the wire, within the site
GROUPS: Final[Mapping[str, Group]] = {
    "mdns": Group(5353, {4: ("224.0.0.251",), 6: ("ff02::fb",)}),
    "ssdp": Group(1900, {4: ("239.255.255.250",), 6: ("ff02::c", "ff05::c")}),
}

_LONGEST_QUESTION: Final = 512
_PATIENCE: Final = 3.0
_AT_ONCE: Final = 32


class Answerer:
    """Listens on services of this machine's addresses; `refused` tells those it could not, and why."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply
        self._servers: list[asyncio.Server] = []
        self._transports: list[asyncio.BaseTransport] = []
        self._raw: list[tuple[asyncio.AbstractEventLoop, socket.socket]] = []
        self._talking = asyncio.Semaphore(_AT_ONCE)
        self.refused: dict[str, str] = {}

    async def listen(self, address: str, services: Sequence[str]) -> tuple[str, ...]:
        """Opens the services on one address; those that are open now."""
        opened = []
        for service in services:
            try:
                await self._open(address, service)
            except OSError as error:
                self.refused[f"{service} {address}"] = error.strerror or str(error)
            else:
                opened.append(service)
        return tuple(opened)

    async def close(self) -> None:
        """Hears nothing any more."""
        for loop, raw in self._raw:
            loop.remove_reader(raw)
            raw.close()
        for transport in self._transports:
            transport.close()
        for server in self._servers:
            server.close()
            await server.wait_closed()
        await asyncio.sleep(0)

    async def _open(self, address: str, service: str) -> None:
        loop = asyncio.get_running_loop()
        kind, _slash, number = service.partition("/")
        family = ipaddress.ip_address(address).version
        if number and guard.refusal(int(number), DeviceClass.UNKNOWN):
            raise OSError(0, _("a raw print port is never sent a byte"))
        if kind == "tcp":
            self._servers.append(
                await asyncio.start_server(lambda r, w: self._talk(service, r, w), address, int(number))
            )
        elif kind == "udp":
            await self._datagrams(lambda: _Datagrams(service, self._reply), address, int(number))
        elif kind == "icmp":
            raw = echo.raw_socket(family)
            raw.bind((address, 0))
            loop.add_reader(raw, self._echo, raw, family)
            self._raw.append((loop, raw))
        elif kind in GROUPS:
            await self._join(kind, address, family)
        else:
            raise OSError(0, _("not known for this kind of address"))

    async def _datagrams(self, made: "Callable[[], _Datagrams]", address: str, port: int) -> None:
        loop = asyncio.get_running_loop()
        transport, _protocol = await loop.create_datagram_endpoint(made, local_addr=(address, port))
        self._transports.append(transport)

    async def _join(self, kind: str, address: str, family: int) -> None:
        loop = asyncio.get_running_loop()
        for group in GROUPS[kind].addresses[family]:
            hearing = groups.hearing_socket(address, group, GROUPS[kind].port)
            transport, _protocol = await loop.create_datagram_endpoint(
                lambda: _Datagrams(kind, self._reply), sock=hearing
            )
            self._transports.append(transport)

    async def _talk(self, service: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with self._talking, asyncio.timeout(_PATIENCE):
                question = await reader.readline()
                sender = writer.get_extra_info("peername")[0]
                answer = self._reply(service, question[:_LONGEST_QUESTION], sender)
                if answer:
                    writer.write(answer)
                    await writer.drain()
        except (OSError, TimeoutError, ValueError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    def _echo(self, raw: socket.socket, family: int) -> None:
        with contextlib.suppress(OSError):
            data, sender = raw.recvfrom(2048)
            asked = echo.read(data, family)
            if asked is None or asked.kind != echo.REQUEST[family]:
                return
            answer = self._reply("icmp", asked.payload[:_LONGEST_QUESTION], sender[0])
            if answer:
                said = echo.Echo(echo.REPLY[family], asked.ident, asked.sequence, answer)
                raw.sendto(echo.written(said, family), sender)


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, service: str, reply: Reply) -> None:
        self._service = service
        self._reply = reply

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(
            asyncio.DatagramTransport, transport
        )  # the selector loop's is not declared one

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = self._reply(self._service, data[:_LONGEST_QUESTION], addr[0])
        if answer:
            self._transport.sendto(answer, addr)


def group_question(kind: str, group: str, question: bytes) -> bytes:
    """The question as a device of that protocol asks the group, so that whatever passes devices' passes this.

    `mdns`: a TXT query (RFC 6762) with the question in its name; `ssdp`: M-SEARCH with it as target.
    """
    text = question.strip()
    if kind == "ssdp":
        host = f"[{group}]" if ":" in group else group
        return (
            f'M-SEARCH * HTTP/1.1\r\nHOST: {host}:1900\r\nMAN: "ssdp:discover"\r\nMX: 1\r\nST: '.encode()
            + text
            + b"\r\n\r\n"
        )
    labels = [text[at : at + 63] for at in range(0, len(text), 63)]
    name = b"".join(bytes((len(label),)) + label for label in (*labels, b"_muster", b"_udp", b"local"))
    return struct.pack("!HHHHHH", 0, 0, 1, 0, 0, 0) + name + b"\x00" + struct.pack("!HH", 16, 1)


def group_text(kind: str, data: bytes) -> bytes:
    """What `group_question` carried; empty where the data carry nothing."""
    if kind == "ssdp":
        return data
    said, at = b"", 12
    while at < len(data) and 0 < data[at] < 64:
        label = data[at + 1 : at + 1 + data[at]]
        if label == b"_muster":
            break
        said += label
        at += 1 + data[at]
    return said

"""The door against real sockets on loopback: whatever the other side does, there is a value and an end."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from agent.permit import Gate, Permit
from agent.transport.door import Door
from agent.transport.limits import Limits
from agent.transport.pace import Pace
from agent.transport.talk import Failed, Link
from inventory.types import ProbeOutcome, Scope, Touch

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
QUICK = replace(Limits(), connect_seconds=1, read_seconds=0.2, conversation_seconds=1, reply_bytes=10_000)


def permit() -> Permit:
    admitted = Gate([Scope("127.0.0.0/8", "hq", "here")]).admit("127.0.0.1", Touch.QUERY)
    assert isinstance(admitted, Permit)
    return admitted


def door(limits: Limits = QUICK) -> Door:
    return Door(Pace(100_000, 10_000), limits, 2, randomness=random.Random(1))


@asynccontextmanager
async def server(handler: Handler) -> AsyncIterator[int]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handler(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        listening.close()
        await listening.wait_closed()


async def everything(link: Link) -> bytes:
    return await link.read_to_end()


async def test_what_the_server_says_is_heard() -> None:
    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 ready\r\n")

    async with server(greet) as port:
        assert await door().converse(permit(), port, everything) == b"220 ready\r\n"


async def test_a_server_that_never_stops_is_cut_off_at_the_limit() -> None:
    async def babble(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b"x" * 4096)
            await writer.drain()

    async with server(babble) as port:
        heard = await door().converse(permit(), port, everything)
    assert isinstance(heard, bytes)
    assert len(heard) == QUICK.reply_bytes


async def test_a_server_that_drips_is_cut_off_in_time() -> None:
    async def drip(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b"x")
            await asyncio.sleep(0.05)

    async with server(drip) as port:
        heard = await door().converse(permit(), port, everything)
    assert heard == Failed(ProbeOutcome.SILENT, "no end within the time limit")


async def test_silence_is_no_bytes() -> None:
    async def keep_quiet(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with server(keep_quiet) as port:
        assert await door().converse(permit(), port, everything) == b""


async def test_a_closed_port_is_refused() -> None:
    async with server(lambda _reader, _writer: asyncio.sleep(0)) as port:
        pass
    got = await door().converse(permit(), port, everything)
    assert isinstance(got, Failed)
    assert got.outcome is ProbeOutcome.REFUSED


async def test_something_that_speaks_no_tls_is_garbled() -> None:
    async def not_tls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.0 400 Bad Request\r\n\r\n")

    async with server(not_tls) as port:
        got = await door().converse(permit(), port, everything, tls=True)
    assert isinstance(got, Failed)
    assert got.outcome is ProbeOutcome.GARBLED


async def test_never_more_than_two_conversations_with_one_host() -> None:
    now = most = 0

    async def count(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await reader.read()
        now -= 1

    async with server(count) as port:
        asking = door()
        await asyncio.gather(*(asking.converse(permit(), port, everything) for _turn in range(6)))
    assert most == 2


async def test_a_datagram_is_asked_again_when_nothing_comes() -> None:
    class Deaf(asyncio.DatagramProtocol):
        heard = 0

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = transport

        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            self.heard += 1
            if self.heard == 2:
                self.transport.sendto(b"answer", addr)

    loop = asyncio.get_running_loop()
    transport, deaf = await loop.create_datagram_endpoint(Deaf, local_addr=("127.0.0.1", 0))
    port = transport.get_extra_info("sockname")[1]
    try:
        asking = door()
        assert await asking.ask(permit(), port, b"question", wait=0.2) == (b"answer",)
        assert deaf.heard == 2
        assert asking.tally.packets == {f"udp/{port}": 2}
    finally:
        transport.close()


async def test_a_closed_udp_port_is_refused_at_once() -> None:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0))
    port = transport.get_extra_info("sockname")[1]
    transport.close()
    await asyncio.sleep(0)
    got = await door().ask(permit(), port, b"question", wait=1)
    assert isinstance(got, Failed)
    assert got.outcome is ProbeOutcome.REFUSED


async def test_a_refusal_is_a_sign_of_life_and_an_answer_too() -> None:
    async with server(lambda _reader, _writer: asyncio.sleep(0)) as port:
        assert await door().is_alive(permit(), port)
    assert await door().is_alive(permit(), port)


async def test_no_more_sockets_are_open_at_once_than_a_process_may_have() -> None:
    now = most = 0

    class Counting(Door):
        async def _ask(self, *_what: object, **_how: object) -> tuple[bytes, ...]:
            nonlocal now, most
            now += 1
            most = max(most, now)
            await asyncio.sleep(0)
            now -= 1
            return (b"answer",)

    counting = Counting(Pace(1e6, 1e6), replace(QUICK, sockets=3), 2, randomness=random.Random(1))
    await asyncio.gather(*(counting.ask(permit(), 161, b"question", wait=1) for _turn in range(20)))
    assert most == 3


async def test_an_empty_question_leaves_too() -> None:
    heard: list[bytes] = []

    class Answering(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = transport

        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            heard.append(data)
            self.transport.sendto(b"here", addr)  # type: ignore[attr-defined]

    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Answering, local_addr=("127.0.0.1", 0))
    port = transport.get_extra_info("sockname")[1]
    assert await door().ask(permit(), port, b"", wait=1) == (b"here",)
    assert heard == [b""]
    transport.close()

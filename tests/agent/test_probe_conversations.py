"""Whole conversations of probes: SNMP by script, SSH, telnet and HTTP with servers on loopback."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from captures import DESCRIPTION, INFORMATION, host_key_reply, kexinit, snmp_report, ssh_packet, tlv

from agent.permit import Gate, Permit
from agent.probes import http, ipp, multicast, snmp, ssh, telnet
from agent.probes.reply import Context, Reply, answered
from agent.transport.door import Door
from agent.transport.limits import Limits
from agent.transport.pace import Pace
from agent.transport.talk import Encryption, Failed
from inventory.types import ProbeOutcome, Scope, Touch

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def permit() -> Permit:
    admitted = Gate([Scope("127.0.0.0/8", "hq", "here")]).admit("127.0.0.1", Touch.QUERY)
    assert isinstance(admitted, Permit)
    return admitted


def context(*communities: str) -> Context:
    return Context(communities, 0.1, lambda _oid: ("1.3.6.1.4.1.9.9.1.0", "1.3.6.1.4.1.9.9.2.*"))


class AgentDoor(Door):
    """A door behind which an SNMP agent with one community answers, or nobody does."""

    def __init__(self, community: str, *, v1_only: bool = False, says: Failed | None = None) -> None:
        super().__init__(Pace(1e6, 1e6), Limits(), 2, randomness=random.Random(3))
        self.community = community.encode()
        self.v1_only = v1_only
        self.says = says or Failed(ProbeOutcome.SILENT, "no answer")
        self.questions: list[bytes] = []

    async def ask(
        self, permit: Permit, port: int, question: bytes, **_how: Any
    ) -> tuple[bytes, ...] | Failed:
        self.questions.append(question)
        version, community, number = opened(question)
        if version == 3:
            return (
                self.says if self.v1_only or self.says.outcome is ProbeOutcome.REFUSED else (snmp_report(),)
            )
        if community != self.community or (self.v1_only and version != 0):
            return self.says
        bind = tlv(0x30, tlv(6, bytes.fromhex("2b06010201010100")) + tlv(4, b"A switch"))
        body = tlv(2, number) + tlv(2, b"\0") + tlv(2, b"\0") + tlv(0x30, bind)
        return (tlv(0x30, tlv(2, bytes((version,))) + tlv(4, self.community) + tlv(0xA2, body)),)


def opened(message: bytes) -> tuple[int, bytes, bytes]:
    """(version, community, request id) of an SNMP message, read without the codec under test."""

    def content(data: bytes, at: int) -> tuple[bytes, int]:
        size, start = data[at + 1], at + 2
        if size & 0x80:
            count = size & 0x7F
            size, start = int.from_bytes(data[start : start + count], "big"), start + count
        return data[start : start + size], start + size

    body, _end = content(message, 0)
    version, at = content(body, 0)
    community, at = content(body, at)
    pdu, _end = content(body, at)
    return version[0], community, content(pdu, 0)[0]


def facts(replies: tuple[Reply, ...]) -> dict[str, str]:
    return {fact.name: fact.value for reply in replies for fact in reply.facts}


async def test_snmp_asks_at_most_eight_questions_and_names_a_well_known_community() -> None:
    door = AgentDoor("public")
    told = facts(await snmp.ask(door, permit(), 161, context("public", "secret-ro")))
    assert len(door.questions) <= snmp.MOST_REQUESTS
    assert told["snmp_sysdescr"] == "A switch"
    assert told["snmp.community"] == "public"
    assert told["snmp.version"] == "2c"
    assert told["snmp.engine_id"] == "8000000903e80ab948d137"
    assert not any(b"secret-ro" in question for question in door.questions)


async def test_snmp_never_shows_a_secret_community() -> None:
    door = AgentDoor("secret-ro")
    replies = await snmp.ask(door, permit(), 161, context("public", "secret-ro"))
    assert facts(replies)["snmp.community"] == "***"
    assert all(b"secret-ro" not in reply.evidence for reply in replies)
    assert all("secret-ro" not in reply.excerpt for reply in replies)


async def test_snmp_speaks_the_older_version_to_an_older_agent() -> None:
    door = AgentDoor("public", v1_only=True)
    told = facts(await snmp.ask(door, permit(), 161, context("public")))
    assert told["snmp.version"] == "1"
    assert len(door.questions) <= snmp.MOST_REQUESTS


async def test_snmp_with_a_wrong_community_still_learns_the_engine_and_guesses_nothing() -> None:
    door = AgentDoor("not-ours")
    replies = await snmp.ask(door, permit(), 161, context("public"))
    assert facts(replies) == {"snmp.engine_id": "8000000903e80ab948d137"}
    assert len(door.questions) == 3


async def test_snmp_takes_a_refusal_for_an_answer() -> None:
    door = AgentDoor("x", says=Failed(ProbeOutcome.REFUSED, "port unreachable"))
    (reply,) = await snmp.ask(door, permit(), 161, context("public", "other"))
    assert reply.outcome is ProbeOutcome.REFUSED
    assert len(door.questions) == 2


@asynccontextmanager
async def server(handler: Handler) -> AsyncIterator[int]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handler(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        listening.close()
        await listening.wait_closed()


def door() -> Door:
    return Door(Pace(1e6, 1e6), Limits(), 2, randomness=random.Random(1))


async def test_ssh_learns_banner_and_host_key_and_logs_in_nowhere() -> None:
    heard = bytearray()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-Cisco-1.25\r\n" + ssh_packet(kexinit()))
        heard.extend(await reader.readuntil(b"\r\n"))
        for _packet in range(2):
            size = await reader.readexactly(4)
            heard.extend(size + await reader.readexactly(int.from_bytes(size, "big")))
        writer.write(ssh_packet(host_key_reply()))
        heard.extend(await reader.read())

    async with server(serve) as port:
        told = facts(await ssh.ask(door(), permit(), port, context()))
    assert told["ssh_banners"] == "Cisco-1.25"
    assert told["ssh.hostkey_kind"] == "ssh-ed25519"
    assert len(told["ssh.hostkey"]) == 64
    assert b"ssh-userauth" not in heard


async def test_ssh_that_hangs_up_after_its_banner_still_has_a_banner() -> None:
    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-1.99-OldThing_1.0\n")
        await writer.drain()

    async with server(serve) as port:
        told = facts(await ssh.ask(door(), permit(), port, context()))
    assert told == {"ssh_banners": "OldThing_1.0"}


async def test_telnet_hears_the_prompt_that_comes_after_negotiation_and_types_nothing() -> None:
    heard = bytearray()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(bytes((255, 253, 24, 255, 251, 1)))
        heard.extend(await reader.readexactly(6))
        writer.write(b"\r\nWelcome\r\nswitch login: ")
        heard.extend(await reader.read())

    async with server(serve) as port:
        told = facts(await telnet.ask(door(), permit(), port, context()))
    assert told == {"telnet_banners": "Welcome\nswitch login:", "telnet.prompt": "login"}
    assert bytes(heard) == bytes((255, 252, 24, 255, 254, 1))


async def test_http_follows_within_the_host_only_and_sends_no_credentials() -> None:
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        if asked[-1].startswith(b"GET / "):
            writer.write(b"HTTP/1.1 302 Found\r\nLocation: /home\r\nContent-Length: 0\r\n\r\n")
        else:
            writer.write(b"HTTP/1.1 302 Found\r\nLocation: http://10.9.9.9/\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    async with server(serve) as port:
        replies = await http.ask_plain(door(), permit(), port, context())
    assert [question.split(b" ")[1] for question in asked] == [b"/", b"/home"]
    assert not any(b"Authorization" in question or b"Cookie" in question for question in asked)
    assert [reply.outcome for reply in replies] == [ProbeOutcome.ANSWERED] * 2


async def test_http_that_leads_in_a_circle_ends() -> None:
    count = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        count += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 302 Found\r\nLocation: /{count}\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()

    async with server(serve) as port:
        await http.ask_plain(door(), permit(), port, context())
    assert count == 3


async def test_what_an_answer_to_the_segment_points_at_is_read_where_it_is_the_devices_own() -> None:
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        body = DESCRIPTION if asked[-1].startswith(b"GET /d.xml ") else INFORMATION
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n" + body)
        await writer.drain()

    async with server(serve) as port:
        here, elsewhere = f"http://127.0.0.1:{port}", "http://10.9.9.9"
        replies = [
            answered("ssdp", "udp/1900", [("ssdp.location", f"{place}/d.xml")], b"raw")
            for place in (here, elsewhere, f"{here}/ HTTP/1.1 x")
        ]
        replies += [
            answered("wsd", "udp/3702", [("wsd.xaddrs", f"{place}/onvif/device_service")], b"raw")
            for place in (here, elsewhere)
        ]
        told = facts(await multicast.follow_up(door(), permit(), replies))
    assert [question.split(b" ")[1] for question in asked] == [b"/d.xml", b"/onvif/device_service"]
    assert (told["upnp.modelName"], told["onvif.Model"]) == ("One", "P3245-LV")


class PrinterDoor(Door):
    """A door behind which a printer answers IPP, and TLS on the same port where it says so."""

    def __init__(self, *security: bytes) -> None:
        super().__init__(Pace(1e6, 1e6), Limits(), 2, randomness=random.Random(3))
        rows = [(b"uri-security-supported" if at == 0 else b"", said) for at, said in enumerate(security)]
        named = ((len(name), name, len(value), value) for name, value in rows)
        values = b"".join(
            b"\x44" + size.to_bytes(2) + name + length.to_bytes(2) + value
            for size, name, length, value in named
        )
        body = bytes((1, 1, 0, 0, 0, 0, 0, 1, 4)) + values + b"\x03"
        self.answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body
        self.opened: list[bool] = []

    async def converse(self, _permit: Permit, _port: int, _talk: object, *, tls: bool = False) -> Any:
        self.opened.append(tls)
        return Encryption("TLSv1.2", "a cipher", b"") if tls else self.answer


@pytest.mark.parametrize(("security", "opened"), [((b"none", b"tls"), [False, True]), ((b"none",), [False])])
async def test_a_printer_that_speaks_tls_too_is_asked_for_its_certificate(
    security: tuple[bytes, ...], opened: list[bool]
) -> None:
    printer = PrinterDoor(*security)
    told = await ipp.ask(printer, permit(), 631, context())
    assert printer.opened == opened
    assert [reply.source for reply in told] == ["ipp", "tls"][: len(opened)]

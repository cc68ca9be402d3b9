"""What a TLS server takes besides the best, asked of servers by script on loopback."""

import asyncio
from collections.abc import Callable

import pytest
from test_probe_conversations import door, permit, server

from agent.probes import tls_offer
from agent.service.plan import plan
from agent.transport.door import Door
from agent.transport.limits import Limits
from agent.transport.pace import Pace
from inventory.settings import ScanSettings
from inventory.types import Scope

SSL3, TLS10, TLS11, TLS12 = 0x0300, 0x0301, 0x0302, 0x0303
GCM, RC4, DES3, ANONYMOUS = 0xC02F, 0x0005, 0x000A, 0x0034
SILENCE = b"silence"
PROTOCOL_VERSION, HANDSHAKE_FAILURE, INTERNAL_ERROR = 70, 40, 80

Answering = Callable[[int, set[int]], bytes]


def record(kind: int, content: bytes) -> bytes:
    return bytes((kind, 3, 1)) + len(content).to_bytes(2) + content


def server_hello(version: int, suite: int) -> bytes:
    body = version.to_bytes(2) + bytes(32) + b"\x04abcd" + suite.to_bytes(2) + b"\0"
    return record(22, b"\x02" + len(body).to_bytes(3) + body)


def alert(number: int) -> bytes:
    return record(21, bytes((2, number)))


def taking(versions: set[int], suites: set[int], otherwise: bytes | None = None) -> Answering:
    """A server of these versions and suites; `otherwise` it gives an alert, or hangs up without a word."""

    def answer(version: int, offered: set[int]) -> bytes:
        if version not in versions:
            return alert(PROTOCOL_VERSION) if otherwise is None else otherwise
        common = sorted(suites & offered)
        refusal = alert(HANDSHAKE_FAILURE) if otherwise is None else otherwise
        return server_hello(version, common[0]) if common else refusal

    return answer


async def told(answering: Answering, highest: str, asking: Door | None = None) -> tuple[dict[str, str], int]:
    """The facts (several of one name joined), and how many hellos it took."""
    count = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        count += 1
        head = await reader.readexactly(5)
        body = await reader.readexactly(int.from_bytes(head[3:]))
        assert (head[0], body[0]) == (22, 1)
        assert int.from_bytes(body[1:4]) == len(body) - 4
        size = int.from_bytes(body[39:41])
        offered = {int.from_bytes(body[at : at + 2]) for at in range(41, 41 + size, 2)}
        said = answering(int.from_bytes(body[4:6]), offered)
        if said == SILENCE:
            await reader.read()
        elif said:
            writer.write(said)
            await reader.read()

    async with server(serve) as port:
        facts = await tls_offer.ask(asking or door(), permit(), port, highest)
    joined: dict[str, str] = {}
    for name, value in facts:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined, count


async def test_a_sound_server_is_known_to_refuse_what_is_old_and_broken() -> None:
    found, count = await told(taking({TLS12}, {GCM}), "TLSv1.3")
    assert found == {"tls.accepts": "TLSv1.2,TLSv1.3", "tls.oldest": "TLSv1.2", "tls.broken_cipher": "none"}
    assert count == 5


async def test_an_old_server_tells_every_version_and_each_kind_of_broken_cipher() -> None:
    found, count = await told(taking({SSL3, TLS10, TLS11, TLS12}, {GCM, RC4, DES3, ANONYMOUS}), "TLSv1.2")
    assert found["tls.accepts"] == "SSLv3,TLSv1,TLSv1.1,TLSv1.2"
    assert found["tls.oldest"] == "SSLv3"
    assert set(found["tls.broken_cipher"].split(",")) == {"RC4-SHA", "DES-CBC3-SHA", "ADH-AES128-SHA"}
    assert count <= 8


async def test_a_server_too_old_for_our_own_handshake_is_heard_all_the_same() -> None:
    found, _count = await told(taking({SSL3}, {RC4}), "")
    assert found == {"tls.accepts": "SSLv3", "tls.oldest": "SSLv3", "tls.broken_cipher": "RC4-SHA"}


@pytest.mark.parametrize("otherwise", [b"", alert(INTERNAL_ERROR)])
async def test_hanging_up_counts_as_refusal_only_where_a_harmless_hello_is_taken_after_it(
    otherwise: bytes,
) -> None:
    found, _count = await told(taking({TLS12}, {GCM}, otherwise), "TLSv1.2")
    assert (found["tls.oldest"], found["tls.broken_cipher"]) == ("TLSv1.2", "none")
    for versions in ({TLS12}, {TLS11}):  # somebody in between who lets nobody through any more
        found, _count = await told(taking(versions, set(), otherwise), "TLSv1.2")
        assert found == {"tls.accepts": "TLSv1.2"}


async def test_nothing_more_is_asked_after_a_silence_or_what_is_no_tls() -> None:
    hasty = Door(Pace(1e6, 1e6), Limits(read_seconds=0.05), 2)
    assert await told(lambda *_hello: SILENCE, "TLSv1.2", hasty) == ({"tls.accepts": "TLSv1.2"}, 1)
    assert await told(lambda *_hello: b"HTTP/1.1 400 Bad Request\r\n\r\n", "", hasty) == ({}, 1)
    assert await told(lambda *_hello: b"", "") == ({}, 1)


async def test_a_dry_run_counts_what_an_encrypted_page_costs_at_most() -> None:
    asking = door()
    await told(taking({SSL3, TLS10, TLS11, TLS12}, {GCM, RC4, DES3, ANONYMOUS}), "TLSv1.3", asking)
    questions = sum(asking.tally.packets.values())
    scope = Scope("192.0.2.0/24", "hq", "office")
    planned = {row.kind: row.at_most for row in plan((scope,), (), (), ScanSettings()).packets()}
    assert questions + 6 * 9 <= planned["tls"]  # and three pages, an icon, two status pages
    assert planned["tcp"] >= 6 * 5

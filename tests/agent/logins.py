"""What tests of logins are made of: a family, a device, a plan, and servers that answer as they are told."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from agent.logins import LOGINS
from agent.logins.families import Family
from agent.logins.plan import LoginPlan, plan_for
from agent.logins.protocol import Answer, Credential, Way
from agent.logins.secrecy import Secret
from agent.permit import Gate, Permit
from agent.transport.door import Door
from agent.transport.limits import Limits
from agent.transport.pace import Pace
from inventory.types import (
    Address,
    Attribute,
    Claim,
    Device,
    DeviceStatus,
    Fact,
    Held,
    LoginTry,
    Observation,
    Scope,
    Service,
    Sighting,
    Target,
    Touch,
    TryOutcome,
)

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
WINDOW = timedelta(hours=24)
EVIDENCE = timedelta(days=45)
MARKER = "m4rker-p4ssword"

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def family(*pairs: tuple[str, str], on: tuple[str, ...] = ("web",), **more: Any) -> Family:
    return Family.model_validate(
        {
            "family": "acme-200",
            "vendor": "Acme",
            "models": "Copier 2.*",
            "pairs": [{"account": account, "password": password} for account, password in pairs],
            "on": on,
            "source": "https://acme.example/manual",
            "read": "2026-09-21",
            **more,
        }
    )


def device(*ports: tuple[str, int], vendor: str = "Acme", model: str = "Copier 200") -> Device:
    attributes = {
        Attribute.VENDOR: Held(vendor, "test", NOW),
        Attribute.MODEL: Held(model, "test", NOW),
        Attribute.SERIAL: Held("S123", "test", NOW),
    }
    services = tuple(Service("tcp", port, name, "", "", NOW, NOW) for name, port in ports)
    address = Address("127.0.0.1", "00:26:73:aa:bb:cc", "hq", "here", NOW, NOW)
    return Device("d-test", DeviceStatus.CONFIRMED, "hq", "here", NOW, NOW, attributes, (address,), services)


def sighting(
    port: int,
    *,
    ip: str = "127.0.0.1",
    mac: str | None = "00:26:73:aa:bb:cc",
    at: datetime = NOW,
    run: str = "run-1",
    serial: str = "",
    model: str = "Copier 200",
) -> Sighting:
    """What a scan learned of a box of the test's family whose web server asks for a login."""
    target = Target(ip, mac, "hq", "here")
    facts = (Fact("http.status", "401"), Fact("http.login", "basic"), Fact("http.path", "/"))
    heard = Observation(run, "here", target, "http", at, facts, f"tcp/{port}", "ab", "")
    said = {Attribute.VENDOR: "Acme", Attribute.MODEL: model, Attribute.SERIAL: serial}
    claims = [Claim(name, value, 0.9, "t", "http") for name, value in said.items() if value]
    claims.append(Claim(Attribute.SERVICE_NAME, "http", 0.9, "t", "http", f"tcp/{port}"))
    return Sighting(run, target, at, (heard,), tuple(claims))


def tried(pair: str, account: str, outcome: TryOutcome, ago: timedelta, **more: Any) -> LoginTry:
    made = LoginTry("d-test", "hq", "127.0.0.1", "", "web", "tcp/80", account, pair, NOW - ago, outcome)
    return replace(made, **more)


def planned(rows: list[Family], *tries: LoginTry, of: Device | None = None) -> LoginPlan:
    known = of or device(("http", 80))
    return plan_for(known, (), tries, now=NOW, window=WINDOW, evidence=EVIDENCE, families=rows)


class Book:
    """A try log in memory, with the register's rule."""

    def __init__(self) -> None:
        self.rows: list[LoginTry] = []
        self.outcomes: list[TryOutcome] = []

    def begin_login(self, one: LoginTry, not_since: datetime) -> int | None:
        if any(row.account == one.account and row.at > not_since for row in self.rows):
            return None
        self.rows.append(one)
        return len(self.rows) - 1

    def settle_login(self, number: int, outcome: TryOutcome) -> None:
        assert number in (len(self.outcomes), len(self.outcomes) - 1)
        self.outcomes[number:] = [outcome]


def permit(touch: Touch = Touch.LOGIN) -> Permit:
    admitted = Gate([Scope("127.0.0.0/8", "hq", "here", touch)]).admit("127.0.0.1", touch)
    assert isinstance(admitted, Permit)
    return admitted


def door() -> Door:
    limits = Limits(connect_seconds=1, read_seconds=0.3, conversation_seconds=5, goodbye_seconds=0.2)
    return Door(Pace(1e6, 1e6), limits, 1)


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


async def asked(protocol: str, handler: Handler, account: str, password: str, **more: Any) -> Answer:
    """What looking, and where that leaves it open trying, comes to."""
    login = next(one for one in LOGINS if one.name == protocol)
    async with server(handler) as port:
        way = Way(protocol, port, **more)
        seen = await login.look(door(), permit(), way)
        if seen.answer is not None:
            return seen.answer
        return await login.attempt(door(), permit(), way, seen, Credential(account, Secret(password)))


def http(answer: Callable[[str, str], str]) -> Handler:
    """A web server: `answer(head, body)` gives status line and the rest."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        size = next((int(line[15:]) for line in head.split("\r\n") if line.startswith("Content-Length:")), 0)
        body = (await reader.readexactly(size)).decode()
        text = answer(head, body)
        start, _blank, page = text.partition("\n\n")
        lines = start.replace("\n", "\r\n")
        writer.write(f"HTTP/1.1 {lines}\r\nContent-Length: {len(page)}\r\n\r\n{page}".encode())
        await writer.drain()

    return handle


def talking(*turns: tuple[bytes, bytes]) -> Handler:
    """A server that says the first of each pair and waits for the second before it goes on."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for said, awaited in turns:
            writer.write(said)
            await writer.drain()
            if awaited:
                await reader.readuntil(awaited)

    return handle

"""Columns of an agent's tables, read row by row with GETBULK (RFC 3416, section 4.2.3), which only reads."""

import time
from typing import Final

from agent.permit import Permit
from agent.probes.reply import Context, Garbled
from agent.snmp_codec import Ask, Response, Version, discovery, parse_report
from agent.snmp_usm import Engine
from agent.snmp_ways import ByCommunity, ByUser, Way
from agent.transport.door import Door
from agent.transport.talk import Failed

MOST_REQUESTS: Final = 200

_SYSTEM: Final = "1.3.6.1.2.1.1"  # every agent has it (RFC 3418)
_ROWS: Final = 20


class Walk:
    """Walks columns of one agent, with at most `MOST_REQUESTS` requests in all."""

    def __init__(self, door: Door, permit: Permit, port: int, context: Context) -> None:
        self._door = door
        self._permit = permit
        self._port = port
        self._wait = context.timeout
        self._context = context
        self._way: Way = ByCommunity(Version.V2C, "")
        self._left = MOST_REQUESTS
        self._number = door.randomness.randrange(1, 1 << 30)

    async def opens(self) -> bool:
        """Whether the agent answers to a community, or to a user of its engine."""
        for community in self._context.communities:
            if await self._opens_by(ByCommunity(Version.V2C, community)):
                return True
        engine = await self._engine() if self._context.users else None
        if engine is None:
            return False
        for user in self._context.users:
            if await self._opens_by(ByUser(user, engine, self._door.randomness, time.monotonic)):
                return True
        return False

    async def column(self, column: str) -> list[tuple[str, str]]:
        """The column's variables in order; ends with it, at a lost answer, or when it goes in circles."""
        found: list[tuple[str, str]] = []
        at = column
        while self._left > 0:
            answer = await self._bulk(at, _ROWS)
            if not isinstance(answer, Response) or answer.error_status:
                break
            inside = [pair for pair in answer.variables if pair[0].startswith(f"{column}.")]
            if not inside or numbers_of(inside[-1][0]) <= numbers_of(at):
                break
            found += inside
            at = inside[-1][0]
            if len(inside) < len(answer.variables) or not answer.variables:
                break
        return found

    async def _opens_by(self, way: Way) -> bool:
        self._way = way
        return isinstance(await self._bulk(_SYSTEM, 1), Response)

    async def _engine(self) -> Engine | None:
        self._left -= 1
        self._number += 1
        heard = await self._door.ask(self._permit, self._port, discovery(self._number), wait=self._wait)
        engine = None if isinstance(heard, Failed) else parse_report(heard[0])
        return engine if isinstance(engine, Engine) else None

    async def _bulk(self, oid: str, rows: int, *, again: bool = False) -> Response | Failed | Garbled:
        self._left -= 1
        self._number += 1
        question = self._way.question(Ask.BULK, (oid,), self._number, rows)
        heard = await self._door.ask(self._permit, self._port, question, wait=self._wait)
        if isinstance(heard, Failed):
            return heard
        answer = self._way.read(heard[0])
        if isinstance(answer, Engine):
            return Garbled("the engine's clock jumps") if again else await self._bulk(oid, rows, again=True)
        if isinstance(answer, Response) and answer.request_id != self._number:
            return Garbled("the answer to another question")
        return answer


def numbers_of(text: str) -> tuple[int, ...]:
    """An OID or index in dots as numbers; empty where it is none."""
    parts = text.split(".")
    return tuple(int(part) for part in parts) if all(part.isdecimal() for part in parts) else ()

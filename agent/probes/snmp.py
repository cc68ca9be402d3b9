"""SNMP (RFC 3416, 1157): who the device says it is, in at most eight requests.

Harmless because it only reads: GET, GETNEXT and GETBULK change nothing (RFC 3416, section 4.2), and the
discovery of a v3 engine is answered with a report (RFC 3414, section 4). Communities and users are the
operator's; no other is ever guessed, for a wrong one may be logged as an attack.
"""

import asyncio
import random
import time
from collections.abc import Mapping
from typing import Final

from agent.permit import Permit
from agent.probes.reply import Context, Garbled, Probe, Reply, answered, failed
from agent.snmp_codec import Ask, Response, Version, discovery, parse_report
from agent.snmp_usm import Engine
from agent.snmp_ways import ByCommunity, ByUser, Way
from agent.transport.door import Door
from agent.transport.talk import Failed
from inventory.settings import WELL_KNOWN_COMMUNITIES
from inventory.types import ProbeOutcome, Touch

MOST_REQUESTS: Final = 8
WELL_KNOWN: Final = WELL_KNOWN_COMMUNITIES

SYSTEM: Final = tuple(f"1.3.6.1.2.1.1.{number}.0" for number in (1, 2, 4, 5, 6, 7))
# sysUpTime (3) is left out: it differs at every scan and tells devices from nothing.
SYS_OBJECT_ID: Final = SYSTEM[1]

_ENTITY: Final = "1.3.6.1.2.1.47.1.1.1.1"
# RFC 6933: descr, contained-in, class, name, hardware, firmware and software revision, serial, maker, model
_ENTITY_COLUMNS: Final = tuple(f"{_ENTITY}.{column}" for column in (2, 4, 5, 7, 8, 9, 10, 11, 12, 13))
_COLUMNS: Final = (
    "1.3.6.1.2.1.43.5.1.1.17",  # prtGeneralSerialNumber (RFC 3805)
    "1.3.6.1.2.1.43.5.1.1.16",  # prtGeneralPrinterName
    "1.3.6.1.2.1.25.3.2.1.3",  # hrDeviceDescr (RFC 2790)
    "1.3.6.1.2.1.2.2.1.6",  # ifPhysAddress (RFC 2863)
    "1.3.6.1.2.1.17.1.1",  # dot1dBaseBridgeAddress (RFC 4188)
)
_PAGES: Final = "1.3.6.1.2.1.43.10.2.1.4.1.1"  # prtMarkerLifeCount, left out as sysUpTime is
# What comes next after each of these tells which enterprises the agent has objects of, whatever its
# sysObjectID: half of the world's agents are net-snmp's (2021, 8072) and keep its own.
_ENTERPRISES: Final = "1.3.6.1.4.1"
_NET_SNMP: Final = (2021, 8072)
_ENTITY_ROWS: Final = 3
_ROWS: Final = 3
_MOST_VENDOR_OIDS: Final = 48  # what may stand behind net-snmp is the most
_MOST_V1_OIDS: Final = 24
_TOO_BIG: Final = 1
_NO_SUCH_NAME: Final = 2
_VERSIONS: Final = {Version.V1: "1", Version.V2C: "2c", Version.V3: "3"}
_USERS_AT_ONCE: Final = 2  # more would leave too few of the eight requests


async def ask(door: Door, permit: Permit, port: int, context: Context) -> tuple[Reply, ...]:
    """The identity objects, read with the first community or user that is answered, and the v3 engine id."""
    return await _Conversation(door, permit, port, context).hold()


class _Conversation:
    """The requests to one agent, counted; `said` collects its variables, `evidence` its raw answers."""

    def __init__(self, door: Door, permit: Permit, port: int, context: Context) -> None:
        self._door = door
        self._permit = permit
        self._port = port
        self._context = context
        self._way: Way = ByCommunity(Version.V2C, "")
        self._engine: Engine | None = None
        self._left = MOST_REQUESTS
        self._number = door.randomness.randrange(1, 1 << 30)
        self._said: dict[str, str] = {}
        self._enterprises: set[int] = set()
        self._end: tuple[int, ...] = (3,)  # nothing of a v1 agent comes after it; no OID begins with 3
        self._evidence = b""

    async def hold(self) -> tuple[Reply, ...]:
        service = f"udp/{self._port}"
        first = await self._open()
        if not isinstance(first, Response):
            if self._engine:
                facts = [("snmp.engine_id", self._engine.id.hex())]
                return (answered("snmp", service, facts, self._evidence),)
            return (failed("snmp", service, first),)
        self._take(first)
        # Identity before equipment: if the eight requests run out, what matters most is known.
        await self._rows(_ENTITY_COLUMNS, _ENTITY_ROWS, once=self._heads())
        await self._exactly(self._vendors_own()[:_MOST_VENDOR_OIDS], 1)
        await self._exactly((*(f"{column}.*" for column in _COLUMNS), *self._nobodys_own()), _ROWS)
        facts = [("snmp_sysdescr", self._said.get(SYSTEM[0], ""))]
        facts += [(oid, value) for oid, value in self._said.items() if oid != SYSTEM[0]]
        facts += [("snmp.enterprise", str(number)) for number in sorted(self._enterprises)]
        facts += [
            ("snmp.engine_id", self._engine.id.hex() if self._engine else ""),
            ("snmp.version", _VERSIONS[self._way.version]),
        ]
        if isinstance(self._way, ByCommunity):
            known = self._way.community.lower() in WELL_KNOWN
            facts.append(("snmp.community", self._way.community if known else "***"))
        return (answered("snmp", service, facts, self._masked_evidence()),)

    async def _open(self) -> Response | Failed | Garbled:
        """The system group in the version and with the community that is answered; and the engine's id.

        Most devices answer the first question or refuse it. Only after silence are the other communities
        and the older version tried, side by side.
        """
        if not self._context.communities:
            self._engine = await self._engine_id()
            return await self._as_users() or Failed(ProbeOutcome.NOT_TRIED, "no community to try")
        first, *others = (ByCommunity(Version.V2C, one) for one in self._context.communities)
        opening, self._engine = await asyncio.gather(
            self._send(Ask.GET, SYSTEM, way=first), self._engine_id()
        )
        if isinstance(opening, Response):
            self._way = first
            return opening
        if isinstance(opening, Failed) and opening.outcome is not ProbeOutcome.SILENT:
            return opening
        if (answer := await self._as_users()) is not None:
            return answer
        ways = (*others, ByCommunity(Version.V1, first.community))
        answers = await asyncio.gather(*(self._send(Ask.GET, SYSTEM, way=way, tries=1) for way in ways))
        for way, one in zip(ways, answers, strict=True):
            if isinstance(one, Response):
                self._way = way
                return one
        return opening

    async def _as_users(self) -> Response | None:
        """The system group as the first user whom the engine knows; None without engine or such a user."""
        if self._engine is None:
            return None
        for user in self._context.users[:_USERS_AT_ONCE]:
            way = ByUser(user, self._engine, self._door.randomness, time.monotonic)
            answer = await self._send(Ask.GET, SYSTEM, way=way)
            if isinstance(answer, Response):
                self._way = way
                return answer
        return None

    def _heads(self) -> tuple[str, ...]:
        """Where to look for enterprises: from the first on, and beyond net-snmp's and the device's own."""
        if self._way.version is Version.V1:  # past the last object all of the answer is an error
            return ()
        own = _enterprise(self._said.get(SYS_OBJECT_ID, ""))
        beyond = sorted({*_NET_SNMP, *((own,) if own is not None else ())})
        return (_ENTERPRISES, *(f"{_ENTERPRISES}.{number + 1}" for number in beyond))

    def _vendors_own(self) -> tuple[str, ...]:
        """The identity OIDs for the sysObjectID and the other enterprises; net-snmp's tells least."""
        told = self._said.get(SYS_OBJECT_ID, "")
        own = _enterprise(told)
        others = [f"{_ENTERPRISES}.{number}" for number in sorted(self._enterprises - {own, *_NET_SNMP})]
        places = [*others, told] if own in _NET_SNMP else [told, *others]
        steps = told.split(".")
        wanted = (
            _completed(oid, steps) for place in places if place for oid in self._context.vendor_oids(place)
        )
        return tuple(oid for oid in dict.fromkeys(wanted) if oid and oid not in self._said)

    def _nobodys_own(self) -> tuple[str, ...]:
        oids = self._context.vendor_oids("")
        asked = tuple(f"{column}." for column in _COLUMNS)
        return tuple(
            oid for oid in oids if oid not in self._said and oid != _PAGES and not oid.startswith(asked)
        )

    async def _exactly(self, oids: tuple[str, ...], rows: int) -> None:
        """Single objects by GET; columns (`….*`) by rows, as all of v1: one absent object spoils its GET."""
        columns = tuple(oid.removesuffix(".*") for oid in oids if oid.endswith(".*"))
        single = tuple(oid for oid in oids if not oid.endswith(".*"))
        if self._way.version is Version.V1:
            columns, single = (*columns, *(oid.rpartition(".")[0] for oid in single)), ()
            columns = tuple(dict.fromkeys(columns))[:_MOST_V1_OIDS]
        if single:
            answer = await self._send(Ask.GET, single)
            if isinstance(answer, Response) and answer.error_status == _TOO_BIG:
                answer = await self._send(Ask.GET, single[: len(single) // 2])
            if isinstance(answer, Response):
                self._take(answer)
        if columns:
            await self._rows(columns, rows)

    async def _rows(self, columns: tuple[str, ...], rows: int, *, once: tuple[str, ...] = ()) -> None:
        """The first rows of each column; variables beyond the columns are another table's and left out.

        `once` are asked for what comes next after them, for the enterprise alone that it belongs to.
        """
        if self._way.version is Version.V1:
            answer = await self._next(columns)
        else:
            oids = (*once, *columns)
            answer = await self._send(Ask.BULK, oids, repetitions=rows, once=len(once))
            if isinstance(answer, Response) and answer.error_status == _TOO_BIG:
                answer = await self._send(Ask.BULK, oids, repetitions=1, once=len(once))
        if isinstance(answer, Response):
            self._take(answer, columns)

    async def _next(self, columns: tuple[str, ...]) -> Response | Failed | Garbled:
        """What comes next after each column, by v1: all is refused for one behind the agent's last object."""
        asked = tuple(sorted((one for one in columns if _steps(one) < self._end), key=_steps))
        answer = await self._send(Ask.NEXT, asked) if asked else Garbled("behind the last object")
        if isinstance(answer, Response) and answer.error_status == _NO_SUCH_NAME:
            before = asked[: max(answer.error_index, 1) - 1]
            self._end = _steps(asked[len(before)]) if len(before) < len(asked) else self._end
            answer = await self._send(Ask.NEXT, before) if before else answer
        return answer

    async def _engine_id(self) -> Engine | None:
        self._left -= 1
        self._number += 1
        heard = await self._door.ask(
            self._permit, self._port, discovery(self._number), tries=1, wait=self._context.timeout
        )
        if isinstance(heard, Failed):
            return None
        self._evidence += heard[0]
        engine = parse_report(heard[0])
        return None if isinstance(engine, Garbled) else engine

    async def _send(
        self,
        ask_: Ask,
        oids: tuple[str, ...],
        *,
        way: Way | None = None,
        tries: int = 2,
        repetitions: int = 0,
        once: int = 0,
    ) -> Response | Failed | Garbled:
        if self._left <= 0:
            return Failed(ProbeOutcome.NOT_TRIED, "the eight requests are used up")
        self._left -= 1
        self._number += 1
        number = self._number
        way = way or self._way
        question = way.question(ask_, oids, number, repetitions, once)
        heard = await self._door.ask(
            self._permit, self._port, question, tries=tries, wait=self._context.timeout
        )
        if isinstance(heard, Failed):
            return heard
        self._evidence += heard[0]
        answer = way.read(heard[0])
        if isinstance(answer, Engine):
            return await self._send(ask_, oids, way=way, tries=1, repetitions=repetitions, once=once)
        if isinstance(answer, Response) and answer.request_id != number:
            return Garbled("the answer to another question")
        return answer

    def _take(self, answer: Response, under: tuple[str, ...] = ()) -> None:
        for oid, value in answer.variables:
            number = _enterprise(oid)
            self._enterprises |= {number} if number is not None else set()
            if not under or any(oid.startswith(f"{column}.") for column in under):
                self._said.setdefault(oid, value)

    def _masked_evidence(self) -> bytes:
        secret = self._way.community.encode() if isinstance(self._way, ByCommunity) else b""
        return self._evidence.replace(secret, b"*" * len(secret)) if secret else self._evidence


def _enterprise(oid: str) -> int | None:
    """The enterprise that an object belongs to; None for those of the standard MIBs."""
    number = oid.removeprefix(f"{_ENTERPRISES}.").partition(".")[0]
    return int(number) if oid.startswith(f"{_ENTERPRISES}.") and number.isdecimal() else None


def _steps(oid: str) -> tuple[int, ...]:
    return tuple(int(step) for step in oid.split("."))


def _completed(oid: str, sys_object_id: list[str]) -> str:
    """`*` inside an OID stands for the sysObjectID's number there; empty where that is too short."""
    steps = oid.split(".")
    for at, step in enumerate(steps[:-1]):
        if step == "*":
            if at >= len(sys_object_id):
                return ""
            steps[at] = sys_object_id[at]
    return ".".join(steps)


def again(_permit: Permit, facts: Mapping[str, str], randomness: random.Random) -> bytes | None:
    """The engine discovery where it was answered, else a GET with the well-known community that was.

    A community that is no common knowledge is not sent across a border.
    """
    number = randomness.randrange(1, 1 << 30)
    if facts.get("snmp.engine_id"):
        return discovery(number)
    community = facts.get("snmp.community", "")
    version = next((key for key, text in _VERSIONS.items() if text == facts.get("snmp.version")), None)
    if version is None or community.lower() not in WELL_KNOWN:
        return None
    return ByCommunity(version, community).question(Ask.GET, SYSTEM[:1], number)


SNMP: Final = Probe("snmp", Touch.QUERY, "udp", (161,), ask, again)

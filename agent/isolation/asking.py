"""One vantage asks answerers across the border, each service with a nonce of its own."""

import asyncio
import ipaddress
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from agent.areas import Refused
from agent.isolation.answering import USUAL
from agent.isolation.journal import NOT_TRIED, REFUSED, SEALED, SILENT, UNSEALED, Asked
from agent.isolation.tokens import Token
from agent.permit import Gate, Permit
from agent.transport.answerer import GROUPS, group_question
from agent.transport.door import Door
from agent.transport.talk import Failed, Link
from inventory.language import N_
from inventory.types import Clock, ProbeOutcome, Touch

_GROUP_HOPS: Final = 2  # a router that passes multicast on sees it; the UPnP architecture's own default
_TRIES: Final = 2  # one lost packet is no wall


@dataclass(frozen=True, slots=True)
class Vantage:
    """Where the questions come from: the name of the machine, its site and its segment."""

    name: str
    site: str
    segment: str


@dataclass(frozen=True, slots=True)
class Answering:
    """An answerer: its segment, its address, and the services to ask it for."""

    segment: str
    address: str
    services: tuple[str, ...] = USUAL


class Asker:
    """Asks answerers, each as gently as the door goes; `nonce()` gives 32 fresh hexadecimal letters."""

    def __init__(  # noqa: PLR0917 - what one asker is made of
        self, door: Door, gate: Gate, token: Token, clock: Clock, nonce: Callable[[], str], wait: float = 1.0
    ) -> None:
        self._door = door
        self._gate = gate
        self._token = token
        self._clock = clock
        self._nonce = nonce
        self._wait = wait

    async def ask(self, vantage: Vantage, answerers: Iterable[Answering]) -> tuple[Asked, ...]:
        """Every question and what came back; an address without a permit is not asked, and says why."""
        asked: list[Asked] = []
        for answering in answerers:
            permit = self._gate.admit(answering.address, Touch.QUERY)
            asked += await asyncio.gather(
                *(
                    self._one(vantage, answering, service, permit)
                    for service in answering.services
                    if service not in GROUPS
                )
            )
        return tuple(asked)

    async def ask_groups(
        self, vantage: Vantage, own: str, kinds: Sequence[str], segments: Sequence[str]
    ) -> tuple[Asked, ...]:
        """mDNS and SSDP questions on the wire of an own address, for every segment that could hear them.

        As often as loss asks for; whoever hears one of them has heard it.
        """
        asked: list[Asked] = []
        family = ipaddress.ip_address(own).version
        for kind in kinds:
            port, groups = GROUPS[kind].port, GROUPS[kind].addresses[family]
            nonce, at = self._nonce(), self._clock.now()
            outcome, words = SILENT, ""
            for group in groups * _TRIES:
                question = group_question(kind, group, self._token.question(nonce))
                said = await self._door.ask_group({}, own, group, port, question, hops=_GROUP_HOPS)
                if isinstance(said, Failed):
                    outcome, words = NOT_TRIED, said.reason
            asked += [
                Asked(
                    vantage.site,
                    vantage.segment,
                    each,
                    groups[-1],
                    kind,
                    family,
                    nonce,
                    at,
                    vantage.name,
                    outcome,
                    words,
                )
                for each in segments
            ]
        return tuple(asked)

    async def _one(
        self, vantage: Vantage, answering: Answering, service: str, permit: Permit | Refused
    ) -> Asked:
        nonce, at = self._nonce(), self._clock.now()
        if isinstance(permit, Refused):
            outcome, words = NOT_TRIED, permit.reason
        elif permit.target.segment != answering.segment or permit.target.site != vantage.site:
            outcome, words = NOT_TRIED, N_("the address is not in a scope of that segment")
        else:
            outcome, words = await self._put(permit, service, nonce, answering.segment)
        family = ipaddress.ip_address(answering.address).version
        return Asked(
            vantage.site,
            vantage.segment,
            answering.segment,
            answering.address,
            service,
            family,
            nonce,
            at,
            vantage.name,
            outcome,
            words,
        )

    async def _put(self, permit: Permit, service: str, nonce: str, segment: str) -> tuple[str, str]:
        kind, _slash, number = service.partition("/")
        question = self._token.question(nonce)
        said: tuple[bytes, ...] | Failed
        if kind == "tcp":
            heard = await self._door.converse(permit, int(number), lambda link: _say(link, question))
            said = heard if isinstance(heard, Failed) else (heard,)
        elif kind == "udp":
            said = await self._door.ask(permit, int(number), question, tries=_TRIES, wait=self._wait)
        else:
            said = await self._door.echo(permit, question, tries=_TRIES, wait=self._wait)
        if isinstance(said, Failed):
            return _of_failure(said)
        if any(self._token.answered(data, nonce, service, segment) for data in said):
            return SEALED, ""
        return UNSEALED, N_("somebody answered who does not know the token")


async def _say(link: Link, question: bytes) -> bytes:
    await link.write(question)
    return await link.read_until(b"\n")


def _of_failure(failed: Failed) -> tuple[str, str]:
    """What is not known to be silence or a refusal is none: with a journal those would be a wall."""
    return _FAILURES.get(failed.outcome, NOT_TRIED), failed.reason


_FAILURES: Final = {
    ProbeOutcome.SILENT: SILENT,
    ProbeOutcome.REFUSED: REFUSED,
    ProbeOutcome.UNREACHABLE: REFUSED,
    ProbeOutcome.FORBIDDEN: REFUSED,
    ProbeOutcome.GARBLED: UNSEALED,  # somebody took the connection, and hung up
}

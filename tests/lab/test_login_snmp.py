"""A community is refused only by an agent that demonstrably hears us: a lost datagram is no refusal."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any

import pytest

from agent.logins.protocol import Credential, Seen, Way
from agent.logins.secrecy import Secret
from agent.logins.snmp import SNMP
from agent.permit import Permit
from agent.transport.door import Door
from agent.transport.limits import Limits
from agent.transport.pace import Pace
from agent.transport.talk import Failed
from inventory.types import ProbeOutcome, TryOutcome
from tests.lab.pretend_device import free_port, speaking
from tests.lab.test_logins_counted import RIGHT, WRONG, permitted, tried

AGENT = {
    "communities": [RIGHT],
    "versions": ["2c", "3"],
    "system": {"descr": "a box", "object_id": "1.3.6.1"},
}


@pytest.fixture(autouse=True)
def brisk_agent(monkeypatch: pytest.MonkeyPatch) -> None:
    """An agent on loopback that has not answered after a moment will not."""
    monkeypatch.setattr("agent.logins.snmp._WAIT_SECONDS", 0.1)


class Wire(asyncio.DatagramProtocol):
    """Passes questions on to an agent and answers back, but those under a community and these discoveries."""

    transport: asyncio.DatagramTransport

    def __init__(self, agent: int, lost: Collection[int], *, loses_communities: bool) -> None:
        self.agent, self.lost, self.loses_communities = agent, lost, loses_communities
        self.communities = self.discoveries = 0

    def datagram_received(self, data: bytes, sender: tuple[str, int]) -> None:
        if sender[1] == self.agent:
            self.transport.sendto(data, self.asker)
            return
        self.asker = sender
        if RIGHT.encode() in data or WRONG.encode() in data:
            self.communities += 1
            is_lost = self.loses_communities
        else:
            is_lost = self.discoveries in self.lost
            self.discoveries += 1
        if not is_lost:
            self.transport.sendto(data, ("127.0.0.1", self.agent))


@asynccontextmanager
async def agent_behind(
    *lost: int, loses_communities: bool = False, **settings: object
) -> AsyncIterator[tuple[int, Wire]]:
    """A real agent's port behind a wire that loses these questions."""
    async with speaking("snmp", **{**AGENT, **settings}) as device:
        port, loop = free_port("udp"), asyncio.get_running_loop()
        wire = Wire(device.port, lost, loses_communities=loses_communities)
        wire.transport, _wire = await loop.create_datagram_endpoint(
            lambda: wire, local_addr=("127.0.0.1", port)
        )
        try:
            yield port, wire
        finally:
            wire.transport.close()


async def told(port: int, community: str) -> TryOutcome:
    return (await tried(Way("snmp", port, transport="udp"), "read", community)).outcome


async def test_an_agent_that_hears_everything_refuses_by_its_silence() -> None:
    async with agent_behind() as (port, wire):
        assert await told(port, WRONG) is TryOutcome.REFUSED
        assert (wire.communities, wire.discoveries) == (1, 8)
        assert await told(port, RIGHT) is TryOutcome.ACCEPTED


@pytest.mark.parametrize("also", [0, 3, 4, 7])
async def test_where_any_other_question_is_lost_silence_means_nothing(also: int) -> None:
    async with agent_behind(also, loses_communities=True) as (port, wire):
        assert await told(port, RIGHT) is TryOutcome.UNCLEAR
        assert wire.communities == 1


async def test_an_agent_without_an_engine_refuses_nothing() -> None:
    async with agent_behind(versions=["2c"]) as (port, _wire):
        assert await told(port, WRONG) is TryOutcome.UNCLEAR
        assert await told(port, RIGHT) is TryOutcome.ACCEPTED


class Closing(Door):
    """The door of a network whose port is closed for the one question, as an agent's is that starts anew."""

    async def ask(self, permit: Permit, port: int, question: bytes, **how: Any) -> tuple[bytes, ...] | Failed:
        if WRONG.encode() in question:
            return Failed(ProbeOutcome.REFUSED, "the port refuses")
        return await super().ask(permit, port, question, **how)


async def test_a_port_that_refuses_the_community_and_answers_all_else_refuses_nothing() -> None:
    async with speaking("snmp", **AGENT) as device:
        door = Closing(Pace(1e6, 1e6), Limits(), 1)
        way = Way("snmp", device.port, transport="udp")
        answer = await SNMP.attempt(door, permitted(), way, Seen(), Credential("read", Secret(WRONG)))
    assert answer.outcome is TryOutcome.UNCLEAR

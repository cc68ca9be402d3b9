"""SNMP (RFC 1157, RFC 3584): one GET of sysDescr under a published community. Nothing is ever set.

An agent keeps silent about a wrong community, and a lost datagram looks the same. So silence is a refusal
only where the agent answers every one of several discoveries of its v3 engine (RFC 3414, section 4), half of
them right before the community and half right after it; they name nobody and are no try. Where every second
question is lost, they are all answered once in 256 times.
"""

from typing import Final

from agent.logins.protocol import Answer, Credential, Login, Seen, Way, nothing_to_see
from agent.permit import Permit
from agent.probes.reply import Garbled
from agent.snmp_codec import Ask, Version, discovery, parse, parse_report, request
from agent.snmp_usm import Engine
from agent.transport.door import Door
from agent.transport.talk import Failed
from inventory.types import ProbeOutcome, TryOutcome

_SYS_DESCR: Final = "1.3.6.1.2.1.1.1.0"
_WAIT_SECONDS: Final = 2.0  # one try: a slow agent must not be taken for one that refuses
_ON_EACH_SIDE: Final = 4


async def attempt(door: Door, permit: Permit, way: Way, seen: Seen, who: Credential) -> Answer:  # noqa: ARG001
    """One community: `account` says what it is good for, `password` is the community."""
    lived = await _lives(door, permit, way)
    number = door.randomness.randrange(1, 1 << 30)
    question = request(Version.V2C, who.password.reveal(), Ask.GET, (_SYS_DESCR,), request_id=number)
    heard = await door.ask(permit, way.port, question, tries=1, wait=_WAIT_SECONDS)
    if not isinstance(heard, Failed) and any(not isinstance(parse(data), Garbled) for data in heard):
        return Answer(TryOutcome.ACCEPTED, "the community is answered")
    if not isinstance(heard, Failed):
        return Answer(TryOutcome.UNCLEAR, "the answer cannot be read")
    if heard.outcome is not ProbeOutcome.SILENT:
        return Answer(TryOutcome.UNCLEAR, heard.reason)
    if lived and await _lives(door, permit, way):
        return Answer(TryOutcome.REFUSED, "the agent lives and does not answer the community")
    return Answer(TryOutcome.UNCLEAR, "silence, which may mean anything")


async def _lives(door: Door, permit: Permit, way: Way) -> bool:
    """Whether every one of several discoveries is answered at once, so that datagrams come through."""
    for _time in range(_ON_EACH_SIDE):
        number = door.randomness.randrange(1, 1 << 30)
        reports = await door.ask(permit, way.port, discovery(number), tries=1, wait=_WAIT_SECONDS)
        if isinstance(reports, Failed) or not any(isinstance(parse_report(each), Engine) for each in reports):
            return False
    return True


SNMP: Final = Login("snmp", "udp", (161,), nothing_to_see, attempt)

"""SNMP (RFC 1157, RFC 3584): one GET of sysDescr under a published community. Nothing is ever set.

An agent keeps silent about a wrong community, so silence is a refusal only where the agent is known to live:
it answers the discovery of its v3 engine (RFC 3414, section 4) at the same moment.
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


async def attempt(door: Door, permit: Permit, way: Way, seen: Seen, who: Credential) -> Answer:  # noqa: ARG001
    """One community: `account` says what it is good for, `password` is the community."""
    number = door.randomness.randrange(1, 1 << 30)
    question = request(Version.V2C, who.password.reveal(), Ask.GET, (_SYS_DESCR,), request_id=number)
    heard = await door.ask(permit, way.port, question, tries=1, wait=_WAIT_SECONDS)
    if not isinstance(heard, Failed) and any(not isinstance(parse(data), Garbled) for data in heard):
        return Answer(TryOutcome.ACCEPTED, "the community is answered")
    if isinstance(heard, Failed) and heard.outcome is not ProbeOutcome.SILENT:
        return Answer(TryOutcome.UNCLEAR, heard.reason)
    reports = await door.ask(permit, way.port, discovery(number), tries=1, wait=_WAIT_SECONDS)
    if not isinstance(reports, Failed) and any(isinstance(parse_report(data), Engine) for data in reports):
        return Answer(TryOutcome.REFUSED, "the agent lives and does not answer the community")
    return Answer(TryOutcome.UNCLEAR, "silence, which may mean anything")


SNMP: Final = Login("snmp", "udp", (161,), nothing_to_see, attempt)

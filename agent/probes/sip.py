"""SIP (RFC 3261): what a phone or PBX calls itself.

Harmless because OPTIONS asks for capabilities without ringing anybody or making a dialog (RFC 3261,
section 11).
"""

import random
from typing import Final

from agent.permit import Permit
from agent.probes.http_message import parse as parse_http
from agent.probes.reply import Context, Garbled, Probe, Reply, answered, failed
from agent.transport.door import Door
from agent.transport.talk import Failed
from inventory.types import Touch


def parse(data: bytes) -> tuple[tuple[str, str], ...] | Garbled:
    """The facts of a SIP response: status, Server, User-Agent, allowed methods."""
    if not data.startswith(b"SIP/2.0 "):
        return Garbled("no SIP status line")
    page = parse_http(b"HTTP/1.1 " + data[8:])
    if isinstance(page, Garbled):
        return page
    facts = (
        ("sip.status", str(page.status)),
        ("sip_banners", page.header("server")),
        ("sip_user_agents", page.header("user-agent")),
        ("sip.allow", page.header("allow")),
        ("sip.organization", page.header("organization")),
    )
    return tuple((name, value) for name, value in facts if value)


def question(permit: Permit, randomness: random.Random) -> bytes:
    """An OPTIONS over UDP; answers come back to the port asked from (RFC 3581, rport)."""
    mark = f"{randomness.getrandbits(48):012x}"
    return (
        f"OPTIONS sip:{permit.literal} SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP muster.invalid:5060;branch=z9hG4bK{mark};rport\r\n"
        f"Max-Forwards: 70\r\nFrom: <sip:muster@muster.invalid>;tag={mark}\r\n"
        f"To: <sip:{permit.literal}>\r\nCall-ID: {mark}@muster.invalid\r\nCSeq: 1 OPTIONS\r\n"
        "Contact: <sip:muster@muster.invalid>\r\nAccept: application/sdp\r\nContent-Length: 0\r\n\r\n"
    ).encode()


async def ask(door: Door, permit: Permit, port: int, context: Context) -> tuple[Reply, ...]:
    """One OPTIONS."""
    service = f"udp/{port}"
    heard = await door.ask(permit, port, question(permit, door.randomness), wait=context.timeout)
    if isinstance(heard, Failed):
        return (failed("sip", service, heard),)
    read = parse(heard[0])
    if isinstance(read, Garbled):
        return (failed("sip", service, read, heard[0]),)
    return (answered("sip", service, read, heard[0]),)


SIP: Final = Probe(
    "sip",
    Touch.QUERY,
    "udp",
    (5060,),
    ask,
    again=lambda permit, _facts, randomness: question(permit, randomness),
)

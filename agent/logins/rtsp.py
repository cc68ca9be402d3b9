"""RTSP (RFC 2326, RFC 7826): DESCRIBE, without a login to look and with one to try; no stream is set up."""

import secrets
from typing import Final

from agent.logins.protocol import Answer, Credential, Login, Seen, Way, unanswered, unseen
from agent.logins.web_wire import Challenge, authorization, challenge_of
from agent.permit import Permit
from agent.probes.http_message import Page
from agent.probes.http_message import parse as parse_http
from agent.probes.reply import Garbled
from agent.transport.door import Door
from agent.transport.talk import Failed, Link
from inventory.types import ProbeOutcome, TryOutcome

_END: Final = b"\r\n\r\n"


async def look(door: Door, permit: Permit, way: Way) -> Seen:
    """The challenge of DESCRIBE; open where it is answered."""
    page = await _describe(door, permit, way, "")
    if isinstance(page, Failed):
        return unseen(page)
    if page.status == 200:
        return Seen(Answer(TryOutcome.OPEN, "the stream is described without a login"))
    challenge = challenge_of(page.headers.get("www-authenticate", ()))
    if page.status == 401 and challenge is not None:
        return Seen(handle=challenge, kind=challenge.scheme, once=True)
    return Seen(Answer(TryOutcome.UNCLEAR, f"status {page.status}"))


async def attempt(door: Door, permit: Permit, way: Way, seen: Seen, who: Credential) -> Answer:
    """One DESCRIBE with an account."""
    if not isinstance(seen.handle, Challenge):
        return Answer(TryOutcome.UNCLEAR, "no challenge to answer")
    given = authorization(seen.handle, "DESCRIBE", _uri(permit, way), who, secrets.token_hex(8))
    page = await _describe(door, permit, way, f"Authorization: {given}\r\n")
    if isinstance(page, Failed):
        return unanswered(page)
    if page.status in (423, 429, 453) or (page.status >= 400 and "retry-after" in page.headers):
        return Answer(TryOutcome.LOCKED, f"status {page.status}")
    if page.status == 401:
        return Answer(TryOutcome.REFUSED, "status 401")
    if page.status in (200, 404):  # the stream's name may be another; the login was taken
        return Answer(TryOutcome.ACCEPTED, f"status {page.status}")
    return Answer(TryOutcome.UNCLEAR, f"status {page.status}")


async def _describe(door: Door, permit: Permit, way: Way, extra: str) -> Page | Failed:
    async def talk(link: Link) -> bytes:
        head = f"DESCRIBE {_uri(permit, way)} RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: Muster\r\n"
        await link.write(f"{head}Accept: application/sdp\r\n{extra}\r\n".encode())
        return await link.read_until(_END)

    heard = await door.converse(permit, way.port, talk)
    if isinstance(heard, Failed):
        return heard
    page = parse_http(heard)
    return Failed(ProbeOutcome.GARBLED, page.reason) if isinstance(page, Garbled) else page


def _uri(permit: Permit, way: Way) -> str:
    return f"rtsp://{permit.literal}:{way.port}/"


RTSP: Final = Login("rtsp", "tcp", (554, 8554), look, attempt)

"""RTSP (RFC 2326, RFC 7826): DESCRIBE, without a login to look and with one to try; no stream is set up.

A server may hold its nonce good for one connection only, so a try asks for it once more there.
"""

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
_HANGING_UP_SECONDS: Final = 0.1  # a server that ends the conversation with its challenge does it by then


async def look(door: Door, permit: Permit, way: Way) -> Seen:
    """The challenge of DESCRIBE; open where it is answered."""
    (page,) = await _describe(door, permit, way, None)
    if isinstance(page, Failed):
        return unseen(page)
    if page.status == 200:
        return Seen(Answer(TryOutcome.OPEN, "the stream is described without a login"))
    challenge = _challenge(page)
    if challenge is not None:
        return Seen(kind=challenge.scheme)
    return Seen(Answer(TryOutcome.UNCLEAR, f"status {page.status}"))


async def attempt(door: Door, permit: Permit, way: Way, seen: Seen, who: Credential) -> Answer:  # noqa: ARG001
    """One DESCRIBE with an account."""
    *asked, page = await _describe(door, permit, way, who)
    if isinstance(page, Failed):
        return unanswered(page)
    if not asked:
        return Answer(TryOutcome.UNCLEAR, f"status {page.status} before the account")
    if page.status in (423, 429, 453) or (page.status >= 400 and "retry-after" in page.headers):
        return Answer(TryOutcome.LOCKED, f"status {page.status}")
    again = _challenge(page)
    if again is not None and again.is_stale:
        return Answer(TryOutcome.UNCLEAR, "the challenge had grown stale")
    if page.status == 401:
        return Answer(TryOutcome.REFUSED, "status 401")
    if page.status in (200, 404):  # the stream's name may be another; the login was taken
        return Answer(TryOutcome.ACCEPTED, f"status {page.status}")
    return Answer(TryOutcome.UNCLEAR, f"status {page.status}")


async def _describe(
    door: Door, permit: Permit, way: Way, who: Credential | None
) -> tuple[Page | Failed, ...]:
    """The answers to DESCRIBE: without an account, then, where one is given and asked for, with it."""
    uri = _uri(permit, way)

    async def ask(link: Link, number: int, extra: str) -> Page | Failed:
        start = len(link.heard)
        head = f"DESCRIBE {uri} RTSP/1.0\r\nCSeq: {number}\r\nUser-Agent: Muster\r\n"
        await link.write(f"{head}Accept: application/sdp\r\n{extra}\r\n".encode())
        page = await _response(link, start)
        return Failed(ProbeOutcome.GARBLED, page.reason) if isinstance(page, Garbled) else page

    def answering(challenge: Challenge, who: Credential) -> str:
        given = authorization(challenge, "DESCRIBE", uri, who, secrets.token_hex(8))
        return f"Authorization: {given}\r\n"

    async def talk(link: Link) -> tuple[Page | Failed, ...]:
        first = await ask(link, 1, "")
        challenge = _challenge(first)
        if who is None or challenge is None:
            return (first,)
        await link.read_some(_HANGING_UP_SECONDS)
        return (first,) if link.is_over else (first, await ask(link, 2, answering(challenge, who)))

    heard = await door.converse(permit, way.port, talk)
    if isinstance(heard, Failed):
        return (heard,)
    challenge = _challenge(heard[0])
    if who is None or challenge is None or len(heard) == 2:
        return heard
    last = await door.converse(permit, way.port, lambda link: ask(link, 2, answering(challenge, who)))
    return (*heard, last)


async def _response(link: Link, start: int) -> Page | Garbled | Failed:
    """The response that begins `start` bytes into what is heard; its body is read past."""
    while (end := link.heard.find(_END, start)) < 0:
        if not await link.read_some():
            if len(link.heard) > start:
                return parse_http(bytes(link.heard[start:]))
            return Failed(ProbeOutcome.GARBLED if link.is_over else ProbeOutcome.SILENT, "no answer")
    page = parse_http(bytes(link.heard[start : end + len(_END)]))
    if isinstance(page, Page) and page.header("content-length").isdecimal():
        await link.read_at_least(end + len(_END) + int(page.header("content-length")[:8]))
    return page


def _challenge(page: Page | Failed) -> Challenge | None:
    if isinstance(page, Failed) or page.status != 401:
        return None
    return challenge_of(page.headers.get("www-authenticate", ()))


def _uri(permit: Permit, way: Way) -> str:
    return f"rtsp://{permit.literal}:{way.port}/"


RTSP: Final = Login("rtsp", "tcp", (554, 8554), look, attempt)

"""ONVIF (Core Specification, section 5.9): GetUsers without a login to look, with a UsernameToken to try.

GetUsers is a reading request of the access class READ_SYSTEM_SECRET: a device that answers a stranger asks
for no login. The token's time is the device's own, which GetSystemDateAndTime tells anybody.
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final
from xml.sax.saxutils import escape

from agent.logins.protocol import Answer, Credential, Login, Seen, Way, unanswered, understood, unseen
from agent.logins.web_wire import Challenge, authorization, challenge_of, fetch
from agent.permit import Permit
from agent.probes.http_message import Page
from agent.probes.page import visible_text
from agent.transport.door import Door
from agent.transport.talk import Failed
from inventory.types import TryOutcome

_PATH: Final = "/onvif/device_service"
_ENVELOPE: Final = (
    '<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:tds="http://www.onvif.org/ver10/device/wsdl"><s:Header>{header}</s:Header><s:Body>{body}</s:Body>'
    "</s:Envelope>"
)
_SECURITY: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
_DIGEST: Final = f"{_SECURITY}username-token-profile-1.0#PasswordDigest"
_ALLOWED: Final = re.compile(r"<(?:[\w.-]+:)?GetUsersResponse\b")
_DENIED: Final = re.compile(r"NotAuthorized|FailedAuthentication|Sender not authorized", re.IGNORECASE)
_ENVELOPED: Final = re.compile(r"<(?:[\w.-]+:)?Envelope\b")
_NO_SERVICE: Final = frozenset({200, 301, 302, 400, 403, 404, 405, 501})  # a web server that has no such page
_TIME: Final = re.compile(
    r"UTCDateTime>.*?Hour>(\d{1,2})<.*?Minute>(\d{1,2})<.*?Second>(\d{1,2})<.*?Year>(\d{4})<.*?Month>(\d{1,2})<"
    r".*?Day>(\d{1,2})<",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """How a device asks: by an HTTP challenge, or for a token that bears its own time."""

    challenge: Challenge | None
    at: datetime | None


async def look(door: Door, permit: Permit, way: Way) -> Seen:
    """Whether GetUsers asks for a login; and the device's time."""
    page = await _call(door, permit, way, "", "GetUsers")
    if isinstance(page, Failed):
        return unseen(page)
    text = page.text
    if page.status == 200 and _ALLOWED.search(text):
        return Seen(Answer(TryOutcome.OPEN, "GetUsers is answered without a login"))
    challenge = challenge_of(page.headers.get("www-authenticate", ())) if page.status == 401 else None
    if challenge is None and not _DENIED.search(text):
        answer = Answer(TryOutcome.UNCLEAR, f"status {page.status}")
        return Seen(answer, absent=page.status in _NO_SERVICE and not _ENVELOPED.search(text))
    told = await _call(door, permit, way, "", "GetSystemDateAndTime") if challenge is None else None
    return Seen(handle=_Asked(challenge, _time_of(told)), kind="onvif", once=True)


async def attempt(door: Door, permit: Permit, way: Way, seen: Seen, who: Credential) -> Answer:
    """One GetUsers with an account."""
    if not isinstance(seen.handle, _Asked):
        return Answer(TryOutcome.UNCLEAR, "nothing to answer")
    challenge, at = seen.handle.challenge, seen.handle.at
    if challenge is not None:
        path = way.path or _PATH
        given = authorization(challenge, "POST", path, who, secrets.token_hex(8))
        page = await _call(door, permit, way, "", "GetUsers", more={"Authorization": given})
    else:
        token = _token(who, f"{at or datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")
        page = await _call(door, permit, way, token, "GetUsers")
    if isinstance(page, Failed):
        return unanswered(page)
    text = page.text
    if page.status in (423, 429) or (page.status >= 400 and "retry-after" in page.headers):
        return Answer(TryOutcome.LOCKED, f"status {page.status}")
    if page.status == 200 and _ALLOWED.search(text):
        return Answer(TryOutcome.ACCEPTED, "GetUsers is answered")
    unclear = Answer(TryOutcome.UNCLEAR, f"status {page.status}")
    if page.status != 401 and not _DENIED.search(text):
        return understood(visible_text(text), unclear)
    again = challenge_of(page.headers.get("www-authenticate", ()))
    if (challenge is None and at is None) or (challenge is None and again) or (again and again.is_stale):
        return understood(visible_text(text), unclear)
    return understood(visible_text(text), Answer(TryOutcome.REFUSED, "not authorized"))


def _time_of(page: Page | Failed | None) -> datetime | None:
    """The device's own time, None where it does not tell."""
    clock = _TIME.search(page.text) if isinstance(page, Page) else None
    if clock is None:
        return None
    hour, minute, second, year, month, day = (int(part) for part in clock.groups())
    try:
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except ValueError:
        return None


async def _call(
    door: Door,
    permit: Permit,
    way: Way,
    header: str,
    operation: str,
    *,
    more: Mapping[str, str] = MappingProxyType({}),
) -> Page | Failed:
    body = _ENVELOPE.format(header=header, body=f"<tds:{operation}/>").encode()
    headers = {"Content-Type": "application/soap+xml; charset=utf-8", **more}
    return await fetch(door, permit, way, way.path or _PATH, method="POST", headers=headers, body=body)


def _token(who: Credential, created: str) -> str:
    """A UsernameToken (OASIS WSS UsernameToken Profile 1.0, section 3.1)."""
    nonce = secrets.token_bytes(16)
    digest = hashlib.sha1(
        nonce + created.encode() + who.password.reveal().encode(), usedforsecurity=False
    ).digest()
    return (
        f'<Security xmlns="{_SECURITY}wssecurity-secext-1.0.xsd"><UsernameToken>'
        f"<Username>{escape(who.account)}</Username>"
        f'<Password Type="{_DIGEST}">{base64.b64encode(digest).decode()}</Password>'
        f'<Nonce>{base64.b64encode(nonce).decode()}</Nonce><Created xmlns="{_SECURITY}'
        f'wssecurity-utility-1.0.xsd">{created}</Created></UsernameToken></Security>'
    )


ONVIF: Final = Login("onvif", "tcp", (80, 8080, 8000), look, attempt)

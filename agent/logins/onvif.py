"""ONVIF (Core Specification, section 5.9): GetUsers without a login to look, with a UsernameToken to try.

GetUsers is a reading request of the access class READ_SYSTEM_SECRET: a device that answers a stranger asks
for no login. The token's time is the device's own, which GetSystemDateAndTime tells anybody.
"""

import base64
import hashlib
import re
import secrets
from datetime import UTC, datetime
from typing import Final
from xml.sax.saxutils import escape

from agent.logins.protocol import Answer, Credential, Login, Seen, Way, unanswered, understood, unseen
from agent.logins.web_wire import fetch
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
_TIME: Final = re.compile(
    r"UTCDateTime>.*?Hour>(\d{1,2})<.*?Minute>(\d{1,2})<.*?Second>(\d{1,2})<.*?Year>(\d{4})<.*?Month>(\d{1,2})<"
    r".*?Day>(\d{1,2})<",
    re.DOTALL,
)


async def look(door: Door, permit: Permit, way: Way) -> Seen:
    """Whether GetUsers asks for a login; and the device's time."""
    page = await _call(door, permit, way, "", "GetUsers")
    if isinstance(page, Failed):
        return unseen(page)
    text = page.text
    if page.status == 200 and _ALLOWED.search(text):
        return Seen(Answer(TryOutcome.OPEN, "GetUsers is answered without a login"))
    if not _DENIED.search(text) and page.status != 401:
        return Seen(Answer(TryOutcome.UNCLEAR, f"status {page.status}"))
    told = await _call(door, permit, way, "", "GetSystemDateAndTime")
    clock = _TIME.search(told.text) if not isinstance(told, Failed) else None
    if clock is None:
        return Seen(handle=datetime.now(UTC), kind="onvif")
    hour, minute, second, year, month, day = (int(part) for part in clock.groups())
    try:
        return Seen(
            handle=datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC), kind="onvif"
        )
    except ValueError:
        return Seen(handle=datetime.now(UTC), kind="onvif")


async def attempt(door: Door, permit: Permit, way: Way, seen: Seen, who: Credential) -> Answer:
    """One GetUsers with an account."""
    at = seen.handle if isinstance(seen.handle, datetime) else datetime.now(UTC)
    page = await _call(door, permit, way, _token(who, f"{at:%Y-%m-%dT%H:%M:%SZ}"), "GetUsers")
    if isinstance(page, Failed):
        return unanswered(page)
    text = page.text
    if page.status in (423, 429) or (page.status >= 400 and "retry-after" in page.headers):
        return Answer(TryOutcome.LOCKED, f"status {page.status}")
    if page.status == 200 and _ALLOWED.search(text):
        return Answer(TryOutcome.ACCEPTED, "GetUsers is answered")
    if page.status == 401 or _DENIED.search(text):
        return understood(visible_text(text), Answer(TryOutcome.REFUSED, "not authorized"))
    return understood(visible_text(text), Answer(TryOutcome.UNCLEAR, f"status {page.status}"))


async def _call(door: Door, permit: Permit, way: Way, header: str, operation: str) -> Page | Failed:
    body = _ENVELOPE.format(header=header, body=f"<tds:{operation}/>").encode()
    headers = {"Content-Type": "application/soap+xml; charset=utf-8"}
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

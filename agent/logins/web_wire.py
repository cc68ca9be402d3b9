"""One HTTP request on a connection of its own (RFC 9112), and the answer to a challenge (RFC 7617, 7616)."""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from agent.logins.protocol import Credential, Way
from agent.permit import Permit
from agent.probes.http_message import Page, parse, read_response
from agent.probes.reply import Garbled
from agent.transport.door import Door
from agent.transport.talk import Failed, Link
from inventory.types import ProbeOutcome

_FIELD: Final = re.compile(r'(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))')
_HASHES: Final = {"": "md5", "md5": "md5", "sha-256": "sha256"}


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a server asks: `basic` or `digest`, and the digest's fields."""

    scheme: str
    fields: Mapping[str, str]

    @property
    def is_stale(self) -> bool:
        """Whether the answer to the challenge before merely came too late (RFC 7616, section 3.3)."""
        return self.fields.get("stale", "").lower() == "true"


async def fetch(
    door: Door,
    permit: Permit,
    way: Way,
    path: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> Page | Failed:
    """The response to one request; Failed where none, or none that can be read, comes."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {permit.literal}", "User-Agent: Muster (device inventory)"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    lines += ["Accept: */*", "Connection: close"]
    if body or method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    request = "\r\n".join([*lines, "", ""]).encode("utf-8", "replace") + body

    async def talk(link: Link) -> bytes:
        await link.write(request)
        return await read_response(link)

    heard = await door.converse(permit, way.port, talk, tls=way.tls)
    if isinstance(heard, Failed):
        return heard
    if not heard:
        return Failed(ProbeOutcome.SILENT, "no answer")
    page = parse(heard)
    return Failed(ProbeOutcome.GARBLED, page.reason) if isinstance(page, Garbled) else page


def challenge_of(values: tuple[str, ...]) -> Challenge | None:
    """The strongest challenge among WWW-Authenticate values that we can answer."""
    offered: dict[str, Challenge] = {}
    for value in values:
        scheme, _space, rest = value.partition(" ")
        fields = {name.lower(): quoted or bare for name, quoted, bare in _FIELD.findall(rest)}
        if scheme.lower() == "basic" or (scheme.lower() == "digest" and _can_digest(fields)):
            offered.setdefault(scheme.lower(), Challenge(scheme.lower(), fields))
    return offered.get("digest") or offered.get("basic")


def _can_digest(fields: Mapping[str, str]) -> bool:
    """Whether our answer would be right: else a right password would be refused."""
    qop = _words_of(fields.get("qop", ""))
    is_plain = not any("\\" in value for value in fields.values())
    return fields.get("algorithm", "").lower() in _HASHES and is_plain and (not qop or "auth" in qop)


def _words_of(listed: str) -> list[str]:
    return [word.strip() for word in listed.split(",") if word.strip()]


def authorization(challenge: Challenge, method: str, uri: str, who: Credential, client_nonce: str) -> str:
    """The value of Authorization that answers the challenge."""
    if challenge.scheme == "basic":
        pair = f"{who.account}:{who.password.reveal()}".encode()
        return "Basic " + base64.b64encode(pair).decode("ascii")
    fields = challenge.fields
    realm, nonce = fields.get("realm", ""), fields.get("nonce", "")
    name = _HASHES[fields.get("algorithm", "").lower()]

    def hashed(text: str) -> str:
        return hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()

    secret = hashed(f"{who.account}:{realm}:{who.password.reveal()}")
    asked = hashed(f"{method}:{uri}")
    parts = [f'username="{who.account}"', f'realm="{realm}"', f'nonce="{nonce}"', f'uri="{uri}"']
    if _words_of(fields.get("qop", "")):
        response = hashed(f"{secret}:{nonce}:00000001:{client_nonce}:auth:{asked}")
        parts += ["qop=auth", "nc=00000001", f'cnonce="{client_nonce}"']
    else:
        response = hashed(f"{secret}:{nonce}:{asked}")
    parts.append(f'response="{response}"')
    parts += [f'opaque="{fields["opaque"]}"'] if "opaque" in fields else []
    parts += [f"algorithm={fields['algorithm']}"] if "algorithm" in fields else []
    return "Digest " + ", ".join(parts)

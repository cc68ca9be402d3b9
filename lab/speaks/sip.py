"""SIP over UDP (RFC 3261): OPTIONS is answered, a REGISTER or INVITE is asked for a login."""

import hashlib

from pydantic import Field

from lab.speaks.host import Host, Speaking
from lab.speaks.malformed import Malformed
from lab.speaks.settings import PortSettings, YesNo

_ECHOED = ("via", "v", "from", "f", "call-id", "i", "cseq")


class SipSettings(PortSettings):
    """A user agent or PBX: its name, whether it names itself as a server."""

    port: int = 5060
    agent: str
    header: str = "User-Agent"
    """`User-Agent` for a phone, `Server` for most PBXs."""
    registrar: YesNo = False
    realm: str = "asterisk"
    allow: str = "INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, SUBSCRIBE, NOTIFY, INFO"
    extra: dict[str, str] = Field(default_factory=dict)


async def serve(host: Host, settings: SipSettings) -> Speaking:
    """Answer requests over UDP; OSError when the port is taken."""
    return await host.udp(settings.port, lambda data, _: _answer(host, settings, data))


def _answer(host: Host, settings: SipSettings, data: bytes) -> list[bytes]:
    first, _, rest = data.decode("utf-8", "replace").partition("\r\n")
    parts = first.split(" ")
    if len(parts) != 3 or parts[2] != "SIP/2.0":
        raise Malformed("not a SIP request")
    method = parts[0]
    if method == "ACK":
        return []
    headers = rest.partition("\r\n\r\n")[0].split("\r\n")
    if method == "OPTIONS":
        return [
            _encode(host, settings, "200 OK", headers, {"Allow": settings.allow, "Accept": "application/sdp"})
        ]
    if method in ("REGISTER", "INVITE") and settings.registrar:
        nonce = hashlib.sha256(f"sip {host.mac}".encode()).hexdigest()[:16]
        offer = f'Digest algorithm=MD5, realm="{settings.realm}", nonce="{nonce}"'
        if any(line.lower().startswith("authorization:") for line in headers):
            host.log_login("sip", "", "refused")
        return [_encode(host, settings, "401 Unauthorized", headers, {"WWW-Authenticate": offer})]
    return [_encode(host, settings, "405 Method Not Allowed", headers, {"Allow": settings.allow})]


def _encode(host: Host, settings: SipSettings, status: str, asked: list[str], extra: dict[str, str]) -> bytes:
    lines = [f"SIP/2.0 {status}"]
    for line in asked:
        name, _, value = line.partition(":")
        if name.strip().lower() in _ECHOED:
            lines.append(line)
        elif name.strip().lower() in ("to", "t"):
            lines.append(
                f"{name}:{value}" + ("" if ";tag=" in value else f";tag={host.mac.replace(':', '')}")
            )
    lines.append(f"{settings.header}: {settings.agent}")
    lines += [f"{name}: {value}" for name, value in {**extra, **settings.extra}.items()]
    lines.append("Content-Length: 0")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "replace")

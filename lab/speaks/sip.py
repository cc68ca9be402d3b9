"""SIP over UDP (RFC 3261): OPTIONS is answered, a REGISTER or INVITE is asked for a login."""

from pydantic import Field

from lab.speaks.authorization import Challenge
from lab.speaks.host import Host, Speaking
from lab.speaks.malformed import Malformed
from lab.speaks.settings import Port, PortSettings, YesNo

_ECHOED = ("via", "v", "from", "f", "call-id", "i", "cseq")


class SipSettings(PortSettings):
    """A user agent or PBX: its name, whether it names itself as a server."""

    port: Port = 5060
    agent: str
    header: str = "User-Agent"
    """`User-Agent` for a phone, `Server` for most PBXs."""
    registrar: YesNo = False
    realm: str = "asterisk"
    accounts: dict[str, str] = Field(default_factory=dict)
    """Extension → password that registers."""
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
        if _comes_in(host, settings, method, headers):
            return [_encode(host, settings, "200 OK", headers, {})]
        offer = {"WWW-Authenticate": _challenge(host, settings).offer}
        return [_encode(host, settings, "401 Unauthorized", headers, offer)]
    return [_encode(host, settings, "405 Method Not Allowed", headers, {"Allow": settings.allow})]


def _comes_in(host: Host, settings: SipSettings, method: str, headers: list[str]) -> bool:
    given = (line.partition(":")[2].strip() for line in headers if line[:14].lower() == "authorization:")
    made = _challenge(host, settings).judge(method, next(given, ""), settings.accounts)
    if made is None:
        return False
    host.log_login("sip", made.account, "accepted" if made.right else "refused")
    return made.right


def _challenge(host: Host, settings: SipSettings) -> Challenge:
    return Challenge.of("digest", settings.realm, f"sip {host.mac}", qop=False)


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

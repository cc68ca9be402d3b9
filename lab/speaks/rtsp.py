"""RTSP (RFC 2326) as a camera speaks it: OPTIONS for everyone, DESCRIBE behind a login or not."""

import asyncio
from typing import Literal

from pydantic import Field

from lab.speaks.authorization import Challenge, Kind
from lab.speaks.host import Host, Speaking
from lab.speaks.malformed import Malformed
from lab.speaks.settings import Port, PortSettings

_MOST_HEADERS = 50
_MOST_REQUESTS = 30
_SDP = (
    "v=0\r\no=- 1 1 IN IP4 {ip}\r\ns={name}\r\nt=0 0\r\n"
    "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:track1\r\n"
)


class RtspSettings(PortSettings):
    """A streaming server: its name, its realm, and what it asks before it streams."""

    port: Port = 554
    server: str = ""
    realm: str = "IP Camera"
    login: Literal["digest", "basic", "none"] = "digest"
    accounts: dict[str, str] = Field(default_factory=dict)
    """Account → password that works."""
    session_name: str = "Media Presentation"
    methods: str = "OPTIONS, DESCRIBE, SETUP, TEARDOWN, PLAY, PAUSE, GET_PARAMETER"


async def serve(host: Host, settings: RtspSettings) -> Speaking:
    """Answer requests until the client hangs up; OSError when the port is taken."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(_MOST_REQUESTS):
            method, headers = await _read(reader)
            writer.write(_answer(host, settings, method, headers))
            await writer.drain()
            if method == "TEARDOWN":
                return

    return await host.tcp(settings.port, talk)


async def _read(reader: asyncio.StreamReader) -> tuple[str, dict[str, str]]:
    parts = (await _line(reader)).split(" ")
    if len(parts) != 3 or not parts[2].startswith("RTSP/1."):
        raise Malformed("not an RTSP request line")
    headers: dict[str, str] = {}
    for _ in range(_MOST_HEADERS):
        line = await _line(reader)
        if not line:
            return parts[0], headers
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    raise Malformed("too many headers")


async def _line(reader: asyncio.StreamReader) -> str:
    return (await reader.readuntil(b"\n")).decode("latin-1").rstrip("\r\n")


def _answer(host: Host, settings: RtspSettings, method: str, headers: dict[str, str]) -> bytes:
    if method == "OPTIONS":
        return _encode(settings, headers, "200 OK", {"Public": settings.methods})
    if method not in settings.methods.split(", "):
        return _encode(settings, headers, "501 Not Implemented", {})
    if settings.login != "none" and not _comes_in(host, settings, method, headers):
        offer = _challenge(host, settings).offer
        return _encode(settings, headers, "401 Unauthorized", {"WWW-Authenticate": offer})
    if method == "DESCRIBE":
        body = _SDP.format(ip=host.ip, name=settings.session_name)
        return _encode(settings, headers, "200 OK", {"Content-Type": "application/sdp"}, body)
    return _encode(settings, headers, "454 Session Not Found", {})


def _comes_in(host: Host, settings: RtspSettings, method: str, headers: dict[str, str]) -> bool:
    made = _challenge(host, settings).judge(method, headers.get("authorization", ""), settings.accounts)
    if made is None:
        return False
    host.log_login("rtsp", made.account, "accepted" if made.right else "refused")
    return made.right


def _challenge(host: Host, settings: RtspSettings) -> Challenge:
    kind: Kind = "basic" if settings.login == "basic" else "digest"
    return Challenge.of(kind, settings.realm, f"rtsp {host.mac} {host.serial}", qop=False)


def _encode(
    settings: RtspSettings, asked: dict[str, str], status: str, extra: dict[str, str], body: str = ""
) -> bytes:
    lines = [f"RTSP/1.0 {status}", f"CSeq: {asked.get('cseq', '0')}"]
    if settings.server:
        lines.append(f"Server: {settings.server}")
    lines += [f"{name}: {value}" for name, value in extra.items()]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode("latin-1", "replace")

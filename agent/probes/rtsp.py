"""RTSP (RFC 7826, RFC 2326): what a camera or recorder says it is.

Harmless because OPTIONS asks for capabilities only (RFC 7826, section 13.1) and DESCRIBE sets up no stream
(section 13.2); no credential is sent.
"""

from typing import Final

from agent.permit import Permit
from agent.probes.http_message import parse as parse_http
from agent.probes.reply import Context, Garbled, Probe, Reply, answered, failed, steady_challenge
from agent.transport.door import Door
from agent.transport.talk import Failed, Link
from inventory.types import Touch

_END: Final = b"\r\n\r\n"


def parse(data: bytes) -> tuple[tuple[str, str], ...] | Garbled:
    """The facts of an RTSP response: status, Server, challenge, allowed methods."""
    if not data.startswith(b"RTSP/"):
        return Garbled("no RTSP status line")
    page = parse_http(b"HTTP/" + data[5:])
    if isinstance(page, Garbled):
        return page
    facts = [("rtsp.status", str(page.status)), ("rtsp_servers", page.header("server"))]
    facts += [("rtsp.wwwauth", steady_challenge(value)) for value in page.headers.get("www-authenticate", ())]
    facts.append(("rtsp.public", page.header("public")))
    return tuple((name, value) for name, value in facts if value)


async def ask(door: Door, permit: Permit, port: int, context: Context) -> tuple[Reply, ...]:  # noqa: ARG001
    """OPTIONS, and DESCRIBE of the root on the same connection, for the challenge it may bring."""
    service = f"tcp/{port}"

    async def talk(link: Link) -> tuple[bytes, bytes]:
        uri = f"rtsp://{permit.literal}:{port}/"
        await link.write(_request("OPTIONS", uri, 1))
        first = await link.read_until(_END)
        await link.write(_request("DESCRIBE", uri, 2, "Accept: application/sdp\r\n"))
        start = len(first)
        while _END not in link.heard[start:] and await link.read_some():
            pass
        return first, bytes(link.heard[start:])

    got = await door.converse(permit, port, talk)
    if isinstance(got, Failed):
        return (failed("rtsp", service, got),)
    read = [parse(answer) for answer in got]
    facts = [fact for answer in read if not isinstance(answer, Garbled) for fact in answer]
    if not facts:
        return (failed("rtsp", service, Garbled("no RTSP answer"), b"".join(got)),)
    described = read[1]
    if not isinstance(described, Garbled) and ("rtsp.status", "200") in described:
        facts.append(("rtsp.login", "none"))
    return (answered("rtsp", service, facts, b"".join(got)),)


def _request(method: str, uri: str, number: int, extra: str = "") -> bytes:
    return f"{method} {uri} RTSP/1.0\r\nCSeq: {number}\r\nUser-Agent: Muster\r\n{extra}\r\n".encode()


RTSP: Final = Probe("rtsp", Touch.QUERY, "tcp", (554, 8554), ask)

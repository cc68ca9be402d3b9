"""HTTP/1.1 as a small embedded server speaks it (RFC 9112): read a request, send a response."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from ssl import SSLContext

from lab.speaks.host import Host, Speaking, Writer
from lab.speaks.malformed import Malformed
from lab.speaks.tls_stream import secured

_MOST_HEADERS = 100
_LARGEST_BODY = 262_144
_REQUESTS_PER_CONNECTION = 100


@dataclass(frozen=True)
class Request:
    """A request as received: header names in lower case, the path without its query."""

    method: str
    path: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Response:
    """A response to send; Content-Length and Connection are added on the way out."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


Handler = Callable[[Request], Response]


async def serve(host: Host, port: int, answer: Handler, tls: SSLContext | None = None) -> Speaking:
    """Answer every request on that port, keeping connections alive as HTTP/1.1 does."""

    async def talk(reader: asyncio.StreamReader, writer: Writer) -> None:
        for _ in range(_REQUESTS_PER_CONNECTION):
            try:
                request, keep = await _read(reader, writer)
            except Malformed:
                writer.write(_encode(Response(400, {}, b"Bad Request"), keep=False, head=False))
                return
            response = answer(request)
            writer.write(_encode(response, keep=keep, head=request.method == "HEAD"))
            await writer.drain()
            if not keep:
                return

    return await host.tcp(port, secured(talk, tls) if tls is not None else talk)


async def _read(reader: asyncio.StreamReader, writer: Writer) -> tuple[Request, bool]:
    method, target, version = await _request_line(reader)
    headers = await _headers(reader)
    if headers.get("expect", "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        await writer.drain()
    body = await _body(reader, headers)
    connection = headers.get("connection", "").lower()
    keep = connection != "close" if version == "HTTP/1.1" else connection == "keep-alive"
    path = target.partition("?")[0]
    return Request(method, path, target, headers, body), keep


async def _request_line(reader: asyncio.StreamReader) -> tuple[str, str, str]:
    parts = (await _line(reader)).split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        raise Malformed("not a request line")
    return parts[0], parts[1], parts[2]


async def _headers(reader: asyncio.StreamReader) -> dict[str, str]:
    headers: dict[str, str] = {}
    for _ in range(_MOST_HEADERS):
        line = await _line(reader)
        if not line:
            return headers
        name, colon, value = line.partition(":")
        if not colon:
            raise Malformed("not a header")
        headers[name.strip().lower()] = value.strip()
    raise Malformed("too many headers")


async def _body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return await _chunks(reader)
    return await reader.readexactly(_size(headers.get("content-length", "0"), base=10))


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = bytearray()
    while size := _size((await _line(reader)).partition(";")[0], base=16):
        body += await reader.readexactly(size)
        await _line(reader)
        if len(body) > _LARGEST_BODY:
            raise Malformed("body too large")
    while await _line(reader):
        pass
    return bytes(body)


def _size(written: str, base: int) -> int:
    try:
        size = int(written, base)
    except ValueError:
        raise Malformed("not a size") from None
    if not 0 <= size <= _LARGEST_BODY:
        raise Malformed("body too large")
    return size


async def _line(reader: asyncio.StreamReader) -> str:
    return (await reader.readuntil(b"\n")).decode("latin-1").rstrip("\r\n")


def _encode(response: Response, *, keep: bool, head: bool) -> bytes:
    try:
        reason = HTTPStatus(response.status).phrase
    except ValueError:
        reason = "Unknown"
    headers = {
        **response.headers,
        "Content-Length": str(len(response.body)),
        "Connection": "keep-alive" if keep else "close",
    }
    lines = [f"HTTP/1.1 {response.status} {reason}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    text = "\r\n".join(lines) + "\r\n\r\n"
    return text.encode("latin-1", "replace") + (b"" if head else response.body)

"""Devices that serve one page each, on loopback addresses of their own."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

_PAGE = (
    b"HTTP/1.0 200 OK\r\nServer: Thing/1.0\r\nContent-Type: text/html\r\n\r\n"
    b"<html><head><title>A thing</title></head></html>"
)


@asynccontextmanager
async def things(*ips: str, ports: Sequence[int] = (8080,)) -> AsyncIterator[None]:
    """Each of `ips` answers HTTP on these ports while this is open."""

    async def page(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(_PAGE)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    servers = [await asyncio.start_server(page, ip, port) for ip in ips for port in ports]
    try:
        yield
    finally:
        for server in servers:
            server.close()
            await server.wait_closed()

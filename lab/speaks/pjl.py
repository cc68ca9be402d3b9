"""A raw print port (JetDirect, 9100): every payload byte it gets is paper.

A job that speaks only PJL is answered (HP PJL Technical Reference: `@PJL INFO ID`) and is
recorded as paper all the same: a scan has no business here, whatever it meant to ask.
"""

import asyncio

from lab.speaks.host import Host, Speaking
from lab.speaks.settings import Port, PortSettings

_LARGEST_JOB = 65_536


class PjlSettings(PortSettings):
    """A raw port; `id` is what INFO ID answers, and an empty one does not speak PJL."""

    port: Port = 9100
    id: str = ""


async def serve(host: Host, settings: PjlSettings) -> Speaking:
    """Record every byte on paper, answer INFO ID; OSError when the port is taken."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        printed = 0
        while printed < _LARGEST_JOB:
            payload = await reader.read(4096)
            if not payload:
                return
            printed += len(payload)
            host.log_paper(payload)
            if settings.id and b"@PJL INFO ID" in payload.upper():
                writer.write(f'@PJL INFO ID\r\n"{settings.id}"\r\n\f'.encode("latin-1", "replace"))
                await writer.drain()

    return await host.tcp(settings.port, talk)

"""An open TCP port that says little: a vendor's own protocol that nobody here speaks."""

import asyncio

from lab.speaks.host import Host, Speaking
from lab.speaks.settings import PortSettings

_PATIENCE_SECONDS = 20


class QuietSettings(PortSettings):
    """`greeting` is sent at once (backslash escapes as in Python); empty says nothing."""

    greeting: str = ""


async def serve(host: Host, settings: QuietSettings) -> Speaking:
    """Accept, greet if there is a greeting, swallow what comes, hang up when it stops."""
    greeting = settings.greeting.encode("latin-1", "backslashreplace").decode("unicode_escape")

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting.encode("latin-1", "replace"))
        await writer.drain()
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while await reader.read(4096):
                pass

    return await host.tcp(settings.port, talk)

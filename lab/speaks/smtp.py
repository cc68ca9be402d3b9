"""SMTP (RFC 5321): a greeting, and a server that takes mail from nobody it does not know."""

import asyncio

from lab.speaks.host import Host, Speaking
from lab.speaks.settings import Port, PortSettings

_MOST_COMMANDS = 50


class SmtpSettings(PortSettings):
    """An SMTP server: its greeting behind `220 `."""

    port: Port = 25
    banner: str = "{hostname} ESMTP"


async def serve(host: Host, settings: SmtpSettings) -> Speaking:
    """Greet, and answer a few commands; OSError when the port is taken."""
    banner = settings.banner.replace("{hostname}", host.hostname)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"220 {banner}\r\n".encode("latin-1", "replace"))
        for _ in range(_MOST_COMMANDS):
            await writer.drain()
            verb = (await reader.readuntil(b"\n"))[:4].decode("latin-1").strip().upper()
            writer.write(_REPLIES.get(verb, "502 Command not implemented").encode() + b"\r\n")
            if verb == "QUIT":
                return

    return await host.tcp(settings.port, talk)


_REPLIES = {
    "HELO": "250 OK",
    "EHLO": "250 OK",
    "NOOP": "250 OK",
    "RSET": "250 OK",
    "MAIL": "530 Authentication required",
    "RCPT": "503 Bad sequence of commands",
    "DATA": "503 Bad sequence of commands",
    "QUIT": "221 Goodbye",
}

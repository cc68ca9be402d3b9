"""The control connection of FTP (RFC 959): banner, login, a few harmless commands."""

import asyncio

from pydantic import Field

from lab.speaks.host import Host, Speaking
from lab.speaks.settings import Port, PortSettings, YesNo

_MOST_COMMANDS = 50
_ANONYMOUS = ("anonymous", "ftp")


class FtpSettings(PortSettings):
    """An FTP server: its banner, its system type, who gets in."""

    port: Port = 21
    banner: str = "FTP server ready."
    """The text behind `220 `."""
    system: str = "UNIX Type: L8"
    anonymous: YesNo = False
    accounts: dict[str, str] = Field(default_factory=dict)


async def serve(host: Host, settings: FtpSettings) -> Speaking:
    """Hold the control connection; data connections are refused. OSError when taken."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = _Session(host, settings)
        writer.write(f"220 {settings.banner}\r\n".encode("latin-1", "replace"))
        for _ in range(_MOST_COMMANDS):
            await writer.drain()
            line = (await reader.readuntil(b"\n")).decode("latin-1").strip()
            reply = session.reply(line)
            writer.write(f"{reply}\r\n".encode("latin-1", "replace"))
            if reply.startswith("221"):
                return

    return await host.tcp(settings.port, talk)


class _Session:
    def __init__(self, host: Host, settings: FtpSettings) -> None:
        self._host = host
        self._settings = settings
        self._account = ""
        self._inside = False

    def reply(self, line: str) -> str:
        """The reply to one command line."""
        verb, _, argument = line.partition(" ")
        match verb.upper():
            case "USER":
                self._account, self._inside = argument, False
                return f"331 Password required for {argument}."
            case "PASS":
                return self._log_in(argument)
            case "SYST":
                return f"215 {self._settings.system}"
            case "NOOP":
                return "200 OK"
            case "QUIT":
                return "221 Goodbye."
            case "PWD" if self._inside:
                return '257 "/" is current directory.'
            case "PWD" | "LIST" | "STOR" | "RETR" | "PASV" | "PORT" if not self._inside:
                return "530 Please login with USER and PASS."
        return "502 Command not implemented."

    def _log_in(self, password: str) -> str:
        if self._settings.anonymous and self._account.lower() in _ANONYMOUS:
            self._inside = True
        else:
            wanted = self._settings.accounts.get(self._account)
            self._inside = wanted is not None and wanted == password
        outcome = "accepted" if self._inside else "refused"
        self._host.log_login("ftp", self._account, outcome)
        return "230 User logged in." if self._inside else "530 Login incorrect."

"""Telnet (RFC 854): options refused or agreed, a banner, a login prompt or an open shell."""

import asyncio

from pydantic import Field

from lab.speaks.host import Host, Speaking
from lab.speaks.settings import Port, PortSettings, YesNo

_IAC, _SB, _SE = 255, 250, 240
_WILL, _WONT, _DO, _DONT = 251, 252, 253, 254
_ECHO, _SUPPRESS_GO_AHEAD = 1, 3
_GREETING = bytes((_IAC, _WILL, _ECHO, _IAC, _WILL, _SUPPRESS_GO_AHEAD))
_LONGEST_LINE = 256
_MOST_TRIES = 3


class TelnetSettings(PortSettings):
    """A telnet server: what it shows, what it asks, who gets in."""

    port: Port = 23
    banner: str = ""
    login_prompt: str = "login: "
    password_prompt: str = "Password: "
    accounts: dict[str, str] = Field(default_factory=dict)
    open: YesNo = False
    """No login at all: the shell prompt comes at once."""
    shell_prompt: str = "# "


async def serve(host: Host, settings: TelnetSettings) -> Speaking:
    """Hold one login per connection, three tries at most; OSError when the port is taken."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines = _Lines(reader, writer)
        writer.write(_GREETING)
        lines.show(settings.banner)
        if not settings.open and not await _log_in(host, settings, lines):
            return
        while True:
            lines.show(settings.shell_prompt)
            command = await lines.read()
            if command in ("exit", "quit", "logout"):
                return
            lines.show(f"{command}: not found\n" if command else "")

    return await host.tcp(settings.port, talk)


async def _log_in(host: Host, settings: TelnetSettings, lines: "_Lines") -> bool:
    for _ in range(_MOST_TRIES):
        account = ""
        if settings.login_prompt:
            lines.show(settings.login_prompt)
            account = await lines.read()
        lines.show(settings.password_prompt)
        accepted = settings.accounts.get(account) == await lines.read()
        host.log_login("telnet", account, "accepted" if accepted else "refused")
        if accepted:
            return True
        lines.show("\nLogin incorrect\n")
    return False


class _Lines:
    """Lines of text with telnet's commands taken out and answered."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    def show(self, text: str) -> None:
        """Send text with telnet's line ends."""
        self._writer.write(text.replace("\n", "\r\n").encode("latin-1", "replace"))

    async def read(self) -> str:
        """One line without its end; raises IncompleteReadError when the client hangs up."""
        await self._writer.drain()
        line = bytearray()
        while len(line) < _LONGEST_LINE:
            byte = (await self._reader.readexactly(1))[0]
            if byte == _IAC:
                await self._command()
            elif byte == ord("\n"):
                break
            elif byte not in b"\r\0":
                line.append(byte)
        return line.decode("latin-1")

    async def _command(self) -> None:
        command = (await self._reader.readexactly(1))[0]
        if command == _SB:
            await self._reader.readuntil(bytes((_IAC, _SE)))
        elif command in (_WILL, _WONT, _DO, _DONT):
            option = (await self._reader.readexactly(1))[0]
            self._answer(command, option)

    def _answer(self, command: int, option: int) -> None:
        agreed = option in (_ECHO, _SUPPRESS_GO_AHEAD)
        if command == _WILL:
            self._writer.write(bytes((_IAC, _DONT, option)))
        elif command == _DO and not agreed:
            self._writer.write(bytes((_IAC, _WONT, option)))

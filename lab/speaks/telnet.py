"""Telnet (RFC 854): options refused or agreed, a banner, a login prompt or an open shell."""

import asyncio

from pydantic import Field, field_validator

from lab.speaks.host import Host, Speaking
from lab.speaks.settings import Port, PortSettings, YesNo

_IAC, _SB, _SE = 255, 250, 240
_WILL, _WONT, _DO, _DONT = 251, 252, 253, 254
_VERBS = {"will": _WILL, "wont": _WONT, "do": _DO, "dont": _DONT}
_OPTIONS = {
    "echo": 1,
    "suppress-go-ahead": 3,
    "terminal-type": 24,
    "window-size": 31,
    "terminal-speed": 32,
    "x-display": 35,
    "new-environment": 39,
}
_AGREED = (_OPTIONS["echo"], _OPTIONS["suppress-go-ahead"])
_LONGEST_LINE = 256
_MOST_TRIES = 3
_MOST_PROMPTS = 6


class TelnetSettings(PortSettings):
    """A telnet server: how it opens, what it shows, what it asks, who gets in."""

    port: Port = 23
    options: tuple[str, ...] = ("do terminal-type", "do window-size", "will echo", "will suppress-go-ahead")
    """What it negotiates first, `will echo`; the option may be a number."""
    banner: str = ""
    login_prompt: str = "login: "
    password_prompt: str = "Password: "
    accounts: dict[str, str] = Field(default_factory=dict)
    open: YesNo = False
    """No login at all: the shell prompt comes at once."""
    shell_prompt: str = "# "

    @field_validator("options")
    @classmethod
    def _options_are_known(cls, options: tuple[str, ...]) -> tuple[str, ...]:
        for option in options:
            _negotiation(option)
        return options


async def serve(host: Host, settings: TelnetSettings) -> Speaking:
    """Hold one login per connection, three tries at most; OSError when the port is taken."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines = _Lines(reader, writer, b"".join(map(_negotiation, settings.options)))
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
    """True once somebody is in; a line left empty is asked again and is no try."""
    tries = 0
    for _ in range(_MOST_PROMPTS):
        account = ""
        if settings.login_prompt:
            lines.show(settings.login_prompt)
            account = await lines.read()
            if not account:
                continue
        lines.show(settings.password_prompt)
        password = await lines.read()
        if not account and not password:
            continue
        accepted = settings.accounts.get(account) == password
        host.log_login("telnet", account, "accepted" if accepted else "refused")
        if accepted:
            return True
        tries += 1
        if tries == _MOST_TRIES:
            break
        lines.show("\nLogin incorrect\n")
    await lines.flush()
    return False


def _negotiation(written: str) -> bytes:
    verb, _, option = written.partition(" ")
    number = _OPTIONS.get(option, int(option) if option.isdecimal() else 256)
    if verb not in _VERBS or number > 254:
        raise ValueError(f"{written!r} is not a negotiation as in 'will echo'")
    return bytes((_IAC, _VERBS[verb], number))


class _Lines:
    """Lines of text with telnet's commands taken out and answered.

    What is shown is sent in one piece when the next line is waited for, as a terminal does.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, opening: bytes) -> None:
        self._reader = reader
        self._writer = writer
        self._shown = bytearray(opening)

    def show(self, text: str) -> None:
        """Text, with telnet's line ends, to be sent before the next line is read."""
        self._shown += text.replace("\n", "\r\n").encode("latin-1", "replace")

    async def flush(self) -> None:
        """Send what is to be shown."""
        self._writer.write(bytes(self._shown))
        self._shown.clear()
        await self._writer.drain()

    async def read(self) -> str:
        """One line without its end; raises IncompleteReadError when the client hangs up."""
        await self.flush()
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
            if command == _WILL:
                self._writer.write(bytes((_IAC, _DONT, option)))
            elif command == _DO and option not in _AGREED:
                self._writer.write(bytes((_IAC, _WONT, option)))

"""Telnet (RFC 854): what a terminal is greeted with.

Harmless because every option the server proposes is declined (RFC 854: a party may always refuse) and
nothing is typed: no user name, no return key.
"""

import re
from typing import Final

from agent.permit import Permit
from agent.probes.reply import Context, Garbled, Probe, Reply, answered, failed, text_of
from agent.probes.unfinished import finished_or_prompt
from agent.transport.door import Door
from agent.transport.talk import Failed, Link
from inventory.types import Touch

_IAC, _DONT, _DO, _WONT, _WILL, _SB, _SE = 255, 254, 253, 252, 251, 250, 240
_DECLINE: Final = {_DO: _WONT, _WILL: _DONT}
_GREETING_SECONDS: Final = 3.0
_QUIET_SECONDS: Final = 1.0
_ROUNDS: Final = 4
_PASSWORD: Final = re.compile(r"(?:password|passwd|passcode|密碼)\s*[:>]?\s*$", re.IGNORECASE)
_LOGIN: Final = re.compile(
    r"(?:log ?in|user ?name|user|account|account name|帳號)\s*[:>]?\s*$", re.IGNORECASE
)
_SHELL: Final = re.compile(r"(?:^|\n)[\w.@~:/()\[\] -]{0,60}[#>$%]\s*$")


def parse(data: bytes) -> tuple[str, bytes] | Garbled:
    """(text without commands, the refusals to send back); Garbled where nothing was heard at all."""
    if not data:
        return Garbled("no greeting")
    text, refusals, at = bytearray(), bytearray(), 0
    while at < len(data):
        byte = data[at]
        if byte != _IAC:
            text.append(byte)
            at += 1
            continue
        command = data[at + 1] if at + 1 < len(data) else 0
        if command == _IAC:
            text.append(_IAC)
            at += 2
        elif command == _SB:
            end = data.find(bytes((_IAC, _SE)), at)
            at = len(data) if end < 0 else end + 2
        elif command in (_DO, _DONT, _WILL, _WONT):
            if command in _DECLINE and at + 2 < len(data):
                refusals += bytes((_IAC, _DECLINE[command], data[at + 2]))
            at += 3
        else:
            at += 2
    return finished_or_prompt(text_of(bytes(text))), bytes(refusals)


def prompt_of(text: str) -> str:
    """What the greeting ends in: `login`, `password`, `shell`, or empty where it does not say.

    A shell is an open door, so it is said only of a last line that is nothing but a prompt.
    """
    end = text.rstrip(" \t\0").replace("\r", "\n")
    if _PASSWORD.search(end):
        return "password"
    if _LOGIN.search(end):
        return "login"
    return "shell" if _SHELL.search(end) and "press" not in end.lower() else ""


async def ask(door: Door, permit: Permit, port: int, context: Context) -> tuple[Reply, ...]:  # noqa: ARG001
    """The greeting, after the server's options were declined."""
    service = f"tcp/{port}"
    heard = await door.converse(permit, port, _greeting)
    if isinstance(heard, Failed):
        return (failed("telnet", service, heard),)
    read = parse(heard)
    if isinstance(read, Garbled):
        return (failed("telnet", service, read),)
    text = read[0]
    facts = [("telnet_banners", text), ("telnet.prompt", prompt_of(text))]
    return (answered("telnet", service, facts, heard),)


async def _greeting(link: Link) -> bytes:
    declined = b""
    for turn in range(_ROUNDS):
        before = len(link.heard)
        await link.hear(_GREETING_SECONDS if turn == 0 else _QUIET_SECONDS, _QUIET_SECONDS / 2)
        read = parse(bytes(link.heard))
        if len(link.heard) == before or isinstance(read, Garbled):
            break
        if prompt_of(read[0]) or read[1] == declined:
            break
        await link.write(read[1][len(declined) :])
        declined = read[1]
    return bytes(link.heard)


TELNET: Final = Probe("telnet", Touch.QUERY, "tcp", (23, 2323), ask)

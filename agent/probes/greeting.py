"""Greetings: what FTP, SMTP and unknown servers say before they are spoken to.

Harmless because nothing is sent: by RFC 959 (section 5.4) and RFC 5321 (section 3.1) the server speaks first.
"""

import re
from typing import Final

from agent.permit import Permit
from agent.probes.reply import Context, Garbled, Probe, Reply, answered, failed, text_of
from agent.probes.unfinished import finished_lines, finished_or_prompt
from agent.transport.door import Door
from agent.transport.talk import Failed, Link
from inventory.types import Touch

_FIRST_SECONDS: Final = 3.0
_QUIET_SECONDS: Final = 0.4
_STATUS: Final = re.compile(r"^(\d{3})[ -]?(.*)$")


def parse(data: bytes) -> str | Garbled:
    """The text of a 220 greeting (RFC 959, 4.2) without the codes; other codes are Garbled."""
    text = finished_lines(text_of(data)).replace("\r", "").rstrip("\n")
    lines = [_STATUS.match(line) for line in text.split("\n")]
    if not lines or not lines[0]:
        return Garbled("no reply code")
    if lines[0][1] != "220":
        return Garbled(f"reply code {lines[0][1]}")
    return "\n".join(line[2] if line else "" for line in lines).strip()


def parse_any(data: bytes) -> str | Garbled:
    """A greeting of no known protocol: text, if it is mostly text."""
    text = finished_or_prompt(text_of(data))
    printable = sum(character.isprintable() or character in "\r\n\t" for character in text)
    if not text.strip() or printable < 0.8 * len(text):
        return Garbled("no readable greeting")
    return text


async def ask_ftp(door: Door, permit: Permit, port: int, context: Context) -> tuple[Reply, ...]:  # noqa: ARG001
    """The FTP greeting; no login is tried, not even an anonymous one."""
    return await _listen(door, permit, port, "ftp", "ftp_banners")


async def ask_smtp(door: Door, permit: Permit, port: int, context: Context) -> tuple[Reply, ...]:  # noqa: ARG001
    """The SMTP greeting."""
    return await _listen(door, permit, port, "smtp", "smtp_banners")


async def ask_unknown(door: Door, permit: Permit, port: int, context: Context) -> tuple[Reply, ...]:  # noqa: ARG001
    """Whatever a server of unknown kind says by itself; an SSH or FTP server on an odd port shows so."""
    service = f"tcp/{port}"
    heard = await door.converse(permit, port, _hear)
    if isinstance(heard, Failed):
        return (failed("greeting", service, heard),)
    text = parse_any(heard)
    if isinstance(text, Garbled):
        return (failed("greeting", service, text, heard),)
    if text.startswith("SSH-") and text.count("-") >= 2:
        return (answered("ssh", service, [("ssh_banners", text.split("\n")[0].split("-", 2)[2])], heard),)
    return (answered("greeting", service, [("greeting", text)], heard),)


async def _listen(door: Door, permit: Permit, port: int, source: str, fact: str) -> tuple[Reply, ...]:
    service = f"tcp/{port}"
    heard = await door.converse(permit, port, _hear)
    if isinstance(heard, Failed):
        return (failed(source, service, heard),)
    text = parse(heard)
    if isinstance(text, Garbled):
        return (failed(source, service, text, heard),)
    return (answered(source, service, [(fact, text)], heard),)


async def _hear(link: Link) -> bytes:
    return await link.hear(_FIRST_SECONDS, _QUIET_SECONDS)


FTP: Final = Probe("ftp", Touch.QUERY, "tcp", (21,), ask_ftp)
SMTP: Final = Probe("smtp", Touch.QUERY, "tcp", (25,), ask_smtp)
GREETING: Final = Probe("greeting", Touch.QUERY, "tcp", (), ask_unknown)

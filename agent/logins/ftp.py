"""FTP (RFC 959): USER and PASS on the control connection; no data connection, no command behind the login.

The account `anonymous` asks whether no login is asked at all (RFC 1635); it is a try like any other.
"""

import re
from typing import Final

from agent.logins.protocol import Answer, Credential, Login, Seen, Way, nothing_to_see, unanswered, understood
from agent.permit import Permit
from agent.probes.reply import text_of
from agent.transport.door import Door
from agent.transport.talk import Failed, Link
from inventory.types import TryOutcome

_CLOSING: Final = 421
_NOBODY: Final = "anonymous"  # who is turned away at the name is refused; of others the password was not seen
_REPLY: Final = re.compile(rb"(?:^|\n)(\d{3}) [^\n]*\n$")


async def attempt(door: Door, permit: Permit, way: Way, seen: Seen, who: Credential) -> Answer:  # noqa: ARG001
    """One USER and one PASS."""

    async def talk(link: Link) -> Answer:
        greeting, words = await _reply(link)
        if greeting == _CLOSING:
            return Answer(TryOutcome.LOCKED, "421: the service closes")
        if greeting != 220:
            return understood(words, Answer(TryOutcome.UNCLEAR, "no greeting"))
        asked, words = await _said(link, f"USER {who.account}")
        wanted = asked == 331
        if wanted:
            asked, words = await _said(link, f"PASS {who.password.reveal()}")
        elif asked == 230:
            return Answer(TryOutcome.OPEN, "no password is asked for")
        await link.write(b"QUIT\r\n")
        if asked in (230, 202):
            return Answer(TryOutcome.ACCEPTED, "230")
        if asked == _CLOSING:
            return Answer(TryOutcome.LOCKED, "421: the service closes")
        if asked in (430, 530) and (wanted or not who.account or who.account == _NOBODY):
            return understood(words, Answer(TryOutcome.REFUSED, str(asked)))
        reason = f"reply {asked}" if asked else "no reply"
        return understood(words, Answer(TryOutcome.UNCLEAR, reason, silent=not asked))

    heard = await door.converse(permit, way.port, talk)
    return unanswered(heard) if isinstance(heard, Failed) else heard


async def _said(link: Link, line: str) -> tuple[int, str]:
    await link.write(line.encode("utf-8", "replace") + b"\r\n")
    return await _reply(link)


async def _reply(link: Link) -> tuple[int, str]:
    """The code and the words of the next reply; 0 where none comes."""
    start = len(link.heard)
    while not (found := _REPLY.search(bytes(link.heard[start:]))):
        if not await link.read_some():
            return 0, ""
    return int(found[1]), text_of(bytes(link.heard[start:]))


FTP: Final = Login("ftp", "tcp", (21,), nothing_to_see, attempt)

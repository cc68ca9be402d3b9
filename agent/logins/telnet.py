"""Telnet (RFC 854): waits for the prompts, types one account and one password, and reads what follows.

Nothing is typed where no prompt is recognised, and nothing at all at a shell.
"""

import re
from typing import Final

from agent.logins.protocol import (
    Answer,
    Credential,
    Login,
    Seen,
    Way,
    nothing_to_see,
    unanswered,
    understood,
    wants_new_password,
)
from agent.permit import Permit
from agent.probes.reply import Garbled
from agent.probes.telnet import parse, prompt_of
from agent.transport.door import Door
from agent.transport.talk import Failed, Link
from inventory.types import TryOutcome

_FIRST_SECONDS: Final = 3.0
_NEXT_SECONDS: Final = 1.0
_JUDGING_SECONDS: Final = 8.0  # many wait some seconds before they refuse a password (pam_faildelay)
_QUIET_SECONDS: Final = 0.5
_ROUNDS: Final = 5
_DENIED: Final = re.compile(
    r"incorrect|invalid|denied|fail|bad (?:password|user)|wrong|not (?:valid|recognized)|錯誤|错误",
    re.IGNORECASE,
)


async def attempt(door: Door, permit: Permit, way: Way, seen: Seen, who: Credential) -> Answer:  # noqa: ARG001
    """One account, one password."""

    async def talk(link: Link) -> Answer:
        return await _Session(link).log_in(who)

    heard = await door.converse(permit, way.port, talk)
    return unanswered(heard) if isinstance(heard, Failed) else heard


class _Session:
    """One conversation; `text` is what was shown since the last line was typed."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._from = 0
        self._declined = 0

    async def log_in(self, who: Credential) -> Answer:
        text = await self._wait(_FIRST_SECONDS)
        if prompt_of(text) == "shell":
            return Answer(TryOutcome.OPEN, "a shell without a login")
        if prompt_of(text) == "login":
            text = await self._typed(who.account)
            if prompt_of(text) == "shell":
                return Answer(TryOutcome.OPEN, "no password is asked for")
        elif who.account:
            return Answer(TryOutcome.UNCLEAR, "no login prompt")
        if prompt_of(text) != "password":
            return understood(text, Answer(TryOutcome.UNCLEAR, "no password prompt"))
        text = await self._typed(who.password.reveal(), _JUDGING_SECONDS)
        prompt, is_denied = prompt_of(text), bool(_DENIED.search(text))
        if prompt == "shell" and not is_denied:
            return Answer(TryOutcome.ACCEPTED, "a prompt after the login")
        if wants_new_password(text) and not is_denied:
            return Answer(TryOutcome.ACCEPTED, "a new password is asked for")
        if prompt in ("login", "password") or (is_denied and not prompt):
            return understood(text, Answer(TryOutcome.REFUSED, "asked again"))
        unclear = "what follows the password does not settle it"
        return understood(text, Answer(TryOutcome.UNCLEAR, unclear, silent=not text))

    async def _typed(self, line: str, first: float = _FIRST_SECONDS) -> str:
        self._from = len(self._link.heard)
        self._declined = 0
        await self._link.write(line.encode("utf-8", "replace") + b"\r\n")
        return await self._wait(first)

    async def _wait(self, first: float) -> str:
        """What is shown until a prompt, declining options on the way; an echoed end of line is no answer."""
        text = ""
        for _turn in range(_ROUNDS):
            before = len(self._link.heard)
            await self._link.hear(_NEXT_SECONDS if text.strip() else first, _QUIET_SECONDS)
            read = parse(bytes(self._link.heard[self._from :]))
            if isinstance(read, Garbled):
                return ""
            text, refusals = read
            if len(refusals) > self._declined:
                await self._link.write(refusals[self._declined :])
                self._declined = len(refusals)
            elif prompt_of(text) or len(self._link.heard) == before:
                break
        return text


TELNET: Final = Login("telnet", "tcp", (23, 2323), nothing_to_see, attempt)

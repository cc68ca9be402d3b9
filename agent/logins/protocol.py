"""What every login protocol speaks in: Way, Seen, Answer, Login; and the words that tell of a lock-out."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from agent.logins.secrecy import Secret
from agent.permit import Permit
from agent.transport.door import Door
from agent.transport.talk import Failed
from inventory.types import ProbeOutcome, TryOutcome

_LOCKED: Final = re.compile(
    r"lock(?:ed|out)|too many|temporar(?:y|ily) (?:block|ban|disab)|(?:try|log ?in) again (?:in|after|later)"
    r"|blocked for|account (?:is )?disabled|maximum (?:number of )?(?:login|attempt|tries)"
    r"|鎖定|锁定|稍後再試",
    re.IGNORECASE,
)
_COUNTING: Final = re.compile(
    r"(?:attempts?|tries|chances?|times?)\s+(?:left|remain\w*)|remain\w*\s+(?:login\s+)?(?:attempts?|tries|times?)"
    r"|retr(?:y|ies)[\"'_ ]*(?:left|times?)|剩餘.{0,6}次|还有.{0,4}次",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Way:
    """One place to log in: protocol, port, whether TLS comes first, and the page where that matters."""

    protocol: str
    port: int
    tls: bool = False
    path: str = ""
    transport: str = "tcp"

    @property
    def service(self) -> str:
        """`tcp/443`, as the register names services."""
        return f"{self.transport}/{self.port}"


@dataclass(frozen=True, slots=True)
class Credential:
    """One account and its password, on the way to one try."""

    account: str
    password: Secret


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of looking or trying; `kind` is finer than the protocol where there is a choice (`form`)."""

    outcome: TryOutcome
    reason: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a way shows before any password: `answer` where that settles it, else what a try needs to know.

    `seconds` is how long it took to show it; `handle` is the protocol's own. What is good for one try only (a
    token, a nonce, a session) is `once`: before the next try it is looked at anew. `gone` is a port that
    refuses connections: where it took one before, that is a sign of a lock-out.
    """

    answer: Answer | None = None
    handle: object = None
    kind: str = ""
    seconds: float = 0.0
    once: bool = False
    gone: bool = False


Look = Callable[[Door, Permit, Way], Awaitable[Seen]]
Attempt = Callable[[Door, Permit, Way, Seen, Credential], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Login:
    """One protocol: its name in data files, its usual ports, how it is looked at and tried.

    `look` sends no account and no password; `attempt` exactly one of each.
    """

    name: str
    transport: str
    ports: tuple[int, ...]
    look: Look
    attempt: Attempt


def understood(text: str, otherwise: Answer) -> Answer:
    """`otherwise`, unless the text of a refusal speaks of a lock-out or counts the tries left."""
    if _LOCKED.search(text):
        return Answer(TryOutcome.LOCKED, "the answer speaks of a lock-out", otherwise.kind)
    if _COUNTING.search(text) and otherwise.outcome is TryOutcome.REFUSED:
        return Answer(TryOutcome.WARNED, "the answer counts the tries left", otherwise.kind)
    return otherwise


def unanswered(failure: Failed) -> Answer:
    """The answer when nothing came; a device that hangs up or refuses us now may be locking us out."""
    if failure.outcome is ProbeOutcome.REFUSED:
        return Answer(TryOutcome.LOCKED, "the port refuses connections now")
    return Answer(TryOutcome.UNCLEAR, failure.reason)


def unseen(failure: Failed) -> Seen:
    """What looking comes to when nothing came."""
    gone = failure.outcome is ProbeOutcome.REFUSED
    return Seen(Answer(TryOutcome.UNCLEAR, failure.reason), gone=gone)


async def nothing_to_see(door: Door, permit: Permit, way: Way) -> Seen:  # noqa: ARG001 - the protocol's interface
    """For protocols where even looking needs an account."""
    return Seen()

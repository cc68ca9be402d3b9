"""What every login protocol speaks in: Way, Seen, Answer, Login; and what the words of a refusal tell."""

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
_BESIDE: Final = re.compile(
    r"already (?:logged|signed)|another (?:user|admin\w*|session|client)|(?:in|being) use(?:d)? by"
    r"|sessions? (?:limit|full|is full|(?:has |is )?expired|timed? ?out)"
    r"|max(?:imum)? (?:number of )?(?:users|sessions|clients|connections)"
    r"|csrf|(?:invalid|expired|missing|bad) (?:\w+ )?token"
    r"|token (?:\w+ )?(?:invalid|expired|missing|mismatch)"
    r"|enable (?:your )?(?:cookies|java ?script)|cookies? (?:\w+ ){1,3}(?:enabled|disabled|required|blocked)"
    r"|(?:must use|requires?) (?:ssl|tls|https|encryption)|(?:ssl|tls|encryption) (?:is )?required"
    r"|captcha|(?:verification|security|one-time) (?:code|pass)|已登入|已登录|驗證碼|验证码",
    re.IGNORECASE,
)
_NEW_PASSWORD: Final = re.compile(
    r"new password|(?:change|renew) (?:your|the|default|initial)[\w ]{0,20}password"
    r"|password (?:has |is )?(?:expired|must be changed)|新密碼|新密码|變更密碼|修改密码",
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
    """What came of looking or trying; `kind` is finer than the protocol where there is a choice (`form`).

    `silent`: nothing came at all, which is a sign of a lock-out where something did before.
    """

    outcome: TryOutcome
    reason: str = ""
    kind: str = ""
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """What a way shows before any password: `answer` where that settles it, else what a try needs to know.

    `seconds` is how long it took to show it; `handle` is the protocol's own. What is good for one try only (a
    token, a nonce, a session) is `once`: before the next try it is looked at anew. `gone` is a port that
    refuses connections or keeps silent: where it took one before, that is a sign of a lock-out. `absent` is a
    way that was only supposed: another service answers there, and says so.
    """

    answer: Answer | None = None
    handle: object = None
    kind: str = ""
    seconds: float = 0.0
    once: bool = False
    gone: bool = False
    absent: bool = False


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
    """`otherwise`, unless the text of a refusal says more.

    It may speak of a lock-out or count the tries left; and what turns somebody away for another reason than
    the password, or asks for a new one, is no refusal of the password.
    """
    if _LOCKED.search(text):
        return Answer(TryOutcome.LOCKED, "the answer speaks of a lock-out", otherwise.kind)
    if otherwise.outcome is not TryOutcome.REFUSED:
        return otherwise
    if _COUNTING.search(text):
        return Answer(TryOutcome.WARNED, "the answer counts the tries left", otherwise.kind)
    if _BESIDE.search(text) or wants_new_password(text):
        return Answer(TryOutcome.UNCLEAR, "turned away for another reason than the password", otherwise.kind)
    return otherwise


def wants_new_password(text: str) -> bool:
    """Whether a text asks for a new password, as devices do of whoever came in with the initial one."""
    return bool(_NEW_PASSWORD.search(text))


def unanswered(failure: Failed) -> Answer:
    """The answer when nothing came; a device that hangs up or refuses us now may be locking us out."""
    if failure.outcome is ProbeOutcome.REFUSED:
        return Answer(TryOutcome.LOCKED, "the port refuses connections now")
    return Answer(TryOutcome.UNCLEAR, failure.reason, silent=failure.outcome is ProbeOutcome.SILENT)


def unseen(failure: Failed) -> Seen:
    """What looking comes to when nothing came."""
    gone = failure.outcome in (ProbeOutcome.REFUSED, ProbeOutcome.SILENT)
    return Seen(Answer(TryOutcome.UNCLEAR, failure.reason), gone=gone)


async def nothing_to_see(door: Door, permit: Permit, way: Way) -> Seen:  # noqa: ARG001 - the protocol's interface
    """For protocols where even looking needs an account."""
    return Seen()

"""What every probe speaks in: Probe, Reply, Garbled, and how bytes of the network become facts.

Facts are text without control characters (a line break stays one `\\n`), at most `LONGEST` characters;
evidence is the digest of the raw bytes and their masked beginning.
"""

import hashlib
import random
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from agent.permit import Permit
from agent.probes.charset import decoded
from agent.transport.door import Door
from agent.transport.talk import Failed
from inventory.types import Fact, ProbeOutcome, Touch
from inventory.vault import SnmpUser

LONGEST: Final = 2000
EXCERPT: Final = 200

_SECRET: Final = re.compile(
    r"((?:pass(?:word|wd)?|secret|community|token|session\w*|nonce|opaque|cookie)[\"']?\s*[=:]\s*[\"']?)[^\s\"'&;,<>]+",
    re.IGNORECASE,
)
_DRAWN_EACH_TIME: Final = re.compile(r"\b(nonce|opaque|cnonce)\s*=\s*(\"[^\"]*\"|[^\s,;]+)", re.IGNORECASE)
_COOKIE_VALUE: Final = re.compile(r"^([^=;]{1,200})=([^;]{8,})")
_BREAKS: Final = re.compile(r"\s*[\r\n]\s*")


@dataclass(frozen=True, slots=True)
class Garbled:
    """Bytes that are not what the protocol allows, and in what."""

    reason: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What one probe of one port came to; `facts` and `evidence` are empty unless it ANSWERED."""

    source: str
    outcome: ProbeOutcome
    service: str | None = None
    facts: tuple[Fact, ...] = ()
    evidence: bytes = b""
    reason: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 of the raw evidence, empty without any."""
        return hashlib.sha256(self.evidence).hexdigest() if self.evidence else ""

    @property
    def excerpt(self) -> str:
        """The beginning of the evidence with secrets masked, printable."""
        return masked(self.evidence)


@dataclass(frozen=True, slots=True)
class Context:
    """What a probe may know besides its permit.

    `timeout` is how long (seconds) one datagram's answer is waited for; `vendor_oids` maps a sysObjectID to
    the vendor's own identity OIDs; `users` are those of SNMPv3; `vendor` is the maker as concluded by then.
    """

    communities: tuple[str, ...] = field(repr=False)
    timeout: float
    vendor_oids: Callable[[str], tuple[str, ...]]
    users: tuple[SnmpUser, ...] = ()
    vendor: str = ""


Ask = Callable[[Door, Permit, int, Context], Awaitable[tuple[Reply, ...]]]

Again = Callable[[Permit, Mapping[str, str], random.Random], bytes | None]
"""The one datagram that a device which told these facts answers again; None where only a secret gets one."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One protocol: its name (the source of its observations), touch, transport, usual ports and question.

    `again` asks a UDP service from another segment whether it can be reached there. With `own_wire` devices
    need not answer beyond the wire they are on, so that silence elsewhere says nothing.
    """

    name: str
    touch: Touch
    transport: str
    ports: tuple[int, ...]
    ask: Ask
    again: Again | None = None
    own_wire: bool = False


def failed(source: str, service: str | None, failure: Failed | Garbled, evidence: bytes = b"") -> Reply:
    """The reply when nothing, or nothing readable, came."""
    outcome = failure.outcome if isinstance(failure, Failed) else ProbeOutcome.GARBLED
    return Reply(source, outcome, service, evidence=evidence, reason=failure.reason)


def answered(source: str, service: str | None, pairs: Iterable[tuple[str, str]], evidence: bytes) -> Reply:
    """The reply with its facts: (name, text) pairs, cleaned, empty ones and repetitions left out."""
    facts = (Fact(name, clean(value)) for name, value in pairs)
    kept = tuple(dict.fromkeys(fact for fact in facts if fact.value))
    return Reply(source, ProbeOutcome.ANSWERED, service, kept, evidence)


def clean(text: str) -> str:
    """`text` without control characters, its lines parted by single `\\n`, no longer than LONGEST."""
    lines = _BREAKS.sub("\n", text[: 4 * LONGEST].strip().replace("\0", ""))
    return "".join(c if c.isprintable() or c == "\n" else " " for c in lines).strip()[:LONGEST]


def steady_challenge(text: str) -> str:
    """A WWW-Authenticate value without what is drawn anew each time, so that equal replies stay equal."""
    return _DRAWN_EACH_TIME.sub(r"\1=*", text)


def steady_cookie(text: str) -> str:
    """A Set-Cookie value without the session it would open: its name and its attributes stay."""
    return _COOKIE_VALUE.sub(r"\1=*", text)


def text_of(data: bytes) -> str:
    """Bytes as the text they most likely are: UTF-8, a double-byte encoding of our offices, else Latin-1."""
    return decoded(data)


def masked(data: bytes) -> str:
    """The printable beginning of raw evidence with what looks like a secret starred out."""
    text = clean(data[: 4 * EXCERPT].decode("latin-1")).replace("\n", " ")
    return _SECRET.sub(r"\1***", text)[:EXCERPT]

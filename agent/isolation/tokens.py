"""Questions and answers across a border, which only those who share the firm's token can make (RFC 2104).

A firewall that accepts a connection itself, a captive portal or a reflector cannot answer for the segment
behind it: the answer is an HMAC over the question's nonce, the service and the segment's name.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Final

NONCE_LETTERS: Final = 32
_SEAL_LETTERS: Final = 32
_QUESTION: Final = re.compile(rb"MUSTER1 ASK ([0-9a-f]{32}) ([0-9a-f]{32})")
_ANSWER: Final = re.compile(rb"MUSTER1 HERE ([^\s]{1,64}) ([0-9a-f]{32})")
_SHORTEST: Final = 12


@dataclass(frozen=True)
class Token:
    """The shared secret; ValueError where it is too short to be one."""

    secret: bytes

    def __post_init__(self) -> None:
        if len(self.secret) < _SHORTEST:
            raise ValueError(f"a token has at least {_SHORTEST} letters")

    def __repr__(self) -> str:
        """Without the secret: it may stand in a trace."""
        return "Token(…)"

    def question(self, nonce: str) -> bytes:
        """The question of a nonce (32 hexadecimal letters)."""
        return f"MUSTER1 ASK {nonce} {self.seal('ask', nonce)}\n".encode()

    def asked(self, data: bytes) -> str | None:
        """The nonce of a true question; None for anything else, which nobody answers."""
        found = _QUESTION.search(data)
        if not found:
            return None
        nonce, seal = found[1].decode(), found[2].decode()
        return nonce if hmac.compare_digest(seal, self.seal("ask", nonce)) else None

    def answer(self, nonce: str, service: str, segment: str) -> bytes:
        """What an answerer in `segment` says to a question that reached it on `service`."""
        return f"MUSTER1 HERE {segment} {self.seal('here', nonce, service, segment)}\n".encode()

    def answered(self, data: bytes, nonce: str, service: str, segment: str) -> bool:
        """Whether the data hold the true answer to this question from that segment."""
        wanted = self.seal("here", nonce, service, segment).encode()
        return any(
            found[1] == segment.encode() and hmac.compare_digest(found[2], wanted)
            for found in _ANSWER.finditer(data)
        )

    def seal(self, *words: str) -> str:
        """The HMAC-SHA256 of the words, shortened to 128 bits, in hexadecimal."""
        made = hmac.new(self.secret, "\n".join(words).encode(), hashlib.sha256)
        return made.hexdigest()[:_SEAL_LETTERS]

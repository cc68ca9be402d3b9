"""What came of asking: an answer or a `Failed` value, and the open conversation in between.

Reading never raises for what the network does: silence and hanging up give the bytes there are, which the
parsers must cope with anyway.
"""

import asyncio
import ssl
from dataclasses import dataclass, field
from typing import Final

from agent.transport.limits import Limits
from inventory.types import ProbeOutcome

_CHUNK: Final = 16_384


@dataclass(frozen=True, slots=True)
class Failed:
    """Nothing came of asking, and what the network said instead."""

    outcome: ProbeOutcome
    reason: str


@dataclass(frozen=True, slots=True)
class Encryption:
    """What a TLS handshake showed; the certificate is DER, empty where there was none."""

    version: str
    cipher: str
    certificate: bytes


@dataclass
class Link:
    """An open TCP conversation; `heard` is every byte received so far, the raw evidence."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    limits: Limits
    heard: bytearray = field(default_factory=bytearray)

    async def write(self, data: bytes) -> None:
        """Sends `data`; whether it arrived shows in the answer."""
        try:
            self.writer.write(data)
            await asyncio.wait_for(self.writer.drain(), self.limits.read_seconds)
        except (OSError, TimeoutError):
            pass  # the reader that follows hears nothing, and says so

    async def read_some(self, seconds: float | None = None) -> bytes:
        """What arrives next, empty at the end, after silence or when the limit of bytes is reached."""
        room = self.limits.reply_bytes - len(self.heard)
        if room <= 0:
            return b""
        try:
            data = await asyncio.wait_for(
                self.reader.read(min(_CHUNK, room)), seconds or self.limits.read_seconds
            )
        except (OSError, TimeoutError):
            return b""
        self.heard += data
        return data

    async def read_until(self, marker: bytes) -> bytes:
        """Everything heard up to and including `marker`, or all there is when it does not come."""
        start = 0
        while (found := self.heard.find(marker, start)) < 0:
            start = max(0, len(self.heard) - len(marker))
            if not await self.read_some():
                return bytes(self.heard)
        return bytes(self.heard[: found + len(marker)])

    async def read_at_least(self, size: int) -> bytes:
        """All that was heard, which is at least `size` bytes unless no more comes."""
        while len(self.heard) < size and await self.read_some():
            pass
        return bytes(self.heard)

    async def read_to_end(self) -> bytes:
        """All that is heard until the other side stops."""
        while await self.read_some():
            pass
        return bytes(self.heard)

    async def hear(self, first: float, then: float) -> bytes:
        """A greeting: waits `first` seconds for its beginning and ends after `then` seconds of quiet."""
        if await self.read_some(first):
            while await self.read_some(then):
                pass
        return bytes(self.heard)

    @property
    def is_over(self) -> bool:
        """Whether the other side has hung up and all it said was read; False while it is merely silent."""
        return self.reader.at_eof() or self.reader.exception() is not None

    @property
    def encryption(self) -> Encryption | None:
        """What the handshake showed; None on an unencrypted conversation."""
        tls = self.writer.get_extra_info("ssl_object")
        if not isinstance(tls, ssl.SSLObject):
            return None
        cipher = tls.cipher()
        return Encryption(tls.version() or "", cipher[0] if cipher else "", tls.getpeercert(True) or b"")

"""TLS over an asyncio stream, with the alert that asyncio's own TLS keeps to itself.

A client whose version or ciphers do not suit is owed an alert (RFC 8446 section 6.2); a scan
that grades TLS reads it. asyncio closes the connection without sending it, hence this.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress

from lab.speaks.host import Conversation, Writer

_MOST_BYTES = 1 << 20
_CHUNK = 65_536


def secured(
    talk: Callable[[asyncio.StreamReader, Writer], Awaitable[None]], context: ssl.SSLContext
) -> Conversation:
    """The same conversation held under TLS; a failed handshake ends in an alert and SSLError."""

    async def over_tls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = _Link(context, reader, writer)
        await link.shake_hands()
        plain = asyncio.StreamReader(limit=_CHUNK)
        pump = asyncio.get_running_loop().create_task(link.pump(plain))
        try:
            await talk(plain, link)
            await link.say_goodbye()
        finally:
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)

    return over_tls


class _Link:
    """One TLS connection over a reader and a writer of ciphertext."""

    def __init__(
        self, context: ssl.SSLContext, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)

    def write(self, data: bytes) -> None:
        """Encrypt and send."""
        if data:
            self._tls.write(data)
            self._writer.write(self._outgoing.read())

    async def drain(self) -> None:
        """Wait until what was written is on its way."""
        await self._writer.drain()

    async def shake_hands(self) -> None:
        """The handshake; raises SSLError after the alert is sent, EOFError when hung up on."""
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                await self._flush()
                await self._receive()
            except ssl.SSLError:
                await self._flush()
                raise
            else:
                await self._flush()
                return

    async def pump(self, plain: asyncio.StreamReader) -> None:
        """Decrypt into a reader until the client ends, breaks off or sends too much."""
        received = 0
        try:
            while received < _MOST_BYTES:
                try:
                    data = self._tls.read(_CHUNK)
                except ssl.SSLWantReadError:
                    await self._flush()
                    await self._receive()
                    continue
                if not data:
                    return
                received += len(data)
                plain.feed_data(data)
        except (OSError, EOFError):
            await self._flush()
        finally:
            plain.feed_eof()

    async def say_goodbye(self) -> None:
        """Send close_notify, without waiting for the client's."""
        with suppress(ssl.SSLError):
            self._tls.unwrap()
        await self._flush()

    async def _receive(self) -> None:
        data = await self._reader.read(_CHUNK)
        if not data:
            raise EOFError
        self._incoming.write(data)

    async def _flush(self) -> None:
        self._writer.write(self._outgoing.read())
        await self._writer.drain()

"""VNC's greeting and password (RFC 6143, sections 7.1 and 7.2): no picture is ever sent."""

import asyncio
import secrets
import struct
import warnings

from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.utils import CryptographyDeprecationWarning

from lab.speaks.host import Host, Speaking
from lab.speaks.malformed import Malformed
from lab.speaks.settings import Port, PortSettings, YesNo

with warnings.catch_warnings():
    warnings.simplefilter("ignore", CryptographyDeprecationWarning)
    from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES

_VERSION = b"RFB 003.008\n"
_NONE, _PASSWORD = 1, 2
_OK, _FAILED = struct.pack(">I", 0), struct.pack(">I", 1)
_WRONG = b"Authentication failure"


class VncSettings(PortSettings):
    """A remote desktop: the password that works, and whether one is asked for at all."""

    port: Port = 5900
    password: str = ""
    asks: YesNo = True


async def serve(host: Host, settings: VncSettings) -> Speaking:
    """Greet, ask for the password, say whether it was right and hang up; OSError when the port is taken."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(_VERSION)
        version = await reader.readexactly(len(_VERSION))
        if not version.startswith(b"RFB 003.00"):
            raise Malformed("not a version of RFB")
        kind = _PASSWORD if settings.asks else _NONE
        writer.write(bytes((1, kind)))
        if (await reader.readexactly(1))[0] != kind:
            raise Malformed("a security type that was not offered")
        right = not settings.asks or await _knows(reader, writer, settings.password)
        if settings.asks:
            host.log_login("vnc", "", "accepted" if right else "refused")
        writer.write(_OK if right else _FAILED + struct.pack(">I", len(_WRONG)) + _WRONG)
        await writer.drain()

    return await host.tcp(settings.port, talk)


async def _knows(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, password: str) -> bool:
    challenge = secrets.token_bytes(16)
    writer.write(challenge)
    return await reader.readexactly(16) == _sealed(challenge, password)


def _sealed(challenge: bytes, password: str) -> bytes:
    key = bytearray(8)
    for at, byte in enumerate(password.encode("latin-1", "replace")[:8]):
        for bit in range(8):
            key[at] |= ((byte >> bit) & 1) << (7 - bit)
    once = Cipher(TripleDES(bytes(key) * 3), modes.ECB()).encryptor()  # noqa: S305 - three times one key is DES
    return once.update(challenge) + once.finalize()

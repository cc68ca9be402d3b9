"""VNC (RFC 6143): the security types to look, one challenge answered to try; no picture is asked for."""

import warnings
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.utils import CryptographyDeprecationWarning

from agent.logins.protocol import Answer, Credential, Login, Seen, Way, unanswered, understood, unseen
from agent.permit import Permit
from agent.probes.reply import text_of
from agent.transport.door import Door
from agent.transport.talk import Failed, Link
from inventory.types import TryOutcome

with warnings.catch_warnings():
    warnings.simplefilter("ignore", CryptographyDeprecationWarning)
    from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES

_NONE, _PASSWORD = 1, 2
_VERSION_BYTES: Final = 12
_CHALLENGE_BYTES: Final = 16


async def look(door: Door, permit: Permit, way: Way) -> Seen:
    """The security types offered; open where `None` is among them."""
    heard = await door.converse(permit, way.port, _types)
    if isinstance(heard, Failed):
        return unseen(heard)
    types, words = heard
    if _NONE in types:
        return Seen(Answer(TryOutcome.OPEN, "the security type None is offered"))
    if _PASSWORD in types:
        return Seen(kind="vnc")
    unclear = Answer(TryOutcome.UNCLEAR, "no security type that can be tried")
    return Seen(understood(words, unclear))


async def attempt(door: Door, permit: Permit, way: Way, seen: Seen, who: Credential) -> Answer:  # noqa: ARG001
    """One challenge answered; VNC knows no accounts."""

    async def talk(link: Link) -> Answer:
        types, words = await _types(link)
        if _PASSWORD not in types:
            return understood(words, Answer(TryOutcome.UNCLEAR, "no password is asked for"))
        start = len(link.heard)
        if len(types) > 1 or types[0] >= 0:
            await link.write(bytes((_PASSWORD,)))
        heard = await link.read_at_least(start + _CHALLENGE_BYTES)
        if len(heard) < start + _CHALLENGE_BYTES:
            return Answer(TryOutcome.UNCLEAR, "no challenge")
        await link.write(_response(heard[start : start + _CHALLENGE_BYTES], who))
        end = start + _CHALLENGE_BYTES
        result = (await link.read_at_least(end + 4))[end : end + 4]
        if result == b"\0\0\0\0":
            return Answer(TryOutcome.ACCEPTED, "the response is taken")
        if result == b"\0\0\0\2":
            return Answer(TryOutcome.LOCKED, "too many tries")
        if result == b"\0\0\0\1":
            await link.read_some(1.0)
            return understood(text_of(bytes(link.heard[end + 4 :])), Answer(TryOutcome.REFUSED, "refused"))
        return Answer(TryOutcome.UNCLEAR, "no result")

    heard = await door.converse(permit, way.port, talk)
    return unanswered(heard) if isinstance(heard, Failed) else heard


async def _types(link: Link) -> tuple[bytes, str]:
    """The security types, and the words given instead of them (RFC 6143, section 7.1.2)."""
    version = await link.read_at_least(_VERSION_BYTES)
    if not version.startswith(b"RFB 003.00"):
        return b"", ""
    await link.write(b"RFB 003.008\n" if version[:11] >= b"RFB 003.008" else b"RFB 003.007\n")
    heard = await link.read_at_least(_VERSION_BYTES + 1)
    count = heard[_VERSION_BYTES] if len(heard) > _VERSION_BYTES else 0
    if count == 0:
        await link.read_some(1.0)
        return b"", text_of(bytes(link.heard[_VERSION_BYTES + 1 :]))
    end = _VERSION_BYTES + 1 + count
    return (await link.read_at_least(end))[_VERSION_BYTES + 1 : end], ""


def _response(challenge: bytes, who: Credential) -> bytes:
    """The challenge under DES, the password's bits mirrored byte by byte (RFC 6143, section 7.2.2)."""
    raw = who.password.reveal().encode("latin-1", "replace")[:8].ljust(8, b"\0")
    key = bytes(int(f"{byte:08b}"[::-1], 2) for byte in raw)
    cipher = Cipher(TripleDES(key * 3), modes.ECB()).encryptor()  # noqa: S305 - what the protocol prescribes
    return cipher.update(challenge) + cipher.finalize()


VNC: Final = Login("vnc", "tcp", (5900, 5901), look, attempt)

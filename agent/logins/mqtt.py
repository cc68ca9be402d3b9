"""MQTT 3.1.1 (OASIS standard): CONNECT and the return code of CONNACK; nothing is published or subscribed."""

import struct
from typing import Final

from agent.logins.protocol import Answer, Credential, Login, Seen, Way, unanswered, unseen
from agent.permit import Permit
from agent.transport.door import Door
from agent.transport.talk import Failed, Link
from inventory.types import TryOutcome

_CONNECT, _CONNACK, _DISCONNECT = 0x10, 0x20, b"\xe0\x00"
_CLEAN, _PASSWORD, _USER = 0x02, 0x40, 0x80
_TAKEN, _BAD_LOGIN, _NOT_ALLOWED = 0, 4, 5


async def look(door: Door, permit: Permit, way: Way) -> Seen:
    """A CONNECT without an account; open where it is taken."""
    code = await _connect(door, permit, way, None)
    if isinstance(code, Failed):
        return unseen(code)
    if code == _TAKEN:
        return Seen(Answer(TryOutcome.OPEN, "a connection without a login is taken"))
    if code in (_BAD_LOGIN, _NOT_ALLOWED):
        return Seen(kind="mqtt")
    return Seen(Answer(TryOutcome.UNCLEAR, f"return code {code}"))


async def attempt(door: Door, permit: Permit, way: Way, seen: Seen, who: Credential) -> Answer:  # noqa: ARG001
    """One CONNECT with an account."""
    code = await _connect(door, permit, way, who)
    if isinstance(code, Failed):
        return unanswered(code)
    if code == _TAKEN:
        return Answer(TryOutcome.ACCEPTED, "return code 0")
    if code in (_BAD_LOGIN, _NOT_ALLOWED):
        return Answer(TryOutcome.REFUSED, f"return code {code}")
    return Answer(TryOutcome.UNCLEAR, f"return code {code}")


async def _connect(door: Door, permit: Permit, way: Way, who: Credential | None) -> int | Failed:
    """The return code of CONNACK, -1 where none comes."""
    flags, payload = _CLEAN, _text("muster")
    if who is not None:
        flags |= _USER | _PASSWORD
        payload += _text(who.account) + _text(who.password.reveal())
    rest = _text("MQTT") + bytes((4, flags)) + struct.pack(">H", 30) + payload
    message = bytes((_CONNECT,)) + _length(len(rest)) + rest

    async def talk(link: Link) -> int:
        await link.write(message)
        heard = await link.read_at_least(4)
        if len(heard) < 4 or heard[0] != _CONNACK:
            return -1
        await link.write(_DISCONNECT)
        return heard[3]

    return await door.converse(permit, way.port, talk, tls=way.tls)


def _text(text: str) -> bytes:
    raw = text.encode()
    return struct.pack(">H", len(raw)) + raw


def _length(size: int) -> bytes:
    """A remaining length (MQTT 3.1.1, section 2.2.3)."""
    out = bytearray()
    while True:
        size, digit = size // 128, size % 128
        out.append(digit | (128 if size else 0))
        if not size:
            return bytes(out)


MQTT: Final = Login("mqtt", "tcp", (1883, 8883), look, attempt)

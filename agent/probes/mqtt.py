"""MQTT (OASIS MQTT 3.1.1): whether a broker takes a client that gives no account.

Harmless because CONNECT (section 3.1) with a clean session leaves nothing behind; the client's name is drawn
anew, so that nobody of that name is thrown out; nothing is published or subscribed, and DISCONNECT follows.
It is asked of devices whose kind is known alone: what a small unknown thing does with it nobody can say.
"""

import struct
from typing import Final

from agent.permit import Permit
from agent.probes.reply import Context, Garbled, Probe, Reply, answered, failed
from agent.transport.door import Door
from agent.transport.talk import Failed, Link
from inventory.types import Touch

PORT: Final = 1883

_CONNECT, _CONNACK, _DISCONNECT = 0x10, 0x20, b"\xe0\x00"
_CLEAN: Final = 0x02
_VERSION, _KEEP_ALIVE = 4, 30  # 3.1.1; seconds
_TAKEN: Final = 0
_WANTS_LOGIN: Final = frozenset({4, 5})  # bad user name or password, not authorized (section 3.2.2.3)
_CODES: Final = range(6)


def question(client: str) -> bytes:
    """A CONNECT without an account; `client` has at most 23 letters and digits (section 3.1.3.1)."""
    rest = _text("MQTT") + struct.pack(">BBH", _VERSION, _CLEAN, _KEEP_ALIVE) + _text(client)
    return bytes((_CONNECT, len(rest))) + rest


def parse(data: bytes) -> tuple[tuple[str, str], ...] | Garbled:
    """The facts of a CONNACK (section 3.2): its return code, and what that says of logins."""
    if len(data) < 4 or data[0] != _CONNACK or data[1] != 2 or data[2] > 1:
        return Garbled("no CONNACK")
    code = data[3]
    if code not in _CODES:
        return Garbled(f"return code {code}")
    login = "none" if code == _TAKEN else "asked" if code in _WANTS_LOGIN else ""
    return (("mqtt.code", str(code)), *([("mqtt.login", login)] if login else []))


async def ask(door: Door, permit: Permit, port: int, context: Context) -> tuple[Reply, ...]:  # noqa: ARG001
    """One CONNECT, and DISCONNECT where it was taken."""
    service = f"tcp/{port}"
    client = f"muster{door.randomness.getrandbits(32):08x}"

    async def talk(link: Link) -> bytes:
        await link.write(question(client))
        heard = await link.read_at_least(4)
        if heard[3:4] == bytes((_TAKEN,)):
            await link.write(_DISCONNECT)
        return heard

    heard = await door.converse(permit, port, talk)
    if isinstance(heard, Failed):
        return (failed("mqtt", service, heard),)
    read = parse(heard)
    if isinstance(read, Garbled):
        return (failed("mqtt", service, read, heard),)
    return (answered("mqtt", service, read, heard),)


def _text(text: str) -> bytes:
    raw = text.encode()
    return struct.pack(">H", len(raw)) + raw


MQTT: Final = Probe("mqtt", Touch.QUERY, "tcp", (PORT,), ask)

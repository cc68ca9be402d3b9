"""Canon's BJNP (UDP 8611): the IEEE 1284 device id of a small office printer.

Harmless because the identity command (0x30) opens no session and starts no job; it is what Canon's driver
asks before it offers a printer. Asked only of devices that are Canon's by their address or words.
"""

import struct
from typing import Final

from agent.permit import Permit
from agent.probes.reply import Context, Garbled, Probe, Reply, answered, failed, text_of
from agent.transport.door import Door
from agent.transport.talk import Failed
from inventory.types import Touch

PORT: Final = 8611
_HEADER: Final = struct.Struct(">4sBBHHHI")
_MARK: Final = b"BJNP"
_ASKS_PRINTER, _PRINTER_SAYS, _IDENTITY = 0x01, 0x81, 0x30


def question(number: int) -> bytes:
    """The identity command; `number` (16 bits) comes back in the answer."""
    return _HEADER.pack(_MARK, _ASKS_PRINTER, _IDENTITY, 0, number, 0, 0)


def parse(data: bytes) -> tuple[tuple[str, str], ...] | Garbled:
    """The device id (IEEE 1284, 7.6) of an answer: two bytes of length, itself counted, then text."""
    if len(data) < _HEADER.size + 2:
        return Garbled("no BJNP answer")
    mark, kind, command, fault, _number, _session, size = _HEADER.unpack_from(data)
    if mark != _MARK or kind != _PRINTER_SAYS or command != _IDENTITY or fault:
        return Garbled("no identity")
    body = data[_HEADER.size : _HEADER.size + size]
    if len(body) < max(size, 2):
        return Garbled("an identity cut off")
    text = text_of(body[2:]).strip(" \0")
    return (("ieee1284", text),) if text else Garbled("an empty identity")


async def ask(door: Door, permit: Permit, port: int, context: Context) -> tuple[Reply, ...]:
    """One identity command, no repetition."""
    service = f"udp/{port}"
    number = door.randomness.getrandbits(16)
    heard = await door.ask(permit, port, question(number), tries=1, wait=context.timeout)
    if isinstance(heard, Failed):
        return (failed("bjnp", service, heard),)
    read = parse(heard[0])
    if isinstance(read, Garbled):
        return (failed("bjnp", service, read, heard[0]),)
    return (answered("bjnp", service, read, heard[0]),)


BJNP: Final = Probe(
    "bjnp",
    Touch.QUERY,
    "udp",
    (PORT,),
    ask,
    again=lambda _permit, _facts, randomness: question(randomness.getrandbits(16)),
)

"""Modbus/TCP: the identification objects of a controller or meter.

Harmless because Read Device Identification (Modbus Application Protocol V1.1b3, section 6.21) reads three
fixed texts; no coil or register is touched. Unit 255 means the device itself, not one behind it (Modbus
Messaging on TCP/IP, section 4.2).
"""

import struct
from typing import Final

from agent.permit import Permit
from agent.probes.reply import Context, Garbled, Probe, Reply, answered, failed, text_of
from agent.transport.door import Door
from agent.transport.talk import Failed, Link
from inventory.types import Touch

PORT: Final = 502
_HEADER: Final = 7
_ENCAPSULATED, _DEVICE_IDENTIFICATION, _BASIC = 0x2B, 0x0E, 0x01
_NAMES: Final = {0: "vendor-name", 1: "product-code", 2: "revision", 4: "product-name", 5: "model-name"}
_THIS_DEVICE: Final = 0xFF


def question() -> bytes:
    """Read Device Identification, the basic objects from the first."""
    pdu = bytes((_ENCAPSULATED, _DEVICE_IDENTIFICATION, _BASIC, 0))
    return struct.pack(">HHHB", 1, 0, 1 + len(pdu), _THIS_DEVICE) + pdu


def parse(data: bytes) -> tuple[tuple[str, str], ...] | Garbled:
    """The facts of a response; Garbled for an exception or anything else."""
    body = data[_HEADER:]
    if len(data) < _HEADER or data[2:4] != b"\0\0":
        return Garbled("no Modbus header")
    if body[:2] != bytes((_ENCAPSULATED, _DEVICE_IDENTIFICATION)) or len(body) < 7:
        return Garbled("no device identification")
    facts: list[tuple[str, str]] = []
    at = 7
    for _number in range(body[6]):
        if len(body) < at + 2 or len(body) < at + 2 + body[at + 1]:
            break
        kind, size = body[at], body[at + 1]
        value = body[at + 2 : at + 2 + size]
        at += 2 + size
        if kind in _NAMES and value:
            facts.append((f"modbus.{_NAMES[kind]}", text_of(value)))
    return tuple(facts) or Garbled("an empty identification")


async def ask(door: Door, permit: Permit, port: int, context: Context) -> tuple[Reply, ...]:  # noqa: ARG001
    """The identification, in one request."""
    service = f"tcp/{port}"

    async def talk(link: Link) -> bytes:
        await link.write(question())
        head = await link.read_at_least(_HEADER - 1)
        return await link.read_at_least(_HEADER - 1 + int.from_bytes(head[4:6], "big"))

    heard = await door.converse(permit, port, talk)
    if isinstance(heard, Failed):
        return (failed("modbus", service, heard),)
    read = parse(heard)
    if isinstance(read, Garbled):
        return (failed("modbus", service, read, heard),)
    return (answered("modbus", service, read, heard),)


MODBUS: Final = Probe("modbus", Touch.QUERY, "tcp", (PORT,), ask)

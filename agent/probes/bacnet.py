"""BACnet/IP (ASHRAE 135, Annex J): maker, model and firmware of a building controller.

Harmless because Who-Is (clause 16.10) and ReadProperty (clause 15.5) of the device object only read; no
property is written and nothing is commanded. Sent to the device's own address, never broadcast.
"""

import struct
from typing import Final

from agent.permit import Permit
from agent.probes.reply import Context, Garbled, Probe, Reply, answered, failed, text_of
from agent.transport.door import Door
from agent.transport.talk import Failed
from inventory.types import Touch

PORT: Final = 47_808
READ: Final = {121: "vendor-name", 70: "model-name", 44: "firmware-revision", 77: "object-name"}

_BVLC, _UNICAST, _FORWARDED = 0x81, 0x0A, 0x04
_WHO_IS, _I_AM, _READ_PROPERTY = 8, 0, 12
_UNCONFIRMED, _COMPLEX_ACK = 0x10, 0x30
_DEVICE: Final = 8
_TEXT_TAG: Final = 0x75  # application tag 7, length in the next octet
# Character sets of clause 20.2.9; the code page of DBCS stands in the text's first two octets.
_UTF_8, _DBCS, _UCS_2, _LATIN_1 = 0, 1, 4, 5
_CODE_PAGES: Final = {874: "cp874", 932: "cp932", 936: "gb18030", 949: "cp949", 950: "cp950"}


def who_is() -> bytes:
    """A Who-Is without limits."""
    return _message(b"\x01\x00", bytes((_UNCONFIRMED, _WHO_IS)))


def read_property(instance: int, number: int, invoke: int) -> bytes:
    """A ReadProperty of the device object; no segments, the largest answer an Ethernet frame holds."""
    apdu = struct.pack(
        ">BBBBBIBB", 0x00, 0x05, invoke, _READ_PROPERTY, 0x0C, _DEVICE << 22 | instance, 0x19, number
    )
    return _message(b"\x01\x04", apdu)


def parse_i_am(data: bytes) -> int | Garbled:
    """The instance number of the device that says it is there."""
    apdu = _apdu(data)
    if len(apdu) < 7 or apdu[:2] != bytes((_UNCONFIRMED, _I_AM)) or apdu[2] != 0xC4:
        return Garbled("no I-Am")
    number = int.from_bytes(apdu[3:7], "big")
    return number & 0x3FFFFF if number >> 22 == _DEVICE else Garbled("an I-Am of no device")


def parse_text(data: bytes) -> tuple[int, str] | Garbled:
    """(property, text) of a ReadProperty answer; Garbled for an error or another kind of value."""
    apdu = _apdu(data)
    if len(apdu) < 11 or apdu[0] & 0xF0 != _COMPLEX_ACK or apdu[2] != _READ_PROPERTY:
        return Garbled("no property")
    if apdu[3] != 0x0C or apdu[8] != 0x19 or apdu[10:12] != bytes((0x3E, _TEXT_TAG)) or len(apdu) < 14:
        return Garbled("no text")
    size = apdu[12]
    if size < 1 or len(apdu) < 13 + size:
        return Garbled("text cut off")
    text = _text(apdu[13], apdu[14 : 13 + size])
    return Garbled(f"character set {apdu[13]}") if text is None else (apdu[9], text)


async def ask(door: Door, permit: Permit, port: int, context: Context) -> tuple[Reply, ...]:
    """Who-Is, and of a device that answers four properties."""
    service = f"udp/{port}"
    heard = await door.ask(permit, port, who_is(), tries=1, wait=context.timeout)
    if isinstance(heard, Failed):
        return (failed("bacnet", service, heard),)
    instance = parse_i_am(heard[0])
    if isinstance(instance, Garbled):
        return (failed("bacnet", service, instance, heard[0]),)
    facts, evidence = [("bacnet.instance", str(instance))], heard[0]
    for invoke, number in enumerate(READ, start=1):
        said = await door.ask(permit, port, read_property(instance, number, invoke), wait=context.timeout)
        if isinstance(said, Failed):
            break
        evidence += said[0]
        read = parse_text(said[0])
        if not isinstance(read, Garbled) and read[0] == number:
            facts.append((f"bacnet.{READ[number]}", read[1]))
    return (answered("bacnet", service, facts, evidence),)


def _message(npdu: bytes, apdu: bytes) -> bytes:
    return struct.pack(">BBH", _BVLC, _UNICAST, 4 + len(npdu) + len(apdu)) + npdu + apdu


def _text(character_set: int, raw: bytes) -> str | None:
    """The text in its own character set, None for one nobody here reads."""
    if character_set == _UTF_8:
        return text_of(raw)
    if character_set == _DBCS:
        codec = _CODE_PAGES.get(int.from_bytes(raw[:2], "big"), "")
        return raw[2:].decode(codec, "replace") if codec else None
    codec = {_UCS_2: "utf-16-be", _LATIN_1: "latin-1"}.get(character_set, "")
    return raw.decode(codec, "replace") if codec else None


def _apdu(data: bytes) -> bytes:
    """What is behind the headers of a message that was not routed; empty for anything else."""
    if len(data) < 6 or data[0] != _BVLC or int.from_bytes(data[2:4], "big") != len(data):
        return b""
    at = 10 if data[1] == _FORWARDED else 4
    if len(data) < at + 2 or data[at] != 1 or data[at + 1] & 0x80:
        return b""
    flags, at = data[at + 1], at + 2
    for present in (0x20, 0x08):  # destination, source (clause 6.2.2)
        if flags & present:
            if len(data) < at + 3:
                return b""
            at += 3 + data[at + 2]
    return data[at + 1 if flags & 0x20 else at :]


BACNET: Final = Probe(
    "bacnet", Touch.QUERY, "udp", (PORT,), ask, again=lambda _permit, _facts, _randomness: who_is()
)

"""Ubiquiti's discovery (UDP 10001): model, firmware and name of radios, access points and cameras.

Harmless because the four-byte question asks for a description and changes nothing; the vendor's own tools
send it to whole segments. Asked only of devices that are Ubiquiti's by their address or words.
"""

from typing import Final

from agent.permit import Permit
from agent.probes.reply import Context, Garbled, Probe, Reply, answered, failed, text_of
from agent.transport.door import Door
from agent.transport.talk import Failed
from inventory.types import Touch

PORT: Final = 10_001
QUESTION: Final = bytes((1, 0, 0, 0))
_ANSWER: Final = QUESTION[:2]
_MAC: Final = 0x01
_TEXTS: Final = {0x03: "firmware", 0x0B: "name", 0x0C: "platform", 0x14: "model"}


def parse(data: bytes) -> tuple[tuple[str, str], ...] | Garbled:
    """The facts of an answer: kind (2 bytes), length (2), then fields of type (1), length (2), value."""
    if data[:2] != _ANSWER or len(data) < 4:
        return Garbled("no discovery answer")
    facts: list[tuple[str, str]] = []
    at, end = 4, min(len(data), 4 + int.from_bytes(data[2:4], "big"))
    while at + 3 <= end:
        kind, size = data[at], int.from_bytes(data[at + 1 : at + 3], "big")
        value = data[at + 3 : at + 3 + size]
        at += 3 + size
        if at > end:
            break
        if kind in _TEXTS:
            facts.append((f"ubiquiti.{_TEXTS[kind]}", text_of(value).strip(" \0")))
        elif kind == _MAC and size == 6:
            facts.append(("ubiquiti.mac", value.hex(":")))
    kept = tuple((name, value) for name, value in facts if value)
    return kept or Garbled("an answer without fields")


async def ask(door: Door, permit: Permit, port: int, context: Context) -> tuple[Reply, ...]:
    """One question, no repetition."""
    service = f"udp/{port}"
    heard = await door.ask(permit, port, QUESTION, tries=1, wait=context.timeout)
    if isinstance(heard, Failed):
        return (failed("ubiquiti", service, heard),)
    read = parse(heard[0])
    if isinstance(read, Garbled):
        return (failed("ubiquiti", service, read, heard[0]),)
    return (answered("ubiquiti", service, read, heard[0]),)


UBIQUITI: Final = Probe(
    "ubiquiti", Touch.QUERY, "udp", (PORT,), ask, again=lambda _permit, _facts, _randomness: QUESTION
)

"""Dahua's discovery (UDP 37810): model, firmware and serial number of cameras and recorders.

Harmless because `DHDiscover.search` asks for a description before any login; the vendor's own tool sends it
to whole segments. Asked only of devices that are Dahua's by their address or words.
"""

import json
import struct
from typing import Final

from agent.permit import Permit
from agent.probes.reply import Context, Garbled, Probe, Reply, answered, failed, text_of
from agent.transport.door import Door
from agent.transport.talk import Failed
from inventory.types import Touch

PORT: Final = 37_810
_HEADER: Final = struct.Struct("<I4sIIIIII")
_MARK: Final = b"DHIP"
_SAID: Final = ("DeviceType", "DeviceClass", "Version", "SerialNo", "Vendor", "MachineName")


def question() -> bytes:
    """A search for this one device; `uni` asks for an answer to the asker alone."""
    return framed(b'{"method":"DHDiscover.search","params":{"mac":"","uni":1}}\n')


def framed(body: bytes) -> bytes:
    """`body` behind its 32-byte header: header size, mark, session, number, and the length twice."""
    return _HEADER.pack(_HEADER.size, _MARK, 0, 0, len(body), 0, len(body), 0) + body


def parse(data: bytes) -> tuple[tuple[str, str], ...] | Garbled:
    """The facts of a notification: type (the model), version, serial number, maker, name and MAC."""
    if len(data) < _HEADER.size or data[4:8] != _MARK:
        return Garbled("no DHIP header")
    size = int.from_bytes(data[16:20], "little")
    body = data[_HEADER.size : _HEADER.size + size]
    if len(body) < size:
        return Garbled("an answer cut off")
    try:
        told = json.loads(text_of(body.rstrip(b"\0\n ")))
        info = told["params"]["deviceInfo"]
        facts = [(f"dahua.{name.lower()}", info[name]) for name in _SAID if name in info]
        facts.append(("dahua.mac", told.get("mac", "")))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Garbled("no device information")
    kept = tuple((name, value) for name, value in facts if isinstance(value, str) and value.strip())
    return kept or Garbled("empty device information")


async def ask(door: Door, permit: Permit, port: int, context: Context) -> tuple[Reply, ...]:
    """One search, no repetition."""
    service = f"udp/{port}"
    heard = await door.ask(permit, port, question(), tries=1, wait=context.timeout)
    if isinstance(heard, Failed):
        return (failed("dahua", service, heard),)
    read = parse(heard[0])
    if isinstance(read, Garbled):
        return (failed("dahua", service, read, heard[0]),)
    return (answered("dahua", service, read, heard[0]),)


DAHUA: Final = Probe(
    "dahua", Touch.QUERY, "udp", (PORT,), ask, again=lambda _permit, _facts, _randomness: question()
)

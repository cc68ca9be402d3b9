"""NetBIOS name service (RFC 1002): the node status, with names and the adapter's address.

Harmless because a node status request (section 4.2.17) is a question that changes no name.
"""

import struct
from typing import Final

from agent.permit import Permit
from agent.probes.reply import Context, Garbled, Probe, Reply, answered, failed, text_of
from agent.transport.door import Door
from agent.transport.talk import Failed
from inventory.types import Touch

PORT: Final = 137
_NODE_STATUS: Final = 0x21
_GROUP: Final = 0x8000
_WORKSTATION, _SERVER = 0x00, 0x20


def query(number: int) -> bytes:
    """A node status request for the wildcard name `*` (section 4.2.17), first-level encoded."""
    name = b"".join(bytes((0x41 + (byte >> 4), 0x41 + (byte & 15))) for byte in b"*".ljust(16, b"\0"))
    return (
        struct.pack(">6H", number, 0, 1, 0, 0, 0)
        + b"\x20"
        + name
        + b"\0"
        + struct.pack(">HH", _NODE_STATUS, 1)
    )


def parse(data: bytes) -> tuple[tuple[str, str], ...] | Garbled:
    """The facts of a node status response (section 4.2.18): own name, workgroup, MAC."""
    if len(data) < 57 or not data[2] & 0x80:
        return Garbled("no node status")
    at = 12
    while at < len(data) and data[at] and data[at] & 0xC0 != 0xC0:
        at += 1 + data[at]
    at += 2 if at < len(data) and data[at] & 0xC0 == 0xC0 else 1
    if len(data) < at + 11 or int.from_bytes(data[at : at + 2], "big") != _NODE_STATUS:
        return Garbled("no node status")
    count = data[at + 10]
    at += 11
    facts: list[tuple[str, str]] = []
    for _number in range(count):
        entry = data[at : at + 18]
        if len(entry) < 18:
            return tuple(facts) or Garbled("names cut off")
        name, kind = text_of(entry[:15]).strip(" \0"), entry[15]
        is_group = bool(int.from_bytes(entry[16:18], "big") & _GROUP)
        if kind == _WORKSTATION and name:
            facts.append(("nbns.group" if is_group else "nbns.name", name))
        elif kind == _SERVER and name and not is_group:
            facts.append(("nbns.server", name))
        at += 18
    mac = data[at : at + 6]
    if len(mac) == 6 and any(mac):
        facts.append(("nbns.mac", mac.hex(":")))
    return tuple(facts) if facts else Garbled("no names")


async def ask(door: Door, permit: Permit, port: int, context: Context) -> tuple[Reply, ...]:
    """The node status of the device."""
    service = f"udp/{port}"
    question = query(door.randomness.getrandbits(16))
    heard = await door.ask(permit, port, question, tries=1, wait=context.timeout)
    if isinstance(heard, Failed):
        return (failed("nbns", service, heard),)
    read = parse(heard[0])
    if isinstance(read, Garbled):
        return (failed("nbns", service, read, heard[0]),)
    return (answered("nbns", service, read, heard[0]),)


NBNS: Final = Probe(
    "nbns",
    Touch.QUERY,
    "udp",
    (PORT,),
    ask,
    again=lambda _permit, _facts, randomness: query(randomness.getrandbits(16)),
)

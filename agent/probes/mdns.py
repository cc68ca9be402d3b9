"""mDNS (RFC 6762) with DNS-SD (RFC 6763): what a device announces, asked of the device alone or the segment.

Harmless because a query changes nothing; a question sent to the device's own address is answered to us
alone (RFC 6762, section 5.5).
"""

import struct
from dataclasses import dataclass
from typing import Final

from agent.permit import Permit
from agent.probes.reply import Context, Garbled, Probe, Reply, answered, failed, text_of
from agent.transport.door import Door
from agent.transport.talk import Failed
from inventory.types import Touch

GROUP: Final = "224.0.0.251"
PORT: Final = 5353
BROWSE: Final = (
    "_services._dns-sd._udp", "_ipp._tcp", "_printer._tcp", "_pdl-datastream._tcp", "_http._tcp",
    "_device-info._tcp", "_axis-video._tcp", "_airplay._tcp", "_googlecast._tcp", "_smb._tcp",
    "_workstation._tcp",
)  # fmt: skip

_A, _PTR, _TXT, _SRV = 1, 12, 16, 33
_TYPES: Final = frozenset((_A, _PTR, _TXT, _SRV))
_MOST_RECORDS: Final = 200
_MOST_LABELS: Final = 128
_MOST_MORE: Final = 12


@dataclass(frozen=True, slots=True)
class Record:
    """One resource record: `text` is a name (PTR, SRV), an address (A), or empty; `strings` are TXT's."""

    name: str
    type: int
    text: str = ""
    port: int = 0
    strings: tuple[str, ...] = ()


def query(services: tuple[str, ...]) -> bytes:
    """One message that asks for every service type, and for an answer to us alone (the QU bit)."""
    head = struct.pack(">6H", 0, 0, len(services), 0, 0, 0)
    return head + b"".join(
        _name(f"{service}.local") + struct.pack(">HH", _PTR, 0x8001) for service in services
    )


def parse(data: bytes) -> tuple[Record, ...] | Garbled:
    """The records of a response, in order; what comes after a damaged record is left out."""
    if len(data) < 12 or not data[2] & 0x80:
        return Garbled("no DNS response")
    questions, *counts = struct.unpack_from(">4H", data, 4)
    at = 12
    for _number in range(min(questions, _MOST_RECORDS)):
        skipped = _read_name(data, at)
        if skipped is None:
            return Garbled("question cut off")
        at = skipped[1] + 4
    records: list[Record] = []
    for _number in range(min(sum(counts), _MOST_RECORDS)):
        named = _read_name(data, at)
        if named is None or len(data) < named[1] + 10:
            break
        kind, _class, _ttl, size = struct.unpack_from(">HHIH", data, named[1])
        begin = named[1] + 10
        at = begin + size
        if at > len(data):
            break
        if kind in _TYPES:
            records.append(_record(named[0], kind, data, begin, at))
    return tuple(records) if records else Garbled("no records")


def describe(records: tuple[Record, ...]) -> list[tuple[str, str]]:
    """The facts of one device's records: host name, service types, instance names, TXT pairs."""
    facts: list[tuple[str, str]] = []
    for record in records:
        if record.type == _SRV:
            facts.append(("mdns.hostname", record.text.removesuffix(".local")))
        elif record.type == _PTR and record.name.startswith("_services."):
            facts.append(("mdns.service", record.text.removesuffix(".local")))
        elif record.type == _PTR and record.text:
            service = record.name.removesuffix(".local")
            facts.append(("mdns.service", service))
            facts.append(("mdns.instance", record.text.removesuffix(f".{record.name}")))
        elif record.type == _TXT:
            if "._device-info." in record.name:
                facts.append(("mdns_device-info_txt", ",".join(record.strings)))
            for pair in record.strings:
                key, equals, value = pair.partition("=")
                if equals and key.isprintable() and value:
                    facts.append((f"mdns.txt.{key.lower()[:40]}", value))
    return facts


async def ask(door: Door, permit: Permit, port: int, context: Context) -> tuple[Reply, ...]:
    """What the device offers, and once more for the types it named that we had not asked for."""
    service = f"udp/{port}"
    heard = await door.ask(permit, port, query(BROWSE), wait=context.timeout, more=0.3)
    if isinstance(heard, Failed):
        return (failed("mdns", service, heard),)
    records = _all(heard)
    if not records:
        return (failed("mdns", service, Garbled("no DNS response"), heard[0]),)
    named = {
        record.text for record in records if record.type == _PTR and record.name.startswith("_services.")
    }
    more = tuple(sorted(name.removesuffix(".local") for name in named))
    unasked = tuple(name for name in more if name not in BROWSE and name.startswith("_"))[:_MOST_MORE]
    if unasked:
        again = await door.ask(permit, port, query(unasked), tries=1, wait=context.timeout, more=0.3)
        if not isinstance(again, Failed):
            heard += again
            records = _all(heard)
    return (answered("mdns", service, describe(records), b"".join(heard)),)


def _all(messages: tuple[bytes, ...]) -> tuple[Record, ...]:
    read = (parse(message) for message in messages)
    return tuple(record for one in read if not isinstance(one, Garbled) for record in one)


def _record(name: str, kind: int, data: bytes, begin: int, end: int) -> Record:
    if kind == _A and end - begin == 4:
        return Record(name, kind, ".".join(str(byte) for byte in data[begin:end]))
    if kind == _TXT:
        return Record(name, kind, strings=_strings(data[begin:end]))
    start = begin + 6 if kind == _SRV else begin
    read = _read_name(data, start) if start <= end else None
    port = int.from_bytes(data[begin + 4 : begin + 6], "big") if kind == _SRV and end - begin > 6 else 0
    return Record(name, kind, read[0] if read else "", port)


def _strings(data: bytes) -> tuple[str, ...]:
    found, at = [], 0
    while at < len(data):
        size = data[at]
        found.append(text_of(data[at + 1 : at + 1 + size]))
        at += 1 + size
    return tuple(text for text in found if text)


def _read_name(data: bytes, at: int) -> tuple[str, int] | None:
    """(name, offset behind it) with compression (RFC 1035, 4.1.4); a pointer may only point backwards."""
    labels: list[str] = []
    after: int | None = None
    limit = at
    for _step in range(_MOST_LABELS):
        if at >= len(data):
            return None
        size = data[at]
        if size == 0:
            return ".".join(labels), (after if after is not None else at + 1)
        if size & 0xC0 == 0xC0:
            if at + 1 >= len(data):
                return None
            target = (size & 0x3F) << 8 | data[at + 1]
            after = after if after is not None else at + 2
            if target >= limit:
                return None
            at = limit = target
            continue
        if size & 0xC0 or at + 1 + size > len(data):
            return None
        labels.append(text_of(data[at + 1 : at + 1 + size]))
        at += 1 + size
    return None


def _name(name: str) -> bytes:
    return b"".join(bytes((len(label),)) + label.encode() for label in name.split(".")) + b"\0"


MDNS: Final = Probe(
    "mdns",
    Touch.QUERY,
    "udp",
    (PORT,),
    ask,
    again=lambda _permit, _facts, _randomness: query(BROWSE),
    own_wire=True,
)

"""DNS messages (RFC 1035, service records RFC 2782) as far as multicast DNS needs them."""

import socket
import struct
from typing import NamedTuple

from lab.speaks.malformed import Malformed

A, PTR, TXT, SRV, ANY = 1, 12, 16, 33, 255
_IN, _CACHE_FLUSH, _UNICAST_WANTED = 0x0001, 0x8000, 0x8000
_MOST_JUMPS = 20


class Question(NamedTuple):
    """One question; `unicast` when its asker wants a unicast answer (RFC 6762, 5.4)."""

    name: str
    type: int
    unicast: bool


class Record(NamedTuple):
    """One resource record with its data encoded; `unique` sets the cache-flush bit."""

    name: str
    type: int
    ttl: int
    data: bytes
    unique: bool = True


def read_query(data: bytes) -> tuple[int, list[Question]]:
    """The id and the questions of a query; raises Malformed, also on a response."""
    if len(data) < 12:
        raise Malformed("no DNS header")
    identity, flags, count = struct.unpack_from(">HHH", data)
    if flags & 0x8000:
        raise Malformed("a response, not a query")
    questions: list[Question] = []
    at = 12
    for _ in range(min(count, 32)):
        name, at = _read_name(data, at)
        if at + 4 > len(data):
            raise Malformed("question cut off")
        kind, group = struct.unpack_from(">HH", data, at)
        at += 4
        questions.append(Question(name, kind, bool(group & _UNICAST_WANTED)))
    return identity, questions


def response(
    identity: int, answers: list[Record], additional: list[Record], questions: tuple[Question, ...] = ()
) -> bytes:
    """An authoritative response; the questions are repeated only for a plain DNS asker."""
    head = struct.pack(">HHHHHH", identity, 0x8400, len(questions), len(answers), 0, len(additional))
    asked = b"".join(name(q.name) + struct.pack(">HH", q.type, _IN) for q in questions)
    return head + asked + b"".join(_record(record) for record in answers + additional)


def name(dotted: str) -> bytes:
    r"""A name of dotted labels; `\.` is a dot within a label."""
    encoded = b""
    for label in dotted.rstrip(".").replace("\\.", "\0").split("."):
        raw = label.replace("\0", ".").encode()
        if not 1 <= len(raw) <= 63:
            raise ValueError(f"{dotted!r} has a label that is empty or longer than 63 bytes")
        encoded += bytes((len(raw),)) + raw
    return encoded + b"\0"


def address(dotted: str) -> bytes:
    """The data of an A record."""
    return socket.inet_aton(dotted)


def service(port: int, target: str) -> bytes:
    """The data of an SRV record with priority and weight 0."""
    return struct.pack(">HHH", 0, 0, port) + name(target)


def text(pairs: dict[str, str]) -> bytes:
    """The data of a TXT record (RFC 6763 section 6): length-prefixed `key=value`."""
    strings = [f"{key}={value}".encode()[:255] for key, value in pairs.items()] or [b""]
    return b"".join(bytes((len(each),)) + each for each in strings)


def _record(record: Record) -> bytes:
    group = _IN | (_CACHE_FLUSH if record.unique else 0)
    fixed = struct.pack(">HHIH", record.type, group, record.ttl, len(record.data))
    return name(record.name) + fixed + record.data


def _read_name(data: bytes, at: int) -> tuple[str, int]:
    labels: list[str] = []
    after = 0
    for _ in range(_MOST_JUMPS * 4):
        if at >= len(data):
            raise Malformed("name cut off")
        size = data[at]
        if size & 0xC0 == 0xC0:
            if at + 2 > len(data):
                raise Malformed("pointer cut off")
            after = after or at + 2
            at = struct.unpack_from(">H", data, at)[0] & 0x3FFF
            continue
        at += 1
        if size == 0:
            return ".".join(labels) or ".", after or at
        if size > 63 or at + size > len(data):
            raise Malformed("bad label")
        label = data[at : at + size].decode("utf-8", "replace")
        labels.append(label.replace(".", "\\."))
        at += size
    raise Malformed("name goes in circles")

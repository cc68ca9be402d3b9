"""Just enough BER (X.690) for SNMP messages: definite lengths, single-byte tags."""

from lab.speaks.malformed import Malformed

INTEGER, OCTETS, NULL, OID, SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30

ObjectId = tuple[int, ...]


def encode(tag: int, content: bytes) -> bytes:
    """Tag, length, content."""
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def integer(value: int, tag: int = INTEGER) -> bytes:
    """A signed integer, or with an application tag an unsigned counter, gauge or tick."""
    size = (value + (value < 0)).bit_length() // 8 + 1
    return encode(tag, value.to_bytes(size, "big", signed=True))


def object_id(value: ObjectId) -> bytes:
    """An object identifier of at least two arcs."""
    content = bytearray(_base128(value[0] * 40 + value[1]))
    for arc in value[2:]:
        content += _base128(arc)
    return encode(OID, bytes(content))


def read(data: bytes, at: int = 0) -> tuple[int, bytes, int]:
    """The (tag, content, offset behind it) of the element at an offset; raises Malformed."""
    if len(data) < at + 2:
        raise Malformed("element cut off")
    tag, size = data[at], data[at + 1]
    start = at + 2
    if size & 0x80:
        count = size & 0x7F
        if not 1 <= count <= 4 or len(data) < start + count:
            raise Malformed("bad length")
        size = int.from_bytes(data[start : start + count], "big")
        start += count
    if len(data) < start + size:
        raise Malformed("content cut off")
    return tag, data[start : start + size], start + size


def read_as(expected: int, data: bytes, at: int = 0) -> tuple[bytes, int]:
    """Like `read` for one tag only: (content, offset behind it)."""
    tag, content, after = read(data, at)
    if tag != expected:
        raise Malformed(f"tag {tag:#x} where {expected:#x} belongs")
    return content, after


def read_integer(data: bytes, at: int = 0) -> tuple[int, int]:
    """A signed integer of at most eight bytes: (value, offset behind it)."""
    content, after = read_as(INTEGER, data, at)
    if not 1 <= len(content) <= 8:
        raise Malformed("integer size")
    return int.from_bytes(content, "big", signed=True), after


def read_object_id(data: bytes, at: int = 0) -> tuple[ObjectId, int]:
    """An object identifier: (arcs, offset behind it)."""
    content, after = read_as(OID, data, at)
    arcs: list[int] = []
    arc = 0
    for byte in content:
        arc = arc << 7 | byte & 0x7F
        if arc >= 1 << 32:
            raise Malformed("arc too large")
        if not byte & 0x80:
            arcs.append(arc)
            arc = 0
    if not arcs or content[-1] & 0x80:
        raise Malformed("object identifier cut off")
    first = min(arcs[0] // 40, 2)
    return (first, arcs[0] - first * 40, *arcs[1:]), after


def _base128(arc: int) -> bytes:
    digits = [arc & 0x7F]
    while arc := arc >> 7:
        digits.append(arc & 0x7F | 0x80)
    return bytes(reversed(digits))

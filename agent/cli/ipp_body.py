"""The attributes of a recorded IPP reply (RFC 8010) as facts `ipp.NAME`, for `muster identify`."""

from collections.abc import Iterator

from inventory.types import Fact

_HEADER = 8
_END, _FIRST_VALUE = 0x03, 0x10
_TEXTS = frozenset({0x41, 0x42, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49})
_WITH_LANGUAGE = frozenset({0x35, 0x36})


def facts_of(body: bytes) -> list[Fact]:
    """Every text attribute of the reply, in order; what is cut short or malformed ends the list."""
    return list(_read(body))


def _read(body: bytes) -> Iterator[Fact]:
    place, name = _HEADER, ""
    while place < len(body):
        tag = body[place]
        place += 1
        if tag == _END:
            return
        if tag < _FIRST_VALUE:
            continue
        label, place = _sized(body, place)
        value, place = _sized(body, place)
        if label is None or value is None:
            return
        name = label.decode("ascii", "replace") or name
        if tag in _WITH_LANGUAGE:
            _language, after = _sized(value, 0)
            value, _end = _sized(value, after)
        if value and tag in _TEXTS | _WITH_LANGUAGE:
            yield Fact(f"ipp.{name}", value.decode("utf-8", "replace"))


def _sized(data: bytes, place: int) -> tuple[bytes | None, int]:
    if place + 2 > len(data):
        return None, place
    size = int.from_bytes(data[place : place + 2], "big")
    end = place + 2 + size
    return (data[place + 2 : end], end) if end <= len(data) else (None, place)

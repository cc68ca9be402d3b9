"""The two names a web icon goes by: MD5, and the MurmurHash3 of its Base64 that search engines use."""

import base64
import hashlib
from typing import Final

_LARGEST: Final = 100_000  # bytes; a larger picture is no icon
_MASK: Final = 0xFFFFFFFF
_C1, _C2 = 0xCC9E2D51, 0x1B873593


def icon_facts(body: bytes) -> list[tuple[str, str]]:
    """`favicons` (MD5, hexadecimal) and `http.favicon_mmh3` (signed decimal); nothing for what is no icon."""
    if not 0 < len(body) <= _LARGEST or (body.lstrip()[:1] == b"<" and b"<svg" not in body[:1000].lower()):
        return []
    digest = hashlib.md5(body, usedforsecurity=False).hexdigest()
    lines = base64.encodebytes(body)  # 76 characters a line, as is customary for this hash
    return [("favicons", digest), ("http.favicon_mmh3", str(murmur3(lines)))]


def murmur3(data: bytes) -> int:
    """MurmurHash3_x86_32 (Austin Appleby, public domain) with seed 0, as a signed number."""
    state = 0
    whole = len(data) & ~3
    for at in range(0, whole, 4):
        state ^= _mixed(int.from_bytes(data[at : at + 4], "little"))
        state = (_turned(state, 13) * 5 + 0xE6546B64) & _MASK
    state ^= _mixed(int.from_bytes(data[whole:], "little"))
    state ^= len(data)
    state = (state ^ state >> 16) * 0x85EBCA6B & _MASK
    state = (state ^ state >> 13) * 0xC2B2AE35 & _MASK
    state ^= state >> 16
    return state - (1 << 32) if state >> 31 else state


def _mixed(block: int) -> int:
    return _turned(block * _C1 & _MASK, 15) * _C2 & _MASK


def _turned(value: int, bits: int) -> int:
    return (value << bits | value >> (32 - bits)) & _MASK

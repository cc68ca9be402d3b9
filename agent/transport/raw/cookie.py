"""SipHash-1-3 over one 64-bit word, for whole arrays at once.

The cookie of a question travels in the packet (TCP sequence number, ICMP id and sequence) and comes back
with the answer, so that nothing has to be remembered per packet, and nobody who did not see the question
can make up an answer. Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF" (2012).
"""

import secrets
from typing import Final

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]

_C: Final = tuple(
    np.uint64(constant)
    for constant in (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)
)
_LENGTH_BLOCK: Final = np.uint64(8 << 56)
_FINAL: Final = np.uint64(0xFF)


class Cookies:
    """A keyed 64 → 32 bit function; the key is drawn once per sweep unless given (16 bytes)."""

    def __init__(self, key: bytes | None = None) -> None:
        key = key or secrets.token_bytes(16)
        self._k0 = np.uint64(int.from_bytes(key[:8], "little"))
        self._k1 = np.uint64(int.from_bytes(key[8:16], "little"))

    def of(
        self, addresses: npt.NDArray[np.uint32], ports: npt.NDArray[np.uint16], salt: int
    ) -> npt.NDArray[np.uint32]:
        """The cookie for each (address, port); `salt` (16 bits) tells the kinds of packets apart."""
        words = (addresses.astype(np.uint64) << np.uint64(32)) | ports.astype(np.uint64)
        words |= np.uint64((salt & 0xFFFF) << 16)
        return (self.siphash(words) & np.uint64(0xFFFFFFFF)).astype(np.uint32)

    def siphash(self, words: Words) -> Words:
        """SipHash-1-3 of each eight-byte little-endian word."""
        v0, v1 = np.full_like(words, self._k0 ^ _C[0]), np.full_like(words, self._k1 ^ _C[1])
        v2, v3 = np.full_like(words, self._k0 ^ _C[2]), self._k1 ^ _C[3] ^ words
        _round(v0, v1, v2, v3)
        v0 ^= words
        v3 ^= _LENGTH_BLOCK
        _round(v0, v1, v2, v3)
        v0 ^= _LENGTH_BLOCK
        v2 ^= _FINAL
        for _turn in range(3):
            _round(v0, v1, v2, v3)
        result: Words = v0 ^ v1 ^ v2 ^ v3
        return result


def _round(v0: Words, v1: Words, v2: Words, v3: Words) -> None:
    """One SipRound, in place."""
    v0 += v1
    v2 += v3
    _rotate(v1, 13)
    _rotate(v3, 16)
    v1 ^= v0
    v3 ^= v2
    _rotate(v0, 32)
    v2 += v1
    v0 += v3
    _rotate(v1, 17)
    _rotate(v3, 21)
    v1 ^= v2
    v3 ^= v0
    _rotate(v2, 32)


def _rotate(words: Words, bits: int) -> None:
    high = words << np.uint64(bits)
    words >>= np.uint64(64 - bits)
    words |= high

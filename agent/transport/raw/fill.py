"""Fills a batch of frames at once: target, cookie and checksums (RFC 1071) as numpy columns."""

import ipaddress

import numpy as np
import numpy.typing as npt

from agent.transport.raw.cookie import Cookies
from agent.transport.raw.datagrams import COOKIE_BITS, COOKIE_MARK
from agent.transport.raw.layouts import Kind, Layout

Frames = npt.NDArray[np.uint8]

_PROTOCOL_OFFSET = 23
_SOURCE_IP_OFFSET = 26


class Filler:
    """Up to `batch` frames of one layout, in one block of memory whose rows never move."""

    def __init__(self, layout: Layout, cookies: Cookies, batch: int) -> None:
        self.layout = layout
        self.length = len(layout.frame)
        self.frames: Frames = np.tile(np.frombuffer(layout.frame, np.uint8), (batch, 1))
        self._cookies = cookies
        self._ip_sum = _sum_words(layout.frame[14:34]) if layout.ip_checksum else 0
        self._inner_sum = _inner_sum(layout)

    def fill(
        self,
        addresses: npt.NDArray[np.uint32],
        ports: npt.NDArray[np.uint16],
        macs: Frames,
    ) -> int:
        """Writes one frame per address into the first rows and gives their number.

        `macs` has a row of six bytes per address: the next hop's hardware address.
        """
        count = len(addresses)
        rows = self.frames[:count]
        layout = self.layout
        _put32(rows, layout.destination_ip, addresses)
        if layout.kind is Kind.ARP:
            return count
        rows[:, 0:6] = macs
        target_sum = (addresses >> np.uint32(16)) + (addresses & np.uint32(0xFFFF))
        cookie = self._cookies.of(addresses, ports, layout.kind)
        header_sum = target_sum + np.uint32(self._ip_sum)
        if layout.identification is not None:
            _put16(rows, layout.identification, cookie & np.uint32(0xFFFF))
            header_sum = header_sum + (cookie & np.uint32(0xFFFF))
        if layout.ip_checksum is not None:
            _put16(rows, layout.ip_checksum, _folded(header_sum))
        inner = np.full(count, self._inner_sum, np.uint32)
        if layout.cookie is not None:
            inner += self._put_cookie(rows, layout.cookie, cookie)
        if layout.destination_port is not None:
            _put16(rows, layout.destination_port, ports)
            inner = inner + ports + target_sum
        if layout.checksum is not None:
            check = _folded(inner)
            if layout.kind is Kind.UDP:
                check[check == 0] = 0xFFFF  # RFC 768: zero would mean that there is no checksum
            _put16(rows, layout.checksum, check)
        return count

    def _put_cookie(
        self, rows: Frames, offset: int, cookie: npt.NDArray[np.uint32]
    ) -> npt.NDArray[np.uint32]:
        """Writes the cookie as the layout wants it, and gives what it adds to the checksum."""
        if self.layout.cookie_width == 2:
            short = cookie & np.uint32(0xFFFF)
            _put16(rows, offset, short)
            return short
        if self.layout.kind is Kind.UDP:
            cookie = (cookie & np.uint32(COOKIE_BITS)) | np.uint32(COOKIE_MARK)
        _put32(rows, offset, cookie)
        halves = (cookie >> np.uint32(16), cookie & np.uint32(0xFFFF))
        if (offset - self.layout.checksum_from) % 2:  # each byte then stands in the other half of a word
            halves = tuple(
                ((half & np.uint32(0xFF)) << np.uint32(8)) | (half >> np.uint32(8)) for half in halves
            )  # type: ignore[assignment]
        return halves[0] + halves[1]


def _inner_sum(layout: Layout) -> int:
    """The checksum's constant part: header with zeros, and the pseudo-header (RFC 9293, 3.1; RFC 768)."""
    total = _sum_words(layout.frame[layout.checksum_from :])
    if layout.kind in (Kind.SYN, Kind.UDP):
        source = int(ipaddress.IPv4Address(layout.frame[_SOURCE_IP_OFFSET : _SOURCE_IP_OFFSET + 4]))
        length = len(layout.frame) - layout.checksum_from
        total += (source >> 16) + (source & 0xFFFF) + layout.frame[_PROTOCOL_OFFSET] + length
    return total


def _sum_words(data: bytes) -> int:
    padded = data + b"\0" * (len(data) % 2)
    return sum(int.from_bytes(padded[at : at + 2], "big") for at in range(0, len(padded), 2))


def _folded(sums: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint16]:
    once = (sums & np.uint32(0xFFFF)) + (sums >> np.uint32(16))
    twice = (once & np.uint32(0xFFFF)) + (once >> np.uint32(16))
    return (~twice).astype(np.uint16)


def _put32(rows: Frames, offset: int, values: npt.NDArray[np.uint32]) -> None:
    rows[:, offset : offset + 4] = values.astype(">u4").view(np.uint8).reshape(-1, 4)


def _put16(rows: Frames, offset: int, values: npt.NDArray[np.uint16]) -> None:
    rows[:, offset : offset + 2] = values.astype(">u2").view(np.uint8).reshape(-1, 2)

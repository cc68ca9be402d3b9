"""Fills a batch of frames at once: target, cookie and checksums (RFC 1071) as numpy columns."""

import ipaddress

import numpy as np
import numpy.typing as npt

from agent.transport.raw.cookie import Cookies
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
        if layout.ip_checksum is not None:
            _put16(rows, layout.ip_checksum, _folded(target_sum + np.uint32(self._ip_sum)))
        cookie = self._cookies.of(addresses, ports, layout.kind)
        inner = (cookie >> np.uint32(16)) + (cookie & np.uint32(0xFFFF)) + np.uint32(self._inner_sum)
        if layout.cookie is not None:
            _put32(rows, layout.cookie, cookie)
        if layout.destination_port is not None:
            _put16(rows, layout.destination_port, ports)
            inner = inner + ports + target_sum
        if layout.checksum is not None:
            _put16(rows, layout.checksum, _folded(inner))
        return count


def _inner_sum(layout: Layout) -> int:
    """The checksum's constant part: header with zeros, and for TCP the pseudo-header (RFC 9293, 3.1)."""
    total = _sum_words(layout.frame[layout.checksum_from :])
    if layout.kind is Kind.SYN:
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

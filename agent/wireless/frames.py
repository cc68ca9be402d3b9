"""Captured packets to bare IEEE 802.11 frames, with or without a radio header.

A frame that its radio header calls bad is noise and is left out.
"""

import struct
import zlib
from typing import Final

# Link types (https://www.tcpdump.org/linktypes.html)
IEEE802_11 = 105
PRISM = 119
RADIOTAP = 127
AVS = 163
PPI = 192
COOKED = 113
COOKED_V2 = 276

WIRELESS: Final = frozenset({IEEE802_11, PRISM, RADIOTAP, AVS, PPI, COOKED, COOKED_V2})

# What a cooked capture names as the link of the interface (Linux if_arp.h), and where it says so.
_ARPHRD = {801: IEEE802_11, 802: PRISM, 803: RADIOTAP}
_COOKED_FORM = {COOKED: (2, 16), COOKED_V2: (8, 20)}

# Radiotap (https://www.radiotap.org): TSFT is present bit 0, 8 bytes aligned to 8; Flags is bit 1, one byte.
_HAS_TSFT = 1 << 0
_HAS_FLAGS = 1 << 1
_MORE_PRESENT = 1 << 31
_FLAG_FCS_AT_END = 0x10
_FLAG_BAD_FCS = 0x40
_PPI_COMMON = 2


def link_of(hardware: int) -> int | None:
    """The link type of what such an interface (Linux if_arp.h) receives; None where it is not 802.11."""
    return _ARPHRD.get(hardware)


def bare_frame(packet: bytes, linktype: int) -> bytes | None:
    """The 802.11 frame inside a captured packet; None where there is none or it arrived damaged."""
    if linktype == IEEE802_11:
        return _without_right_fcs(packet)
    if linktype == RADIOTAP:
        return _inside_radiotap(packet)
    if linktype == PPI:
        return _inside_ppi(packet)
    if linktype in (PRISM, AVS):
        return _inside_prism(packet)
    if linktype in _COOKED_FORM:
        return _inside_cooked(packet, *_COOKED_FORM[linktype])
    return None


def _inside_radiotap(packet: bytes) -> bytes | None:
    if len(packet) < 8 or packet[0] != 0:
        return None
    length, present = struct.unpack_from("<HI", packet, 2)
    if length < 8 or length > len(packet):
        return None
    offset, word = 8, present
    while word & _MORE_PRESENT:
        if offset + 4 > length:
            return None
        (word,) = struct.unpack_from("<I", packet, offset)
        offset += 4
    flags = 0
    if present & _HAS_TSFT:
        offset = (offset + 7) // 8 * 8 + 8
    if present & _HAS_FLAGS:
        if offset >= length:
            return None
        flags = packet[offset]
    if flags & _FLAG_BAD_FCS:
        return None
    frame = packet[length:]
    if flags & _FLAG_FCS_AT_END:
        return frame[
            :-4
        ]  # wrong in captures whose addresses were masked afterwards, so it is not held against it
    return frame


def _inside_cooked(packet: bytes, link_at: int, length: int) -> bytes | None:
    if len(packet) < length:
        return None
    (hardware,) = struct.unpack_from(">H", packet, link_at)
    inner = link_of(hardware)
    return bare_frame(packet[length:], inner) if inner else None


def _inside_ppi(packet: bytes) -> bytes | None:
    if len(packet) < 8:
        return None
    length, inner = struct.unpack_from("<HI", packet, 2)
    if inner != IEEE802_11 or length < 8 or length > len(packet):
        return None
    frame = packet[length:]
    offset = 8
    while offset + 4 <= length:
        kind, size = struct.unpack_from("<HH", packet, offset)
        if kind == _PPI_COMMON and offset + 14 <= length:
            (flags,) = struct.unpack_from("<H", packet, offset + 12)
            if flags & 0x4:
                return None  # the FCS was seen to be wrong
            if flags & 0x1:
                return frame[:-4]
        offset += 4 + size
    return frame


def _inside_prism(packet: bytes) -> bytes | None:
    """Both headers carry their length in bytes 4–7, Prism in host order, AVS in network order."""
    if len(packet) < 8:
        return None
    for order in ("<I", ">I"):
        (length,) = struct.unpack_from(order, packet, 4)
        if 8 <= length <= 256 and length < len(packet):
            return _without_right_fcs(packet[length:])
    return None


def _without_right_fcs(frame: bytes) -> bytes:
    """The frame less a check sequence that matches; this link type does not say whether one is there."""
    return frame[:-4] if _fcs_is_right(frame) else frame


def _fcs_is_right(frame: bytes) -> bool:
    return len(frame) > 4 and zlib.crc32(frame[:-4]) == struct.unpack("<I", frame[-4:])[0]

"""Capture files to bare IEEE 802.11 frames: pcap, pcapng, gzipped or not, with or without a radio header.

A frame that its radio header calls bad is noise and is left out.
"""

import gzip
import io
import logging
import struct
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from inventory.exits import BadInput
from inventory.language import _

# Link types (https://www.tcpdump.org/linktypes.html)
IEEE802_11 = 105
PRISM = 119
RADIOTAP = 127
AVS = 163
PPI = 192
COOKED = 113
COOKED_V2 = 276

_WIRELESS: Final = frozenset({IEEE802_11, PRISM, RADIOTAP, AVS, PPI, COOKED, COOKED_V2})
_LINK_TYPE: Final = 0xFFFF  # the rest of the field is about check sequences (draft-ietf-opsawg-pcap, 4)
_HEADER: Final = 24  # of a management frame

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
_NO_CLOCK: Final = 946_684_800.0  # 2000: what claims to be older was written without a clock
_GZIP = b"\x1f\x8b"


def read_frames(path: Path) -> Iterator[bytes]:
    """Each 802.11 frame of the capture without radio header and check sequence; BadInput where unreadable.

    Of a frame that was not kept whole only its header is given, and of one at which a capture is cut off
    nothing. BadInput too for a capture of other kinds of frames only.
    """
    strange: set[int] = set()
    is_wireless = False
    for packet in _packets(path):
        if packet.linktype not in _WIRELESS:
            strange.add(packet.linktype)
        elif packet is not _CUT:
            is_wireless = True
        frame = bare_frame(packet.content, packet.linktype)
        if frame is not None:
            # A frame kept in part may end where an element does, and then looks like a whole one.
            yield frame if packet.is_whole else frame[:_HEADER]
    if strange and not is_wireless:
        text = _("{path}: holds no wireless frames (link type {number})")
        raise BadInput(text.format(path=path, number=min(strange)))


def last_frame_at(path: Path) -> datetime | None:
    """When the last frame of a capture came in; None for what is no capture, or kept no time."""
    try:
        latest = max((packet.at for packet in _packets(path)), default=0.0)
        return datetime.fromtimestamp(latest, UTC) if latest > _NO_CLOCK else None
    except (BadInput, OverflowError, ValueError, OSError):
        return None


class _Packet(NamedTuple):
    """A captured packet, its link type, its time in seconds since 1970, and whether all of it was kept."""

    content: bytes
    linktype: int
    at: float
    is_whole: bool


_CUT: Final = _Packet(b"", IEEE802_11, 0.0, False)  # stands for the packet in which a capture is cut off


def _packets(path: Path) -> Iterator[_Packet]:
    """Each packet of the capture, and `_CUT` where it is cut off."""
    from scapy.error import Scapy_Exception
    from scapy.utils import RawPcapReader

    logging.getLogger("scapy.runtime").setLevel(logging.ERROR)  # a torn capture is ours to report, not its
    begun = False
    try:
        with _opened(path) as handle:
            watched = _Watched(handle)
            reader = RawPcapReader(watched)
            begun = True
            for packet, about in reader:
                if watched.torn:
                    break
                linktype = getattr(about, "linktype", None)
                linktype = int(reader.linktype if linktype is None else linktype) & _LINK_TYPE
                is_whole = (getattr(about, "wirelen", None) or 0) <= len(packet)
                yield _Packet(bytes(packet), linktype, _time_of(about), is_whole)
            if watched.torn:
                yield _CUT
    except (OSError, EOFError, Scapy_Exception, struct.error) as error:
        if isinstance(error, OSError) and error.strerror and not begun:
            raise BadInput(f"{path}: {error.strerror}") from error
        if not begun:
            raise BadInput(
                _("{path}: is not a capture file: {error}").format(path=path, error=error)
            ) from error
        yield _CUT


class _Watched:
    """A file that notes where less came out of it than was asked for."""

    def __init__(self, handle: gzip.GzipFile | io.BufferedReader) -> None:
        self._handle = handle
        self.torn = False

    def read(self, size: int = -1) -> bytes:
        """As the file reads; its end where it is damaged."""
        try:
            got = self._handle.read(size)
        except (EOFError, OSError, zlib.error):
            self.torn = True
            return b""
        self.torn = self.torn or 0 < len(got) < size
        return got

    def close(self) -> None:
        """Closes the file."""
        self._handle.close()


def _time_of(about: Any) -> float:  # noqa: ANN401 - scapy's pcap or pcapng metadata
    if hasattr(about, "sec"):
        return float(about.sec)
    high, low, resolution = (getattr(about, name, None) for name in ("tshigh", "tslow", "tsresol"))
    return ((high << 32) + low) / resolution if high is not None and low is not None and resolution else 0.0


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


def _opened(path: Path) -> gzip.GzipFile | io.BufferedReader:
    with path.open("rb") as start:
        zipped = start.read(2) == _GZIP
    return gzip.open(path) if zipped else path.open("rb")


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

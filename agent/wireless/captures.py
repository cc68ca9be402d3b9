"""Capture files to bare IEEE 802.11 frames: pcap, pcapng, gzipped or not."""

import gzip
import io
import logging
import struct
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from agent.wireless.frames import IEEE802_11, WIRELESS, bare_frame
from inventory.exits import BadInput
from inventory.language import _

_LINK_TYPE: Final = 0xFFFF  # the rest of the field is about check sequences (draft-ietf-opsawg-pcap, 4)
_HEADER: Final = 24  # of a management frame
_NO_CLOCK: Final = 946_684_800.0  # 2000: what claims to be older was written without a clock
_GZIP: Final = b"\x1f\x8b"


def read_frames(path: Path) -> Iterator[bytes]:
    """The frames of the capture, as `timed_frames` gives them."""
    return (frame for frame, _at in timed_frames(path))


def timed_frames(path: Path) -> Iterator[tuple[bytes, datetime | None]]:
    """Each 802.11 frame of the capture without radio header and check sequence, and when it came in.

    BadInput where the file is unreadable; no time where the capture kept none.

    Of a frame that was not kept whole only its header is given, and of one at which a capture is cut off
    nothing. BadInput too for a capture of other kinds of frames only.
    """
    strange: set[int] = set()
    is_wireless = False
    for packet in _packets(path):
        if packet.linktype not in WIRELESS:
            strange.add(packet.linktype)
        elif packet is not _CUT:
            is_wireless = True
        frame = bare_frame(packet.content, packet.linktype)
        if frame is not None:
            # A frame kept in part may end where an element does, and then looks like a whole one.
            yield (frame if packet.is_whole else frame[:_HEADER]), _moment(packet.at)
    if strange and not is_wireless:
        text = _("{path}: holds no wireless frames (link type {number})")
        raise BadInput(text.format(path=path, number=min(strange)))


def last_frame_at(path: Path) -> datetime | None:
    """When the last frame of a capture came in; None for what is no capture, or kept no time."""
    try:
        return _moment(max((packet.at for packet in _packets(path)), default=0.0))
    except BadInput:
        return None


def _moment(seconds: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds > _NO_CLOCK else None
    except (OverflowError, ValueError, OSError):
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


def _opened(path: Path) -> gzip.GzipFile | io.BufferedReader:
    with path.open("rb") as start:
        zipped = start.read(2) == _GZIP
    return gzip.open(path) if zipped else path.open("rb")

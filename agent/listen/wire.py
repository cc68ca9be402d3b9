"""Where frames come from: a capture file, or a live interface that is only listened to."""

import gzip
import logging
import socket
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from agent.faults import NoRawSockets, NoWay
from inventory.exits import BadInput
from inventory.language import _

_ETHERNET, _COOKED = 1, 113  # https://www.tcpdump.org/linktypes.html
_ETH_P_ALL: Final = 0x0003
_SOL_PACKET: Final = 263
_ADD_MEMBERSHIP: Final = 1
_MR_ALLMULTI: Final = 2
_IGNORE_OUTGOING: Final = 23
_LONGEST: Final = 9216
_GZIP: Final = b"\x1f\x8b"


def recorded(path: Path) -> Iterator[bytes]:
    """Each Ethernet frame of a pcap or pcapng file, gzipped or not; BadInput where it is none.

    A capture cut off in the middle gives the frames before the cut.
    """
    from scapy.error import Scapy_Exception
    from scapy.utils import RawPcapReader

    logging.getLogger("scapy.runtime").setLevel(logging.ERROR)  # a torn capture is ours to report
    begun = False
    try:
        with path.open("rb") as start:
            zipped = start.read(2) == _GZIP
        with gzip.open(path) if zipped else path.open("rb") as handle:
            reader = RawPcapReader(handle)
            begun = True
            for packet, about in reader:
                linktype = getattr(about, "linktype", None)
                frame = _ethernet(bytes(packet), int(reader.linktype if linktype is None else linktype))
                if frame:
                    yield frame
    except (OSError, EOFError, Scapy_Exception, struct.error) as error:
        if isinstance(error, OSError) and error.strerror and not begun:
            raise BadInput(f"{path}: {error.strerror}") from error
        if not begun:
            text = _("{path}: is not a capture file: {error}")
            raise BadInput(text.format(path=path, error=error)) from error


def live(interface: str, seconds: float, stopped: Callable[[], bool]) -> Iterator[bytes]:
    """Each frame that comes in for `seconds`, or until `stopped`.

    All multicast frames are let in by the interface itself; no group is joined, for joining would send.
    NoRawSockets without CAP_NET_RAW, NoWay for an interface that is not there or goes away.
    """
    try:
        heard = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    except PermissionError as error:
        raise NoRawSockets(_("listening needs CAP_NET_RAW: run as root")) from error
    with heard:
        try:
            index = socket.if_nametoindex(interface)
            heard.setsockopt(_SOL_PACKET, _IGNORE_OUTGOING, 1)
            heard.setsockopt(_SOL_PACKET, _ADD_MEMBERSHIP, struct.pack("IHH8s", index, _MR_ALLMULTI, 0, b""))
            heard.bind((interface, _ETH_P_ALL))
            heard.settimeout(0.2)
            until = time.monotonic() + seconds
            while time.monotonic() < until and not stopped():
                try:
                    yield heard.recv(_LONGEST)
                except TimeoutError:
                    continue
        except OSError as error:
            text = _("interface {name}: {reason}")
            raise NoWay(text.format(name=interface, reason=error.strerror or error)) from error


def _ethernet(packet: bytes, linktype: int) -> bytes:
    if linktype == _ETHERNET:
        return packet
    if linktype == _COOKED and len(packet) >= 16:  # sender at 6, type at 14; the receiver is not kept
        return bytes(6) + packet[6:12] + packet[14:]
    return b""

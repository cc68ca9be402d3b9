"""Frames a wireless interface in monitor mode receives; it is only listened to."""

import fcntl
import socket
import struct
from collections.abc import Callable, Iterator
from typing import Final

from agent.faults import NoWay
from agent.listen.wire import live
from agent.wireless.frames import bare_frame, link_of
from inventory.exits import UsageFault
from inventory.language import _

_GET_HARDWARE: Final = 0x8927  # SIOCGIFHWADDR (Linux sockios.h)
_REQUEST: Final = "16sH22x"  # struct ifreq: name, then a socket address whose family is the kind of hardware


def monitored(interface: str, seconds: float, stopped: Callable[[], bool]) -> Iterator[bytes]:
    """Each bare 802.11 frame for `seconds`, or until `stopped`.

    UsageFault where the interface is not in monitor mode, NoWay where it is not there, NoRawSockets without
    CAP_NET_RAW.
    """
    linktype = link_of(_hardware_of(interface))
    if linktype is None:
        text = _("{name} is not in monitor mode: iw dev {name} set type monitor")
        raise UsageFault(text.format(name=interface))
    for packet in live(interface, seconds, stopped):
        frame = bare_frame(packet, linktype)
        if frame is not None:
            yield frame


def _hardware_of(interface: str) -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        request = struct.pack(_REQUEST, interface.encode()[:15], 0)
        try:
            answer = fcntl.ioctl(asking, _GET_HARDWARE, request)
        except OSError as error:
            text = _("interface {name}: {reason}")
            raise NoWay(text.format(name=interface, reason=error.strerror)) from error
    hardware: int = struct.unpack(_REQUEST, answer)[1]
    return hardware

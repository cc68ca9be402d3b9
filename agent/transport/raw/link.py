"""AF_PACKET (packet(7)): whole frames out with sendmmsg, answers in with recvmmsg, drops counted."""

import ctypes
import errno
import os
import select
import socket
import struct
import sys
import time
from pathlib import Path
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from agent.faults import NoRawSockets, NoWay
from agent.transport.raw import bpf
from agent.transport.raw.fill import Frames
from inventory.language import _

RECEIVE_BATCH: Final = 512

_ETH_P_ALL: Final = 0x0003
_SOL_PACKET: Final = 263
_PACKET_STATISTICS: Final = 6
_PACKET_AUXDATA: Final = 8
_PACKET_QDISC_BYPASS: Final = 20
_PACKET_IGNORE_OUTGOING: Final = 23
_ABOUT_BYTES: Final = 40  # cmsghdr, then struct tpacket_auxdata (linux/if_packet.h)
_STATUS_AT: Final = 16 // 4
_CSUM_NOT_READY: Final = 1 << 3
_SO_ATTACH_FILTER: Final = 26
_SO_RCVBUFFORCE: Final = 33
_RECEIVE_BYTES: Final = 16 * 1024 * 1024
_STUCK_SECONDS: Final = 1.0
_TRY_LATER: Final = frozenset({errno.EAGAIN, errno.ENOBUFS, errno.EINTR})


class _Iovec(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


class _Msghdr(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_void_p),
        ("namelen", ctypes.c_uint32),
        ("iov", ctypes.c_void_p),
        ("iovlen", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("controllen", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


class _Mmsghdr(ctypes.Structure):
    _fields_ = (("header", _Msghdr), ("length", ctypes.c_uint32))


class Outbox:
    """A block of frames ready for sendmmsg; the rows are filled again and again, never moved."""

    def __init__(self, frames: Frames, length: int) -> None:
        self._keep = frames
        self._vectors = _vectors(frames, length)
        self.messages = _messages(self._vectors, len(frames))


class Link:
    """Two packet sockets on one interface: one that only sends, one that only hears answers."""

    def __init__(self, interface: str, ip: str, port: int) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._interface, self._ip = interface, ip
        self._out = _packet_socket()
        self._in = _packet_socket()
        self.dropped = 0
        try:
            self._out.setsockopt(_SOL_PACKET, _PACKET_QDISC_BYPASS, 1)
            self._out.bind((interface, 0))
            self._mac = self._out.getsockname()[4]
            self._attach_filter(ip, port)
            self._enlarge()
            self._in.setsockopt(_SOL_PACKET, _PACKET_IGNORE_OUTGOING, 1)
            self._in.setsockopt(_SOL_PACKET, _PACKET_AUXDATA, 1)
            self._in.bind((interface, _ETH_P_ALL))
        except OSError as error:
            self.close()
            text = _("interface {name}: {reason}")
            raise NoWay(text.format(name=interface, reason=error.strerror)) from error
        self._poll = select.poll()
        self._poll.register(self._in, select.POLLIN)
        self._received: Frames = np.zeros((RECEIVE_BATCH, bpf.SNAP), np.uint8)
        self._in_vectors = _vectors(self._received, bpf.SNAP)
        self._in_messages = _messages(self._in_vectors, RECEIVE_BATCH)
        columns = np.frombuffer(memoryview(self._in_messages).cast("B"), np.uint32)
        rows = columns.reshape(RECEIVE_BATCH, -1)
        self._lengths: npt.NDArray[np.uint32] = rows[:, _Mmsghdr.length.offset // 4]
        self._about = np.zeros((RECEIVE_BATCH, _ABOUT_BYTES // 4), np.uint32)
        self._about_lengths = rows.view(np.uint64)[:, _Msghdr.controllen.offset // 8]
        for message, row in zip(self._in_messages, self._about, strict=True):
            message.header.control = row.ctypes.data

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes both sockets; closing twice is harmless."""
        self._out.close()
        self._in.close()

    def send(self, outbox: Outbox, count: int) -> int:
        """Sends the first `count` frames; how many left.

        NoWay when the interface has gone, or takes none for a second (a full queue, a dead driver).
        """
        sent, stuck_at = 0, time.monotonic() + _STUCK_SECONDS
        while sent < count:
            place = ctypes.byref(outbox.messages, sent * ctypes.sizeof(_Mmsghdr))
            done = self._libc.sendmmsg(self._out.fileno(), place, count - sent, socket.MSG_DONTWAIT)
            if done > 0:
                sent, stuck_at = sent + done, time.monotonic() + _STUCK_SECONDS
                continue
            problem = ctypes.get_errno()
            if problem not in _TRY_LATER or time.monotonic() > stuck_at:
                raise NoWay(_("sending stopped: {reason}").format(reason=os.strerror(problem)))
            time.sleep(0.002)  # poll says writable as long as the socket's own buffer has room
        return sent

    def check(self) -> None:
        """NoWay where answers could no longer reach us: the interface has another address or MAC by now."""
        try:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as same:
                same.bind((self._ip, 0))
            mac = self._out.getsockname()[4]
        except OSError as error:
            reason = _("the address {ip} is gone").format(ip=self._ip)
            raise NoWay(
                _("interface {name}: {reason}").format(name=self._interface, reason=reason)
            ) from error
        if mac != self._mac:
            reason = _("its MAC address changed")
            raise NoWay(_("interface {name}: {reason}").format(name=self._interface, reason=reason))

    def wait(self, seconds: float) -> bool:
        """True as soon as an answer waits, False after `seconds` without one."""
        return bool(self._poll.poll(max(0, int(seconds * 1000))))

    def receive(self) -> tuple[Frames, npt.NDArray[np.uint32], npt.NDArray[np.bool_]]:
        """Up to RECEIVE_BATCH frames (rows of SNAP bytes), their lengths, and which have no checksum yet.

        Does not wait. The rows are valid until the next call.
        """
        self._about_lengths[:] = _ABOUT_BYTES
        got = self._libc.recvmmsg(
            self._in.fileno(), self._in_messages, RECEIVE_BATCH, socket.MSG_DONTWAIT, None
        )
        count = max(0, got)
        unsummed = (self._about[:count, _STATUS_AT] & _CSUM_NOT_READY) != 0
        return self._received[:count], self._lengths[:count], unsummed

    def new_drops(self) -> int:
        """Answers the kernel had to drop since the last call; `dropped` has the sum."""
        raw = self._in.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 8)
        drops = int(struct.unpack("II", raw)[1])
        self.dropped += drops
        return drops

    def _attach_filter(self, ip: str, port: int) -> None:
        program = bpf.for_answers(ip, port)
        length = ctypes.sizeof(program) // 8
        head = struct.pack("HL", length, ctypes.addressof(program))
        self._in.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, head)

    def _enlarge(self) -> None:
        try:
            self._in.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _RECEIVE_BYTES)
        except PermissionError:  # needs CAP_NET_ADMIN; net.core.rmem_max is the limit without it
            self._in.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BYTES)


def require_raw_sockets() -> None:
    """NoRawSockets, with the ways to mend it, when this process may not open packet sockets."""
    _packet_socket().close()


def may_open() -> bool:
    """Whether this process may open packet sockets (CAP_NET_RAW)."""
    try:
        require_raw_sockets()
    except NoRawSockets:
        return False
    return True


def how_to_grant() -> str:
    """The shell line that lets this virtualenv's Python open packet sockets, and nobody else's.

    A virtualenv's Python is commonly a link to the system's, and what that may do everybody may.
    """
    own = Path(sys.executable)
    while own.is_symlink() and (further := own.parent / own.readlink()).is_relative_to(sys.prefix):
        own = further
    grant = f"sudo setcap cap_net_raw+ep {own}"
    return f"cp --remove-destination {own.resolve()} {own} && {grant}" if own.is_symlink() else grant


def _packet_socket() -> socket.socket:
    try:
        return socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    except PermissionError as error:
        text = _(
            "sweeping needs CAP_NET_RAW: run as root, or grant it with "
            "`{command}`, or scan with --connect (slower, no MAC addresses)"
        )
        raise NoRawSockets(text.format(command=how_to_grant())) from error


def _vectors(rows: Frames, length: int) -> "ctypes.Array[_Iovec]":
    start, step = rows.ctypes.data, rows.strides[0]
    return (_Iovec * len(rows))(*(_Iovec(start + at * step, length) for at in range(len(rows))))


def _messages(vectors: "ctypes.Array[_Iovec]", count: int) -> "ctypes.Array[_Mmsghdr]":
    start, step = ctypes.addressof(vectors), ctypes.sizeof(_Iovec)
    return (_Mmsghdr * count)(*(_Mmsghdr(_Msghdr(iov=start + at * step, iovlen=1), 0) for at in range(count)))

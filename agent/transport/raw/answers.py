"""Received frames → who answered what, a batch at a time; anything not provably an answer is dropped.

Never raises on any bytes: fields are read only where the length allows it, and a TCP or ICMP answer counts
only when the cookie in it is the one we sent there.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from agent.transport.raw.cookie import Cookies
from agent.transport.raw.datagrams import COOKIE_BITS, COOKIE_MARK, DATAGRAMS
from agent.transport.raw.fill import Frames
from agent.transport.raw.layouts import Kind
from agent.transport.raw.sums import intact

Numbers = npt.NDArray[np.int64]


class State(IntEnum):
    """What is known of one question; NOTHING is the only one that is asked again."""

    NOTHING = 0
    OPEN = 1  # SYN+ACK, or a UDP answer with our cookie
    CLOSED = 2  # RST, or ICMP 3/3 for UDP: somebody is there
    ANSWERED = 3  # ARP or echo reply
    NO_HOST = 4  # ICMP 3/0, 3/1, 3/6, 3/7: a router says nobody is there
    PROHIBITED = 5  # ICMP 3/2, 3/3, 3/9, 3/10, 3/13: something on the way forbids it
    LEFT_OUT = 6  # not to be asked at all
    FELL_SILENT = 7  # not asked any more: the host gives no sign of life


_NOBODY = (0, 1, 6, 7)
_PORT_UNREACHABLE = 3
_LONG_COOKIE_WITHIN = 40  # bytes: NTP's origin timestamp, SNMPv3's msgID behind lengths of any form
_WIDTHS = np.zeros(65_536, np.uint8)
for _port, _datagram in DATAGRAMS.items():
    _WIDTHS[_port] = _datagram.width


@dataclass(frozen=True, slots=True)
class Answers:
    """Parallel columns: whose address, which kind and port was asked, what was said, and the MAC for ARP."""

    kind: npt.NDArray[np.uint8]
    ip: npt.NDArray[np.uint32]
    port: npt.NDArray[np.uint16]
    state: npt.NDArray[np.uint8]
    mac: Frames

    def __len__(self) -> int:
        return len(self.ip)


_NONE = Answers(
    np.empty(0, np.uint8),
    np.empty(0, np.uint32),
    np.empty(0, np.uint16),
    np.empty(0, np.uint8),
    np.empty((0, 6), np.uint8),
)


def read(
    frames: Frames,
    lengths: npt.NDArray[np.uint32],
    cookies: Cookies,
    source_port: int,
    unsummed: npt.NDArray[np.bool_] | None = None,
) -> Answers:
    """The answers among the frames (rows of at least 128 bytes, `lengths` of them received).

    `unsummed` are those of which the kernel says that their checksum was never computed.
    """
    sizes = lengths.astype(np.int64)
    is_ip = (frames[:, 12] == 8) & (frames[:, 13] == 0)
    if is_ip.any():
        none = np.zeros(len(frames), np.bool_) if unsummed is None else unsummed
        is_right = ~is_ip
        is_right[is_ip] = intact(frames[is_ip], sizes[is_ip], none[is_ip])
        if not is_right.all():
            frames, sizes, is_ip = frames[is_right], sizes[is_right], is_ip[is_right]
    protocol = np.where(is_ip, frames[:, 23], 0)
    arp, tcp, udp, icmp = ~is_ip & (sizes >= 42), protocol == 6, protocol == 17, protocol == 1
    # Most batches are of one kind; what is not there costs nothing.
    parts = [_NONE]
    if arp.any():
        parts.append(_arp(frames[arp]))
    if tcp.any():
        parts.append(_tcp(frames[tcp], sizes[tcp], cookies, source_port))
    if udp.any():
        parts.append(_udp(frames[udp], sizes[udp], cookies, source_port))
    if icmp.any():
        parts.append(_echo(frames[icmp], sizes[icmp], cookies))
        parts.append(_errors(frames[icmp], sizes[icmp], cookies, source_port))
    return Answers(
        np.concatenate([part.kind for part in parts]),
        np.concatenate([part.ip for part in parts]),
        np.concatenate([part.port for part in parts]),
        np.concatenate([part.state for part in parts]),
        np.concatenate([part.mac for part in parts]),
    )


def _arp(rows: Frames) -> Answers:
    head = np.frombuffer(bytes((8, 6, 0, 1, 8, 0, 6, 4, 0, 2)), np.uint8)  # Ethernet, IPv4, reply
    rows = rows[(rows[:, 12:22] == head).all(axis=1)]
    macs = rows[:, 22:28]
    rows = rows[(macs.any(axis=1)) & (macs[:, 0] & 1 == 0)]  # no group address is anybody's own
    return _made(Kind.ARP, _u32(rows, 28), None, np.full(len(rows), State.ANSWERED, np.uint8), rows[:, 22:28])


def _tcp(rows: Frames, sizes: Numbers, cookies: Cookies, source_port: int) -> Answers:
    rows, start = _ip(rows, sizes, protocol=6, least=20)
    sources, ports = _u32(rows, 26), _u16_at(rows, start)
    flags = _byte_at(rows, start + 13)
    expected = cookies.of(sources, ports, Kind.SYN) + np.uint32(1)
    ours = (_u16_at(rows, start + 2) == source_port) & (_u32_at(rows, start + 8) == expected)
    is_open = (flags & 0x17) == 0x12
    is_closed = (flags & 0x14) == 0x14
    keep = ours & (is_open | is_closed)
    state = np.where(is_open, State.OPEN, State.CLOSED).astype(np.uint8)
    return _made(Kind.SYN, sources[keep], ports[keep], state[keep], None)


def _udp(rows: Frames, sizes: Numbers, cookies: Cookies, source_port: int) -> Answers:
    """An answer repeats the cookie: at its beginning where it is short, within its first bytes where long."""
    rows, start = _ip(rows, sizes, protocol=17, least=8 + 2)
    sources, ports = _u32(rows, 26), _u16_at(rows, start)
    expected = cookies.of(sources, ports, Kind.UDP)
    widths = _WIDTHS[ports]
    data = start + 8
    is_short = (widths == 2) & (_u16_at(rows, data) == (expected & np.uint32(0xFFFF)))
    wanted = (expected & np.uint32(COOKIE_BITS)) | np.uint32(COOKIE_MARK)
    is_long = np.zeros(len(rows), np.bool_)
    for offset in range(_LONG_COOKIE_WITHIN if (widths == 4).any() else 0):
        is_long |= _u32_at(rows, data + offset) == wanted
    keep = (_u16_at(rows, start + 2) == source_port) & (is_short | (is_long & (widths == 4)))
    return _made(Kind.UDP, sources[keep], ports[keep], np.full(int(keep.sum()), State.OPEN, np.uint8), None)


def _echo(rows: Frames, sizes: Numbers, cookies: Cookies) -> Answers:
    rows, start = _ip(rows, sizes, protocol=1, least=8)
    sources = _u32(rows, 26)
    expected = cookies.of(sources, np.zeros(len(rows), np.uint16), Kind.ECHO)
    keep = (_byte_at(rows, start) == 0) & (_u32_at(rows, start + 4) == expected)
    sources = sources[keep]
    return _made(Kind.ECHO, sources, None, np.full(len(sources), State.ANSWERED, np.uint8), None)


def _errors(rows: Frames, sizes: Numbers, cookies: Cookies, source_port: int) -> Answers:
    """ICMP type 3 quotes our header and eight bytes of what we sent (RFC 792); the cookie is among them.

    For UDP it is the header's identification.
    """
    rows, start = _ip(rows, sizes, protocol=1, least=8 + 20 + 8)
    code, quoted = _byte_at(rows, start + 1), start + 8
    inner = quoted + 4 * (_byte_at(rows, quoted) & 0x0F).astype(np.int64)
    asked = _u32_at(rows, quoted + 16)
    protocol = _byte_at(rows, quoted + 9)
    ports = _u16_at(rows, inner + 2)
    quoted_cookie = _u32_at(rows, inner + 4)
    none = np.zeros(len(rows), np.uint16)
    is_syn = (protocol == 6) & (_u16_at(rows, inner) == source_port)
    is_syn &= quoted_cookie == cookies.of(asked, ports, Kind.SYN)
    is_echo = (protocol == 1) & (quoted_cookie == cookies.of(asked, none, Kind.ECHO))
    is_udp = (protocol == 17) & (_u16_at(rows, inner) == source_port)
    is_udp &= _u16_at(rows, quoted + 4) == (cookies.of(asked, ports, Kind.UDP) & np.uint32(0xFFFF))
    keep = (_byte_at(rows, start) == 3) & (is_syn | is_echo | is_udp)
    kind = np.where(is_syn, Kind.SYN, np.where(is_udp, Kind.UDP, Kind.ECHO)).astype(np.uint8)
    state = np.where(np.isin(code, _NOBODY), State.NO_HOST, State.PROHIBITED).astype(np.uint8)
    # Only the host itself says that a port of it is closed; a filter on the way may use the code as well.
    is_own = is_udp & (code == _PORT_UNREACHABLE) & (_u32(rows, 26) == asked)
    state[is_own] = State.CLOSED
    ports = np.where(is_syn | is_udp, ports, none)
    return Answers(
        kind[keep], asked[keep], ports[keep], state[keep], np.zeros((int(keep.sum()), 6), np.uint8)
    )


def _ip(rows: Frames, sizes: Numbers, *, protocol: int, least: int) -> tuple[Frames, Numbers]:
    """The IPv4 rows of one protocol that hold `least` bytes behind the header, and where those begin."""
    start = 14 + 4 * (rows[:, 14] & 0x0F).astype(np.int64)
    keep = (rows[:, 12] == 8) & (rows[:, 13] == 0) & (rows[:, 14] >> 4 == 4) & (rows[:, 23] == protocol)
    keep &= (start >= 34) & (sizes >= start + least)
    return rows[keep], start[keep]


def _made(
    kind: Kind,
    ip: npt.NDArray[np.uint32],
    port: npt.NDArray[np.uint16] | None,
    state: npt.NDArray[np.uint8],
    mac: Frames | None,
) -> Answers:
    count = len(ip)
    return Answers(
        np.full(count, kind, np.uint8),
        ip,
        np.zeros(count, np.uint16) if port is None else port,
        state,
        np.zeros((count, 6), np.uint8) if mac is None else mac.copy(),
    )


def _u32(rows: Frames, offset: int) -> npt.NDArray[np.uint32]:
    return np.ascontiguousarray(rows[:, offset : offset + 4]).view(">u4").reshape(-1).astype(np.uint32)


def _byte_at(rows: Frames, offsets: Numbers) -> npt.NDArray[np.uint8]:
    inside = np.minimum(offsets, rows.shape[1] - 1)
    return np.take_along_axis(rows, inside[:, None], axis=1).reshape(-1)


def _u16_at(rows: Frames, offsets: Numbers) -> npt.NDArray[np.uint16]:
    high, low = _byte_at(rows, offsets).astype(np.uint16), _byte_at(rows, offsets + 1)
    return (high << np.uint16(8)) | low


def _u32_at(rows: Frames, offsets: Numbers) -> npt.NDArray[np.uint32]:
    high, low = _u16_at(rows, offsets).astype(np.uint32), _u16_at(rows, offsets + 2)
    return (high << np.uint32(16)) | low

"""Checksums of what was received (RFC 1071), a batch at a time: a damaged frame is no answer."""

import numpy as np
import numpy.typing as npt

from agent.transport.raw.fill import Frames

_HEAD = 14
_TCP, _UDP = 6, 17


def intact(
    rows: Frames, sizes: npt.NDArray[np.int64], unsummed: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Which of the IPv4 frames (rows of at least 128 bytes, `sizes` of them received) have right checksums.

    The header's always counts. That of TCP, UDP or ICMP counts where the packet was received whole, unless
    the sender's kernel left the sum to hardware that is not there (`unsummed`, as among virtual machines).
    """
    packets = rows[:, _HEAD:].astype(np.uint32)
    at = np.arange(packets.shape[1])[None, :]
    header = 4 * (packets[:, 0] & 0x0F).astype(np.int64)
    total = (packets[:, 2].astype(np.int64) << 8) | packets[:, 3].astype(np.int64)
    head_is_right = _folded(np.where(at < header[:, None], packets, 0)) == 0xFFFF
    body = np.where((at >= header[:, None]) & (at < total[:, None]), packets, 0)
    protocol = packets[:, 9]
    has_ports = (protocol == _TCP) | (protocol == _UDP)
    pseudo = (_words(packets[:, 12:20]) + protocol + (total - header)) * has_ports
    body_is_right = _folded(body, pseudo) == 0xFFFF
    of_udp = packets[np.arange(len(packets)), np.minimum(header + 6, packets.shape[1] - 2)]
    of_udp |= packets[np.arange(len(packets)), np.minimum(header + 7, packets.shape[1] - 1)]
    is_whole = (total >= header) & (total + _HEAD <= np.minimum(sizes, rows.shape[1]))
    none_is_said = unsummed | ((protocol == _UDP) & (of_udp == 0))
    return np.asarray(head_is_right & (body_is_right | none_is_said | ~is_whole))


def _words(parts: npt.NDArray[np.uint32]) -> npt.NDArray[np.int64]:
    result: npt.NDArray[np.int64] = (parts[:, ::2].astype(np.int64) << 8).sum(axis=1)
    result += parts[:, 1::2].sum(axis=1, dtype=np.int64)
    return result


def _folded(parts: npt.NDArray[np.uint32], more: npt.NDArray[np.int64] | int = 0) -> npt.NDArray[np.int64]:
    total = _words(parts) + more
    for _carry in range(3):
        total = (total & 0xFFFF) + (total >> 16)
    return total

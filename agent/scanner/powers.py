"""Capabilities (capabilities(7)): the scanner keeps CAP_NET_RAW alone, everybody else lays it down."""

import ctypes
import os
import signal
from typing import Final

CAP_NET_RAW: Final = 13

_VERSION_3: Final = 0x20080522
_PR_SET_PDEATHSIG: Final = 1
_PR_CAPBSET_DROP: Final = 24
_PR_SET_NO_NEW_PRIVS: Final = 38
_LAST_CAP_LOOKED_FOR: Final = 63


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Half(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def keep_raw_alone() -> None:
    """Gives up every capability but CAP_NET_RAW, for this process and whatever it starts, for good.

    The user stays the same: what that user may do to files without capabilities, this process may do.
    """
    libc = _libc()
    for number in range(_LAST_CAP_LOOKED_FOR + 1):
        if number != CAP_NET_RAW:
            libc.prctl(_PR_CAPBSET_DROP, number, 0, 0, 0)  # needs CAP_SETPCAP; who lacks it has none to lose
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    halves = _read(libc)
    raw = 1 << CAP_NET_RAW
    for number, half in enumerate(halves):
        kept = half.permitted & raw if number == 0 else 0
        half.effective, half.permitted, half.inheritable = kept, kept, 0
    _write(libc, halves)


def lay_down_raw() -> None:
    """Takes CAP_NET_RAW out of force in this thread; a process it starts may have it again."""
    libc = _libc()
    halves = _read(libc)
    halves[0].effective &= ~(1 << CAP_NET_RAW) & 0xFFFFFFFF
    _write(libc, halves)


def end_with_the_parent() -> None:
    """Has the kernel kill this process when the one that started it is gone."""
    _libc().prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def in_force() -> frozenset[int]:
    """The numbers of the capabilities this thread has in force."""
    low, high = _read(_libc())
    bits = low.effective | high.effective << 32
    return frozenset(number for number in range(64) if bits >> number & 1)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _read(libc: ctypes.CDLL) -> "ctypes.Array[_Half]":
    halves = (_Half * 2)()
    _done(libc.capget(ctypes.byref(_Header(_VERSION_3, 0)), halves))
    return halves


def _write(libc: ctypes.CDLL, halves: "ctypes.Array[_Half]") -> None:
    _done(libc.capset(ctypes.byref(_Header(_VERSION_3, 0)), halves))


def _done(result: int) -> None:
    if result:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

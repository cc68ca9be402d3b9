"""Keeps a password out of everything but the one packet it is for.

`Secret` shows itself nowhere. `seal()` forbids the kernel to write this process's memory to disk, or to show
it to a debugger, as long as passwords may be in it.
"""

import contextlib
import ctypes
import resource
import sys
from collections.abc import Iterator
from typing import Final

from inventory.secret import Secret

__all__ = ["Secret", "seal", "sealed"]

_PR_GET_DUMPABLE: Final = 3  # linux/prctl.h
_PR_SET_DUMPABLE: Final = 4


def seal() -> None:
    """No core file and no foreign look into this process's memory from now to its end.

    What was freed is not wiped, so a process that read passwords stays sealed. PR_SET_DUMPABLE exists on
    Linux only (prctl(2)); the core limit (setrlimit(2)) holds everywhere.
    """
    _soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
    _dumpable(_PR_SET_DUMPABLE, 0)


@contextlib.contextmanager
def sealed() -> Iterator[None]:
    """Sealed inside; afterwards as before, for a process that has other things to do."""
    limits = resource.getrlimit(resource.RLIMIT_CORE)
    before = _dumpable(_PR_GET_DUMPABLE)
    seal()
    try:
        yield
    finally:
        if before in (0, 1):
            _dumpable(_PR_SET_DUMPABLE, before)
        resource.setrlimit(resource.RLIMIT_CORE, limits)


def _dumpable(option: int, value: int = 0) -> int:
    return int(ctypes.CDLL(None).prctl(option, value, 0, 0, 0)) if sys.platform == "linux" else 0

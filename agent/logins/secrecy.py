"""Keeps a password out of everything but the one packet it is for.

`Secret` shows itself nowhere. `sealed()` forbids the kernel to write this process's memory to disk, or to
show it to a debugger, while passwords are in it.
"""

import contextlib
import ctypes
import resource
import sys
from collections.abc import Iterator
from typing import Final

from inventory.secret import Secret

__all__ = ["Secret", "sealed"]

_PR_GET_DUMPABLE: Final = 3  # linux/prctl.h
_PR_SET_DUMPABLE: Final = 4


@contextlib.contextmanager
def sealed() -> Iterator[None]:
    """No core file and no foreign look into this process's memory inside; as before afterwards.

    PR_SET_DUMPABLE exists on Linux only (prctl(2)); the core limit (setrlimit(2)) holds everywhere.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    before = libc.prctl(_PR_GET_DUMPABLE, 0, 0, 0, 0) if libc else 0
    if libc:
        libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    try:
        yield
    finally:
        if libc and before in (0, 1):
            libc.prctl(_PR_SET_DUMPABLE, before, 0, 0, 0)
        resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))

"""Keeps a password out of everything but the one packet it is for.

`Secret` shows itself nowhere: not in a repr, a log line, a traceback or a pickle. `sealed()` forbids the
kernel to write this process's memory to disk or to show it to a debugger while passwords are in it.
"""

import contextlib
import ctypes
import resource
import sys
from collections.abc import Iterator
from typing import Final, NoReturn

_PR_GET_DUMPABLE: Final = 3  # linux/prctl.h
_PR_SET_DUMPABLE: Final = 4


class Secret:
    """A text that only `reveal()` gives away."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself; never bind it to a name that outlives the call."""
        return self._text

    def __repr__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not written down")


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

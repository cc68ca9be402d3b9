"""Python's collector of cycles, kept still while what is made is kept and none of it is garbage."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_lock = Lock()
_inside = 0
_was_on = True


@contextmanager
def nothing_to_collect() -> Iterator[None]:
    """Keeps the collector still: it would look through all that grows again and again, a sixth of the time.

    It belongs to the whole process: whoever is the last to leave, of nested callers and of several threads,
    leaves it as the first found it.
    """
    global _inside, _was_on  # noqa: PLW0603 - the collector is one for the process, and so is this
    with _lock:
        if not _inside:
            _was_on = gc.isenabled()
            gc.disable()
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if not _inside and _was_on:
                gc.enable()

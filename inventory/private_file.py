"""A file that its owner alone may use, and that is changed by one process at a time.

BadInput     it cannot be read, or others may use it
StoreFault   it cannot be written, or another process does not end its turn
"""

import fcntl
import os
import secrets
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from inventory.exits import BadInput, StoreFault
from inventory.language import _

_LONGEST_WAIT: Final = 30.0  # seconds: a turn takes a tenth of one


def read(path: Path) -> str:
    """The file's text; BadInput where others than its owner may read or change it."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(_("{place}: the vault cannot be read").format(place=path)) from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        reason = _("{place}: others than its owner may use this file (mode {mode}); `chmod 600` it first")
        raise BadInput(reason.format(place=path, mode=f"{mode:o}"))
    return text


def write(path: Path, text: str) -> None:
    """Replaces the file, whole or not at all; its folder is there already (`alone_in`)."""
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        new.replace(path)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise _unwritten(path, error.strerror) from error


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """The time in which nobody else is in here; the folder is made where there is none.

    The lock is the folder's own: it leaves no file behind, and is free again when its process ends.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise _unwritten(folder, error.strerror) from error
    try:
        _wait_for(handle, folder)
        yield
    finally:
        os.close(handle)


def _wait_for(handle: int, folder: Path) -> None:
    until = time.monotonic() + _LONGEST_WAIT
    while True:
        try:
            return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() > until:
                raise _unwritten(folder, _("somebody else is changing it")) from None
            time.sleep(0.02)


def _unwritten(place: Path, reason: str | None) -> StoreFault:
    return StoreFault(_("the vault {place} cannot be written: {reason}").format(place=place, reason=reason))

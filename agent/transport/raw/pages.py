"""A table of bytes that takes memory only where something was written: silence costs nothing."""

import mmap
from typing import Final

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Rows = npt.NDArray[np.int64]

_ROWS: Final = 64  # in a page
_PLACE_BYTES: Final = 4


class Pages:
    """Zeros, `rows` × `width`, in pages of 64 rows; a page gets its place when one of its rows is written.

    `room` (`Pages.size` bytes) is where places and pages are kept, with what an earlier table left there;
    without it that is memory, of which the kernel gives as much as is written.
    """

    def __init__(self, rows: int, width: int, room: Bytes | None = None) -> None:
        if room is None:
            private = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
            room = np.frombuffer(mmap.mmap(-1, self.size(rows, width), flags=private), np.uint8)
        pages = -(-rows // _ROWS)
        self.width = width
        self._place_of: npt.NDArray[np.uint32] = room[: _PLACE_BYTES * pages].view(np.uint32)
        body = room[_PLACE_BYTES * pages :]
        self._body = body[: (pages + 1) * _ROWS * width].reshape(-1, _ROWS, width)  # the first stays zeros
        self._used = int(self._place_of.max(initial=0))

    @staticmethod
    def size(rows: int, width: int) -> int:
        """Bytes for a table in which every row is written."""
        pages = -(-rows // _ROWS)
        return _PLACE_BYTES * pages + (pages + 1) * _ROWS * width

    @property
    def is_full(self) -> bool:
        """Whether every page has its place."""
        return self._used == len(self._place_of)

    def rows(self, rows: Rows) -> Bytes:
        """These rows, whole."""
        return self._body[self._place_of[rows // _ROWS], rows % _ROWS]

    def cells(self, rows: Rows, columns: Rows) -> Bytes:
        """One byte of each of these rows."""
        return self._body[self._place_of[rows // _ROWS], rows % _ROWS, columns]

    def write(self, rows: Rows, columns: Rows, values: Bytes) -> None:
        """Puts one byte into each of these rows (or several, where the three broadcast)."""
        pages = np.unique(rows // _ROWS)
        new = pages[self._place_of[pages] == 0]
        self._place_of[new] = self._used + 1 + np.arange(len(new))
        self._used += len(new)
        self._body[self._place_of[rows // _ROWS], rows % _ROWS, columns] = values

    def written(self) -> tuple[Rows, Bytes]:
        """The rows of all pages that have a place, ascending, and what they hold."""
        rows = (np.flatnonzero(self._place_of)[:, None] * _ROWS + np.arange(_ROWS)).reshape(-1)
        return rows, self.rows(rows)

    def used(self) -> Bytes:
        """What all pages hold that have a place, in no order; nothing is copied."""
        return self._body[1 : self._used + 1].reshape(-1, self.width)

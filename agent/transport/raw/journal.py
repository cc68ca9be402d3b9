"""How far a sweep is, in a file: whatever ends the process, the next one goes on from there.

The file is a page for each board that is asked, one after the other:

    2 × 2048 bytes   the place, written to one half and then the other, each with its length and CRC-32
    the rest         `Board.table` itself (`pages`), in place; what nobody answered is never written

All is mapped into memory, so an answer is in the file the moment it is known; what a process wrote stays with
the kernel when it is killed. The place lags behind by the time answers take, for those that were on their way
are lost with the process: what they answer is asked again.

BadInput for a file of another sweep, one that is no journal, or one in use.
"""

import fcntl
import hashlib
import json
import os
import struct
import zlib
from collections import deque
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Final, Self

import numpy as np
import numpy.typing as npt

from agent.transport.raw.board import Board
from agent.transport.raw.order import Order
from agent.transport.raw.pages import Pages
from agent.transport.raw.passes import Memory, Pass
from inventory.exits import BadInput
from inventory.language import _

_PAGE: Final = 4096
_HALF: Final = _PAGE // 2
_MARK: Final = b"muster\x00\x02"
_HEAD: Final = struct.Struct(">8s32sIII")  # mark, what is asked, number, length, CRC


@dataclass(frozen=True, slots=True)
class Place:
    """Where a board's sweep is: the pass and whom it asks, then the turn and the group within it."""

    order: Order
    batch: int
    memory: Memory
    whom: Pass
    turn: int = 0
    group: int = 0
    over: bool = False


class Page:
    """The part of the file for one board; `place` is where the sweep was, None for a new one."""

    def __init__(self, head: npt.NDArray[np.uint8], asked: bytes, lag: float) -> None:
        self._head = head
        self._asked = asked
        self._lag = lag
        self._number = 0
        self._trail: deque[tuple[float, Place]] = deque()
        self.place: Place | None = None
        for half in (0, _HALF):
            raw = head[half : half + _HALF].tobytes()
            mark, whose, number, length, check = _HEAD.unpack_from(raw)
            text = raw[_HEAD.size : _HEAD.size + length]
            if mark == _MARK and whose == asked and zlib.crc32(text) == check and number > self._number:
                self._number, self.place = number, _place(json.loads(text))

    def write(self, place: Place) -> None:
        """Goes on from here next time."""
        self._trail.clear()
        self._write(place)

    def reach(self, place: Place, now: float) -> None:
        """The sweep is here now (seconds, monotonic); what is asked was asked in the time answers take."""
        self._trail.append((now, place))
        settled = None
        while now - self._trail[0][0] > self._lag:
            settled = self._trail.popleft()[1]
        if settled:
            self._write(settled)

    def _write(self, place: Place) -> None:
        self._number += 1
        text = json.dumps(asdict(place)).encode()
        row = _HEAD.pack(_MARK, self._asked, self._number, len(text), zlib.crc32(text)) + text
        half = self._number % 2 * _HALF
        self._head[half : half + len(row)] = np.frombuffer(row, np.uint8)


class Journal:
    """The pages of one sweep, opened in the order in which boards are asked; closed, the file stays."""

    def __init__(self, path: Path, lag: float) -> None:
        self._path = path
        self._lag = lag
        self._offset = 0
        try:
            self._file: IO[bytes] = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
        except OSError as error:
            raise BadInput(f"{path}: {error.strerror}") from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.close()
            raise BadInput(_("{path}: another sweep is using it").format(path=path)) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        fcntl.flock(self._file, fcntl.LOCK_UN)  # the maps would hold it as long as they live
        self._file.close()

    def remove(self) -> None:
        """The sweep is complete: nothing to go on with."""
        self._path.unlink(missing_ok=True)

    def page(self, board: Board, about: str) -> Page:
        """The next page; what the board knows is from now on in the file, as it was left there.

        `about` is what else must be the same for the sweep to be the same.
        """
        asked = hashlib.sha256(repr((board.addresses.spans, board.questions, about)).encode()).digest()
        size = _PAGE + Pages.size(len(board.addresses), board.width)
        end = self._offset + -(-size // _PAGE) * _PAGE
        there = os.fstat(self._file.fileno()).st_size
        is_new = there <= self._offset
        if not is_new and there < end:
            raise self._foreign()
        if is_new:
            try:
                os.posix_fallocate(self._file.fileno(), self._offset, end - self._offset)
            except OSError as error:
                raise BadInput(f"{self._path}: {error.strerror}") from error
        rows = np.memmap(self._file, np.uint8, "r+", self._offset, (size,))
        self._offset = end
        page = Page(rows[:_PAGE], asked, self._lag)
        if page.place is None and rows[:_PAGE].any():
            raise self._foreign()
        board.keep_in(rows[_PAGE:])
        return page

    def _foreign(self) -> BadInput:
        text = _("{path} was not written by a sweep of these targets and ports from this address")
        return BadInput(text.format(path=self._path))


def _place(said: dict[str, object]) -> Place:
    known = dict(said)
    return Place(
        order=Order(**known.pop("order")),  # type: ignore[arg-type]
        memory=Memory.of(known.pop("memory")),  # type: ignore[arg-type]
        whom=Pass(str(known.pop("whom"))),
        **known,  # type: ignore[arg-type]
    )

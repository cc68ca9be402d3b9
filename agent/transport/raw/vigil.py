"""Who falls silent in the middle of a sweep is asked for a sign of life; without one, for nothing more."""

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from agent.transport.raw.answers import State
from agent.transport.raw.board import Board

Rows = npt.NDArray[np.int64]
Life = Callable[[Rows], npt.NDArray[np.bool_]]
"""Rows of the board → which of those hosts give a sign of life."""

UNANSWERED: Final = 8  # in a row; with one answer in four lost, of 60 000 runs of eight one is lost whole

_LATE: Final = 4  # rounds that an answer may take: 0.1 s at the usual cap


class Vigil:
    """Watches over the hosts of a board from round to round; all of them were there when it began."""

    def __init__(self, board: Board, life: Life) -> None:
        self._board = board
        self._life = life
        self._unanswered = np.zeros(len(board.addresses), np.int64)

    def look(self, turn: int) -> None:
        """After a round: gives up who left several questions unanswered and gives no sign of life."""
        if turn < _LATE:
            return
        hosts = np.arange(len(self._board.addresses), dtype=np.int64)
        said = self._board.table.cells(hosts, (turn - _LATE + hosts) % len(self._board.questions))
        self._unanswered = np.where(said == State.NOTHING, self._unanswered + 1, 0)
        suspects = np.flatnonzero(self._unanswered >= UNANSWERED)
        if len(suspects):
            self._board.give_up(suspects[~self._life(suspects)])
            self._unanswered[suspects] = 0

"""How long to wait for answers, by how long they have taken so far."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

_ENOUGH_TIMED: Final = 32
_TIMES_THE_SLOWEST: Final = 4
_REPEATED: Final = 0.9  # s; TCP repeats a SYN+ACK after one second (RFC 6298, 2): that is no round trip
_REMEMBERED: Final = 1024  # batches; more than leave in that time


@dataclass(frozen=True, slots=True)
class Patience:
    """How long (seconds) a pass waits for the last answers: `most`, less where answers come quickly.

    Once a few dozen answers were timed, four times the slowest of them is enough, yet never less than
    `least`.
    """

    most: float
    least: float

    def after(self, times: "AnswerTimes") -> float:
        """Seconds to wait, answers having taken so long."""
        if times.timed < _ENOUGH_TIMED:
            return self.most
        return min(self.most, max(self.least, _TIMES_THE_SLOWEST * times.slowest))

    def shorter(self, factor: float) -> "Patience":
        """The same, but for the factor."""
        return Patience(self.most * factor, min(self.least, self.most * factor))


class AnswerTimes:
    """Times answers, by the batch (counted from 0, ascending) they were asked in; keeps the slowest alone."""

    def __init__(self) -> None:
        self.timed, self.slowest = 0, 0.0
        self._latest = 0
        self._asked_at = np.full(_REMEMBERED, -np.inf)

    def ask(self, batch: int, now: float) -> None:
        """A batch left now (seconds, monotonic)."""
        self._latest = batch
        self._asked_at[batch % _REMEMBERED] = now

    def hear(self, batches: npt.NDArray[np.int64], now: float) -> None:
        """Answers came now to questions of these batches; to one long past it is no round trip."""
        took = now - self._asked_at[batches % _REMEMBERED]
        took = took[(took < _REPEATED) & (batches > self._latest - _REMEMBERED) & (batches <= self._latest)]
        if len(took):
            self.timed += len(took)
            self.slowest = max(self.slowest, float(took.max()))

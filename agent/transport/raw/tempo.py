"""The total rate of several sweeps at once: one schedule that their threads share."""

import time
from collections.abc import Callable
from threading import Lock

_SLOWER = 0.7


class Tempo:
    """Gives out the moments at which packets may leave; None as rate means at once, always.

    Time that nobody used is not saved up, so that no burst follows a pause.
    """

    def __init__(self, rate: float | None, now: Callable[[], float] = time.monotonic) -> None:
        self.rate = rate
        self._now = now
        self._free_at = 0.0
        self._lock = Lock()

    def reserve(self, packets: int) -> float:
        """The moment (seconds, monotonic) from which `packets` may leave."""
        with self._lock:
            now = self._now()
            if self.rate is None:
                return now
            begin = max(now, self._free_at)
            self._free_at = begin + packets / self.rate
            return begin

    def slow_down(self) -> None:
        """Goes on at 70 % of the rate: answers are being lost on the way in."""
        with self._lock:
            if self.rate is not None:
                self.rate *= _SLOWER

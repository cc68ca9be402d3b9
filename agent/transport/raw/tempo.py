"""The total rate of several sweeps at once, and how each of them slows down where answers get lost.

The whole has one schedule that all threads share. Every way out has a tempo of its own below it (`part`): a
congested segment is asked more slowly without holding up the others.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Final

BATCH: Final = 1 / 250

# A batch that was held up leaves nearer to the next: five, one for each who may be sending, are spared.
_KEPT: Final = 1 - 5 * BATCH
_SLOWER: Final = 0.7
_FASTER: Final = 1.1
_SLOWEST: Final = 10.0
_UNHURRIED: Final = 1000.0  # packets per second that no network is hurried by


@dataclass(frozen=True, slots=True)
class Caps:
    """Packets per second in all and to each host; None only where a scope lifted the caps."""

    rate: float | None
    per_host: float | None


class Tempo:
    """Gives out the moments at which packets may leave; None as rate means at once, always.

    Time that nobody used is not saved up, so that no burst follows a pause. Where nobody asks for more than
    `BATCH` of the rate at once, no second has more packets than the rate says.
    """

    def __init__(
        self, rate: float | None, now: Callable[[], float] = time.monotonic, whole: "Tempo | None" = None
    ) -> None:
        self.rate = rate
        self._limit = rate
        self._whole = whole
        self._now = now
        self._free_at = 0.0
        self._lock = Lock()

    def part(self) -> "Tempo":
        """A tempo for one way out: as fast as the whole at most, slowed down by itself."""
        return Tempo(self._limit, self._now, self)

    def reserve(self, packets: int) -> float:
        """The moment (seconds, monotonic) from which `packets` may leave."""
        later = self._whole.reserve(packets) if self._whole else 0.0
        with self._lock:
            now = self._now()
            if self.rate is None:
                return max(now, later)
            begin = max(now, self._free_at)
            self._free_at = begin + packets / (self.rate * _KEPT)
            return max(begin, later)

    def slow_down(self, reached: float) -> None:
        """Goes on at 70 % of the rate, or of the `reached` packets per second where none was set."""
        with self._lock:
            rate = max(reached, _UNHURRIED) if self.rate is None else self.rate
            self.rate = max(min(_SLOWEST, rate), rate * _SLOWER)

    def recover(self) -> None:
        """Goes 10 % faster again, up to the rate it began with."""
        with self._lock:
            if self.rate is not None:
                faster = self.rate * _FASTER
                self.rate = faster if self._limit is None else min(self._limit, faster)

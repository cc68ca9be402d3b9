"""In which order hosts are asked: all over the place, each once per round, without keeping a list.

Position i asks host (i × stride + start) mod n. With gcd(stride, n) = 1 this visits every host once; with
the stride near n divided by the golden ratio, neighbours in time are far apart in address (the three-distance
theorem), so that no single network, switch or host sees a burst.
"""

import math
import random
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_GOLDEN = (math.sqrt(5) - 1) / 2


@dataclass(frozen=True, slots=True)
class Order:
    """A permutation of range(n) that is computed, not stored."""

    n: int
    stride: int
    start: int

    @classmethod
    def over(cls, n: int, randomness: random.Random) -> "Order":
        """A permutation for n hosts whose beginning nobody can foretell."""
        if n < 2:
            return cls(max(n, 1), 1, 0)
        stride = max(1, round(n * _GOLDEN))
        while math.gcd(stride, n) != 1:
            stride += 1
        return cls(n, stride, randomness.randrange(n))

    def positions(self, hosts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Where in the order each of these hosts is asked."""
        back = pow(self.stride, -1, self.n) if self.n > 1 else 1
        return (hosts - self.start) * back % self.n

    def hosts(self, first: int, last: int) -> npt.NDArray[np.int64]:
        """The hosts at positions first … last-1."""
        positions = np.arange(first, last, dtype=np.int64)
        return (positions * self.stride + self.start) % self.n

"""When each group of hosts may be asked next, so that no host gets more packets in a second than its cap."""

import numpy as np
import numpy.typing as npt


class Turns:
    """One moment (seconds, monotonic) for each group; a host is in one group and gets one packet a turn.

    `per_host` is packets per second, None for no cap. The kernel answers a SYN+ACK with a packet of its own
    (RST), so whoever accepted has had two, and its group's next turn comes a gap later. `began` counts as a
    turn in which everybody was asked and accepted: another sweep may have ended just then.
    """

    def __init__(self, groups: int, per_host: float | None, began: float) -> None:
        # n gaps in a second have n + 1 packets at their ends, and the kernel's may come from before.
        self.gap = 1 / max(per_host - 2, per_host / 3) if per_host else 0.0
        self._next = np.full(groups, began + 2 * self.gap)
        self._accepted = np.ones(groups, np.bool_)

    def next(self, group: int) -> float:
        """The moment from which the group may be asked."""
        return float(self._next[group])

    def ask(self, group: int, at: float) -> None:
        """The group was asked at this moment."""
        self._next[group] = at + self.gap
        self._accepted[group] = False

    def accept(self, groups: npt.NDArray[np.int64]) -> None:
        """Somebody in these groups accepted a connection."""
        groups = np.unique(groups)
        first = groups[~self._accepted[groups]]
        self._next[first] += self.gap
        self._accepted[first] = True

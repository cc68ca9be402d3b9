"""When each group of hosts may be asked next, so that no host gets more packets in a second than its cap."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass
class _Turn:
    asked_at: float
    next_at: float
    has_accepted: bool = False


class Turns:
    """One moment (seconds, monotonic) for each group; a host is in one group and gets one packet a turn.

    `per_host` is packets per second, None for no cap. The kernel answers a SYN+ACK with a packet of its own
    (RST), so whoever accepted has had two, and its group's next turn comes a gap later. `began` counts as a
    turn in which everybody was asked and accepted: another sweep may have ended just then.
    """

    def __init__(self, per_host: float | None, began: float) -> None:
        # n gaps in a second have n + 1 packets at their ends, and the kernel's may come from before.
        self._gap = 1 / max(per_host - 2, per_host / 3) if per_host else 0.0
        self._earliest = began + 2 * self._gap
        self._recent: dict[int, _Turn] = {}  # in the order they were asked, as long as their turn may matter

    def next(self, group: int) -> float:
        """The moment from which the group may be asked."""
        turn = self._recent.get(group)
        return max(self._earliest, turn.next_at) if turn else self._earliest

    def ask(self, group: int, at: float) -> None:
        """The group was asked at this moment."""
        if not self._gap:
            return
        self._recent.pop(group, None)
        self._recent[group] = _Turn(at, at + self._gap)
        while self._recent[oldest := next(iter(self._recent))].asked_at < at - 2 * self._gap:
            del self._recent[oldest]

    def accept(self, groups: npt.NDArray[np.int64]) -> None:
        """Somebody in these groups accepted a connection."""
        for group in set(groups.tolist()) if self._gap else ():
            turn = self._recent.get(group)
            if turn and not turn.has_accepted:
                turn.has_accepted = True
                turn.next_at += self._gap

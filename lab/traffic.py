"""How hard a device is hit: packets per second from the kernel's own interface counters.

Received multicast and broadcast are left out: everyone in a segment receives those (proc(5), /proc/net/dev).
"""

from collections import deque
from dataclasses import dataclass
from pathlib import Path

WINDOW_SECONDS = 1.0
_COUNTERS = Path("/proc/net/dev")


@dataclass(frozen=True)
class Passed:
    """Packets through one interface: unicast received, and sent."""

    received: int = 0
    sent: int = 0


def passed(text: str) -> dict[str, Passed]:
    """What went through each interface, from the text of /proc/net/dev."""
    through = {}
    for line in text.splitlines()[2:]:
        name, _, rest = line.partition(":")
        columns = [int(column) for column in rest.split()]
        through[name.strip()] = Passed(max(0, columns[1] - columns[7]), columns[9])
    return through


def counters() -> dict[str, Passed]:
    """`passed` of the network namespace this process stands in."""
    return passed(_COUNTERS.read_text(encoding="ascii"))


class Meter:
    """One interface's packets in the last second, and the most there ever were."""

    def __init__(self) -> None:
        self.total = 0
        self.sent = 0
        self.most = 0
        self._samples: deque[tuple[float, int]] = deque()

    def take(self, at: float, total: int) -> int:
        """Notes a counter reading at a monotonic time; returns packets in the last second."""
        self._samples.append((at, total))
        while len(self._samples) > 1 and at - self._samples[0][0] > WINDOW_SECONDS + 0.01:
            self._samples.popleft()
        within = total - self._samples[0][1]
        self.total = total
        self.most = max(self.most, within)
        return within

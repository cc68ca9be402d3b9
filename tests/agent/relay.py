"""A wire that loses frames and delivers the others in another order: two TAP devices and who stands between.

netem is not everywhere; /dev/net/tun nearly is.
"""

import fcntl
import heapq
import os
import random
import select
import struct
import threading
import time
from typing import Final, Self

TUN: Final = "/dev/net/tun"
_TUNSETIFF: Final = 0x400454CA
_TAP_WITHOUT_HEADER: Final = 0x0002 | 0x1000


def tap(name: str) -> int:
    """The file of a new TAP device in this thread's namespace."""
    made = os.open(TUN, os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(made, _TUNSETIFF, struct.pack("16sH", name.encode(), _TAP_WITHOUT_HEADER))
    return made


class Relay(threading.Thread):
    """Passes frames between two TAP devices, each `late` seconds at most, so many of a hundred not at all."""

    def __init__(self, ends: tuple[int, int], lost: int, late: float, chance: random.Random) -> None:
        super().__init__()
        self._ends, self._lost, self._late, self._chance = ends, lost, late, chance
        self._ended = threading.Event()
        self.dropped = self.overtaken = 0

    def run(self) -> None:
        waiting: list[tuple[float, int, int, bytes]] = []
        came = newest = 0
        other = dict(zip(self._ends, self._ends[::-1], strict=True))
        while not self._ended.is_set():
            left = max(0.0, waiting[0][0] - time.monotonic()) if waiting else 0.05
            for end in select.select(self._ends, [], [], left)[0]:
                frame, came = os.read(end, 2048), came + 1
                if self._chance.randrange(100) < self._lost:
                    self.dropped += 1
                else:
                    due = time.monotonic() + self._chance.uniform(0, self._late)
                    heapq.heappush(waiting, (due, came, other[end], frame))
            while waiting and waiting[0][0] <= time.monotonic():
                _due, number, end, frame = heapq.heappop(waiting)
                self.overtaken += number < newest
                newest = max(newest, number)
                os.write(end, frame)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._ended.set()
        self.join()
        for end in self._ends:
            os.close(end)

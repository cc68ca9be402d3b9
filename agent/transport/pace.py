"""The two rates: all packets together, and packets to one host. Both always hold.

Each is a virtual schedule (GCRA, as in ITU-T I.371): a packet may leave when its slot has come, and a host
that was left alone saves up no more than `BURST` slots. What it saves up is part of the rate: in no second do
more packets leave than the rate says.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

BURST: Final = 4


class Pace:
    """Says when the next packet may leave.

    `rate` and `per_host` are packets per second. `now` (seconds, monotonic) and `sleep` are passed in so
    that a test can be the clock.
    """

    def __init__(
        self,
        rate: float,
        per_host: float,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.rate = rate
        self.per_host = per_host
        self._slot_of_all = _slot(rate)
        self._slot_of_host = _slot(per_host)
        self._now = now
        self._sleep = sleep
        self._next_of_all = float("-inf")
        self._next_of_host: dict[str, float] = {}

    async def take(self, host: str, packets: int = 1) -> None:
        """Returns when `packets` more may go to `host`; slots are given out in the order asked for."""
        now = self._now()
        all_slot = max(self._next_of_all, now - BURST * self._slot_of_all)
        before = self._next_of_host.get(host, float("-inf"))
        host_slot = max(before, now - BURST * self._slot_of_host)
        self._next_of_all = all_slot + packets * self._slot_of_all
        self._next_of_host[host] = host_slot + packets * self._slot_of_host
        wait = max(self._next_of_all, self._next_of_host[host]) - now
        if wait > 0:
            await self._sleep(wait)


def _slot(rate: float) -> float:
    """Seconds between packets, such that the slots of a second and those saved up make `rate` together."""
    return 1 / max(rate - BURST, rate / 2)

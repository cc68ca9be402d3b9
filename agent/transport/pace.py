"""The two rates: all packets together, and packets to one host. Both always hold.

Each is a virtual schedule (GCRA, as in ITU-T I.371): a packet may leave when its slot has come. Time that was
left unused is saved up as no more than `BURST` slots, and by a host that was never asked not at all. What is
saved up is part of the rate, and more than `BURST` packets at once are paid for with a pause behind them: in
no second do more packets leave than the rate says.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Final

BURST: Final = 4


class Pace:
    """Says when the next packet may leave.

    `rate` and `per_host` are packets per second, `math.inf` for no limit. `now` (seconds, monotonic) and
    `sleep` are passed in so that a test can be the clock.
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
        self._now = now
        self._sleep = sleep
        self._all = _Schedule(rate, float("-inf"))
        self._hosts: defaultdict[str, _Schedule] = defaultdict(lambda: _Schedule(per_host, now()))

    async def take(self, host: str, packets: int = 1) -> None:
        """Returns when `packets` more may go to `host`; whoever asked first, goes first."""
        mine = self._hosts[host]
        # The host's turn ends with the packets' leaving: slots reserved earlier would let them bunch up
        # behind the rate of all.
        async with mine.turn:
            await self._wait(mine.ready(self._now(), packets))
            async with self._all.turn:
                await self._wait(self._all.ready(self._now(), packets))
                left_at = self._now()
                self._all.leave(left_at, packets)
                mine.leave(left_at, packets)

    async def _wait(self, until: float) -> None:
        if (seconds := until - self._now()) > 0:
            await self._sleep(seconds)


class _Schedule:
    __slots__ = ("_next", "_slot", "turn")

    def __init__(self, rate: float, begin: float) -> None:
        # Such that the slots of a second and those saved up make `rate` together.
        self._slot = 1 / max(rate - BURST, rate / 2)
        self._next = begin
        self.turn = asyncio.Lock()

    def ready(self, now: float, packets: int) -> float:
        """The moment from which `packets` may leave."""
        return max(self._next, now - BURST * self._slot) + packets * self._slot

    def leave(self, now: float, packets: int) -> None:
        """Counts packets that leave now."""
        self._next = self.ready(now, packets) + max(0, packets - BURST) * self._slot

"""The two rates: all packets together, and packets to one host. Both always hold.

Each is a virtual schedule (GCRA, as in ITU-T I.371): a packet may leave when its slot has come. Time that was
left unused is saved up as no more than `BURST` slots, and by a host that was never asked not at all. What is
saved up is part of the rate, and more than `BURST` packets at once are paid for with a pause behind them: in
no second do more packets leave than the rate says.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

from agent.transport.raw.tempo import Tempo

BURST: Final = 4

_BATCH: Final = 4
_REMEMBERED: Final = 4096


class Pace:
    """Says when the next packet may leave.

    `rate` and `per_host` are packets per second, `math.inf` for no limit. `tempo` is for others that
    share the rate of all (a raw sweep). `now` (seconds, monotonic) and `sleep` are passed in so that a test
    can be the clock.
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
        self.tempo = Tempo(rate, now)
        self._now = now
        self._sleep = sleep
        self._all = _Schedule(rate, float("-inf"))
        self._hosts: dict[str, _Schedule] = {}
        self._room = _REMEMBERED
        self._wanted = self._granted = 0

    async def take(self, host: str, packets: int = 1) -> None:
        """Returns when `packets` more may go to `host`; whoever asked first, goes first."""
        mine = self._of(host)
        # The host's turn ends with the packets' leaving: slots reserved earlier would let them bunch up
        # behind the rate of all.
        async with mine.turn:
            await self._wait(mine.ready(self._now(), packets))
            self._wanted += packets
            try:
                async with self._all.turn:
                    await self._wait(self._all.ready(self._now(), packets))
                    await self._take_from_the_tempo(packets)
                    left_at = self._now()
                    self._all.leave(left_at, packets)
                    mine.leave(left_at, packets)
            finally:
                self._wanted -= packets

    def _of(self, host: str) -> "_Schedule":
        """The host's schedule; those whose hosts have rested since are forgotten when they become many."""
        if host not in self._hosts:
            now = self._now()
            if len(self._hosts) >= self._room:
                self._hosts = {ip: one for ip, one in self._hosts.items() if not one.has_rested(now)}
                self._room = max(_REMEMBERED, 2 * len(self._hosts))
            self._hosts[host] = _Schedule(self.per_host, now)
        return self._hosts[host]

    async def _take_from_the_tempo(self, packets: int) -> None:
        """Waits for the packets' part of the rate that all share.

        Those who wait behind are asked for in one: a sweep takes its turns by the batch, and a scan that has
        questions to many would else get one packet through for each of its batches.
        """
        if self._granted < packets:
            self._granted = max(packets, min(self._wanted, _BATCH))
            await self._wait(self.tempo.reserve(self._granted))
        self._granted -= packets

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

    def has_rested(self, now: float) -> bool:
        """Whether a new schedule would not let packets leave any earlier."""
        return not self.turn.locked() and self._next <= now - BURST * self._slot

    def leave(self, now: float, packets: int) -> None:
        """Counts packets that leave now."""
        self._next = self.ready(now, packets) + max(0, packets - BURST) * self._slot

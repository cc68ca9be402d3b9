"""Asking (address, port) pairs, some hundreds at once, and telling silence from what was kept back."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from agent.permit import Gate, Permit
from agent.ranges import Addresses
from agent.transport.raw.outcome import Progress
from agent.transport.setbacks import Setbacks
from inventory.language import _
from inventory.types import ProbeOutcome, Touch

Ask = Callable[[Permit, int], Awaitable[ProbeOutcome]]

_AT_ONCE: Final = 400
_LOOK_UP: Final = 0.2  # s
_OUTCOMES: Final = tuple(ProbeOutcome)
_NOT_TRIED: Final = _OUTCOMES.index(ProbeOutcome.NOT_TRIED)
_REFUSED: Final = frozenset({ProbeOutcome.NOT_TRIED})
_DOUBTFUL: Final = frozenset({ProbeOutcome.NOT_TRIED, ProbeOutcome.SILENT})
_FOUND: Final = frozenset({ProbeOutcome.ANSWERED, ProbeOutcome.REFUSED})


class Pairs(Protocol):
    """Addresses and ports, some of each."""

    def __len__(self) -> int: ...
    def __getitem__(self, at: int, /) -> tuple[str, int]: ...


@dataclass(frozen=True)
class EachPort:
    """Every address at the first port, then all again at the next: computed, not stored."""

    addresses: Addresses
    ports: Sequence[int]

    def __len__(self) -> int:
        return len(self.addresses) * len(self.ports)

    def __getitem__(self, at: int, /) -> tuple[str, int]:
        turn, rank = divmod(at, len(self.addresses))
        return self.addresses.text(rank), self.ports[turn]


@dataclass
class PairAsker:
    """Asks pairs until a stop; `rest` (seconds) passes before those are asked again that may not have left.

    `gone` and `whole` place the pairs of one call among all that are to be asked, for the progress.
    """

    gate: Gate
    retries: int
    rest: float
    stop: threading.Event
    on_progress: Callable[[Progress], None]
    gone: int = 0
    whole: int = 0
    _refused: int = 0
    _setbacks: Setbacks = field(default_factory=Setbacks)

    @property
    def remarks(self) -> list[str]:
        """What this machine's own system kept back, in sentences; empty for nothing."""
        told = list(self._setbacks.since(Setbacks()))
        if self._refused:
            text = _(
                "{count} questions could not be sent: this system refused (its firewall, its number of open "
                "files, or its neighbour table)"
            )
            told.append(text.format(count=self._refused))
        return told

    async def outcomes(self, pairs: Pairs, ask: Ask) -> Iterator[ProbeOutcome]:
        """The outcome of every pair; those whose question this system may have kept back are asked again.

        Where it goes on keeping them back their silence proves nothing: they are NOT_TRIED.
        """
        outcomes = bytearray([_NOT_TRIED]) * len(pairs)
        asked: Sequence[int] = range(len(pairs))
        first = Setbacks.now()
        for turn in range(1 + self.retries):
            before, began = Setbacks.now(), time.monotonic()
            await self._one_round(pairs, asked, outcomes, ask)
            doubtful = _DOUBTFUL if Setbacks.now().since(before) else _REFUSED
            asked = [at for at in asked if _OUTCOMES[outcomes[at]] in doubtful]
            if self.stop.is_set() or not asked or turn == self.retries:
                break
            # The kernel gives a neighbour up after three seconds; a burst of sockets has ended by then too.
            await asyncio.to_thread(self.stop.wait, max(0.0, began + self.rest - time.monotonic()))
        if not self.stop.is_set():
            self._setbacks += Setbacks.now() - first
            self._refused += sum(outcomes[at] == _NOT_TRIED for at in asked)
            for at in asked:
                outcomes[at] = _NOT_TRIED
        return (_OUTCOMES[code] for code in outcomes)

    async def _one_round(self, pairs: Pairs, asked: Sequence[int], outcomes: bytearray, ask: Ask) -> None:
        """Writes down the outcomes of those `asked`."""
        left = iter(asked)
        done = found = 0

        async def work() -> None:
            nonlocal done, found
            for at in left:
                ip, port = pairs[at]
                permit = self.gate.admit(ip, Touch.QUERY)
                if self.stop.is_set():
                    return
                if isinstance(permit, Permit):
                    outcomes[at] = _OUTCOMES.index(await ask(permit, port))
                done += 1
                found += _OUTCOMES[outcomes[at]] in _FOUND
                far = self.gone + done
                self.on_progress(Progress(far, max(self.whole, self.gone + len(asked)), far, found))

        working = [asyncio.ensure_future(work()) for _worker in range(min(_AT_ONCE, len(asked)))]
        try:
            while not self.stop.is_set() and not all(worker.done() for worker in working):
                await asyncio.wait(working, timeout=_LOOK_UP)
        finally:
            for worker in working:
                worker.cancel()
        for ended in await asyncio.gather(*working, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended

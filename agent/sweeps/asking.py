"""A board asked on one way out: ports held, the rate shared, progress, faults and losses gathered."""

import contextlib
import itertools
import random
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from agent.ranges import Addresses, addresses
from agent.sweeps.boards import one_hop
from agent.transport.raw.board import Board, Question
from agent.transport.raw.engine import run
from agent.transport.raw.journal import Journal
from agent.transport.raw.layouts import Kind
from agent.transport.raw.outcome import Outcome, Progress
from agent.transport.raw.patience import Patience
from agent.transport.raw.route import Way
from agent.transport.raw.sweep import Sweep
from agent.transport.raw.tempo import Caps, Tempo
from agent.transport.raw.vigil import Life
from agent.transport.tally import Tally

PATIENT: Final = Patience(1.0, 1.0)

_NO_HOP: Final = bytes(6)
_GATEWAY_PASSES: Final = 3


@dataclass
class Asker:
    """Asks boards, each in a thread of its own where there are several ways out; all keep `caps` together.

    An interface that goes away stops everything; `faults` says so. `sending` are the seconds in which packets
    left, summed over the ways out, and `loss` the greatest share of answers that had to be asked for again.
    With a `journal` a board that is `kept` goes on from where it ended.
    """

    caps: Caps
    tempo: Tempo
    passes: int
    tally: Tally
    stop: threading.Event
    on_progress: Callable[[Progress], None]
    randomness: random.Random
    journal: Journal | None = None
    faults: list[str] = field(default_factory=list)
    sending: float = 0.0
    loss: float = 0.0

    def __post_init__(self) -> None:
        self._parts: dict[Way, Tempo] = {}
        self._far: dict[int, Progress] = {}
        self._numbers = itertools.count()

    def begin(self) -> None:
        """Progress is counted anew."""
        self._far.clear()

    def ask(
        self,
        board: Board,
        way: Way,
        *,
        passes: int | None = None,
        patience: Patience = PATIENT,
        sparing: bool = False,
        kept: bool = True,
        life: Life | None = None,
    ) -> Outcome:
        """Asks the board's questions on one way out; `kept` in the journal, where there is one."""
        which = next(self._numbers)
        with _held_port(way.source.ip) as port:
            sweep = Sweep(
                board=board,
                source=way.source,
                source_port=port,
                # Each way out slows down by itself, and stays slow from one question to the next.
                tempo=self._parts.setdefault(way, self.tempo.part()),
                per_host=self.caps.per_host,
                passes=passes or self.passes,
                patience=patience,
                sparing=sparing,
                tally=self.tally,
                stopped=self.stop.is_set,
                on_progress=lambda progress: self._tell(which, progress),
                randomness=self.randomness,
                journal=self.journal if kept else None,
                life=life,
            )
            outcome = run(sweep)
        self.sending += outcome.sending
        self.loss = max(self.loss, outcome.loss)
        if outcome.fault:
            self.faults.append(outcome.fault)
            self.stop.set()
        return outcome

    def next_hop(self, way: Way) -> bytes | None:
        """The gateway's MAC, asked with ARP; None when it does not answer, or there is none."""
        if way.gateway is None:
            return None
        board = arp_board(addresses([way.gateway]))
        self.ask(board, way, passes=_GATEWAY_PASSES, kept=False)
        return board.macs(board.heard())[0].tobytes() if len(board.heard()) else None

    def _tell(self, which: int, progress: Progress) -> None:
        """Passes on how far all sweeps are together."""
        self._far[which] = progress
        far = list(self._far.values())
        self.on_progress(
            Progress(
                sum(one.done for one in far),
                sum(one.planned for one in far),
                sum(one.sent for one in far),
                sum(one.found for one in far),
            )
        )


def arp_board(asked: Addresses, *, hears_out: bool = False) -> Board:
    """A board that asks everybody on a wire for the MAC."""
    return Board(
        asked, one_hop(_NO_HOP, len(asked)), (Question(Kind.ARP),), settle_hosts=True, hears_out=hears_out
    )


@contextlib.contextmanager
def _held_port(ip: str) -> Iterator[int]:
    """A port of ours for the time of a sweep, so that nobody's connection gets our answers.

    It never listens, so the kernel answers a SYN+ACK with RST and no connection comes to be. For UDP it is
    held as well, or the kernel would call every answer unwanted.
    """
    with (
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as held,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf,
    ):
        held.bind((ip, 0))
        with contextlib.suppress(OSError):
            deaf.bind(held.getsockname())
        yield int(held.getsockname()[1])

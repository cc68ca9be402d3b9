"""The passes of a raw sweep, one after the other, until what they bring says that it is enough.

A pass goes through the questions in rounds (`rounds`). Questions without an answer are asked again in the
next pass (`passes` says whose); an answer that comes late still counts, because cookies hold for the whole
sweep.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from agent.faults import NoWay
from agent.transport.raw.board import Board
from agent.transport.raw.journal import Journal, Page, Place
from agent.transport.raw.layouts import Source
from agent.transport.raw.link import Link
from agent.transport.raw.outcome import Outcome, Progress
from agent.transport.raw.passes import Pass, Passes
from agent.transport.raw.patience import Patience
from agent.transport.raw.rounds import Rounds
from agent.transport.raw.tempo import Tempo
from agent.transport.raw.vigil import Life
from agent.transport.tally import Tally

_BETWEEN: Final = 0.4  # a late answer still counts in the next pass
# Linux answers a SYN asked again at once, later repeats twice a second at most (tcp_invalid_ratelimit).
_FREE_REPEATS: Final = 2
_BETWEEN_REPEATS: Final = Patience(0.55, 0.55)


@dataclass(frozen=True)
class Sweep:
    """A board's questions, asked until settled or `passes` are done; what is learned goes onto the board.

    Where asking again still brings answers, answers are getting lost: then those not yet answered are asked
    further, a few times (`passes`). A `sparing` sweep leaves out passes that would bring nothing.

    `tempo` is this way's part of the total rate; `per_host` (packets per second) is None only where a scope
    lifted the cap. `patience` is how long the last pass waits. With a `journal` the sweep goes on from where
    the one before it ended, if it did. Who falls silent meanwhile is asked for a sign of `life`, where there
    is a way to.
    """

    board: Board
    source: Source
    source_port: int
    tempo: Tempo
    per_host: float | None
    passes: int
    patience: Patience
    sparing: bool
    tally: Tally
    stopped: Callable[[], bool]
    on_progress: Callable[[Progress], None]
    randomness: random.Random
    journal: Journal | None = None
    life: Life | None = None

    def run(self) -> Outcome:
        """Blocks; runs in a thread of its own. NoRawSockets without CAP_NET_RAW, NoWay for an interface that
        is not there; one that goes away ends the sweep with a fault, and what was learned stays on the board.
        """
        began, fault = time.monotonic(), ""
        with Link(self.source.interface, self.source.ip, self.source_port) as link:
            page = None
            if self.journal:
                page = self.journal.page(self.board, f"{self.source.interface} {self.source.ip}")
            place = page.place if page else None
            questions = 1 if self.board.settle_hosts else len(self.board.questions)
            memory = place.memory if place else None
            plan = Passes(self.passes, questions, sparing=self.sparing, memory=memory)
            rounds = Rounds(self, link, place)
            try:
                if place is None:
                    first = plan.first()
                    place = Place(rounds.order, rounds.batch, plan.memory, first)
                    if page:
                        page.write(place)
                self._go_through(plan, place, page, rounds)
            except NoWay as lost:
                fault = str(lost)
            stopped = self.stopped() or bool(fault)
            seconds = time.monotonic() - began
            return Outcome(rounds.sent, seconds, rounds.sending, link.dropped, plan.loss, stopped, fault)

    def _go_through(self, plan: Passes, place: Place, page: Page | None, rounds: Rounds) -> None:
        while not place.over:
            place = replace(place, memory=plan.memory)
            self.board.only_the_heard = place.whom is Pass.THE_HEARD
            rounds.one_pass(place, page)
            is_last = plan.memory.made >= self.passes
            rounds.listen(self.patience if is_last else self.patience.shorter(_BETWEEN))
            if self.stopped():
                return
            further = None
            if not rounds.ended():
                further = plan.next(self.board.standing(), dropped=rounds.has_dropped)
            if further and plan.memory.made > _FREE_REPEATS:
                rounds.listen(_BETWEEN_REPEATS)
            place = replace(place, whom=further or place.whom, turn=0, group=0, over=further is None)
            if page:
                page.write(replace(place, memory=plan.memory))

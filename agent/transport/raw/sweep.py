"""What a raw sweep is told: whom to ask what, from where, how fast and how patiently."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from agent.transport.raw.board import Board
from agent.transport.raw.journal import Journal
from agent.transport.raw.layouts import Source
from agent.transport.raw.outcome import Progress
from agent.transport.raw.patience import Patience
from agent.transport.raw.tempo import Tempo
from agent.transport.raw.vigil import Life
from agent.transport.tally import Tally


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

"""Whom to ask again, judged by what asking again has brought so far.

Silence has two causes: nobody is there (or a filter swallows the question), or a packet got lost. They are
told apart on the hosts that are there: what they answer only when asked again was lost before. From that
share of lost packets follows how many hosts, and how many ports of hosts, may still be missing; passes are
spent until that is less than a fraction of one.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

# Fewer answers than this say too little of a network to save packets by.
ENOUGH_ANSWERS: Final = 200
MOST_FURTHER_PASSES: Final = 6

_MISSING_HOSTS: Final = 0.001
_MISSING_PORTS: Final = 0.01
_LOSS_WHERE_DROPPED: Final = 0.05  # the kernel says that it lost answers: assume no less


class Pass(Enum):
    """Whom a pass asks: everybody whose questions are open, or of those only the hosts that are there."""

    EVERYBODY = "everybody"
    THE_HEARD = "the heard"


@dataclass(frozen=True, slots=True)
class Standing:
    """What a board holds: hosts heard, questions they answered, and questions of theirs still open."""

    heard: int
    answered: int
    open_of_heard: int


class Passes:
    """Gives the passes one by one: `planned` over everybody, and a few more where answers get lost.

    `questions` is how many each host is asked. A `sparing` sweep leaves out the planned passes that, by what
    the hosts that are there show, would bring nothing. With one question a heard host has nothing left to
    answer: only passes over everybody can tell loss from silence then.
    """

    def __init__(self, planned: int, questions: int, *, sparing: bool) -> None:
        self._planned = planned
        self._questions = questions
        self._sparing = sparing and questions > 1
        self._of_everybody = self._made = 0
        self._before = Standing(0, 0, 0)
        self._loss = 0.0
        self._brought = 0
        self._dropped = False

    @property
    def loss(self) -> float:
        """The share of questions whose answer got lost, as far as asking again has shown; 0 for none."""
        return self._loss

    def first(self) -> Pass:
        """Everybody is asked once, whatever is known."""
        self._made = self._of_everybody = 1
        return Pass.EVERYBODY

    def next(self, now: Standing, *, dropped: bool) -> Pass | None:
        """Who is asked after a pass that left the board at `now`; None when it is enough.

        `dropped` says whether the kernel had to drop answers meanwhile.
        """
        if self._planned == 1:
            return None  # asked for once means once
        self._learn(now, dropped=dropped)
        chosen = self._choose(now)
        self._before = now
        if chosen is not None:
            self._made += 1
            self._of_everybody += chosen is Pass.EVERYBODY
        return chosen

    def _learn(self, now: Standing, *, dropped: bool) -> None:
        self._brought = now.answered - self._before.answered if self._made > 1 else 0
        self._dropped |= dropped
        if self._brought and self._before.answered:
            # Of what answers, loss^k is still open after k passes, and the next brings (1 - loss) of that.
            share = min(1.0, self._brought / self._before.answered)
            self._loss = max(self._loss, share ** (1 / (self._made - 1)))

    def _choose(self, now: Standing) -> Pass | None:
        few = now.answered < ENOUGH_ANSWERS
        if self._of_everybody < self._planned and (few or not self._sparing):
            return Pass.EVERYBODY
        if self._made >= self._planned + MOST_FURTHER_PASSES:
            return None
        if few:
            further = Pass.EVERYBODY if self._questions == 1 else Pass.THE_HEARD
            return further if self._brought else None
        if self._made == 1 and now.open_of_heard:
            return Pass.THE_HEARD
        loss = max(self._loss, 0.5 / now.answered, _LOSS_WHERE_DROPPED if self._dropped else 0)
        if now.heard * loss ** (self._questions * self._of_everybody) >= _MISSING_HOSTS:
            return Pass.EVERYBODY
        if now.open_of_heard and self._loss and now.answered * loss**self._made >= _MISSING_PORTS:
            return Pass.THE_HEARD
        return None

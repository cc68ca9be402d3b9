"""Whom to ask again, judged by what asking again has brought so far.

Silence has two causes: nobody is there (or a filter swallows the question), or a packet got lost. They are
told apart on the hosts that are there: what they answer only when asked again was lost before. From that
share of lost packets follows how many hosts, and how many ports of hosts, may still be missing; passes are
spent until that is less than a fraction of one.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, Self

# Fewer answers than this say too little of a network to save packets by.
ENOUGH_ANSWERS: Final = 200
MOST_FURTHER_PASSES: Final = 6

_MISSING_HOSTS: Final = 0.001
_MISSING_PORTS: Final = 0.01
_LOSS_WHERE_DROPPED: Final = 0.05  # the kernel says that it lost answers: assume no less


class Pass(StrEnum):
    """Whom a pass asks: everybody whose questions are open, or of those only the hosts that are there."""

    EVERYBODY = "everybody"
    THE_HEARD = "the heard"


@dataclass(frozen=True, slots=True)
class Standing:
    """What a board holds: hosts heard, questions they answered, and questions of theirs still open."""

    heard: int
    answered: int
    open_of_heard: int


@dataclass(frozen=True, slots=True)
class Memory:
    """What the passes so far have shown; enough to go on in another process."""

    made: int = 0
    of_everybody: int = 0
    before: Standing = Standing(0, 0, 0)
    loss: float = 0.0
    brought: int = 0
    dropped: bool = False

    @classmethod
    def of(cls, said: dict[str, Any]) -> Self:
        """From its `asdict` form."""
        return cls(**said | {"before": Standing(**said["before"])})


class Passes:
    """Gives the passes one by one: `planned` over everybody, and a few more where answers get lost.

    `questions` is how many each host is asked. A `sparing` sweep leaves out the planned passes that, by what
    the hosts that are there show, would bring nothing. With one question a heard host has nothing left to
    answer: only passes over everybody can tell loss from silence then.
    """

    def __init__(self, planned: int, questions: int, *, sparing: bool, memory: Memory | None = None) -> None:
        self._planned = planned
        self._questions = questions
        self._sparing = sparing and questions > 1
        self.memory = memory or Memory()

    @property
    def loss(self) -> float:
        """The share of questions whose answer got lost, as far as asking again has shown; 0 for none."""
        return self.memory.loss

    def first(self) -> Pass:
        """Everybody is asked once, whatever is known."""
        self.memory = replace(self.memory, made=1, of_everybody=1)
        return Pass.EVERYBODY

    def next(self, now: Standing, *, dropped: bool) -> Pass | None:
        """Who is asked after a pass that left the board at `now`; None when it is enough.

        `dropped` says whether the kernel had to drop answers meanwhile.
        """
        if self._planned == 1:
            return None  # asked for once means once
        self._learn(now, dropped=dropped)
        chosen = self._choose(now)
        self.memory = replace(self.memory, before=now)
        if chosen is not None:
            made, of_everybody = self.memory.made + 1, self.memory.of_everybody + (chosen is Pass.EVERYBODY)
            self.memory = replace(self.memory, made=made, of_everybody=of_everybody)
        return chosen

    def _learn(self, now: Standing, *, dropped: bool) -> None:
        known, loss = self.memory, self.memory.loss
        brought = now.answered - known.before.answered if known.made > 1 else 0
        if brought and known.before.answered:
            # Of what answers, loss^k is still open after k passes, and the next brings (1 - loss) of that.
            share = min(1.0, brought / known.before.answered)
            loss = max(loss, share ** (1 / (known.made - 1)))
        self.memory = replace(known, brought=brought, dropped=known.dropped or dropped, loss=loss)

    def _choose(self, now: Standing) -> Pass | None:
        few = now.answered < ENOUGH_ANSWERS
        known = self.memory
        if known.of_everybody < self._planned and (few or not self._sparing):
            return Pass.EVERYBODY
        if known.made >= self._planned + MOST_FURTHER_PASSES:
            return None
        if few:
            further = Pass.EVERYBODY if self._questions == 1 else Pass.THE_HEARD
            return further if known.brought else None
        if known.made == 1 and now.open_of_heard:
            return Pass.THE_HEARD
        loss = max(known.loss, 0.5 / now.answered, _LOSS_WHERE_DROPPED if known.dropped else 0)
        if now.heard * loss ** (self._questions * known.of_everybody) >= _MISSING_HOSTS:
            return Pass.EVERYBODY
        if now.open_of_heard and known.loss and now.answered * loss**known.made >= _MISSING_PORTS:
            return Pass.THE_HEARD
        return None

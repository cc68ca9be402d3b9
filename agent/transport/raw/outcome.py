"""How far a sweep is, and what came of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a sweep is: questions gone through (asked or settled) of all, packets sent, hosts heard."""

    done: int
    planned: int
    sent: int
    found: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a sweep cost and whether it came to its end; `fault` says what broke it off, empty for nothing.

    `sending` are the seconds of them in which packets left; `loss` the share of answers that had to be asked
    for again.
    """

    sent: int
    seconds: float
    sending: float
    dropped: int
    loss: float
    stopped: bool
    fault: str = ""

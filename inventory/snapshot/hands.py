"""Work shared out to processes of our own, its answers in the order of the questions.

The processes are copies of this one (fork): what it holds they hold too, without sending or loading it. They
end with it, whatever it dies of.
"""

import os
import pickle
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from typing import TYPE_CHECKING

from inventory.language import _
from inventory.snapshot.faults import Unwritable

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

_DONE, _RAISED = b"0", b"1"
_PATIENCE = 10  # seconds for a process that was told to end

Work = Callable[[bytes], bytes]


class Hand:
    """One process: it answers a question, then takes the next."""

    def __init__(self, connection: "Connection[bytes, bytes]") -> None:
        self._connection = connection

    def ask(self, question: bytes) -> None:
        """Hands it a question; it must not have one already."""
        self._connection.send_bytes(question)

    def answer(self) -> bytes:
        """Waits for its answer; raises what it raised, Unwritable where somebody ended it."""
        try:
            outcome, said = self._connection.recv_bytes(), self._connection.recv_bytes()
        except EOFError as error:
            raise Unwritable(_("a process that wrote the snapshot was ended from outside")) from error
        if outcome == _RAISED:
            raise pickle.loads(said)  # noqa: S301 - our own process said it
        return said


def spare_hands() -> int:
    """How many may be had beside this process: none on one processor, or where threads run (fork)."""
    processors = len(os.sched_getaffinity(0))
    return processors if processors > 1 and threading.active_count() == 1 else 0


@contextmanager
def hands(count: int, work: Work) -> Iterator[tuple[Hand, ...]]:
    """So many processes that do `work`; gone afterwards."""
    forking = get_context("fork")
    ours: list[Connection[bytes, bytes]] = []
    processes = []
    try:
        for _number in range(count):
            here, there = forking.Pipe()
            ours.append(here)
            process = forking.Process(target=_serve, args=(there, tuple(ours), work), daemon=True)
            process.start()
            processes.append(process)
            there.close()
        yield tuple(map(Hand, ours))
    finally:
        for connection in ours:
            connection.close()
        for process in processes:
            process.join(_PATIENCE)
            if process.exitcode is None:
                process.kill()
                process.join()
            process.close()


def in_turn(asked: Sequence[Hand], questions: Iterable[bytes]) -> Iterator[bytes]:
    """The answers in order; each hand has its next question before its last answer is used."""
    busy: deque[Hand] = deque()
    remaining = iter(questions)
    for hand, question in zip(asked, remaining, strict=False):
        hand.ask(question)
        busy.append(hand)
    while busy:
        hand = busy.popleft()
        upcoming = next(remaining, None)  # made ready while the hand is still at work
        said = hand.answer()
        if upcoming is not None:
            hand.ask(upcoming)
            busy.append(hand)
        yield said


def _serve(there: "Connection[bytes, bytes]", ours: "Sequence[Connection[bytes, bytes]]", work: Work) -> None:
    """Answers until nobody is there to ask."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asks is interrupted, and we end with it
    for connection in ours:
        connection.close()  # or we should wait for ourselves
    while True:
        try:
            question = there.recv_bytes()
        except EOFError:
            return
        try:
            outcome, said = _DONE, work(question)
        except Exception as error:  # noqa: BLE001 - it is raised again where it was asked for
            outcome, said = _RAISED, pickle.dumps(error)
        try:
            there.send_bytes(outcome)
            there.send_bytes(said)
        except BrokenPipeError:
            return

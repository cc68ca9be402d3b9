"""Work shared out to processes of our own, its answers in the order of the questions.

The processes are copies of this one (fork): what it holds they hold too, without sending or loading it. They
end with it, whatever it dies of. Questions and answers lie in memory that both see; only their lengths are
sent, for a pipe would copy hundreds of megabytes some kilobytes at a time.
"""

import os
import pickle
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from mmap import mmap
from multiprocessing import get_context
from typing import TYPE_CHECKING, Final

from inventory.language import _
from inventory.snapshot.faults import Unwritable

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

_PATIENCE = 10  # seconds for a process that was told to end
_ROOM: Final = 64 << 20  # octets of addresses; memory is taken for what is written there

_Told = list[int | bytes]
if TYPE_CHECKING:
    _Asking = Connection[_Told, _Told | Exception]
    _Serving = Connection[_Told | Exception, _Told]

Work = Callable[[bytes], Sequence[bytes]]


class Hand:
    """One process: it answers a question, then takes the next."""

    def __init__(self, connection: "_Asking", desk: mmap) -> None:
        self._connection = connection
        self._desk = desk

    def ask(self, question: bytes) -> None:
        """Hands it a question; it must not have one already."""
        self._connection.send(_laid([question], self._desk))

    def answer(self) -> Sequence[bytes]:
        """Waits for its answer; raises what it raised, Unwritable where somebody ended it."""
        try:
            said = self._connection.recv()
        except (EOFError, ConnectionError) as error:
            raise Unwritable(_("a process that wrote the snapshot was ended from outside")) from error
        if isinstance(said, Exception):
            raise said
        return _read(said, self._desk)


def spare_hands() -> int:
    """How many may be had beside this process: none on one processor, or where threads run (fork)."""
    processors = len(os.sched_getaffinity(0))
    return processors if processors > 1 and threading.active_count() == 1 else 0


@contextmanager
def hands(count: int, work: Work) -> Iterator[tuple[Hand, ...]]:
    """So many processes that do `work`; gone afterwards."""
    forking = get_context("fork")
    ours: list[_Asking] = []
    desks = [mmap(-1, _ROOM) for _number in range(count)]
    processes = []
    try:
        for desk in desks:
            here, there = forking.Pipe()
            ours.append(here)
            process = forking.Process(target=_serve, args=(there, tuple(ours), desk, work), daemon=True)
            process.start()
            processes.append(process)
            there.close()
        yield tuple(map(Hand, ours, desks))
    finally:
        for connection in ours:
            connection.close()
        for process in processes:
            process.join(_PATIENCE)
            if process.exitcode is None:
                process.kill()
                process.join()
            process.close()
        for desk in desks:
            desk.close()


@contextmanager
def shared_out(work: Work, questions: Iterable[bytes], *, worth: bool) -> Iterator[Iterator[Sequence[bytes]]]:
    """The answers in order, from as many processes as may be had; from this one where `worth` says no."""
    with hands(spare_hands() if worth else 0, work) as ours:
        yield in_turn(ours, questions) if ours else map(work, questions)


def in_turn(asked: Sequence[Hand], questions: Iterable[bytes]) -> Iterator[Sequence[bytes]]:
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


def _serve(there: "_Serving", ours: "Sequence[_Asking]", desk: mmap, work: Work) -> None:
    """Answers until nobody is there to ask."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asks is interrupted, and we end with it
    for connection in ours:
        connection.close()  # or we should wait for ourselves
    while True:
        try:
            (question,) = _read(there.recv(), desk)
        except (EOFError, ConnectionError):  # reset, where its last answer lies there unread
            return
        said: _Told | Exception
        try:
            said = _laid(work(question), desk)
        except Exception as error:  # noqa: BLE001 - it is raised again where it was asked for
            said = _sendable(error)
        try:
            there.send(said)
        except ConnectionError:
            return


def _sendable(error: Exception) -> Exception:
    """The error; where it cannot be sent and be itself there, the nearest kind it is of, with its message."""
    for kind in type(error).__mro__:
        try:
            sent = error if kind is type(error) else kind(str(error))
            if type(pickle.loads(pickle.dumps(sent))) is kind:  # noqa: S301 - it is our own
                return sent
        except Exception:  # noqa: BLE001, S112 - that is what is tried
            continue
    raise error


def _laid(pieces: Sequence[bytes], desk: mmap) -> _Told:
    """Lays pieces down one behind the other: how long each is, or the piece itself where no room is left."""
    told: _Told = []
    at = 0
    for piece in pieces:
        end = at + len(piece)
        if end > _ROOM:
            told.append(piece)
            continue
        desk[at:end] = piece
        told.append(len(piece))
        at = end
    return told


def _read(told: _Told, desk: mmap) -> Sequence[bytes]:
    """The pieces that were laid down there."""
    pieces, at = [], 0
    for one in told:
        if isinstance(one, bytes):
            pieces.append(one)
        else:
            pieces.append(desk[at : at + one])
            at += one
    return pieces

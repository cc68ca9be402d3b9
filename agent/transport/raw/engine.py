"""The loop of a raw sweep: ask everybody, one packet per host and round, listen all the while.

A pass goes through the questions in rounds. In each round every host is asked at most one question, in the
same order, so the time between two packets to a host is the length of a round, and a group of hosts is not
asked again before 1/per_host seconds have passed. Questions without an answer are asked again in the next
pass; an answer that comes late still counts, because cookies hold for the whole sweep.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from agent.faults import NoWay
from agent.transport.raw.answers import Answers, State, read
from agent.transport.raw.cookie import Cookies
from agent.transport.raw.datagrams import datagram_for
from agent.transport.raw.fill import Filler, Frames
from agent.transport.raw.layouts import LABELS, Kind, Source, lay_out
from agent.transport.raw.link import RECEIVE_BATCH, Link, Outbox
from agent.transport.raw.order import Order
from agent.transport.raw.tempo import Tempo
from agent.transport.tally import Tally

LARGEST_BATCH: Final = 4096

MOST_FURTHER_PASSES: Final = 4

_PROGRESS_SECONDS: Final = 0.2
_MANY_ERRORS: Final = 64  # in one turn over all hosts; fewer say nothing of a router's load
_BETWEEN: Final = 0.4  # a late answer still counts in the next pass


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to ask every host: an ARP or echo request, a SYN or a datagram to `port`."""

    kind: Kind
    port: int = 0

    @property
    def form(self) -> tuple[Kind, int]:
        """What has a layout of its own: datagrams differ from port to port."""
        return self.kind, self.port if self.kind is Kind.UDP else 0


@dataclass(frozen=True, slots=True)
class Caps:
    """Packets per second in all and to each host; None only where a scope lifted the caps."""

    rate: float | None
    per_host: float | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a sweep is: questions gone through (asked or settled) of all, packets sent, hosts heard."""

    done: int
    planned: int
    sent: int
    found: int


@dataclass
class Board:
    """What is asked and what is known: `state[host, question]` is a `State`, one byte each.

    `addresses` are sorted IPv4 numbers, `macs` the next hop of each. With `settle_hosts` a host that
    answered anything is asked nothing more (finding hosts), without it every question counts (ports).
    """

    addresses: npt.NDArray[np.uint32]
    macs: Frames
    questions: tuple[Question, ...]
    settle_hosts: bool
    state: npt.NDArray[np.uint8] = field(init=False)
    only_the_heard: bool = False

    def __post_init__(self) -> None:
        self.state = np.zeros((len(self.addresses), len(self.questions)), np.uint8)
        self._columns = np.full((max(Kind) + 1, 65_536), -1, np.int32)
        for at, question in enumerate(self.questions):
            self._columns[question.kind, question.port] = at

    def unsettled(
        self, hosts: npt.NDArray[np.int64], questions: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.bool_]:
        """Which of these (host, question) pairs still need asking."""
        open_ = self.state[hosts, questions] == State.NOTHING
        if self.only_the_heard:
            open_ &= self.heard()[hosts]
        return np.asarray(open_ & ~self.settled(hosts) if self.settle_hosts else open_)

    def all_settled(self) -> bool:
        """Whether nothing is left to ask or wait for."""
        return bool(self.settled().all() if self.settle_hosts else self.state.all())

    def settled(self, hosts: npt.NDArray[np.int64] | slice = slice(None)) -> npt.NDArray[np.bool_]:
        """Which hosts answered or are absent by a router's word; being forbidden to ask settles nothing."""
        said = self.state[hosts]
        return np.asarray(((said != State.NOTHING) & (said != State.PROHIBITED)).any(axis=1))

    def answered(self) -> int:
        """How many questions a host answered itself."""
        return int(np.count_nonzero((self.state != State.NOTHING) & (self.state <= State.ANSWERED)))

    def heard(self) -> npt.NDArray[np.bool_]:
        """Which hosts answered something themselves."""
        own = (self.state == State.OPEN) | (self.state == State.CLOSED) | (self.state == State.ANSWERED)
        result: npt.NDArray[np.bool_] = own.any(axis=1)
        return result

    def enter(self, answers: Answers) -> int:
        """Writes answers down; how many were new errors of routers.

        Those of nobody we asked are ignored, and a first answer stands.
        """
        if not len(answers) or not len(self.addresses):
            return 0
        host = np.minimum(np.searchsorted(self.addresses, answers.ip), len(self.addresses) - 1)
        column = self._columns[answers.kind, answers.port]
        known = (self.addresses[host] == answers.ip) & (column >= 0)
        host, column, state = host[known], column[known], answers.state[known]
        before = self.state[host, column]
        news = (before == State.NOTHING) | ((before > State.ANSWERED) & (state <= State.ANSWERED))
        self.state[host[news], column[news]] = state[news]
        from_arp = news & (answers.kind[known] == Kind.ARP)
        self.macs[host[from_arp]] = answers.mac[known][from_arp]
        return int((state[news] > State.ANSWERED).sum())


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a sweep cost and whether it came to its end; `fault` says what broke it off, empty for nothing."""

    sent: int
    seconds: float
    dropped: int
    stopped: bool
    fault: str = ""


def sweep(
    board: Board,
    source: Source,
    source_port: int,
    tempo: Tempo,
    *,
    per_host: float | None,
    passes: int,
    linger: float,
    tally: Tally,
    stopped: Callable[[], bool],
    on_progress: Callable[[Progress], None],
    randomness: random.Random,
) -> Outcome:
    """Asks the board's questions until settled or `passes` are done; fills in `board.state`.

    Where the last pass still brought answers that an earlier one had not, answers are getting lost: those not
    yet answered are asked further, at most `MOST_FURTHER_PASSES` times; with `settle_hosts` off, of hosts
    that are there.

    `tempo` is this way's part of the total rate; `per_host` (packets per second) is None
    only where a scope lifted the cap. `linger` is how long (seconds) the last pass waits.

    Blocks; runs in a thread of its own. NoRawSockets without CAP_NET_RAW, NoWay for an interface that is
    not there; one that goes away ends the sweep with a fault, and what was learned stays on the board.
    """
    with Link(source.interface, source.ip, source_port) as link:
        run = _Sweep(
            board=board,
            link=link,
            source=source,
            source_port=source_port,
            tempo=tempo,
            per_host=per_host,
            passes=passes,
            tally=tally,
            stopped=stopped,
            on_progress=on_progress,
            randomness=randomness,
        )
        began, fault = time.monotonic(), ""
        try:
            for number in range(passes):
                run.one_pass()
                is_last = number == passes - 1
                run.listen(linger if is_last else linger * _BETWEEN)
                if run.ended():
                    break
            while run.answers_get_lost() and not run.ended():
                run.one_pass()
                run.listen(linger)
        except NoWay as lost:
            fault = str(lost)
        return Outcome(run.sent, time.monotonic() - began, link.dropped, stopped() or bool(fault), fault)


class _Sweep:
    def __init__(
        self,
        *,
        board: Board,
        link: Link,
        source: Source,
        source_port: int,
        tempo: Tempo,
        per_host: float | None,
        passes: int,
        tally: Tally,
        stopped: Callable[[], bool],
        on_progress: Callable[[Progress], None],
        randomness: random.Random,
    ) -> None:
        self._board = board
        self._link = link
        self._port = source_port
        self._tempo = tempo
        self._gap = 1 / per_host if per_host else 0.0
        self._planned = board.state.size * passes
        self._gone = 0
        self._tally = tally
        self._stopped = stopped
        self._on_progress = on_progress
        self._cookies = Cookies(randomness.randbytes(16))
        self._order = Order.over(len(board.addresses), randomness)
        self._batch = (
            LARGEST_BATCH if tempo.rate is None else max(1, min(LARGEST_BATCH, int(tempo.rate / 100)))
        )
        forms = {question.form: question for question in board.questions}
        self._fillers = [
            Filler(
                lay_out(question.kind, source, source_port, datagram_for(question.port)),
                self._cookies,
                self._batch,
            )
            for question in forms.values()
        ]
        self._outboxes = [Outbox(filler.frames, filler.length) for filler in self._fillers]
        self._forms = np.array([list(forms).index(question.form) for question in board.questions], np.uint8)
        self._ports = np.array([question.port for question in board.questions], np.uint16)
        groups = -(-len(board.addresses) // self._batch)
        self._asked_at = np.full(groups, -np.inf)
        self._reported = 0.0
        self._errors = self._errors_before = 0
        self._passes = self._recovered = self._answered_before = 0
        self._allowed = passes + MOST_FURTHER_PASSES
        self.sent = 0

    def answers_get_lost(self) -> bool:
        """Whether the last pass, not being the first, recovered anything; and another may be made."""
        self._board.only_the_heard = not self._board.settle_hosts
        return self._recovered > 0 and self._passes < self._allowed

    def ended(self) -> bool:
        """Whether to go on is pointless (all is known) or forbidden (stopped)."""
        return self._stopped() or self._board.all_settled()

    def one_pass(self) -> None:
        """Asks every open question once."""
        before, self._passes = self._board.answered(), self._passes + 1
        self._pass()
        self._answered_before = before

    def _pass(self) -> None:
        hosts, questions = len(self._board.addresses), len(self._board.questions)
        for turn in range(questions):
            began = (time.monotonic(), self.sent)
            for group, first in enumerate(range(0, hosts, self._batch)):
                if self._stopped():
                    return
                self._ask(group, self._order.hosts(first, min(first + self._batch, hosts)), turn)
                self._report()
            self._adapt(began)

    def listen(self, seconds: float) -> None:
        """Takes answers in for `seconds`, less when nothing is left to wait for."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and not self.ended():
            if self._link.wait(min(left, 0.1)):
                self._receive()
            self._report()
        self._recovered = self._board.answered() - self._answered_before if self._passes > 1 else 0

    def _ask(self, group: int, hosts: npt.NDArray[np.int64], turn: int) -> None:
        questions = (turn + hosts) % len(self._board.questions)
        wanted = self._board.unsettled(hosts, questions)
        self._gone += len(hosts)
        if not wanted.any():
            return
        hosts, questions = hosts[wanted], questions[wanted]
        self._hold(float(self._asked_at[group]) + self._gap)
        self._hold(self._tempo.reserve(len(hosts)))
        self._asked_at[group] = time.monotonic()
        for number, (filler, outbox) in enumerate(zip(self._fillers, self._outboxes, strict=True)):
            chosen = self._forms[questions] == number
            count = filler.fill(
                self._board.addresses[hosts[chosen]],
                self._ports[questions[chosen]],
                self._board.macs[hosts[chosen]],
            )
            if count:
                self._link.send(outbox, count)
                self._tally.count(LABELS[filler.layout.kind], count, count * filler.length)
                self.sent += count
        self._receive()

    def _hold(self, until: float) -> None:
        """Waits for the moment to send, taking answers in meanwhile."""
        while (left := until - time.monotonic()) > 0 and not self._stopped():
            if left < 0.001:
                time.sleep(left)  # below poll's resolution
            elif self._link.wait(min(left, 0.1)):
                self._receive()

    def _receive(self) -> None:
        while True:
            frames, lengths = self._link.receive()
            if len(frames):
                self._errors += self._board.enter(read(frames, lengths, self._cookies, self._port))
            if len(frames) < RECEIVE_BATCH:
                return

    def _adapt(self, began: tuple[float, int]) -> None:
        """Slower where the kernel drops answers or routers' errors rise, else a little faster again."""
        seconds, sent = time.monotonic() - began[0], self.sent - began[1]
        rising = self._errors > max(_MANY_ERRORS, 2 * self._errors_before)
        if self._link.new_drops() or rising:
            self._tempo.slow_down(sent / max(seconds, 0.001))
        else:
            self._tempo.recover()
        self._errors_before, self._errors = self._errors, 0

    def _report(self) -> None:
        now = time.monotonic()
        if now - self._reported >= _PROGRESS_SECONDS:
            self._reported = now
            heard = int(self._board.heard().sum())
            done = min(self._gone, self._planned)  # further passes are in no plan
            self._on_progress(Progress(done, self._planned, self.sent, heard))

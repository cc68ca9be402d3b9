"""The loop of a raw sweep: ask everybody, one packet per host and round, listen all the while.

A pass goes through the questions in rounds. In each round every host is asked at most one question, in the
same order, so the time between two packets to a host is the length of a round, and a group of hosts is not
asked again before its time has come. Questions without an answer are asked again in the next pass (`passes`
says whose); an answer that comes late still counts, because cookies hold for the whole sweep.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from agent.faults import NoWay
from agent.transport.raw.answers import read
from agent.transport.raw.board import Board, News
from agent.transport.raw.cookie import Cookies
from agent.transport.raw.datagrams import datagram_for
from agent.transport.raw.fill import Filler
from agent.transport.raw.journal import Journal, Page, Place
from agent.transport.raw.layouts import LABELS, Source, lay_out
from agent.transport.raw.link import RECEIVE_BATCH, Link, Outbox
from agent.transport.raw.order import Order
from agent.transport.raw.passes import Pass, Passes
from agent.transport.raw.tempo import Tempo
from agent.transport.raw.turns import Turns
from agent.transport.raw.vigil import Life, Vigil
from agent.transport.tally import Tally

LARGEST_BATCH: Final = 4096

_PROGRESS_SECONDS: Final = 0.2
_MANY_ERRORS: Final = 64  # in one turn over all hosts; fewer say nothing of a router's load
_BETWEEN: Final = 0.4  # a late answer still counts in the next pass
# Linux answers a SYN asked again at once, later repeats twice a second at most (tcp_invalid_ratelimit).
_FREE_REPEATS: Final = 2
_BETWEEN_REPEATS: Final = 0.55
_ENOUGH_TIMED: Final = 32
_TIMES_THE_SLOWEST: Final = 4
_REPEATED: Final = 0.9  # s; TCP repeats a SYN+ACK after one second (RFC 6298, 2): that is no round trip


@dataclass(frozen=True, slots=True)
class Caps:
    """Packets per second in all and to each host; None only where a scope lifted the caps."""

    rate: float | None
    per_host: float | None


@dataclass(frozen=True, slots=True)
class Patience:
    """How long (seconds) a pass waits for the last answers: `most`, less where answers come quickly.

    Once a few dozen answers were timed, four times the slowest of them is enough, yet never less than
    `least`.
    """

    most: float
    least: float

    def after(self, timed: int, slowest: float) -> float:
        """Seconds to wait, `timed` answers having taken `slowest` seconds at most."""
        if timed < _ENOUGH_TIMED:
            return self.most
        return min(self.most, max(self.least, _TIMES_THE_SLOWEST * slowest))

    def shorter(self, factor: float) -> "Patience":
        """The same, but for the factor."""
        return Patience(self.most * factor, min(self.least, self.most * factor))


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


def sweep(
    board: Board,
    source: Source,
    source_port: int,
    tempo: Tempo,
    *,
    per_host: float | None,
    passes: int,
    patience: Patience,
    sparing: bool,
    tally: Tally,
    stopped: Callable[[], bool],
    on_progress: Callable[[Progress], None],
    randomness: random.Random,
    journal: Journal | None = None,
    life: Life | None = None,
) -> Outcome:
    """Asks the board's questions until settled or `passes` are done; fills in `board.state`.

    Where asking again still brings answers, answers are getting lost: then those not yet answered are asked
    further, a few times (`passes`). A `sparing` sweep leaves out passes that would bring nothing.

    `tempo` is this way's part of the total rate; `per_host` (packets per second) is None
    only where a scope lifted the cap. `patience` is how long the last pass waits. With a `journal` the sweep
    goes on from where the one before it ended, if it did. Who falls silent meanwhile is asked for a sign of
    `life`, where there is a way to.

    Blocks; runs in a thread of its own. NoRawSockets without CAP_NET_RAW, NoWay for an interface that is
    not there; one that goes away ends the sweep with a fault, and what was learned stays on the board.
    """
    with Link(source.interface, source.ip, source_port) as link:
        page = journal.page(board, f"{source.interface} {source.ip}") if journal else None
        place = page.place if page else None
        questions = 1 if board.settle_hosts else len(board.questions)
        plan = Passes(passes, questions, sparing=sparing, memory=place.memory if place else None)
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
            place=place,
            vigil=Vigil(board, life) if life else None,
        )
        began, fault = time.monotonic(), ""
        try:
            if place is None:
                first = plan.first()
                place = Place(run.order, run.batch, plan.memory, first)
                if page:
                    page.write(place)
            while not place.over:
                place = replace(place, memory=plan.memory)
                board.only_the_heard = place.whom is Pass.THE_HEARD
                run.one_pass(place, page)
                is_last = plan.memory.made >= passes
                run.listen(patience if is_last else patience.shorter(_BETWEEN))
                if stopped():
                    break
                further = None if run.ended() else plan.next(board.standing(), dropped=run.dropped > 0)
                if further and plan.memory.made > _FREE_REPEATS:
                    run.listen(Patience(_BETWEEN_REPEATS, _BETWEEN_REPEATS))
                place = replace(place, whom=further or place.whom, turn=0, group=0, over=further is None)
                if page:
                    page.write(replace(place, memory=plan.memory))
        except NoWay as lost:
            fault = str(lost)
        return Outcome(
            run.sent,
            time.monotonic() - began,
            run.sending,
            link.dropped,
            plan.loss,
            stopped() or bool(fault),
            fault,
        )


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
        place: Place | None,
        vigil: Vigil | None,
    ) -> None:
        self._board = board
        self._vigil = vigil
        self._link = link
        self._port = source_port
        self._tempo = tempo
        self._planned = board.state.size * passes
        self._gone = 0
        self._tally = tally
        self._stopped = stopped
        self._on_progress = on_progress
        self._cookies = Cookies(randomness.randbytes(16))
        most = LARGEST_BATCH if tempo.rate is None else max(1, min(LARGEST_BATCH, int(tempo.rate / 100)))
        self.order = place.order if place else Order.over(len(board.addresses), randomness)
        self.batch = place.batch if place else most
        forms = {question.form: question for question in board.questions}
        self._fillers = [
            Filler(
                lay_out(question.kind, source, source_port, datagram_for(question.port)),
                self._cookies,
                self.batch,
            )
            for question in forms.values()
        ]
        self._outboxes = [Outbox(filler.frames, filler.length) for filler in self._fillers]
        self._forms = np.array([list(forms).index(question.form) for question in board.questions], np.uint8)
        self._ports = np.array([question.port for question in board.questions], np.uint16)
        groups = -(-len(board.addresses) // self.batch)
        self._turns = Turns(groups, per_host, time.monotonic())
        self._asked_at = np.full((groups, len(board.questions)), -np.inf)
        self._reported = 0.0
        self._errors = self._errors_before = 0
        self._timed, self._slowest, self._passes = 0, 0.0, 0
        self.sent = 0
        self.sending = 0.0

    @property
    def dropped(self) -> int:
        """Answers the kernel had to drop so far."""
        return self._link.dropped

    def ended(self) -> bool:
        """Whether to go on is pointless (all is known) or forbidden (stopped)."""
        return self._stopped() or self._board.all_settled()

    def one_pass(self, place: Place, page: Page | None) -> None:
        """Asks every open question once, from the place on."""
        self._passes += 1
        hosts, questions = len(self._board.addresses), len(self._board.questions)
        began_all = time.monotonic()
        for turn in range(place.turn, questions):
            began = (time.monotonic(), self.sent)
            for group in range(place.group if turn == place.turn else 0, -(-hosts // self.batch)):
                if self._stopped():
                    return
                if page:
                    page.reach(replace(place, turn=turn, group=group), time.monotonic())
                first = group * self.batch
                self._ask(group, self.order.hosts(first, min(first + self.batch, hosts)), turn)
                self._report()
            self._adapt(began)
            if self._vigil:
                self._vigil.look(turn)
        self.sending += time.monotonic() - began_all

    def listen(self, patience: Patience) -> None:
        """Takes answers in as long as `patience` says, less when nothing is left to wait for."""
        began = time.monotonic()
        while not self.ended():
            left = began + patience.after(self._timed, self._slowest) - time.monotonic()
            if left <= 0:
                return
            if self._link.wait(min(left, 0.1)):
                self._receive()
            self._report()

    def _ask(self, group: int, hosts: npt.NDArray[np.int64], turn: int) -> None:
        questions = (turn + hosts) % len(self._board.questions)
        wanted = self._board.unsettled(hosts, questions)
        self._gone += len(hosts)
        if not wanted.any():
            return
        hosts, questions = hosts[wanted], questions[wanted]
        while not self._stopped() and (turn_at := self._turns.next(group)) > time.monotonic():
            self._hold(turn_at)  # answers that come meanwhile may put the turn off
        self._hold(self._tempo.reserve(len(hosts)))
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
        self._asked_at[group, turn] = time.monotonic()
        self._turns.ask(group, self._asked_at[group, turn])
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
            frames, lengths, unsummed = self._link.receive()
            if len(frames):
                answers = read(frames, lengths, self._cookies, self._port, unsummed)
                self._learn(self._board.enter(answers))
            if len(frames) < RECEIVE_BATCH:
                return

    def _learn(self, news: News) -> None:
        """Counts errors, and times what came: an answer was asked for in the round its question had."""
        self._errors += news.errors
        if not len(news.hosts):
            return
        groups = self.order.positions(news.hosts) // self.batch
        self._turns.accept(groups[news.accepted])
        turns = (news.questions - news.hosts) % len(self._board.questions)
        took = time.monotonic() - self._asked_at[groups, turns]
        timed = took[took < _REPEATED]
        if len(timed) and self._passes == 1:  # later, an answer may be to an earlier question
            self._timed += len(timed)
            self._slowest = max(self._slowest, float(timed.max()))

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
            self._link.check()
            heard = int(self._board.heard().sum())
            done = min(self._gone, self._planned)  # further passes are in no plan
            self._on_progress(Progress(done, self._planned, self.sent, heard))

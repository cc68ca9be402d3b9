"""One pass of a sweep: ask everybody, one packet per host and round, listen all the while.

In each round every host is asked at most one question, in the same order, so the time between two packets to
a host is the length of a round, and a group of hosts is not asked again before its time has come.
"""

import time
from dataclasses import replace
from typing import Final

import numpy as np

from agent.transport.raw.answers import read
from agent.transport.raw.board import News
from agent.transport.raw.cookie import Cookies
from agent.transport.raw.journal import Page, Place
from agent.transport.raw.link import RECEIVE_BATCH, Link
from agent.transport.raw.order import Order
from agent.transport.raw.outcome import Progress
from agent.transport.raw.pages import Rows
from agent.transport.raw.patience import AnswerTimes, Patience
from agent.transport.raw.sweep import Sweep
from agent.transport.raw.tempo import BATCH
from agent.transport.raw.turns import Turns
from agent.transport.raw.vigil import Vigil
from agent.transport.raw.volley import LARGEST_BATCH, Volley

_PROGRESS_SECONDS: Final = 0.2
_MANY_ERRORS: Final = 64  # in one turn over all hosts; fewer say nothing of a router's load


class Rounds:
    """The passes of one sweep, question by question and group by group."""

    def __init__(self, sweep: Sweep, link: Link, place: Place | None) -> None:
        board, tempo = sweep.board, sweep.tempo
        self._sweep, self._board, self._link = sweep, board, link
        self._cookies = Cookies(sweep.randomness.randbytes(16))
        most = LARGEST_BATCH if tempo.rate is None else max(1, min(LARGEST_BATCH, int(tempo.rate * BATCH)))
        self.order = place.order if place else Order.over(len(board.addresses), sweep.randomness)
        self.batch = place.batch if place else most
        self._groups = -(-len(board.addresses) // self.batch)
        self._volley = Volley(
            board,
            link,
            source=sweep.source,
            port=sweep.source_port,
            cookies=self._cookies,
            batch=self.batch,
            tally=sweep.tally,
        )
        self._turns = Turns(sweep.per_host, time.monotonic())
        self._times = AnswerTimes()
        self._vigil = Vigil(board, sweep.life) if sweep.life else None
        self._planned = len(board.addresses) * len(board.questions) * sweep.passes
        self._gone = self._passes = 0
        self._reported = 0.0
        self._errors = self._errors_before = 0
        self.sending = 0.0

    @property
    def sent(self) -> int:
        """Packets so far."""
        return self._volley.sent

    @property
    def has_dropped(self) -> bool:
        """Whether the kernel had to drop answers."""
        return self._link.dropped > 0

    def ended(self) -> bool:
        """Whether to go on is pointless (all is known) or forbidden (stopped)."""
        return self._sweep.stopped() or self._board.all_settled()

    def one_pass(self, place: Place, page: Page | None) -> None:
        """Asks every open question once, from the place on."""
        self._passes += 1
        hosts, began_all = len(self._board.addresses), time.monotonic()
        for turn in range(place.turn, len(self._board.questions)):
            began = (time.monotonic(), self.sent)
            for group in range(place.group if turn == place.turn else 0, self._groups):
                if self._sweep.stopped():
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
        while not (self._sweep.stopped() if self._board.hears_out else self.ended()):
            left = began + patience.after(self._times) - time.monotonic()
            if left <= 0:
                return
            if self._link.wait(min(left, 0.1)):
                self._receive()
            self._report()

    def _ask(self, group: int, hosts: Rows, turn: int) -> None:
        questions = (turn + hosts) % len(self._board.questions)
        wanted = self._board.unsettled(hosts, questions)
        self._gone += len(hosts)
        if not wanted.any():
            return
        while not self._sweep.stopped() and (turn_at := self._turns.next(group)) > time.monotonic():
            self._hold(turn_at)  # answers that come meanwhile may put the turn off
        self._hold(self._sweep.tempo.reserve(int(np.count_nonzero(wanted))))
        self._volley.send(hosts[wanted], questions[wanted])
        asked_at = time.monotonic()
        self._times.ask(turn * self._groups + group, asked_at)
        self._turns.ask(group, asked_at)
        self._receive()

    def _hold(self, until: float) -> None:
        """Waits for the moment to send, taking answers in meanwhile."""
        while (left := until - time.monotonic()) > 0 and not self._sweep.stopped():
            if left < 0.001:
                time.sleep(left)  # below poll's resolution
            elif self._link.wait(min(left, 0.1)):
                self._receive()

    def _receive(self) -> None:
        while True:
            frames, lengths, unsummed = self._link.receive()
            if len(frames):
                answers = read(frames, lengths, self._cookies, self._sweep.source_port, unsummed)
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
        if self._passes == 1:  # later, an answer may be to an earlier question
            turns = (news.questions - news.hosts) % len(self._board.questions)
            self._times.hear(turns * self._groups + groups, time.monotonic())

    def _adapt(self, began: tuple[float, int]) -> None:
        """Slower where the kernel drops answers or routers' errors rise, else a little faster again."""
        seconds, sent = time.monotonic() - began[0], self.sent - began[1]
        rising = self._errors > max(_MANY_ERRORS, 2 * self._errors_before)
        if self._link.new_drops() or rising:
            self._sweep.tempo.slow_down(sent / max(seconds, 0.001))
        else:
            self._sweep.tempo.recover()
        self._errors_before, self._errors = self._errors, 0

    def _report(self) -> None:
        now = time.monotonic()
        if now - self._reported >= _PROGRESS_SECONDS:
            self._reported = now
            self._link.check()
            done = min(self._gone, self._planned)  # further passes are in no plan
            heard = self._board.heard_so_far()
            self._sweep.on_progress(Progress(done, self._planned, self.sent, heard))

"""What a sweep asks and what it knows by now: a table of hosts and questions, one byte for each pair."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from agent.transport.raw.answers import Answers, State
from agent.transport.raw.fill import Frames
from agent.transport.raw.layouts import Kind
from agent.transport.raw.passes import Standing


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
class News:
    """What a batch of answers told that was not known: hosts, the questions they answered, which of those by
    accepting a connection, and the number of errors."""

    hosts: npt.NDArray[np.int64]
    questions: npt.NDArray[np.int64]
    accepted: npt.NDArray[np.bool_]
    errors: int


_NO_NEWS: Final = News(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.bool_), 0)


@dataclass
class Board:
    """What is asked and what is known: `state[host, question]` is a `State`, one byte each.

    `addresses` are sorted IPv4 numbers, `macs` the next hop of each. With `settle_hosts` a host that answered
    anything is asked nothing more (finding hosts), without it every question counts (ports). Those `gone`
    fell silent, and are asked nothing more in any case.
    """

    addresses: npt.NDArray[np.uint32]
    macs: Frames
    questions: tuple[Question, ...]
    settle_hosts: bool
    state: npt.NDArray[np.uint8] = field(init=False)
    only_the_heard: bool = False
    gone: npt.NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        self.gone = np.zeros(len(self.addresses), np.bool_)
        self.state = np.zeros((len(self.addresses), len(self.questions)), np.uint8)
        self._columns = np.full((max(Kind) + 1, 65_536), -1, np.int32)
        for at, question in enumerate(self.questions):
            self._columns[question.kind, question.port] = at

    def keep_in(self, state: npt.NDArray[np.uint8], macs: npt.NDArray[np.uint8]) -> None:
        """Has state and MACs in these bytes from now on, with what they know already."""
        self.state = state.reshape(self.state.shape)
        macs = macs.reshape(self.macs.shape)
        known = (self.state == State.ANSWERED).any(axis=1)
        macs[~known] = self.macs[~known]
        self.macs = macs

    def leave_out(self, unwanted: npt.NDArray[np.bool_]) -> None:
        """Has these (host, question) pairs, a table of the shape of `state`, not asked at all."""
        self.state[unwanted & (self.state == State.NOTHING)] = State.LEFT_OUT

    def unsettled(
        self, hosts: npt.NDArray[np.int64], questions: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.bool_]:
        """Which of these (host, question) pairs still need asking."""
        open_ = (self.state[hosts, questions] == State.NOTHING) & ~self.gone[hosts]
        if self.only_the_heard:
            open_ &= self.heard()[hosts]
        return np.asarray(open_ & ~self.settled(hosts) if self.settle_hosts else open_)

    def all_settled(self) -> bool:
        """Whether nothing is left to ask or wait for."""
        known = self.settled() if self.settle_hosts else self.state.all(axis=1)
        return bool((known | self.gone).all())

    def settled(self, hosts: npt.NDArray[np.int64] | slice = slice(None)) -> npt.NDArray[np.bool_]:
        """Which hosts answered or are absent by a router's word; being forbidden to ask settles nothing."""
        said = self.state[hosts]
        return np.asarray(((said != State.NOTHING) & (said != State.PROHIBITED)).any(axis=1))

    def standing(self) -> Standing:
        """How many hosts are there, what they answered themselves, and what of theirs is still open."""
        heard = self.heard()
        said = self.state[heard & ~self.gone]
        answered = int(np.count_nonzero((said != State.NOTHING) & (said <= State.ANSWERED)))
        return Standing(int(heard.sum()), answered, int(np.count_nonzero(said == State.NOTHING)))

    def heard(self) -> npt.NDArray[np.bool_]:
        """Which hosts answered something themselves."""
        own = (self.state == State.OPEN) | (self.state == State.CLOSED) | (self.state == State.ANSWERED)
        result: npt.NDArray[np.bool_] = own.any(axis=1)
        return result

    def enter(self, answers: Answers) -> News:
        """Writes answers down; those of nobody we asked are ignored, and a first answer stands."""
        if not len(answers) or not len(self.addresses):
            return _NO_NEWS
        host = np.minimum(np.searchsorted(self.addresses, answers.ip), len(self.addresses) - 1)
        column = self._columns[answers.kind, answers.port]
        known = (self.addresses[host] == answers.ip) & (column >= 0)
        host, column, state = host[known], column[known], answers.state[known]
        before = self.state[host, column]
        news = (before == State.NOTHING) | ((before > State.ANSWERED) & (state <= State.ANSWERED))
        self.state[host[news], column[news]] = state[news]
        from_arp = news & (answers.kind[known] == Kind.ARP)
        if from_arp.any():  # where nobody is asked for a MAC, all may share one row that cannot be written
            self.macs[host[from_arp]] = answers.mac[known][from_arp]
        accepted = (state[news] == State.OPEN) & (answers.kind[known][news] == Kind.SYN)
        errors = int((state[news] > State.ANSWERED).sum())
        return News(host[news], column[news].astype(np.int64), accepted, errors)

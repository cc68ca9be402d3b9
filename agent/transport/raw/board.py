"""What a sweep asks and what it knows by now: a table of hosts and questions, one byte for each pair."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from agent.ranges import Addresses
from agent.transport.raw.answers import Answers, State
from agent.transport.raw.fill import Frames
from agent.transport.raw.layouts import Kind
from agent.transport.raw.pages import Bytes, Pages, Rows
from agent.transport.raw.passes import Standing

Truths = npt.NDArray[np.bool_]

_MAC_BYTES: Final = 6
_MOST_TWICE: Final = 4096  # hosts that answered by several MACs; a liar may be one for each address


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

    hosts: Rows
    questions: Rows
    accepted: Truths
    errors: int


_NO_NEWS: Final = News(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.bool_), 0)


@dataclass
class Board:
    """What is asked and what is known: a `State` for each host, by the rank of its address, and question.

    `next_hops` has the MAC to which questions to each host go. With `settle_hosts` a host that answered
    anything is asked nothing more (finding hosts), without it every question counts (ports). With
    `only_the_heard` nobody else is asked for the time being. `also` has further MACs of whoever answered by
    several, by rank; with `hears_out` answers are waited for though everybody has answered.
    """

    addresses: Addresses
    next_hops: Frames
    questions: tuple[Question, ...]
    settle_hosts: bool
    only_the_heard: bool = False
    hears_out: bool = False
    also: dict[int, set[bytes]] = field(default_factory=dict, init=False)
    table: Pages = field(init=False)

    def __post_init__(self) -> None:
        self.table = Pages(len(self.addresses), self.width)
        self._columns = np.full((max(Kind) + 1, 65_536), -1, np.int32)
        for at, question in enumerate(self.questions):
            self._columns[question.kind, question.port] = at

    @property
    def width(self) -> int:
        """Bytes of a row: a state for each question, then the MAC where one is asked for."""
        asks_for_mac = any(question.kind is Kind.ARP for question in self.questions)
        return len(self.questions) + _MAC_BYTES * asks_for_mac

    def keep_in(self, room: Bytes) -> None:
        """Has what is known in these bytes from now on, with what they know already."""
        before, self.table = self.table, Pages(len(self.addresses), self.width, room)
        if len(before.used()):
            hosts, said = before.written()
            at, questions = np.nonzero(said[:, : len(self.questions)])
            new = self.table.cells(hosts[at], questions) == State.NOTHING
            self.table.write(hosts[at][new], questions[new], said[at, questions][new])

    def leave_out(self, unwanted: Truths) -> None:
        """Has these (host, question) pairs, a table of all of them, not asked at all."""
        hosts, questions = np.nonzero(unwanted)
        new = self.table.cells(hosts, questions) == State.NOTHING
        self.table.write(hosts[new], questions[new], np.full(int(new.sum()), State.LEFT_OUT, np.uint8))

    def give_up(self, hosts: Rows) -> None:
        """Asks these hosts, which fell silent, nothing more."""
        at, questions = np.nonzero(self.said(hosts) == State.NOTHING)
        self.table.write(hosts[at], questions, np.full(len(at), State.FELL_SILENT, np.uint8))

    def said(self, hosts: Rows) -> Bytes:
        """A row of states for each of these hosts, one for each question."""
        return self.table.rows(hosts)[:, : len(self.questions)]

    def macs(self, hosts: Rows) -> Frames:
        """The MACs by which these hosts answered, of a board that asked for them."""
        return self.table.rows(hosts)[:, len(self.questions) :]

    def known(self) -> tuple[Rows, Bytes]:
        """Everybody of whom something is known, ascending, and their states as `said` has them."""
        hosts, said = self.table.written()
        said = said[:, : len(self.questions)]
        known = said.any(axis=1)
        return hosts[known], said[known]

    def heard(self) -> Rows:
        """Who answered something themselves, ascending."""
        hosts, said = self.known()
        return hosts[heard_in(said)]

    def heard_so_far(self) -> int:
        """How many answered something themselves."""
        return int(np.count_nonzero(heard_in(self._all_said())))

    def settled(self) -> Rows:
        """Who answered or is absent by a router's word, ascending; being forbidden to ask settles nothing."""
        hosts, said = self.known()
        return hosts[_settled_in(said)]

    def unsettled(self, hosts: Rows, questions: Rows) -> Truths:
        """Which of these (host, question) pairs still need asking."""
        is_open = self.table.cells(hosts, questions) == State.NOTHING
        if self.only_the_heard:
            is_open &= heard_in(self.said(hosts))
        if self.settle_hosts and len(self.questions) > 1:
            is_open &= ~_settled_in(self.said(hosts))
        return np.asarray(is_open)

    def all_settled(self) -> bool:
        """Whether nothing is left to ask or wait for."""
        if not self.table.is_full:
            return False
        said = self._all_said()
        done = _settled_in(said) if self.settle_hosts else said.all(axis=1)
        return int(np.count_nonzero(done)) == len(self.addresses)

    def standing(self) -> Standing:
        """How many hosts are there, what they answered themselves, and what of theirs is still open."""
        said = self._all_said()
        said = said[heard_in(said)]
        return Standing(len(said), int(_own(said).sum()), int(np.count_nonzero(said == State.NOTHING)))

    def enter(self, answers: Answers) -> News:
        """Writes answers down; those of nobody we asked are ignored, and a first answer stands."""
        if not len(answers) or not len(self.addresses):
            return _NO_NEWS
        host = self.addresses.ranks(answers.ip)
        column = self._columns[answers.kind, answers.port]
        known = (self.addresses.at(host) == answers.ip) & (column >= 0)
        host, column, state = host[known], column[known].astype(np.int64), answers.state[known]
        before = self.table.cells(host, column)
        news = (before == State.NOTHING) | ((before > State.ANSWERED) & (state <= State.ANSWERED))
        self.table.write(host[news], column[news], state[news])
        from_arp = news & (answers.kind[known] == Kind.ARP)
        if from_arp.any():
            behind = len(self.questions) + np.arange(_MAC_BYTES)
            self.table.write(host[from_arp][:, None], behind, answers.mac[known][from_arp])
        self._compare_macs(host, answers.kind[known], answers.mac[known])
        accepted = (state[news] == State.OPEN) & (answers.kind[known][news] == Kind.SYN)
        errors = int((state[news] > State.ANSWERED).sum())
        return News(host[news], column[news], accepted, errors)

    def _compare_macs(self, hosts: Rows, kinds: Bytes, macs: Frames) -> None:
        """Keeps the MACs by which hosts answered beside the one that stands in the table."""
        hosts, macs = hosts[kinds == Kind.ARP], macs[kinds == Kind.ARP]
        if not len(hosts):
            return
        differ = (self.macs(hosts) != macs).any(axis=1)
        for host, mac in zip(hosts[differ].tolist(), macs[differ], strict=True):
            if host in self.also or len(self.also) < _MOST_TWICE:
                self.also.setdefault(host, set()).add(mac.tobytes())

    def _all_said(self) -> Bytes:
        return self.table.used()[:, : len(self.questions)]


def heard_in(said: Bytes) -> Truths:
    """Which of these rows of states are of hosts that answered something themselves."""
    return np.asarray(_own(said).any(axis=1))


def _own(said: Bytes) -> Truths:
    return np.asarray((said != State.NOTHING) & (said <= State.ANSWERED))


def _settled_in(said: Bytes) -> Truths:
    return np.asarray(((said != State.NOTHING) & (said != State.PROHIBITED)).any(axis=1))

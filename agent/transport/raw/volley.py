"""Questions to hosts → packets on their way: each kind of question with frames of its own."""

from typing import Final

import numpy as np

from agent.transport import guard
from agent.transport.raw.board import Board
from agent.transport.raw.cookie import Cookies
from agent.transport.raw.datagrams import datagram_for
from agent.transport.raw.fill import Filler
from agent.transport.raw.layouts import LABELS, Kind, Source, lay_out
from agent.transport.raw.link import Link, Outbox
from agent.transport.raw.pages import Rows
from agent.transport.tally import Tally
from inventory.types import DeviceClass

LARGEST_BATCH: Final = 4096


class Volley:
    """Sends a board's questions, up to `batch` at a time; `sent` and the tally count them.

    ValueError for a datagram to a raw print port: of all questions those alone have bytes to print.
    """

    def __init__(
        self,
        board: Board,
        link: Link,
        *,
        source: Source,
        port: int,
        cookies: Cookies,
        batch: int,
        tally: Tally,
    ) -> None:
        for question in board.questions:
            if question.kind is Kind.UDP and (refused := guard.refusal(question.port, DeviceClass.UNKNOWN)):
                raise ValueError(refused)
        self._board, self._link, self._tally = board, link, tally
        forms = list(dict.fromkeys(question.form for question in board.questions))
        layouts = [lay_out(kind, source, port, datagram_for(asked)) for kind, asked in forms]
        self._fillers = [Filler(layout, cookies, batch) for layout in layouts]
        self._outboxes = [Outbox(filler.frames, filler.length) for filler in self._fillers]
        self._forms = np.array([forms.index(question.form) for question in board.questions], np.uint8)
        self._ports = np.array([question.port for question in board.questions], np.uint16)
        self.sent = 0

    def send(self, hosts: Rows, questions: Rows) -> None:
        """Asks each of the hosts its question; NoWay where the link has failed."""
        for number, (filler, outbox) in enumerate(zip(self._fillers, self._outboxes, strict=True)):
            chosen = self._forms[questions] == number
            count = filler.fill(
                self._board.addresses.at(hosts[chosen]),
                self._ports[questions[chosen]],
                self._board.next_hops[hosts[chosen]],
            )
            if count:
                self._link.send(outbox, count)
                self._tally.count(LABELS[filler.layout.kind], count, count * filler.length)
                self.sent += count

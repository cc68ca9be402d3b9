"""The passes of a raw sweep, one after the other, until what they bring says that it is enough.

A pass goes through the questions in rounds (`rounds`). Questions without an answer are asked again in the
next pass (`passes` says whose); an answer that comes late still counts, because cookies hold for the whole
sweep.
"""

import time
from dataclasses import replace
from typing import Final

from agent.faults import NoWay
from agent.transport.raw.journal import Page, Place
from agent.transport.raw.link import Link
from agent.transport.raw.outcome import Outcome
from agent.transport.raw.passes import Pass, Passes
from agent.transport.raw.patience import Patience
from agent.transport.raw.rounds import Rounds
from agent.transport.raw.sweep import Sweep

_BETWEEN: Final = 0.4  # a late answer still counts in the next pass
# Linux answers a SYN asked again at once, later repeats twice a second at most (tcp_invalid_ratelimit).
_FREE_REPEATS: Final = 2
_BETWEEN_REPEATS: Final = Patience(0.55, 0.55)


def run(sweep: Sweep) -> Outcome:
    """Carries a sweep out; blocks, and runs in a thread of its own.

    NoRawSockets without CAP_NET_RAW, NoWay for an interface that is not there; one that goes away ends the
    sweep with a fault, and what was learned stays on the board.
    """
    began, fault = time.monotonic(), ""
    with Link(sweep.source.interface, sweep.source.ip, sweep.source_port) as link:
        page = None
        if sweep.journal:
            page = sweep.journal.page(sweep.board, f"{sweep.source.interface} {sweep.source.ip}")
        place = page.place if page else None
        questions = 1 if sweep.board.settle_hosts else len(sweep.board.questions)
        memory = place.memory if place else None
        plan = Passes(sweep.passes, questions, sparing=sweep.sparing, memory=memory)
        rounds = Rounds(sweep, link, place)
        try:
            if place is None:
                first = plan.first()
                place = Place(rounds.order, rounds.batch, plan.memory, first)
                if page:
                    page.write(place)
            _go_through(sweep, plan, place, page, rounds)
        except NoWay as lost:
            fault = str(lost)
        stopped = sweep.stopped() or bool(fault)
        seconds = time.monotonic() - began
        return Outcome(rounds.sent, seconds, rounds.sending, link.dropped, plan.loss, stopped, fault)


def _go_through(sweep: Sweep, plan: Passes, place: Place, page: Page | None, rounds: Rounds) -> None:
    while not place.over:
        place = replace(place, memory=plan.memory)
        sweep.board.only_the_heard = place.whom is Pass.THE_HEARD
        rounds.one_pass(place, page)
        is_last = plan.memory.made >= sweep.passes
        rounds.listen(sweep.patience if is_last else sweep.patience.shorter(_BETWEEN))
        if sweep.stopped():
            return
        further = None
        if not rounds.ended():
            further = plan.next(sweep.board.standing(), dropped=rounds.has_dropped)
        if further and plan.memory.made > _FREE_REPEATS:
            rounds.listen(_BETWEEN_REPEATS)
        place = replace(place, whom=further or place.whom, turn=0, group=0, over=further is None)
        if page:
            page.write(replace(place, memory=plan.memory))

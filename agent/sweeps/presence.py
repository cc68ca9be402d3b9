"""Who is there, asked with raw frames: ARP on the wire itself, echo and a few SYNs beyond a router."""

from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from agent.ranges import Addresses
from agent.sweeps.asking import PATIENT, Asker, arp_board
from agent.sweeps.boards import one_hop, roll_of, settled_addresses, syns
from agent.sweeps.found import Roll
from agent.sweeps.knocks import FIRST_KNOCKS, SECOND_KNOCKS
from agent.transport.raw.board import Board, Question
from agent.transport.raw.layouts import Kind
from agent.transport.raw.patience import Patience
from agent.transport.raw.route import Way

ARP_PASSES: Final = 2  # broadcasts are the first thing a busy switch or host drops
_LIFE_PASSES: Final = 4
_LESS_PATIENT: Final = Patience(0.4, 0.4)  # whoever answers later is asked again
_FIRST_CALL: Final = (Question(Kind.ECHO), *syns(FIRST_KNOCKS))
_SECOND_CALL: Final = (Question(Kind.ECHO), *syns(SECOND_KNOCKS))
_ECHO_ALONE: Final = (Question(Kind.ECHO),)


def on_the_wire(asker: Asker, way: Way, addresses: Addresses, retries: int) -> Roll:
    """Everybody of a wire who answers ARP, with their MACs."""
    board = arp_board(addresses)
    return roll_of(board, asker.ask(board, way, passes=ARP_PASSES + retries))


def beyond_a_router(asker: Asker, way: Way, addresses: Addresses, retries: int) -> Roll:
    """Echo and a SYN to everybody; echo and other SYNs, then a last echo, to those still silent."""
    hop = asker.next_hop(way)
    if hop is None:
        everybody = frozenset(addresses.texts())
        return Roll(not_reached=everybody) if asker.stop.is_set() else Roll(no_route=everybody)
    calls = [_FIRST_CALL]
    if retries:
        calls += [_SECOND_CALL, *[_ECHO_ALONE] * retries]
    roll, silent = Roll(), addresses
    for number, questions in enumerate(calls, start=1):
        board = Board(silent, one_hop(hop, len(silent)), questions, settle_hosts=True)
        patience = PATIENT if number == len(calls) else _LESS_PATIENT
        outcome = asker.ask(board, way, passes=1, patience=patience)
        roll = replace(roll, not_reached=frozenset()).joined(roll_of(board, outcome))
        silent = silent.without(settled_addresses(board))
        if asker.stop.is_set() or not len(silent):
            break
    return roll


def signs_of_life(
    asker: Asker, way: Way, board: Board, ranks: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Which of these hosts of the board still answer what hosts are found by; asked several times, for one
    question may be lost."""
    asked = Addresses.of(board.addresses.at(ranks).tolist())
    if way.gateway is None:
        again = arp_board(asked)
    else:
        knocks = (Question(Kind.ECHO), *syns((*FIRST_KNOCKS, *SECOND_KNOCKS)))
        again = Board(asked, board.next_hops[ranks], knocks, settle_hosts=True)
    asker.ask(again, way, passes=_LIFE_PASSES, patience=_LESS_PATIENT, kept=False)
    return np.isin(np.arange(len(ranks)), again.heard())

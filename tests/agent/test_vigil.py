"""A device that dies while its ports are asked is asked no more; one that merely filters is."""

import numpy as np
import numpy.typing as npt

from agent.ranges import Addresses
from agent.transport.raw.answers import State
from agent.transport.raw.board import Board, Question
from agent.transport.raw.layouts import Kind
from agent.transport.raw.vigil import Vigil

PORTS = 40
DEAD_AFTER = 20
WELL, DYING, FILTERING, SLOW = range(4)


def test_whoever_dies_is_asked_a_dozen_questions_further_at_most() -> None:
    questions = tuple(Question(Kind.SYN, port) for port in range(1, PORTS + 1))
    board = Board(Addresses([(0, 3)]), np.zeros((4, 6), np.uint8), questions, settle_hosts=False)
    looked: list[int] = []

    def life(rows: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        looked.extend(rows.tolist())
        return np.asarray(rows != DYING)

    vigil = Vigil(board, life)
    asked = np.zeros(4, np.int64)
    hosts = np.arange(4)
    for turn in range(PORTS):
        columns = (turn + hosts) % PORTS
        asked += board.unsettled(hosts, columns)
        late = (turn - 3 + SLOW) % PORTS  # its answers come three rounds later
        for host, column, answers in (
            (WELL, columns[WELL], True),
            (SLOW, late, turn >= 3),
            (DYING, columns[DYING], turn < DEAD_AFTER),
        ):
            if answers:
                board.table.write(np.array([host]), np.array([column]), np.array([State.CLOSED], np.uint8))
        vigil.look(turn)
    assert asked.tolist() == [PORTS, DEAD_AFTER + 12, PORTS, PORTS]
    assert (board.said(hosts) == State.FELL_SILENT).any(axis=1).tolist() == [False, True, False, False]
    assert set(looked) == {DYING, FILTERING}
    assert looked.count(DYING) == 1
    assert not board.unsettled(np.array([DYING]), np.array([0]))[0]

"""A device that dies while its ports are asked is asked no more; one that merely filters is."""

import numpy as np
import numpy.typing as npt

from agent.transport.raw.board import Board, Question
from agent.transport.raw.layouts import Kind
from agent.transport.raw.vigil import Vigil

PORTS = 40
DEAD_AFTER = 20
WELL, DYING, FILTERING, SLOW = range(4)


def test_whoever_dies_is_asked_a_dozen_questions_further_at_most() -> None:
    questions = tuple(Question(Kind.SYN, port) for port in range(1, PORTS + 1))
    board = Board(np.arange(4, dtype=np.uint32), np.zeros((4, 6), np.uint8), questions, settle_hosts=False)
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
        board.state[WELL, columns[WELL]] = 2
        if turn >= 3:
            board.state[SLOW, (turn - 3 + SLOW) % PORTS] = 2  # its answers come three rounds later
        if turn < DEAD_AFTER:
            board.state[DYING, columns[DYING]] = 2
        vigil.look(turn)
    assert asked.tolist() == [PORTS, DEAD_AFTER + 12, PORTS, PORTS]
    assert board.gone.tolist() == [False, True, False, False]
    assert set(looked) == {DYING, FILTERING}
    assert looked.count(DYING) == 1
    assert not board.unsettled(np.array([DYING]), np.array([0]))[0]

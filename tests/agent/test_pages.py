"""Sets of addresses as spans, and a table that takes memory only where something was written."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.ranges import Addresses, addresses
from agent.transport.raw.board import Board, Question
from agent.transport.raw.layouts import Kind
from agent.transport.raw.pages import Pages
from agent.transport.raw.patience import AnswerTimes, Patience

NUMBERS = st.sets(st.integers(0, 60))


@given(NUMBERS, NUMBERS, st.integers(0, 60), st.integers(0, 60))
def test_addresses_are_a_set_of_numbers(these: set[int], others: set[int], low: int, high: int) -> None:
    one, other = Addresses.of(these), Addresses.of(others)
    assert (list(one), len(one)) == (sorted(these), len(these))
    assert list(one.without(other)) == sorted(these - others)
    assert list(Addresses.together([one, other])) == sorted(these | others)
    assert list(one.within(low, high)) == [number for number in sorted(these) if low <= number <= high]
    assert all((text in one) == (int(text.split(".")[3]) in these) for text in Addresses([(0, 60)]).texts())
    assert all(last + 1 < first for (_low, last), (first, _high) in itertools.pairwise(one.spans))


@given(st.sets(st.integers(0, 60), min_size=1))
def test_every_address_has_its_rank(these: set[int]) -> None:
    one, everything = Addresses.of(these), np.arange(70, dtype=np.uint32)
    assert one.at(np.arange(len(these))).tolist() == sorted(these)
    assert (one.at(one.ranks(everything)) == everything).tolist() == [each in these for each in range(70)]


CELLS = st.lists(st.tuples(st.integers(0, 999), st.integers(0, 2), st.integers(1, 255)), max_size=20)


@given(st.lists(CELLS, max_size=4))
def test_pages_hold_what_was_written_and_zeros(batches: list[list[tuple[int, int, int]]]) -> None:
    room = np.zeros(Pages.size(1000, 3), np.uint8)
    expected, pages = np.zeros((1000, 3), np.uint8), Pages(1000, 3, room)
    for batch in batches:
        # a (row, column) stands in a batch once, as an answer on a board does
        cells = np.array(list({cell[:2]: cell for cell in batch}.values()), np.int64).reshape(-1, 3)
        expected[cells[:, 0], cells[:, 1]] = cells[:, 2]
        pages.write(cells[:, 0], cells[:, 1], cells[:, 2].astype(np.uint8))
    rows = np.arange(1000)
    for table in (pages, Pages(1000, 3, room)):
        assert (table.rows(rows) == expected).all()
        assert (table.cells(rows, rows % 3) == expected[rows, rows % 3]).all()
        written, said = table.written()
        assert (np.diff(written) > 0).all()
        assert said.sum() == expected.sum() == table.used().sum()


def test_silent_networks_cost_nothing_and_a_few_answers_little() -> None:
    board = Board(addresses(["10.0.0.0/12"]), np.zeros((1, 6), np.uint8), (Question(Kind.SYN, 80),), False)
    assert len(board.addresses) == 2**20
    assert len(board.table.used()) == 0
    assert not board.all_settled()
    few = np.arange(0, 2**20, 2**14)
    board.table.write(few, np.zeros(len(few), np.int64), np.ones(len(few), np.uint8))
    assert board.heard().tolist() == few.tolist()
    assert len(board.table.used()) == 64 * len(few)


@pytest.mark.parametrize(("took", "wait"), [(0.01, 0.15), (0.1, 0.4), (0.8, 1.0), (1.5, 1.0)])
def test_four_times_the_slowest_answer_is_waited_for(took: float, wait: float) -> None:
    times = AnswerTimes()
    for batch in range(40):
        times.ask(batch, float(batch))
        times.hear(np.array([batch, batch - 2000]), batch + took)
    assert Patience(1.0, 0.15).after(times) == pytest.approx(wait)

"""Tables line up: full-width text is measured in cells, and the most needed columns stay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui import words
from tui.widgets.columns import GAP, Column, fit, lay_out


@given(
    st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"])),
    st.integers(1, 30),
    st.booleans(),
)
def test_a_cell_is_exactly_as_wide_as_its_column(text: str, width: int, right: bool) -> None:
    assert cell_len(fit(text, width, right=right)) == width


def test_full_width_text_is_cut_between_characters_and_says_so() -> None:
    assert fit("網路印表機", 8) == "網路印… "
    assert fit("印表機", 6) == "印表機"


def test_numbers_stand_at_the_right() -> None:
    assert fit("42", 5, right=True) == "   42"


def test_an_ascii_terminal_gets_an_ascii_ellipsis() -> None:
    words.use_ascii(True)
    assert fit("a long name", 6) == "a lon~"


def columns() -> list[Column[str]]:
    return [
        Column("a", "A", str, 10),
        Column("b", "B", str, 10, stretch=1),
        Column("c", "C", str, 10, rank=2),
        Column("d", "D", str, 10, rank=1),
    ]


def test_where_there_is_room_every_column_is_shown_and_the_line_is_filled() -> None:
    placed = lay_out(columns(), 60)
    assert [one.column.key for one in placed] == ["a", "b", "c", "d"]
    assert sum(one.width for one in placed) + GAP * 3 == 60


@pytest.mark.parametrize(("width", "kept"), [(43, "abcd"), (42, "abd"), (31, "ab"), (10, "a")])
def test_where_it_is_narrow_the_least_needed_column_goes_first(width: int, kept: str) -> None:
    assert "".join(one.column.key for one in lay_out(columns(), width)) == kept


def test_a_column_of_less_worth_is_shown_only_where_the_others_have_their_ideal_width() -> None:
    wide = [Column("name", "Name", str, 10, ideal=20, stretch=1), Column("more", "More", str, 10, rank=1)]
    assert [one.column.key for one in lay_out(wide, 31)] == ["name", "more"]
    assert [(one.column.key, one.width) for one in lay_out(wide, 30)] == [("name", 30)]
    assert [(one.column.key, one.width) for one in lay_out(wide, 8)] == [("name", 8)]


def test_a_column_gives_away_what_its_rows_do_not_need_and_a_number_is_never_cut() -> None:
    wide = [Column("name", "Name", str, 10, stretch=1), Column("count", "Count", str, 6, right=True)]
    assert [one.width for one in lay_out(wide, 40, {"name": 4, "count": 9})] == [30, 9]
    assert [one.width for one in lay_out(wide, 40, {"name": 60, "count": 2})] == [34, 5]
    assert [one.width for one in lay_out(wide, 20, {"name": 60, "count": 9})] == [10, 9]


@given(st.lists(st.integers(0, 40), min_size=4, max_size=4), st.integers(31, 90))
def test_whatever_the_rows_need_the_line_is_filled_and_no_wider(needs: list[int], width: int) -> None:
    placed = lay_out(columns(), width, dict(zip("abcd", needs, strict=True)))
    assert sum(one.width for one in placed) + GAP * (len(placed) - 1) == width

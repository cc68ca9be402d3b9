"""Columns of a table, measured in terminal cells so that full-width characters line up. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from rich.cells import cell_len, set_cell_size

from inventory.language import _
from tui import words

Row = TypeVar("Row")
GAP = 1


def nowhere(_row: object) -> bool:
    """For a table in which Enter leads nowhere."""
    return False


def _no_tone(_row: object) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """One column: its heading (marked with `N_`, or told anew), a row's cell, and how it takes its place.

    `width` is in cells; spare width goes to the columns with `stretch`, in proportion. Where the screen is
    narrow, the columns with the highest `rank` go first; a column with a rank is shown only where the others
    have their `ideal` width. `sort` is the register's sort key, if it has one.
    """

    key: str
    heading: str | Callable[[], str]
    text: Callable[[Row], str]
    width: int
    ideal: int = 0
    stretch: int = 0
    rank: int = 0
    right: bool = False
    sort: str = ""
    tone: Callable[[Row], str] = _no_tone

    @property
    def title(self) -> str:
        """The heading in the language in force."""
        return _(self.heading) if isinstance(self.heading, str) else self.heading()


@dataclass(frozen=True, slots=True)
class Placed(Generic[Row]):
    """A column that found room, `width` cells of it."""

    column: Column[Row]
    width: int


def lay_out(columns: Sequence[Column[Row]], width: int) -> tuple[Placed[Row], ...]:
    """The columns that fit into `width` cells, in their order, filling it where one of them may stretch."""
    kept = list(columns)
    while len(kept) > 1 and _needed(kept) + _wished(kept) > width:
        kept.remove(max(reversed(kept), key=lambda column: column.rank))
    spare = max(0, width - _needed(kept))
    shares = sum(column.stretch for column in kept)
    placed = []
    for column in kept:
        extra = spare * column.stretch // shares if shares else 0
        spare, shares = spare - extra, shares - column.stretch
        placed.append(Placed(column, min(column.width + extra, width)))
    return tuple(placed)


def fit(text: str, width: int, *, right: bool = False) -> str:
    """`text` in exactly `width` cells: padded, or cut with an ellipsis."""
    length = cell_len(text)
    if length > width:
        text = set_cell_size(text, width - 1).rstrip() + words.sign("…") if width > 1 else text[:1]
        length = cell_len(text)
    if length > width:  # one full-width character in one cell
        return " " * width
    padding = " " * (width - length)
    return padding + text if right else text + padding


def _needed(columns: Sequence[Column[Row]]) -> int:
    return sum(column.width for column in columns) + GAP * (len(columns) - 1)


def _wished(columns: Sequence[Column[Row]]) -> int:
    """What more the columns would like, as long as one of lower worth can make room."""
    if not any(column.rank for column in columns):
        return 0
    return sum(max(0, column.ideal - column.width) for column in columns)

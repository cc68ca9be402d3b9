"""Columns of a table, measured in terminal cells so that full-width characters line up. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Generic, TypeVar

from rich.cells import cell_len, set_cell_size

from inventory.language import _
from tui import words

Row = TypeVar("Row")
GAP = 1
NOTHING_KNOWN: Mapping[str, int] = MappingProxyType({})


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


def lay_out(
    columns: Sequence[Column[Row]], width: int, needs: Mapping[str, int] = NOTHING_KNOWN
) -> tuple[Placed[Row], ...]:
    """The columns that fit into `width` cells, in their order, filling it where one of them may stretch.

    `needs` is how many cells the rows need of a column, by its key: a column gives away what its rows do not
    need, and those that are too narrow get it: first what stands at the right, for part of a number is
    another one, then what may stretch.
    """
    wants = {column.key: max(needs.get(column.key, 0), _heading(column)) for column in columns}
    wants |= {column.key: column.width for column in columns if column.key not in needs}
    kept = list(columns)
    while len(kept) > 1 and _least(kept, wants) + _wished(kept, needs) > width:
        kept.remove(max(reversed(kept), key=lambda column: column.rank))
    wanted = [wants[column.key] for column in kept]
    widths = [min(column.width, want) for column, want in zip(kept, wanted, strict=True)]
    spare = max(0, width - _least(kept, wants))
    stretch = [column.stretch for column in kept]
    spare = _share(spare, [int(column.right) for column in kept], widths, wanted)
    spare = _share(spare, stretch, widths, wanted)
    spare = _share(spare, [1] * len(kept), widths, wanted)
    _share(spare, stretch, widths, [width] * len(kept))
    return tuple(Placed(column, min(cells, width)) for column, cells in zip(kept, widths, strict=True))


def needed_by(columns: Sequence[Column[Row]], rows: Iterable[Row]) -> dict[str, int]:
    """How many cells the widest of the rows needs of each column."""
    shown = tuple(rows)
    return {column.key: max((cell_len(column.text(row)) for row in shown), default=0) for column in columns}


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


def _heading(column: Column[Row]) -> int:
    return cell_len(column.title) + bool(column.sort)  # the sign of the order it is in


def _share(spare: int, shares: Sequence[int], widths: list[int], wants: Sequence[int]) -> int:
    """Gives spare cells in proportion to the columns that want more; what nobody wanted is left."""
    while spare:
        short = [place for place, share in enumerate(shares) if share and widths[place] < wants[place]]
        whole = sum(shares[place] for place in short)
        if not whole:
            break
        left = spare
        for place in short:
            more = min(spare * shares[place] // whole or 1, wants[place] - widths[place], left)
            widths[place], left = widths[place] + more, left - more
        spare = left
    return spare


def _least(columns: Sequence[Column[Row]], wants: Mapping[str, int]) -> int:
    """With how many cells they get along."""
    return sum(min(column.width, wants[column.key]) for column in columns) + GAP * (len(columns) - 1)


def _wished(columns: Sequence[Column[Row]], needs: Mapping[str, int]) -> int:
    """What more the columns would like, as long as one of lower worth can make room."""
    if not any(column.rank for column in columns):
        return 0
    return sum(
        max(0, min(column.ideal, needs.get(column.key, column.ideal)) - column.width) for column in columns
    )

"""How a table looks: its columns placed in the width there is, the heading and the rows as lines of cells."""

from collections.abc import Callable, Iterable, Sequence
from typing import Generic, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui import words
from tui.widgets.columns import Column, Placed, Row, fit, lay_out, needed_by

_MARGIN = 1


class Standing(NamedTuple):
    """How a row stands: under the cursor, whether keys go to it, marked."""

    at_cursor: bool = False
    has_keys: bool = False
    marked: bool = False

    @property
    def sign(self) -> str:
        """What stands in the margin, so that neither needs a colour."""
        if self.at_cursor and self.has_keys:
            return words.sign("◆" if self.marked else "▸")
        return words.sign("●") if self.marked else " " * _MARGIN


class Sheet(Generic[Row]):
    """Draws lines in the styles that `style` gives by name (`row`, `heading`, `cursor`, a tone).

    A column is as wide as the rows that came first need it, and grows no narrower while it is shown.
    """

    def __init__(self, columns: Sequence[Column[Row]], style: Callable[[str], Style]) -> None:
        self.columns = tuple(columns)
        self._style = style
        self._needs: dict[str, int] = {}
        self._placed: tuple[Placed[Row], ...] = ()
        self._placed_in = -1  # the width they were placed in

    @property
    def shown(self) -> tuple[Column[Row], ...]:
        """The columns that found room when a line was drawn last."""
        return tuple(placed.column for placed in self._placed)

    def take(self, columns: Sequence[Column[Row]]) -> None:
        """Shows these columns from now on."""
        if [column.key for column in columns] != [column.key for column in self.columns]:
            self._needs.clear()
        self.columns = tuple(columns)
        self._placed_in = -1

    def measure(self, rows: Iterable[Row]) -> None:
        """Makes room for what these rows say."""
        for key, cells in needed_by(self.columns, rows).items():
            self._needs[key] = max(cells, self._needs.get(key, 0))
        self._placed_in = -1

    def forget(self) -> None:
        """Rows and titles may be in other words from now on."""
        self._needs.clear()
        self._placed_in = -1

    def heading(self, width: int, sorted_by: str, *, descending: bool) -> Strip:
        """The titles, with a sign at the one the rows are sorted by."""
        cells = []
        for placed in self._within(width):
            title = placed.column.title
            if placed.column.sort and placed.column.sort == sorted_by:
                title = f"{title}{words.sign('▼' if descending else '▲')}"
            cells.append(fit(title, placed.width, right=placed.column.right))
        line = fit(" " * _MARGIN + " ".join(cells), width)
        return Strip([Segment(line, self._style("heading"))], width)

    def row(self, row: Row, width: int, standing: Standing) -> Strip:
        """A row: under the cursor in one colour, elsewhere each cell in its tone."""
        base = self._style("row")
        if standing.marked:
            base += self._style("marked")
        if standing.at_cursor:
            base += self._style("cursor" if standing.has_keys else "cursor-away")
        segments = [Segment(standing.sign, base)]
        for position, placed in enumerate(self._within(width)):
            tone = "" if standing.at_cursor and standing.has_keys else placed.column.tone(row)
            if position:
                segments.append(Segment(" ", base))
            text = fit(placed.column.text(row), placed.width, right=placed.column.right)
            segments.append(Segment(text, base + self._style(tone) if tone else base))
        return Strip(segments).adjust_cell_length(width, base)

    def line(self, said: str, width: int, tone: str = "") -> Strip:
        """A line that is no row."""
        style = self._style("row") + self._style(tone) if tone else self._style("row")
        return Strip([Segment(fit(said, width), style)], width)

    def column_at(self, x: int) -> Column[Row] | None:
        """The column that stands at cell `x`."""
        left = _MARGIN
        for placed in self._placed:
            left += placed.width + 1
            if x < left:
                return placed.column
        return None

    def _within(self, width: int) -> tuple[Placed[Row], ...]:
        if width != self._placed_in:
            self._placed = lay_out(self.columns, width - 2 * _MARGIN, self._needs)
            self._placed_in = width
        return self._placed

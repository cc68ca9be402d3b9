"""A table of any length that holds only the rows around what is seen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from inventory.exits import MusterError
from inventory.language import N_, _
from tui import words
from tui.widgets.columns import Column, Placed, Row, fit, lay_out
from tui.widgets.row_window import Fetch, RowWindow

_HEADING = 1
_MARGIN = 1
# (under the cursor, marked) → what stands in the margin, so that neither needs a colour.
_SIGNS = {(False, False): "", (False, True): "●", (True, False): "▸", (True, True): "◆"}


class WindowedTable(ScrollView, Generic[Row], can_focus=True, inherit_bindings=False):
    """Shows `columns` of rows that `show` says how to fetch, page by page and in the background.

    While rows are on their way the old ones stay; a fetch that fails posts `Failed` and changes nothing.
    `key_of` names a row for marks, which outlive sorting and filtering; `opens` says whether Enter on a row
    leads on.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", N_("One row up"), show=False),
        Binding("down,j", "move(1)", N_("One row down"), show=False),
        Binding("pageup,ctrl+b", "move_page(-1)", N_("One page up"), show=False),
        Binding("pagedown,ctrl+f", "move_page(1)", N_("One page down"), show=False),
        Binding("home,g", "move_to(0)", N_("First row"), show=False),
        Binding("end,G", "move_to(-1)", N_("Last row"), show=False),
        Binding("enter", "open", N_("Show"), key_display="↵"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "table--heading", "table--row", "table--cursor", "table--cursor-away", "table--marked",
        "table--good", "table--bad", "table--warn", "table--quiet",
    }  # fmt: skip
    DEFAULT_CSS = """
    WindowedTable { overflow-x: hidden; height: 1fr; background: $surface; scrollbar-size-vertical: 1;
        & > .table--heading { text-style: bold; color: $secondary; background: $panel; }
        & > .table--row { color: $foreground; }
        & > .table--cursor { background: $primary; color: $button-color-foreground; text-style: bold; }
        & > .table--cursor-away { background: $panel; }
        & > .table--marked { text-style: bold; color: $accent; }
        & > .table--good { color: $text-success; }
        & > .table--bad { color: $text-error; }
        & > .table--warn { color: $text-warning; }
        & > .table--quiet { color: $text-muted; }
    }
    """

    @dataclass
    class Said(Message):
        """Something a table says; a screen of several hears which (`@on(..., "#id")`)."""

        table: "WindowedTable[Any]"

        @property
        def control(self) -> "WindowedTable[Any]":
            """The table it came from."""
            return self.table

    @dataclass
    class Moved(Said):
        """The cursor stands on another row (None: there is none)."""

        row: object | None

    @dataclass
    class Opened(Moved):
        """Enter was pressed, or the row was clicked twice."""

    @dataclass
    class SortAsked(Said):
        """The heading of a column was clicked."""

        column: Column[Any]

    @dataclass
    class Filled(Said):
        """Rows arrived, `total` in all."""

        total: int

    @dataclass
    class Failed(Said):
        """The rows could not be read."""

        error: MusterError

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        key_of: Callable[[Row], str],
        *,
        empty: Callable[[], str] = lambda: _("Nothing here."),
        opens: Callable[[Row], bool] = lambda _row: True,
        id: str | None = None,  # noqa: A002 - Textual's word
    ) -> None:
        super().__init__(id=id)
        self.columns = tuple(columns)
        self.sorted_by = ""
        self.descending = False
        self.marks: set[str] = set()
        self.cursor = 0
        self._key_of = key_of
        self._empty = empty
        self._opens = opens
        self._rows: RowWindow[Row] = RowWindow()
        self._filling = False
        self._coming: tuple[Column[Row], ...] = ()  # of the rows that are asked for
        self._placed: tuple[Placed[Row], ...] = ()
        self._placed_in = -1  # the width they were placed in

    # --- what a screen does with it ---

    def show(self, fetch: Fetch[Row], *, from_top: bool = False, columns: Sequence[Column[Row]] = ()) -> None:
        """Takes rows from `fetch` from now on; the cursor keeps its place unless `from_top`.

        `columns`, where given, are those of the new rows, and come with them.
        """
        self._coming = tuple(columns)
        if from_top:
            self.cursor = 0
            self.scroll_to(y=0, animate=False)
        self._rows.ask(fetch)
        self._fill_soon()

    @property
    def total(self) -> int:
        """How many rows there are."""
        return self._rows.total

    @property
    def loaded(self) -> bool:
        """True once the rows that were asked for last are here."""
        return self._rows.loaded

    @property
    def current(self) -> Row | None:
        """The row under the cursor, None where there is none or it is still on its way."""
        return self._rows.row(self.cursor)

    def use_columns(self, columns: Sequence[Column[Row]]) -> None:
        """Shows other columns of the same rows."""
        self.columns = tuple(columns)
        self._placed_in = -1
        self.refresh()

    def toggle_mark(self) -> None:
        """Marks or unmarks the row under the cursor and goes one down."""
        row = self.current
        if row is not None:
            self.marks ^= {self._key_of(row)}
            self.action_move(1)
            self.refresh()

    # --- keys and mouse ---

    def action_move(self, by: int) -> None:
        """Moves the cursor by rows."""
        self._go(self.cursor + by)

    def action_move_page(self, by: int) -> None:
        """Moves the cursor by as many rows as are seen."""
        self._go(self.cursor + by * max(1, self._rows_seen - 1))

    def action_move_to(self, index: int) -> None:
        """Moves the cursor to a row; -1 is the last."""
        self._go(self.total - 1 if index < 0 else index)

    def action_open(self) -> None:
        """Says that the row under the cursor is to be opened."""
        row = self.current
        if row is not None and self._opens(row):
            self.post_message(self.Opened(self, row))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Enter is offered only where it leads somewhere."""
        return action != "open" or (self.current is not None and self._opens(self.current))

    def on_click(self, event: events.Click) -> None:
        """Puts the cursor on the clicked row, opens it on the second click; a heading asks for sorting."""
        if event.y < _HEADING:
            column = self._column_at(event.x)
            if column is not None:
                self.post_message(self.SortAsked(self, column))
            return
        index = self.scroll_offset.y + event.y - _HEADING
        if index < self.total:
            self._go(index)
            if event.chain == 2:
                self.action_open()

    # --- drawing ---

    def render_line(self, y: int) -> Strip:
        """The heading, or the row that has scrolled to line `y`."""
        width = self.scrollable_content_region.width
        if width != self._placed_in:
            self._placed, self._placed_in = lay_out(self.columns, width - 2 * _MARGIN), width
        if y < _HEADING:
            return self._heading_strip(width)
        index = self.scroll_offset.y + y - _HEADING
        base = self.get_component_rich_style("table--row")
        if self.total == 0 and self.loaded and y == _HEADING + 1:
            quiet = self.get_component_rich_style("table--quiet")
            return Strip([Segment(fit(f" {self._empty()}", width), base + quiet)], width)
        row = self._rows.row(index)
        if row is None:
            waiting = words.sign("…") if index < self.total else ""
            return Strip([Segment(fit(waiting, width), base)], width)
        return self._row_strip(index, row, width, base)

    def _heading_strip(self, width: int) -> Strip:
        style = self.get_component_rich_style("table--heading")
        cells = []
        for placed in self._placed:
            heading = placed.column.title
            if placed.column.sort and placed.column.sort == self.sorted_by:
                heading = f"{heading}{words.sign('▼' if self.descending else '▲')}"
            cells.append(fit(heading, placed.width, right=placed.column.right))
        return Strip([Segment(fit(" " * _MARGIN + " ".join(cells), width), style)], width)

    def _row_strip(self, index: int, row: Row, width: int, base: Style) -> Strip:
        at_cursor = index == self.cursor
        is_marked = self._key_of(row) in self.marks
        if is_marked:
            base = base + self.get_component_rich_style("table--marked", partial=True)
        if at_cursor:
            place = "table--cursor" if self.has_focus else "table--cursor-away"
            base = base + self.get_component_rich_style(place, partial=True)
        sign = _SIGNS[at_cursor and self.has_focus, is_marked]
        segments = [Segment(words.sign(sign) if sign else " " * _MARGIN, base)]
        for position, placed in enumerate(self._placed):
            tone = placed.column.tone(row)
            style = base
            if tone and not (at_cursor and self.has_focus):
                style = base + self.get_component_rich_style(f"table--{tone}", partial=True)
            if position:
                segments.append(Segment(" ", base))
            text = fit(placed.column.text(row), placed.width, right=placed.column.right)
            segments.append(Segment(text, style))
        return Strip(segments).adjust_cell_length(width, base)

    # --- behind the scenes ---

    def on_resize(self) -> None:
        """Fetches what came into sight."""
        self._keep_in_sight()
        self._fill_soon()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Fetches what came into sight."""
        super().watch_scroll_y(old_value, new_value)
        self._fill_soon()

    def on_focus(self) -> None:
        """Shows the cursor in full."""
        self.refresh()

    def on_blur(self) -> None:
        """Shows that keys go elsewhere."""
        self.refresh()

    @property
    def _rows_seen(self) -> int:
        return max(1, self.scrollable_content_region.height - _HEADING)

    def _column_at(self, x: int) -> Column[Row] | None:
        left = _MARGIN
        for placed in self._placed:
            left += placed.width + 1
            if x < left:
                return placed.column
        return None

    def _go(self, index: int) -> None:
        index = max(0, min(index, self.total - 1))
        if index != self.cursor:
            self.cursor = index
            self._keep_in_sight()
            self.refresh()
            self._fill_soon()
            self._say_moved()

    def _say_moved(self) -> None:
        """Another row may have other keys."""
        self.post_message(self.Moved(self, self.current))
        self.refresh_bindings()

    def _keep_in_sight(self) -> None:
        top = self.scroll_offset.y
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False)
        elif self.cursor >= top + self._rows_seen:
            self.scroll_to(y=self.cursor - self._rows_seen + 1, animate=False)

    def _wanted(self) -> int | None:
        return self._rows.wanted(self.scroll_offset.y, self._rows_seen)

    def _fill_soon(self) -> None:
        if not self._filling and self.is_attached and self._wanted() is not None:
            self._filling = True
            self.run_worker(self._fill(), group="rows", exit_on_error=True)

    async def _fill(self) -> None:
        """Fetches page after page until all that is in sight is here; what scrolled past is left out."""
        try:
            while (page := self._wanted()) is not None:
                before = self._rows.here
                try:
                    if await self._rows.fetch(page):
                        self._took(anew=self._rows.here != before)
                except MusterError as error:
                    self.post_message(self.Failed(self, error))
        finally:
            self._filling = False

    def _took(self, *, anew: bool) -> None:
        if anew and self._coming:
            self.use_columns(self._coming)
            self._coming = ()
        self.cursor = max(0, min(self.cursor, self.total - 1))
        self.virtual_size = Size(self.scrollable_content_region.width, self.total + _HEADING)
        self.refresh(Region(0, 0, *self.size))
        self.post_message(self.Filled(self, self.total))
        self._say_moved()

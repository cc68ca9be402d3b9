"""A table of any length that holds only the rows around what is seen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic

from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from inventory.exits import MusterError
from inventory.language import N_, _
from tui import words
from tui.widgets.columns import Column, Row
from tui.widgets.cursor_view import HEADING, CursorView
from tui.widgets.row_window import Fetch, RowWindow
from tui.widgets.sheet import Sheet, Standing

_MEASURED = 24  # rows that columns are made wide enough for, even while the table is not seen


class WindowedTable(CursorView, Generic[Row]):
    """Shows `columns` of rows that `show` says how to fetch, page by page and in the background.

    While rows are on their way the old ones stay; a fetch that fails posts `Failed` and changes nothing.
    `key_of` names a row for marks, which outlive sorting and filtering; `opens` says whether Enter on a row
    leads on.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
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
        self.sorted_by = ""
        self.descending = False
        self.marks: set[str] = set()
        self._key_of = key_of
        self._empty = empty
        self._opens = opens
        self._rows: RowWindow[Row] = RowWindow()
        self._sheet = Sheet(columns, self._style)
        self._filling = False
        self._coming: tuple[Column[Row], ...] = ()  # of the rows that are asked for

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

    @property
    def columns(self) -> tuple[Column[Row], ...]:
        """The columns, those too for which there is no room."""
        return self._sheet.columns

    @property
    def shown(self) -> tuple[Column[Row], ...]:
        """Those there is room for."""
        return self._sheet.shown

    def use_columns(self, columns: Sequence[Column[Row]]) -> None:
        """Shows other columns of the same rows."""
        self._sheet.take(columns)
        self._sheet.measure(self._first_rows())
        self.refresh()

    def relabel(self) -> None:
        """The same rows, in other words."""
        self._sheet.forget()
        self.use_columns(self.columns)

    def toggle_mark(self) -> None:
        """Marks or unmarks the row under the cursor and goes one down."""
        row = self.current
        if row is not None:
            self.marks ^= {self._key_of(row)}
            self.action_move(1)
            self.refresh()

    # --- keys and mouse ---

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
        index = self.line_at(event.y)
        if index < 0:
            column = self._sheet.column_at(event.x)
            if column is not None:
                self.post_message(self.SortAsked(self, column))
        elif index < self.total:
            self.go(index)
            if event.chain == 2:
                self.action_open()

    # --- drawing ---

    def render_line(self, y: int) -> Strip:
        """The heading, or the row that has scrolled to line `y`."""
        width = self.scrollable_content_region.width
        index = self.line_at(y)
        if index < 0:
            return self._sheet.heading(width, self.sorted_by, descending=self.descending)
        row = self._rows.row(index)
        if row is not None:
            at_cursor, marked = index == self.cursor, self._key_of(row) in self.marks
            return self._sheet.row(row, width, Standing(at_cursor, self.has_focus, marked))
        if self.total == 0 and self.loaded and y == HEADING + 1:
            return self._sheet.line(f" {self._empty()}", width, "quiet")
        return self._sheet.line(words.sign("…") if index < self.total else "", width)

    def _style(self, name: str) -> Style:
        """A style of this table, which adds to that of a row."""
        return self.get_component_rich_style(f"table--{name}", partial=name not in {"row", "heading"})

    # --- behind the scenes ---

    def on_resize(self) -> None:
        """Fetches what came into sight."""
        self.keep_in_sight()
        self._fill_soon()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Fetches what came into sight."""
        super().watch_scroll_y(old_value, new_value)
        self._fill_soon()

    def _first_rows(self) -> list[Row]:
        seen = max(self.lines_seen, _MEASURED)
        rows = (self._rows.row(index) for index in range(self.top, self.top + seen))
        return [row for row in rows if row is not None]

    def moved(self) -> None:
        """Fetches what came into sight; another row may have other keys."""
        self._fill_soon()
        self.post_message(self.Moved(self, self.current))
        self.refresh_bindings()

    def _wanted(self) -> int | None:
        return self._rows.wanted(self.top, self.lines_seen)

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
        if anew:
            self._sheet.take(self._coming or self.columns)
            self._sheet.measure(self._first_rows())
            self._coming = ()
        self.cursor = max(0, min(self.cursor, self.total - 1))
        self.virtual_size = Size(self.scrollable_content_region.width, self.total + HEADING)
        self.refresh(Region(0, 0, *self.size))
        self.post_message(self.Filled(self, self.total))
        self.moved()

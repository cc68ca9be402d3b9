"""A screen of one list: rows on top, the row under the cursor in words below."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult

from inventory.language import _
from tui.page import Page
from tui.widgets.columns import Column
from tui.widgets.explained import Explained
from tui.widgets.live import Live
from tui.widgets.row_window import listed
from tui.widgets.windowed_table import WindowedTable

if TYPE_CHECKING:
    from inventory.register import Register

Row = TypeVar("Row")


class ListPage(Page, Generic[Row]):
    """`columns`, `rows` and `explain` make the screen."""

    AUTO_FOCUS = "#rows"
    DEFAULT_CSS = """
    ListPage #summary { padding: 0 1; }
    ListPage #rows { height: 3fr; }
    ListPage Explained { height: 2fr; max-height: 100%; min-height: 7; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.listing: tuple[Row, ...] = ()
        self._read_once = False

    def body(self) -> ComposeResult:
        """A line of summary, the list, the words."""
        yield Live(self.summary, id="summary")
        yield WindowedTable(self.columns(), self.key_of, empty=self._empty, opens=self.leads_on, id="rows")
        yield Explained(self._words)

    # --- what a screen says ---

    def columns(self) -> Sequence[Column[Row]]:
        """The columns of the list."""
        raise NotImplementedError

    def rows(self, register: "Register") -> Sequence[Row]:
        """The rows, read on the desk's thread."""
        raise NotImplementedError

    def key_of(self, row: Row) -> str:
        """Names a row."""
        return repr(row)

    def explain(self, row: Row) -> Text:
        """A row in words."""
        raise NotImplementedError

    def summary(self) -> Text:
        """The line above the list."""
        return Text("")

    def leads_on(self, row: Row) -> bool:  # noqa: ARG002
        """Whether Enter on this row leads somewhere."""
        return True

    def open_row(self, row: Row) -> None:
        """What Enter on a row does."""
        raise NotImplementedError

    def nothing(self) -> str:
        """What stands where the list is empty."""
        return _("Nothing here.")

    # --- what all of them do ---

    def read(self) -> None:
        """Reads the rows."""
        self._read()

    @work(exclusive=True)
    async def _read(self) -> None:
        rows = await self.ask(lambda register: tuple(self.rows(register)), long=True)
        if rows is not None:
            self.listing, self._read_once = rows, True
            self.table.show(listed(rows), columns=self.columns())
            self.query_one("#summary", Live).refresh(layout=True)
            self.refresh_bindings()

    @property
    def table(self) -> WindowedTable[Any]:
        """The list."""
        table: WindowedTable[Any] = self.query_one("#rows", WindowedTable)
        return table

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        current: Row | None = self.table.current if self.is_attached else None
        return current

    @on(WindowedTable.Opened, "#rows")
    def _open(self, opened: WindowedTable.Opened) -> None:
        self.open_row(cast("Row", opened.row))

    @on(WindowedTable.Moved, "#rows")
    def _explain(self) -> None:
        self.query_one(Explained).tell()

    def _words(self) -> Text:
        row = self.row
        return Text("") if row is None else self.explain(row)

    def _empty(self) -> str:
        return self.nothing() if self._read_once else _("Reading the register...")

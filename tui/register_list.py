"""The devices of the register as one list, read by window: filtered as you type, sorted, marked."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from inventory.language import _, ngettext
from inventory.query import EVERYTHING, DeviceQuery
from inventory.types import Device, Page
from tui import words
from tui.register_columns import register_columns
from tui.sitting import Sitting
from tui.widgets.columns import Column
from tui.widgets.filter_line import FilterLine
from tui.widgets.row_window import Window
from tui.widgets.windowed_table import WindowedTable

if TYPE_CHECKING:
    from inventory.register import Register

_REMEMBERED = 4096  # more than the table holds


class RegisterList(Vertical):
    """Filter above, what it found, the devices below; Enter on one opens it.

    `query_shown` is what is asked for and in which order, `marks` are the ids of devices, which outlive both.
    """

    def __init__(self) -> None:
        super().__init__()
        self.query_shown = EVERYTHING
        self._findings: dict[str, int] = {}  # how many are open, of the devices read last
        self._table: WindowedTable[Device] = WindowedTable(
            register_columns(self._last_seen, self._open_findings),
            lambda device: device.id,
            empty=self._nothing,
            id="devices",
        )
        self._table.sorted_by = EVERYTHING.sort.value
        self._filter = FilterLine(self._found)

    def compose(self) -> ComposeResult:
        """Filter, what it found, the table."""
        yield self._filter
        yield self._table

    def read(self) -> None:
        """Reads the rows in sight again."""
        self._table.show(self._fetch)

    def relabel(self) -> None:
        """Also the hint in the empty filter."""
        self._filter.relabel()

    # --- what is shown ---

    @property
    def filter_text(self) -> str:
        """The filter as it stands there."""
        return self._filter.text

    def show_through(self, filter_text: str) -> None:
        """Shows what another filter finds, with the cursor in the list."""
        self._filter.text = filter_text
        self._table.focus()

    def begin_filter(self) -> None:
        """Puts the cursor into the filter."""
        self._filter.begin()

    def sort_by_next(self, by: int) -> None:
        """Sorts by the next column there is room for."""
        keys = [column.sort for column in self._table.shown if column.sort]
        here = keys.index(self._table.sorted_by) if self._table.sorted_by in keys else -1
        self._sort(keys[(here + by) % len(keys)], descending=False)

    def reverse(self) -> None:
        """Sorts the other way round."""
        self._sort(self._table.sorted_by, descending=not self._table.descending)

    @property
    def every_column(self) -> Sequence[Column[Device]]:
        """All there are, the firm's own too."""
        own = self._muster.settings.custom_fields
        return register_columns(self._last_seen, self._open_findings, own)

    @property
    def columns(self) -> tuple[str, ...]:
        """The keys of those shown where there is room."""
        return tuple(column.key for column in self._table.columns)

    def use_columns(self, keys: Sequence[str]) -> None:
        """Shows these columns in this order; all where none of them is known."""
        columns = {column.key: column for column in self.every_column}
        chosen = [replace(columns[key], rank=0) for key in keys if key in columns]
        self._table.use_columns(chosen or tuple(columns.values()))

    # --- what is chosen ---

    @property
    def total(self) -> int:
        """How many devices the filter finds."""
        return self._table.total

    @property
    def current(self) -> Device | None:
        """The device under the cursor."""
        return self._table.current

    @property
    def cursor(self) -> int:
        """Its place among those found."""
        return self._table.cursor

    @property
    def marks(self) -> frozenset[str]:
        """The devices marked."""
        return frozenset(self._table.marks)

    def toggle_mark(self) -> None:
        """Marks the device under the cursor, or takes the mark away."""
        self._table.toggle_mark()
        self._filter.show_found()

    def mark(self, devices: Collection[str]) -> None:
        """Marks these beside those marked; where all of them are marked, none is any more."""
        marks, found = self._table.marks, set(devices)
        self._mark_only(set() if found <= marks else marks | found)

    def clear_marks(self) -> None:
        """Takes all marks away."""
        self._mark_only(set())

    def step_back(self) -> bool:
        """Leaves the empty filter, else takes away the marks, else the filter; False where there is none."""
        if self._filter.is_typed_in and not self._filter.text:
            self._table.focus()
        elif self._table.marks and not self._filter.is_typed_in:
            self.clear_marks()
        elif self._filter.text:
            self.show_through("")
        else:
            return False
        return True

    # --- what the widgets say ---

    @on(FilterLine.Changed)
    def _filter_typed(self, changed: FilterLine.Changed) -> None:
        query = changed.query
        if replace(query, conditions=(), text=()) != EVERYTHING:  # `sort:` was typed
            self._table.sorted_by, self._table.descending = query.sort.value, query.descending
        self.query_shown = self._in_order(query)
        self._table.show(self._fetch, from_top=True)

    @on(FilterLine.Done)
    def _filter_done(self) -> None:
        self._table.focus()

    @on(WindowedTable.Opened)
    def _open(self, opened: WindowedTable.Opened) -> None:
        if isinstance(opened.row, Device):
            self._muster.show_device(opened.row.id)

    @on(WindowedTable.Moved)
    def _remember(self, moved: WindowedTable.Moved) -> None:
        if isinstance(moved.row, Device):
            self._muster.device_id = moved.row.id

    @on(WindowedTable.SortAsked)
    def _sort_asked(self, asked: WindowedTable.SortAsked) -> None:
        if asked.column.sort:
            same = asked.column.sort == self._table.sorted_by
            self._sort(asked.column.sort, descending=same and not self._table.descending)

    @on(WindowedTable.Filled)
    def _filled(self) -> None:
        self._filter.show_found()

    # --- behind the scenes ---

    async def _fetch(self, offset: int, limit: int) -> Window[Device]:
        query = self.query_shown
        page, counts = await self._muster.desk.ask(lambda register: _counted(register, query, offset, limit))
        for device in page.rows:  # the newest last
            self._findings.pop(device.id, None)
            self._findings[device.id] = counts.get(device.id, 0)
        for name in tuple(self._findings)[:-_REMEMBERED]:
            del self._findings[name]
        return Window(page.rows, page.total)

    def _sort(self, key: str, *, descending: bool) -> None:
        self._table.sorted_by, self._table.descending = key, descending
        self.query_shown = self._in_order(self.query_shown)
        self._table.show(self._fetch, from_top=True)

    def _in_order(self, query: DeviceQuery) -> DeviceQuery:
        return query.sorted_by(f"{'-' if self._table.descending else ''}{self._table.sorted_by}")

    def _mark_only(self, marks: set[str]) -> None:
        self._table.marks = marks
        self._table.refresh()
        self._filter.show_found()

    @property
    def _muster(self) -> Sitting:
        return cast("Sitting", self.app)

    # --- words ---

    def _found(self) -> str:
        total = self._table.total
        said = [ngettext("{count:,} device", "{count:,} devices", total).format(count=total)]
        if self._table.marks:
            count = len(self._table.marks)
            said.append(ngettext("{count:,} marked", "{count:,} marked", count).format(count=count))
        return f" {words.sign('·')} ".join(said)

    def _last_seen(self, device: Device) -> str:
        return words.day(device.last_seen, self._muster.zone)

    def _open_findings(self, device: Device) -> int:
        return self._findings.get(device.id, 0)

    def _nothing(self) -> str:
        if self.query_shown == self._in_order(EVERYTHING):
            return words.empty_register()
        return _("No device matches the filter. Esc clears it.")


def _counted(
    register: "Register", query: DeviceQuery, offset: int, limit: int
) -> tuple[Page, Mapping[str, int]]:
    """Some rows, and how many findings each of them has open."""
    page = register.page(query, offset, limit)
    return page, register.open_findings([device.id for device in page.rows])

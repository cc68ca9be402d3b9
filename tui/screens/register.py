"""The register: every device in one table, filtered as you type, marked and edited together."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from inventory.language import N_, _, ngettext
from inventory.query import EVERYTHING, DeviceQuery
from inventory.types import Device
from inventory.types import Page as DevicePage
from tui import words
from tui.device_actions import DeviceActions
from tui.dialogs.enter import Entry, enter_form
from tui.dialogs.export import export_form
from tui.dialogs.views import columns_form, list_form, views_form
from tui.register_columns import register_columns
from tui.tagging import read_tags
from tui.taking_in import reads_as_list, take_in
from tui.widgets.columns import Column
from tui.widgets.filter_line import FilterLine
from tui.widgets.message_line import MessageLine
from tui.widgets.row_window import Window
from tui.widgets.windowed_table import WindowedTable

if TYPE_CHECKING:
    from inventory.register import Register


class RegisterTable(DeviceActions):
    """Filter above, devices below; the rows are read by window, however many there are."""

    NAME: ClassVar[str] = "register"
    CALLS: ClassVar[dict[str, str]] = {
        **DeviceActions.CALLS,
        "tags": "edit",
        "enter": "enter",
        "take_in": "import_rows",
    }
    AUTO_FOCUS = "#devices"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", N_("Filter"), key_display="/"),
        Binding("space", "mark", N_("Mark"), key_display="Space"),
        Binding("e", "edit", N_("Edit")),
        Binding("c", "confirm", N_("Confirm")),
        Binding("t", "status", N_("Status"), show=False),
        Binding("n", "enter", N_("New")),
        Binding("b", "tags", N_("Scan tags"), show=False),
        Binding("i", "take_in", N_("Take in a list"), show=False),
        Binding("x", "export", N_("Export"), show=False),
        Binding("s", "sort(1)", N_("Sort")),
        Binding("S", "reverse", N_("Reverse"), show=False),
        Binding("v", "views", N_("Saved views")),
        Binding("o", "columns", N_("Columns"), show=False),
        Binding("asterisk", "mark_all", N_("Mark all found"), key_display="*", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._query = EVERYTHING
        self._breaches: dict[str, int] = {}
        self._table: WindowedTable[Device] = WindowedTable(
            register_columns(self._last_seen, self._open_findings),
            lambda device: device.id,
            empty=self._nothing,
            id="devices",
        )
        self._table.sorted_by = EVERYTHING.sort.value

    def body(self) -> ComposeResult:
        """Filter, what it found, the table."""
        yield FilterLine(self._found)
        yield self._table

    def on_mount(self) -> None:
        """Shows the columns this person chose."""
        self._use_columns(self.muster.drawer.columns)

    def read(self) -> None:
        """Reads the rows in sight again; through another filter where another screen asked for one."""
        self._breaches.clear()
        if self.muster.filter_asked:
            self._filter.text = self.muster.filter_asked
            self.muster.filter_asked = ""
            self._table.focus()
            return
        self._table.show(self._fetch)

    def relabel(self) -> None:
        """Also the hint in the empty filter."""
        self._filter.relabel()
        super().relabel()

    # --- keys ---

    def action_filter(self) -> None:
        """Puts the cursor into the filter."""
        self._filter.begin()

    def action_mark(self) -> None:
        """Marks the device under the cursor, or takes the mark away."""
        self._table.toggle_mark()
        self._filter.show_found()

    @work(exclusive=True, group="marking")
    async def action_mark_all(self) -> None:
        """Marks every device the filter finds; if all are marked, none."""
        query = self._query
        devices = await self.ask(lambda register: register.devices(query), long=True)
        if devices is not None:
            found = {device.id for device in devices}
            self._table.marks = set() if found <= self._table.marks else self._table.marks | found
            self._table.refresh()
            self._filter.show_found()

    def action_sort(self, by: int) -> None:
        """Sorts by the next column."""
        keys = [column.sort for column in self._table.columns if column.sort]
        here = keys.index(self._table.sorted_by) if self._table.sorted_by in keys else -1
        self._sort(keys[(here + by) % len(keys)], descending=False)

    def action_reverse(self) -> None:
        """Sorts the other way round."""
        self._sort(self._table.sorted_by, descending=not self._table.descending)

    @work(exclusive=True, group="editing")
    async def action_enter(self) -> None:
        """Enters a device by hand; it is looked for at the site of the one under the cursor at first."""
        near = self._table.current
        form = enter_form(near.site if near else "", near.segment if near else "", self._save_entry)
        device = await self.app.push_screen_wait(form)
        if device is not None:
            self.news(_("{device} is in the register").format(device=f"{device.label} {device.id}"))

    @work(exclusive=True, group="editing")
    async def action_tags(self) -> None:
        """Reads asset tags with a scanner: of the marked devices, else of all found from the cursor on."""
        saved = await read_tags(self, self._query, set(self._table.marks), self._table.cursor)
        self.say_saved(saved)

    @work(exclusive=True, group="editing")
    async def action_take_in(self) -> None:
        """Asks for the file of a list; rows that were copied are pasted into the table instead."""
        path = await self.app.push_screen_wait(list_form())
        if path:
            await take_in(self, path, self._table.current)

    @work(exclusive=True, group="editing")
    async def on_paste(self, event: events.Paste) -> None:
        """Rows copied out of a spreadsheet, or the path of a list, are shown and then taken in."""
        if reads_as_list(event.text):
            await take_in(self, event.text, self._table.current)

    @work(exclusive=True, group="editing")
    async def action_export(self) -> None:
        """Writes the devices the filter finds to a file."""
        form = export_form(self.muster.desk, self._query, self.muster.today)
        written = await self.app.push_screen_wait(form)
        if written is not None:
            count, file = written
            self.news(_("{count} devices written to {file}").format(count=count, file=file))

    @work(exclusive=True, group="editing")
    async def action_views(self) -> None:
        """Offers the saved views; a name that is not among them keeps the filter under it."""
        chosen = await self.app.push_screen_wait(views_form(self.muster.drawer, self._filter.text))
        if chosen is not None:
            self._filter.text = chosen
            self._table.focus()

    @work(exclusive=True, group="editing")
    async def action_columns(self) -> None:
        """Offers the columns to choose from, in the order they shall stand."""
        form = columns_form(self._every_column(), tuple(column.key for column in self._table.columns))
        keys = await self.app.push_screen_wait(form)
        if keys is not None:
            self.muster.drawer.keep_columns(keys)
            self._use_columns(keys)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Marking is offered where there is something to mark; files where they are the operator's own."""
        if action in {"mark", "mark_all", "tags", "export"} and not self._table.total:
            return False
        if action == "export" and self.app.is_web:  # the file would be the server's
            return False
        return super().check_action(action, parameters)

    def action_back(self) -> None:
        """Takes away the message, else the marks, else the filter, else goes back."""
        line = self._filter
        if self.query_one(MessageLine).message:
            super().action_back()
        elif line.is_typed_in and not line.text:
            self._table.focus()
        elif self._table.marks and not line.is_typed_in:
            self._table.marks.clear()
            self._table.refresh()
            self._filter.show_found()
        elif line.text:
            line.text = ""
            self._table.focus()
        else:
            super().action_back()

    # --- what the widgets say ---

    @on(FilterLine.Changed)
    def _filter_typed(self, changed: FilterLine.Changed) -> None:
        query = changed.query
        if replace(query, conditions=(), text=()) != EVERYTHING:  # `sort:` was typed
            self._table.sorted_by, self._table.descending = query.sort.value, query.descending
        self._query = self._in_order(query)
        self._table.show(self._fetch, from_top=True)

    @on(FilterLine.Done)
    def _filter_done(self) -> None:
        self._table.focus()

    @on(WindowedTable.Opened, "#devices")
    def _open(self, opened: WindowedTable.Opened) -> None:
        if isinstance(opened.row, Device):
            self.muster.show_device(opened.row.id)

    @on(WindowedTable.Moved, "#devices")
    def _remember(self, moved: WindowedTable.Moved) -> None:
        if isinstance(moved.row, Device):
            self.muster.device_id = moved.row.id

    @on(WindowedTable.SortAsked, "#devices")
    def _sort_asked(self, asked: WindowedTable.SortAsked) -> None:
        if asked.column.sort:
            same = asked.column.sort == self._table.sorted_by
            self._sort(asked.column.sort, descending=same and not self._table.descending)

    @on(WindowedTable.Filled, "#devices")
    def _filled(self) -> None:
        self._filter.show_found()

    # --- the register ---

    def chosen(self) -> Sequence[str]:
        """The marked devices, else the one under the cursor."""
        current = self._table.current
        return tuple(self._table.marks) or ((current.id,) if current else ())

    def done(self) -> None:
        """Takes the marks away and reads again."""
        self._table.marks.clear()
        self._filter.show_found()
        super().done()

    async def _fetch(self, offset: int, limit: int) -> Window[Device]:
        query = self._query
        page, counts = await self.muster.desk.ask(lambda register: _counted(register, query, offset, limit))
        self._breaches |= counts
        return Window(page.rows, page.total)

    async def _save_entry(self, entry: Entry) -> Device:
        operator = self.muster.operator
        return await self.muster.desk.ask(
            lambda register: register.enter(
                entry.values, operator, site=entry.site, segment=entry.segment, ip=entry.ip, mac=entry.mac
            )
        )

    @property
    def _filter(self) -> FilterLine:
        return self.query_one(FilterLine)

    def _every_column(self) -> Sequence[Column[Device]]:
        own = self.muster.settings.custom_fields
        return register_columns(self._last_seen, self._open_findings, own)

    def _use_columns(self, keys: Sequence[str]) -> None:
        columns = {column.key: column for column in self._every_column()}
        chosen = [replace(columns[key], rank=0) for key in keys if key in columns]
        self._table.use_columns(chosen or tuple(columns.values()))

    def _sort(self, key: str, *, descending: bool) -> None:
        self._table.sorted_by, self._table.descending = key, descending
        self._query = self._in_order(self._query)
        self._table.show(self._fetch, from_top=True)

    def _in_order(self, query: DeviceQuery) -> DeviceQuery:
        turned = "-" if self._table.descending else ""
        return query.sorted_by(f"{turned}{self._table.sorted_by}")

    # --- words ---

    def _found(self) -> str:
        total = self._table.total
        said = [ngettext("{count:,} device", "{count:,} devices", total).format(count=total)]
        if self._table.marks:
            count = len(self._table.marks)
            said.append(ngettext("{count:,} marked", "{count:,} marked", count).format(count=count))
        return f" {words.sign('·')} ".join(said)

    def _last_seen(self, device: Device) -> str:
        return words.day(device.last_seen, self.muster.zone)

    def _open_findings(self, device: Device) -> int:
        return self._breaches.get(device.id, 0)

    def _nothing(self) -> str:
        if self._query == self._in_order(EVERYTHING):
            return words.empty_register()
        return _("No device matches the filter. Esc clears it.")


def _counted(
    register: "Register", query: DeviceQuery, offset: int, limit: int
) -> tuple[DevicePage, Mapping[str, int]]:
    """Some rows, and how many findings each of them has open."""
    page = register.page(query, offset, limit)
    return page, register.open_findings([device.id for device in page.rows])

"""The register: every device in one table, filtered as you type, marked and edited together."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from inventory.language import N_, _
from inventory.types import Device
from tui.device_actions import DeviceActions
from tui.dialogs.enter import Entry, enter_form
from tui.dialogs.export import export_form
from tui.dialogs.views import columns_form, list_form, views_form
from tui.register_list import RegisterList
from tui.tagging import read_tags
from tui.taking_in import reads_as_list, take_in
from tui.widgets.message_line import MessageLine


class RegisterTable(DeviceActions):
    """What is done with the list of all devices, and the forms it takes."""

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
        self._list = RegisterList()

    def body(self) -> ComposeResult:
        """The list."""
        yield self._list

    def on_mount(self) -> None:
        """Shows the columns this person chose."""
        self._list.use_columns(self.muster.drawer.columns)

    def read(self) -> None:
        """Reads the rows in sight again; through another filter where another screen asked for one."""
        if self.muster.filter_asked:
            asked, self.muster.filter_asked = self.muster.filter_asked, ""
            self._list.show_through(asked)
        self._list.read()

    def relabel(self) -> None:
        """Also the hint in the empty filter."""
        self._list.relabel()
        super().relabel()

    # --- keys ---

    def action_filter(self) -> None:
        """Puts the cursor into the filter."""
        self._list.begin_filter()

    def action_mark(self) -> None:
        """Marks the device under the cursor, or takes the mark away."""
        self._list.toggle_mark()

    @work(exclusive=True, group="marking")
    async def action_mark_all(self) -> None:
        """Marks every device the filter finds; if all are marked, none."""
        query = self._list.query_shown
        devices = await self.ask(lambda register: register.devices(query), long=True)
        if devices is not None:
            self._list.mark({device.id for device in devices})

    def action_sort(self, by: int) -> None:
        """Sorts by the next column."""
        self._list.sort_by_next(by)

    def action_reverse(self) -> None:
        """Sorts the other way round."""
        self._list.reverse()

    @work(exclusive=True, group="editing")
    async def action_enter(self) -> None:
        """Enters a device by hand; it is looked for at the site of the one under the cursor at first."""
        near = self._list.current
        form = enter_form(near.site if near else "", near.segment if near else "", self._save_entry)
        device = await self.app.push_screen_wait(form)
        if device is not None:
            self.news(_("{device} is in the register").format(device=f"{device.label} {device.id}"))

    @work(exclusive=True, group="editing")
    async def action_tags(self) -> None:
        """Reads asset tags with a scanner: of the marked devices, else of all found from the cursor on."""
        saved = await read_tags(self, self._list.query_shown, self._list.marks, self._list.cursor)
        self.say_saved(saved)

    @work(exclusive=True, group="editing")
    async def action_take_in(self) -> None:
        """Asks for the file of a list; rows that were copied are pasted into the table instead."""
        path = await self.app.push_screen_wait(list_form())
        if path:
            await take_in(self, path, self._list.current)

    @work(exclusive=True, group="editing")
    async def on_paste(self, event: events.Paste) -> None:
        """Rows copied out of a spreadsheet, or the path of a list, are shown and then taken in."""
        if reads_as_list(event.text):
            await take_in(self, event.text, self._list.current)

    @work(exclusive=True, group="editing")
    async def action_export(self) -> None:
        """Writes the devices the filter finds to a file."""
        form = export_form(self.muster.desk, self._list.query_shown, self.muster.today)
        written = await self.app.push_screen_wait(form)
        if written is not None:
            count, file = written
            self.news(_("{count} devices written to {file}").format(count=count, file=file))

    @work(exclusive=True, group="editing")
    async def action_views(self) -> None:
        """Offers the saved views; a name that is not among them keeps the filter under it."""
        chosen = await self.app.push_screen_wait(views_form(self.muster.drawer, self._list.filter_text))
        if chosen is not None:
            self._list.show_through(chosen)

    @work(exclusive=True, group="editing")
    async def action_columns(self) -> None:
        """Offers the columns to choose from, in the order they shall stand."""
        form = columns_form(self._list.every_column, self._list.columns)
        keys = await self.app.push_screen_wait(form)
        if keys is not None:
            self.muster.drawer.keep_columns(keys)
            self._list.use_columns(keys)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Marking is offered where there is something to mark; files where they are the operator's own."""
        if action in {"mark", "mark_all", "tags", "export"} and not self._list.total:
            return False
        if action == "export" and self.app.is_web:  # the file would be the server's
            return False
        return super().check_action(action, parameters)

    def action_back(self) -> None:
        """Takes away the message, else the marks, else the filter, else goes back."""
        if self.query_one(MessageLine).message or not self._list.step_back():
            super().action_back()

    # --- the register ---

    def chosen(self) -> Sequence[str]:
        """The marked devices, else the one under the cursor."""
        current = self._list.current
        return tuple(self._list.marks) or ((current.id,) if current else ())

    def done(self) -> None:
        """Takes the marks away and reads again."""
        self._list.clear_marks()
        super().done()

    async def _save_entry(self, entry: Entry) -> Device:
        operator = self.muster.operator
        return await self.muster.desk.ask(
            lambda register: register.enter(
                entry.values, operator, site=entry.site, segment=entry.segment, ip=entry.ip, mac=entry.mac
            )
        )

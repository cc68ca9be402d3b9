"""One device: every value with its source and time, what disagrees, ports, verdicts, history, evidence."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import ContentSwitcher

from inventory.language import N_, _
from inventory.roles import may
from inventory.types import (
    Attestation,
    ExceptionRecord,
    Finding,
    ReplacementPlan,
)
from tui import words
from tui.device_actions import DeviceActions
from tui.device_card import read_card
from tui.device_pages import PAGES, CardPage
from tui.device_rows import AttributeRow, Card, VerdictRow
from tui.device_words import explained
from tui.widgets.choice_line import Choice, ChoiceLine
from tui.widgets.explained import Explained
from tui.widgets.live import Live
from tui.widgets.row_window import listed
from tui.widgets.windowed_table import WindowedTable

if TYPE_CHECKING:
    from inventory.register import Register


class DeviceCard(DeviceActions):
    """Left and right turn the pages of the card; `a` takes the value that disagrees."""

    NAME: ClassVar[str] = "device"
    AUTO_FOCUS = "#values"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "turn(-1)", N_("Page before"), show=False, key_display="←"),
        Binding("right", "turn(1)", N_("Next page"), key_display="→"),
        Binding("e", "edit", N_("Edit")),
        Binding("a", "accept", N_("Accept what was seen")),
        Binding("c", "confirm", N_("Confirm")),
        Binding("t", "status", N_("Status"), show=False),
    ]
    CSS = """
    DeviceCard #head { padding: 0 1; background: $background; }
    DeviceCard ContentSwitcher { height: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._card: Card | None = None
        self._asked = False

    def body(self) -> ComposeResult:
        """Name and standing, the pages, the words on the line under the cursor."""
        yield Live(self._head, id="head")
        labels = [Choice(page.name, partial(self._label, page)) for page in PAGES]
        yield ChoiceLine(labels, id="pages")
        with ContentSwitcher(initial=PAGES[0].name):
            yield from (page.table(self.moment) for page in PAGES)
        yield Explained(self._explained)

    def read(self) -> None:
        """Reads the device the app looks at; where none was chosen, the first of the register."""
        self._read()

    @work(exclusive=True)
    async def _read(self) -> None:
        wanted = self.muster.device_id
        read = await self.ask(lambda register: (read_card(register, wanted),))
        if read is None:
            return
        (card,), self._asked = read, True
        if card is None:
            self.query_one("#head", Live).refresh(layout=True)
            return
        if self._card is None or self._card.device.id != card.device.id:
            for table in self.query(WindowedTable):
                table.action_move_to(0)
        self._card = card
        self.muster.device_id = card.device.id
        for page in PAGES:
            self.query_one(f"#{page.name}", WindowedTable).show(listed(page.rows(card)))
        pages = self.query_one("#pages", ChoiceLine)
        pages.refresh()
        if self.muster.page_asked:
            pages.take(self.muster.page_asked)
            self.muster.page_asked = ""
        self.query_one("#head", Live).refresh(layout=True)

    # --- keys ---

    def action_turn(self, by: int) -> None:
        """Turns to the next page of the card."""
        self.query_one("#pages", ChoiceLine).step(by)

    @work(exclusive=True, group="editing")
    async def action_accept(self) -> None:
        """Takes the value that was seen instead of the one a person entered."""
        row = self._rival()
        if row is None or self._card is None:
            return
        device, operator = self._card.device.id, self.muster.operator
        if await self.change(lambda register: _accept(register, device, row, operator)):
            self.muster.undoing.note_lines(1)
            self.news(_("{attribute} accepted").format(attribute=words.name(row.attribute)))
            self.read()

    def chosen(self) -> Sequence[str]:
        """The device shown."""
        return (self._card.device.id,) if self._card else ()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Accepting is offered only on a line that has something to accept, and to who may accept it."""
        if action == "accept":
            row = self._rival()
            return row is not None and may(self.muster.role, "accept", self.muster.device_id, row.attribute)
        return super().check_action(action, parameters)

    @on(ChoiceLine.Changed, "#pages")
    def _page_turned(self, changed: ChoiceLine.Changed) -> None:
        self.query_one(ContentSwitcher).current = changed.name
        self.query_one(f"#{changed.name}", WindowedTable).focus()
        self._explain()

    @on(WindowedTable.Opened)
    def _go_into(self, opened: WindowedTable.Opened) -> None:
        """Enter on a value edits the device, on a verdict goes to its findings, on a record to its screen."""
        if isinstance(opened.row, AttributeRow):
            self.action_edit()
        elif isinstance(opened.row, VerdictRow):
            self.muster.show_article(f"{opened.row.verdict.pack}/{opened.row.verdict.article}")
        elif isinstance(opened.row, Finding):
            self.muster.show_article(f"{opened.row.pack}/{opened.row.article}")
        elif isinstance(opened.row, ExceptionRecord | ReplacementPlan | Attestation):
            self.muster.action_go(_SCREEN_OF[type(opened.row)])

    @on(WindowedTable.Moved)
    def _explain(self) -> None:
        self.query_one(Explained).tell()
        self.refresh_bindings()

    # --- the register ---

    def _rival(self) -> AttributeRow | None:
        """The line under the cursor if it is a value that disagrees."""
        row = self._line()
        return row if isinstance(row, AttributeRow) and row.rival else None

    def _line(self) -> object | None:
        if not self.is_attached:
            return None
        current = self.query_one(ContentSwitcher).current
        table: WindowedTable[object] = self.query_one(f"#{current}", WindowedTable)
        return table.current

    # --- words ---

    def _head(self) -> Text:
        if self._card is None:
            return Text(words.empty_register() if self._asked else _("Reading the register..."))
        device = self._card.device
        dot = f" {words.sign('·')} "
        text = Text(words.printable(device.label), style="bold")
        text.append(
            f"\n{words.name(device.device_class)}{dot}{words.name(device.status)}{dot}", style="not bold"
        )
        if device.addresses:
            text.append(f"{device.addresses[0].ip}{dot}", "not bold")
        text.append(
            f"{words.printable(device.site)}/{words.printable(device.segment)}{dot}{device.id}", "not bold"
        )
        text.append("\n" + _("first seen {first}, last seen {last}").format(
            first=self.moment(device.first_seen), last=self.moment(device.last_seen)
        ), style="not bold")  # fmt: skip
        return text

    def _label(self, page: CardPage) -> str:
        return page.label(self._card)

    def _explained(self) -> Text:
        return explained(self._line())


_SCREEN_OF = {ExceptionRecord: "exceptions", ReplacementPlan: "plans", Attestation: "attestations"}


def _accept(register: "Register", device: str, row: AttributeRow, operator: str) -> None:
    """Lets the scan's word stand where a person's hides it; any other value becomes the operator's own."""
    held = register.device(device).attributes.get(row.attribute)
    if held is not None and held.locked and held.disagreeing[:1] == (row.held,):
        register.accept(device, row.attribute, operator)
    elif row.held is not None:
        register.edit([device], {row.attribute: row.held.value}, operator)

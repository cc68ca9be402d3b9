"""One device: every value with its source and time, what disagrees, ports, verdicts, history, evidence."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import ContentSwitcher

from inventory.language import N_, _
from inventory.roles import may
from inventory.types import (
    Attestation,
    ExceptionRecord,
    Finding,
    ReplacementPlan,
    VerdictOutcome,
)
from tui import words
from tui.device_actions import DeviceActions
from tui.device_card import read_card
from tui.device_columns import (
    address_columns,
    fact_columns,
    history_columns,
    neighbour_columns,
    paper_columns,
    port_columns,
    value_columns,
    verdict_columns,
)
from tui.device_rows import (
    AttributeRow,
    Card,
    VerdictRow,
    attribute_rows,
    fact_rows,
    is_settled,
    neighbour_rows,
    papers,
    port_rows,
    verdict_rows,
)
from tui.device_words import explained
from tui.widgets.choice_line import Choice, ChoiceLine
from tui.widgets.columns import nowhere
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
    ]
    CSS = """
    DeviceCard #head { padding: 0 1; background: $background; }
    DeviceCard #explained { height: auto; max-height: 40%; background: $background;
        border-top: solid $panel; }
    DeviceCard #explained Live { background: $background; }
    DeviceCard ContentSwitcher { height: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._card: Card | None = None
        self._asked = False

    def body(self) -> ComposeResult:
        """Name and standing, the pages, the words on the line under the cursor."""
        yield Live(self._head, id="head")
        yield ChoiceLine([Choice(name, self._page_label(name)) for name in _PAGES], id="pages")
        with ContentSwitcher(initial="values"):
            yield from self._tables()
        with VerticalScroll(id="explained", can_focus=False):
            yield Live(self._explained, id="words")

    def read(self) -> None:
        """Reads the device the app looks at; where none was chosen, the first of the register."""
        self._read()

    @work(exclusive=True)
    async def _read(self) -> None:
        wanted = self.muster.device_id
        card = await self.ask(lambda register: read_card(register, wanted))
        self._asked = True
        if card is None:
            self.query_one("#head", Live).refresh(layout=True)
            return
        if self._card is None or self._card.device.id != card.device.id:
            for table in self.query(WindowedTable):
                table.action_move_to(0)
        self._card = card
        self.muster.device_id = card.device.id
        newest_first = sorted(card.history, key=lambda change: change.at, reverse=True)
        rows: Mapping[str, Sequence[object]] = {
            "values": attribute_rows(card.device),
            "verdicts": verdict_rows(card.verdicts, card.findings),
            "papers": papers(card),
            "services": port_rows(card.device),
            "addresses": card.device.addresses,
            "neighbours": neighbour_rows(card),
            "history": newest_first,
            "evidence": fact_rows(card.observations),
        }
        for name, listing in rows.items():
            self.query_one(f"#{name}", WindowedTable).show(listed(listing))
        self.query_one("#pages", ChoiceLine).refresh()
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
        self.query_one("#words", Live).refresh(layout=True)
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
        text.append(
            f"{words.printable(device.site)}/{words.printable(device.segment)}{dot}{device.id}", "not bold"
        )
        text.append("\n" + _("first seen {first}, last seen {last}").format(
            first=self.moment(device.first_seen), last=self.moment(device.last_seen)
        ), style="not bold")  # fmt: skip
        return text

    def _page_label(self, name: str) -> Callable[[], str]:
        def label() -> str:
            return f"{_(_PAGES[name])} {self._count(name)}"

        return label

    def _count(self, name: str) -> str:
        if self._card is None:
            return ""
        card = self._card
        counts = {
            "values": len(card.device.attributes),
            "verdicts": sum(v.outcome is VerdictOutcome.BREACH for v in card.verdicts),
            "papers": sum(not is_settled(paper) for paper in papers(card)),
            "services": len(card.device.services),
            "addresses": len(card.device.addresses),
            "neighbours": len(neighbour_rows(card)),
            "history": len(card.history),
            "evidence": sum(len(seen.facts) for seen in card.observations),
        }
        count = f"{counts[name]:,}"
        return f"{words.symbol(VerdictOutcome.BREACH)} {count}" if name == "verdicts" else count

    def _explained(self) -> Text:
        return explained(self._line())

    # --- the tables ---

    def _tables(self) -> ComposeResult:
        moment = self.moment
        yield WindowedTable(value_columns(moment), _value_key, id="values")
        yield WindowedTable(verdict_columns(), _rule_of, empty=_not_judged, id="verdicts")
        yield WindowedTable(paper_columns(), repr, empty=_no_papers, id="papers")
        yield WindowedTable(port_columns(moment), repr, empty=_no_ports, opens=nowhere, id="services")
        yield WindowedTable(address_columns(moment), repr, opens=nowhere, id="addresses")
        yield WindowedTable(
            neighbour_columns(moment), repr, empty=_no_neighbours, opens=nowhere, id="neighbours"
        )
        yield WindowedTable(history_columns(moment), repr, opens=nowhere, id="history")
        yield WindowedTable(fact_columns(moment), repr, empty=_no_evidence, opens=nowhere, id="evidence")


_PAGES = {
    "values": N_("Values"),
    "verdicts": N_("Verdicts"),
    "papers": N_("Records"),
    "services": N_("Ports"),
    "addresses": N_("Addresses"),
    "neighbours": N_("Neighbours"),
    "history": N_("History"),
    "evidence": N_("Evidence"),
}


_SCREEN_OF = {ExceptionRecord: "exceptions", ReplacementPlan: "plans", Attestation: "attestations"}


def _accept(register: "Register", device: str, row: AttributeRow, operator: str) -> None:
    """Lets the scan's word stand where a person's hides it; any other value becomes the operator's own."""
    held = register.device(device).attributes.get(row.attribute)
    if held is not None and held.locked and held.disagreeing[:1] == (row.held,):
        register.accept(device, row.attribute, operator)
    elif row.held is not None:
        register.edit([device], {row.attribute: row.held.value}, operator)


def _value_key(row: AttributeRow) -> str:
    return f"{row.attribute} {row.held.value if row.rival and row.held else ''}"


def _rule_of(row: VerdictRow) -> str:
    return f"{row.verdict.pack} {row.verdict.article} {row.verdict.rule}"


def _not_judged() -> str:
    return _("Nothing judged yet. 1 goes Home, and a judges.")


def _no_papers() -> str:
    return _("No finding, exception, plan or signed answer is about this device.")


def _no_neighbours() -> str:
    return _("Nothing is known of what is next to it: no switch told, and no LLDP or CDP was heard.")


def _no_ports() -> str:
    return _("No open port was seen.")


def _no_evidence() -> str:
    return _("No observation: this device was entered by hand.")

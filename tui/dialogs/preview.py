"""What a list would do to the register, line by line, before anything is done."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from inventory.language import N_, _
from inventory.types import ImportReport, LineOutcome, LineReport
from tui import words
from tui.widgets.columns import Column, nowhere
from tui.widgets.key_line import KeyLine
from tui.widgets.live import Live
from tui.widgets.row_window import listed
from tui.widgets.windowed_table import WindowedTable

if TYPE_CHECKING:
    from inventory.imports import Listed

_OUTCOMES = {  # the gravest first: tone, words
    LineOutcome.REFUSED: ("bad", N_("refused")),
    LineOutcome.ENTERED: ("", N_("new")),
    LineOutcome.CHANGED: ("", N_("changed")),
    LineOutcome.SAME: ("quiet", N_("as it was")),
}


class Preview(ModalScreen[bool | None]):
    """False takes the whole list, True its good lines alone, None leaves it."""

    AUTO_FOCUS = "WindowedTable"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take(False)", N_("Take it in"), key_display="↵", priority=True),
        Binding("p", "take(True)", N_("Take the good lines")),
        Binding("escape", "dismiss(None)", N_("Leave it"), key_display="Esc"),
    ]
    CSS = """
    Preview { align: center middle; background: $background 60%; }
    Preview > Vertical { width: 90%; min-width: 76; max-width: 100%; height: 90%; background: $panel;
        padding: 1 2; }
    Preview Live { background: $panel; padding: 0 0 1 0; height: auto; max-height: 50%; }
    """

    def __init__(self, name: str, read: "Listed", report: ImportReport) -> None:
        super().__init__()
        self._list = name
        self._read = read
        self._report = report

    def compose(self) -> ComposeResult:
        """What was read, the lines that do something, the keys."""
        with Vertical():
            yield Live(self._head)
            yield WindowedTable(_columns(), lambda line: str(line.line), empty=_nothing, opens=nowhere)
            yield KeyLine()

    def on_mount(self) -> None:
        """Shows the lines, those that are refused first; not those that say what is known."""
        order = list(_OUTCOMES)
        telling = [line for line in self._report.lines if line.outcome is not LineOutcome.SAME]
        telling.sort(key=lambda line: (order.index(line.outcome), line.line))
        self.query_one(WindowedTable).show(listed(telling))

    def action_take(self, partly: bool) -> None:
        """Takes the list."""
        self.dismiss(partly)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A list with a refused line is taken in part or not at all; one that says nothing new is left."""
        if action != "take":
            return True
        refused = self._report.count(LineOutcome.REFUSED)
        telling = self._report.count(LineOutcome.ENTERED) + self._report.count(LineOutcome.CHANGED)
        return bool(telling) and bool(refused) == (parameters == (True,))

    def _head(self) -> Text:
        text = Text(f"{words.printable(self._list)}\n", "bold")
        dot = f" {words.sign('·')} "
        counted = ((said, self._report.count(each)) for each, (_tone, said) in _OUTCOMES.items())
        counts = [f"{_(said)} {count:,}" for said, count in counted if count]
        text.append(dot.join(counts) + "\n", "not bold")
        arrow = words.sign("→")
        left_out = _("left out")
        taken = [
            f"{each.heading} {arrow} {words.changed(each.field) if each.field else left_out}"
            for each in self._read.columns
        ]
        return text.append(words.printable(dot.join(taken)), "not bold")


def _columns() -> Sequence[Column[LineReport]]:
    return (
        Column("line", N_("Line"), lambda line: str(line.line), 5, right=True),
        Column(
            "outcome", N_("Outcome"), lambda line: _(_OUTCOMES[line.outcome][1]), 9,
            tone=lambda line: _OUTCOMES[line.outcome][0],
        ),
        Column("device", N_("Device"), lambda line: line.device, 12),
        Column("detail", N_("Detail"), lambda line: words.printable(line.detail), 20, stretch=1),
    )  # fmt: skip


def _nothing() -> str:
    return _("Every line says what the register knows already.")

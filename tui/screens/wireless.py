"""Wireless: who offers or uses a wireless network, and how its protection is graded."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on

from inventory.language import N_, _
from inventory.types import CheckOutcome, CheckResult
from tui import words
from tui.list_page import ListPage
from tui.widgets.columns import Column
from tui.widgets.windowed_table import WindowedTable

if TYPE_CHECKING:
    from inventory.register import Register

_CHECK = "wireless"
_WORST_FIRST = (
    CheckOutcome.FAIL,
    CheckOutcome.ERROR,
    CheckOutcome.UNKNOWN,
    CheckOutcome.PASS,
    CheckOutcome.NOT_APPLICABLE,
)
_TONES = {CheckOutcome.FAIL: "bad", CheckOutcome.PASS: "good", CheckOutcome.UNKNOWN: "warn"}


@dataclass(frozen=True, slots=True)
class WirelessLine:
    """What the check said of one device, and what the device is called."""

    result: CheckResult
    device: str


class Wireless(ListPage[WirelessLine]):
    """The worst first; devices without any wireless part are only counted."""

    NAME: ClassVar[str] = "wireless"

    def __init__(self) -> None:
        super().__init__()
        self._counts: Counter[CheckOutcome] = Counter()

    def rows(self, register: "Register") -> Sequence[WirelessLine]:
        """Every device of which the check says more than that it does not apply."""
        every = [each for results in register.results().values() for each in results if each.check == _CHECK]
        self._counts = Counter(each.outcome for each in every)
        shown = [each for each in every if each.outcome is not CheckOutcome.NOT_APPLICABLE]
        devices = register.by_id({each.device for each in shown})
        lines = [WirelessLine(each, devices[each.device].label) for each in shown if each.device in devices]
        return sorted(lines, key=lambda line: (_WORST_FIRST.index(line.result.outcome), line.device))

    def key_of(self, row: WirelessLine) -> str:
        """By its device."""
        return row.result.device

    def columns(self) -> Sequence[Column[WirelessLine]]:
        """Grade, device, networks, what is weak."""
        return (
            Column(
                "outcome", N_("Check"), lambda row: words.marked(row.result.outcome), 14,
                tone=lambda row: _TONES.get(row.result.outcome, "quiet"),
            ),
            Column("device", N_("Device"), lambda row: words.printable(row.device), 18, stretch=1),
            Column("ssids", N_("Networks"), _fact("ssids"), 16, stretch=1),
            Column("weak", N_("Weak"), _fact("weak"), 14, stretch=1),
            Column("offered", N_("Offers one"), _fact("offered"), 10, rank=2),
            Column("used", N_("Uses one"), _fact("used"), 9, rank=1),
        )  # fmt: skip

    def summary(self) -> Text:
        """How many devices have each outcome."""
        said = [f"{words.marked(each)} {self._counts[each]:,}" for each in _WORST_FIRST if self._counts[each]]
        return Text(f" {words.sign('·')} ".join(said), "bold")

    def explain(self, row: WirelessLine) -> Text:
        """The result in words, and what it rests on."""
        text = Text(f"{words.marked(row.result.outcome)} {words.printable(row.device)}\n", "bold")
        text.append(words.printable(row.result.reason), "not bold")
        for name, fact in sorted(row.result.facts.items()):
            text.append(f"\n{words.printable(name)}: ").append(words.printable(fact), "not bold")
        return text

    def nothing(self) -> str:
        """How to learn more."""
        return _("No wireless device was judged. Networks come in with: muster wireless import")

    @on(WindowedTable.Opened, "#rows")
    def _open(self, opened: WindowedTable.Opened) -> None:
        if isinstance(opened.row, WirelessLine):
            self.muster.show_device(opened.row.result.device)


def _fact(name: str) -> Callable[[WirelessLine], str]:
    return lambda row: words.printable(row.result.facts.get(name, "")) or words.sign("–")

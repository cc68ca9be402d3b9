"""Says what a scan would send before anything is sent, and asks."""

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen

from inventory.language import N_, _, ngettext
from tui import words
from tui.widgets.columns import fit
from tui.widgets.key_line import KeyLine
from tui.widgets.live import Live

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.service.plan import PlannedPackets, ScanPlan


class ConfirmScan(ModalScreen[bool]):
    """True where the scan may begin."""

    AUTO_FOCUS = "VerticalScroll"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "dismiss(True)", N_("Begin"), key_display="↵"),
        Binding("escape", "dismiss(False)", N_("Leave it"), key_display="Esc"),
    ]
    CSS = """
    ConfirmScan { align: center middle; background: $background 60%; }
    ConfirmScan > VerticalScroll { width: 76; max-width: 100%; height: auto; max-height: 100%;
        background: $panel; padding: 1 2; scrollbar-size-vertical: 1; }
    ConfirmScan Live { background: $panel; padding: 0; }
    """

    def __init__(self, plan: "ScanPlan") -> None:
        super().__init__()
        self._plan = plan

    def compose(self) -> ComposeResult:
        """The plan, and the two keys."""
        with VerticalScroll():
            yield Live(self._text)
            yield KeyLine()

    def _text(self) -> Text:
        plan = self._plan
        count = plan.addresses
        text = Text(
            ngettext("{count:,} address will be asked", "{count:,} addresses will be asked", count).format(
                count=count
            ),
            style="bold",
        )
        for area in plan.areas:
            place = f"{area.scope.site}/{area.scope.segment}"
            text.append(f"\n{words.printable(place)}  {', '.join(area.networks)}", "not bold")
        rate = _("at most {rate:,} packets a second in all, {host} to one device").format(
            rate=plan.settings.rate, host=plan.settings.per_host_rate
        )
        text.append(f"\n{rate}\n\n", "not bold")
        text.append(_table(plan.packets()))
        text.append(
            _("Raw print ports never get a byte. x stops the scan; what was learned is kept."), "not bold"
        )
        return text.append("\n")


def _table(packets: "Sequence[PlannedPackets]") -> Text:
    text = Text(fit(_("Packet"), 9) + fit(_("at most"), 10, right=True) + "  " + _("for each") + "\n", "bold")
    for row in packets:
        number = fit(f"{row.at_most:,}", 10, right=True)
        text.append(f"{fit(row.kind, 9)}{number}  {words.printable(row.for_each)}\n", "not bold")
    return text.append("\n")

"""The keys of a screen, what its signs mean and how its filter is written."""

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen

from inventory.language import N_, _
from inventory.query import field_names
from inventory.types import VerdictOutcome
from tui import words
from tui.widgets.columns import fit
from tui.widgets.key_line import shown_key
from tui.widgets.live import Live


class Help(ModalScreen[None]):
    """Shows the bindings it is given; any of Esc, Enter, q and ? closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q,question_mark,f1", "dismiss", N_("Close")),
    ]
    CSS = """
    Help { align: center middle; background: $background 60%; }
    Help > VerticalScroll { width: 80; max-width: 100%; height: auto; max-height: 100%;
        background: $panel; padding: 0 1; scrollbar-size-vertical: 1; }
    Help Live { background: $panel; padding: 0; }
    """

    def __init__(self, bindings: Sequence[Binding]) -> None:
        super().__init__()
        self._listed = tuple(bindings)

    def compose(self) -> ComposeResult:
        """One scrolling text."""
        with VerticalScroll():
            yield Live(self._text)

    def _text(self) -> Text:
        text = Text()
        text.append(_("Keys on this screen") + "\n", style="bold")
        lines = [(shown_key(binding), _(binding.description)) for binding in self._listed]
        width = max(cell_len(key) for key, _description in lines) + 1
        for left, right in _in_two(lines):
            text.append(_pair(left, width, _COLUMN))
            text.append(_pair(right, width, _COLUMN).rstrip() + "\n")
        text.append("\n" + _("Signs") + "\n", style="bold")
        text.append("  ".join(words.marked(outcome) for outcome in VerdictOutcome) + "\n")
        text.append(
            "{person} {means}  {other} {differs}\n".format(
                person=words.sign("✎"),
                means=_("entered by a person; no scan replaces it"),
                other=words.sign("≠"),
                differs=_("something else was seen"),
            )
        )
        text.append("\n" + _("Filter") + "\n", style="bold")
        text.append(_("Words are looked for everywhere; field:value looks in one field; none means empty."))
        text.append(
            "\n"
            + _('class:printer,fax owner:none -vendor:hp "3rd floor" eol<2027 seen>2026-01 sort:-last_seen')
        )
        text.append("\n" + _("eol is when the vendor's support ends; a year or a month means all of it."))
        text.append("\n" + _("Fields: {fields}").format(fields=", ".join(field_names())) + "\n")
        return text


_COLUMN = 38  # cells, so that two stand side by side on 80


def _in_two(lines: Sequence[tuple[str, str]]) -> list[tuple[tuple[str, str], tuple[str, str]]]:
    half = (len(lines) + 1) // 2
    right = [*lines[half:], ("", "")][:half]
    return list(zip(lines[:half], right, strict=False))


def _pair(line: tuple[str, str], key_width: int, width: int) -> str:
    return fit(line[0], key_width) + fit(line[1], width - key_width)

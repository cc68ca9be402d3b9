"""The filter of a list, read as it is typed, and below it what it found or what is wrong with it."""

from collections.abc import Callable
from dataclasses import dataclass

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input

from inventory.exits import MusterError
from inventory.language import _
from inventory.query import DeviceQuery, parse
from tui import words
from tui.widgets.live import Live


class FilterLine(Vertical):
    """Posts `Changed` for each text that is a filter, `Done` at Enter; of any other it says what is wrong."""

    DEFAULT_CSS = """
    FilterLine { height: auto; }
    FilterLine #filter { height: 1; border: none; padding: 0 1; background: $panel; }
    FilterLine #filter:focus { border: none; background: $panel; text-style: bold; }
    FilterLine #found { height: 1; color: $text-muted; }
    FilterLine #found.-wrong { color: $text-error; height: auto; max-height: 3; }
    """

    @dataclass
    class Changed(Message):
        """Another filter was typed."""

        query: DeviceQuery

    class Done(Message):
        """Enter was pressed in the filter."""

    def __init__(self, found: Callable[[], str]) -> None:
        super().__init__()
        self._found = found
        self._wrong = ""

    def compose(self) -> ComposeResult:
        """The filter, what it found."""
        entry = Input(placeholder=_hint(), id="filter", compact=True)
        entry.cursor_blink = False  # over a slow line every blink is traffic
        yield entry
        yield Live(self._said, id="found")

    @property
    def text(self) -> str:
        """The filter as it stands there."""
        return self._entry.value

    @text.setter
    def text(self, text: str) -> None:
        self._entry.value = text

    @property
    def is_typed_in(self) -> bool:
        """Whether keys go into the filter."""
        return self._entry.has_focus

    def begin(self) -> None:
        """Puts the cursor into the filter."""
        self._entry.focus()

    def show_found(self) -> None:
        """Says anew what was found."""
        line = self.query_one("#found", Live)
        line.set_class(bool(self._wrong), "-wrong")
        line.refresh(layout=True)

    def relabel(self) -> None:
        """The hint, in the language in force."""
        self._entry.placeholder = _hint()

    @on(Input.Changed)
    def _typed(self, changed: Input.Changed) -> None:
        changed.stop()
        try:
            query = parse(changed.value)
        except MusterError as error:
            self._wrong = str(error)
        else:
            self._wrong = ""
            self.post_message(self.Changed(query))
        self.show_found()

    @on(Input.Submitted)
    def _entered(self, entered: Input.Submitted) -> None:
        entered.stop()
        self.post_message(self.Done())

    @property
    def _entry(self) -> Input:
        return self.query_one("#filter", Input)

    def _said(self) -> Text:
        return Text(f"{words.sign('✘')} {self._wrong}" if self._wrong else self._found())


def _hint() -> str:
    return _("/ to filter: owner:none class:printer seg:iot eol<2027 ...")

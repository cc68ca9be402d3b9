"""The pane below a list that tells the row under the cursor in words."""

from collections.abc import Callable

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll

from tui.widgets.live import Live


class Explained(VerticalScroll, can_focus=False):
    """Shows what `said` says; keys stay with the list, whose screen turns the pane where words are long."""

    DEFAULT_CSS = """
    Explained { height: auto; max-height: 40%; background: $background; border-top: solid $panel; }
    Explained Live { background: $background; }
    """

    def __init__(self, said: Callable[[], Text]) -> None:
        super().__init__(id="explained")
        self._words = Live(said, id="words")

    def compose(self) -> ComposeResult:
        """The words."""
        yield self._words

    def tell(self, *, from_top: bool = True) -> None:
        """Says it anew."""
        self._words.refresh(layout=True)
        if from_top:
            self.scroll_home(animate=False)

    def turn(self, by: int) -> None:
        """Scrolls on, or back, by as much as is seen."""
        self.scroll_relative(y=by * max(1, self.size.height - 1), animate=False)

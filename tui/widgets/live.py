"""Text that is asked for anew at every drawing, so that it follows the data and the language."""

from collections.abc import Callable

from rich.text import Text
from textual.widget import Widget


class Live(Widget):
    """Shows what `text` gives; never reads markup, so that a hostile value is only text."""

    DEFAULT_CSS = "Live { height: auto; padding: 0 1; background: $surface; color: $foreground; }"

    def __init__(self, text: Callable[[], Text], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._text = text

    def render(self) -> Text:
        """The text of this moment."""
        return self._text()

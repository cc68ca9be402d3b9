"""The top line: where you are among the screens, and which key goes where."""

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual.widget import Widget

from inventory.language import LANGUAGES, _, current
from tui.screens import SCREENS


class Masthead(Widget):
    """Names every screen with its key; the one shown stands in brackets and reversed."""

    DEFAULT_CSS = """
    Masthead { height: 1; background: $panel; color: $foreground;
        link-style: none; link-background: $panel; link-color: $foreground;
        link-style-hover: bold; link-background-hover: $primary; link-color-hover: $button-color-foreground; }
    """

    def __init__(self, here: str) -> None:
        super().__init__()
        self._here = here

    def render(self) -> Text:
        """The line, as wide as the screen."""
        line = Text(" Muster  ", style="bold", no_wrap=True, overflow="ellipsis")
        for row in SCREENS:
            go = Style.from_meta({"@click": f"app.go('{row.name}')"})
            if row.name == self._here:
                line.append(f"[{row.key} {_(row.title)}]", style=Style(reverse=True, bold=True))
            else:
                line.append(f" {row.key} {_(row.title)} ", style=Style(bold=False) + go)
        other = next(language for language in LANGUAGES if language != current())
        right = f"L {_LANGUAGE_NAMES[other]} "
        room = self.size.width - line.cell_len - cell_len(right)
        if room >= 0:
            line.append(" " * room + right, style=Style(bold=False))
        return line


_LANGUAGE_NAMES = {"en": "English", "zh_TW": "中文"}

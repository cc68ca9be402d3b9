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
        """The line, as wide as the screen: all titles, else those around the screen shown, else only keys."""
        other = next(language for language in LANGUAGES if language != current())
        right = f" L {_LANGUAGE_NAMES[other]} "
        room = self.size.width - cell_len(right)
        named = len(SCREENS)
        line = self._line(named)
        while line.cell_len > room and named > 0:
            named -= 1
            line = self._line(named)
        if line.cell_len <= room:
            line.append(" " * (room - line.cell_len) + right, style=Style(bold=False))
        return line

    def _line(self, named: int) -> Text:
        """The line with titles beside the `named` screens nearest to the one shown; of the others the key."""
        line = Text(" Muster " if named else " ", style="bold", no_wrap=True, overflow="ellipsis")
        places = [row.name for row in SCREENS]
        here = places.index(self._here) if self._here in places else 0
        nearest = sorted(range(len(SCREENS)), key=lambda place: (abs(place - here), place))[:named]
        for place, row in enumerate(SCREENS):
            if row.name == self._here:
                line.append(f"[{row.key} {_(row.title)}]", style=Style(reverse=True, bold=True))
                continue
            go = Style.from_meta({"@click": f"app.go('{row.name}')"})
            title = f" {row.key} {_(row.title)} " if place in nearest else f" {row.key}"
            line.append(title, style=Style(bold=False) + go)
        return line


_LANGUAGE_NAMES = {"en": "English", "zh_TW": "中文"}

"""The bottom line: the keys that do something here, read from the bindings themselves."""

from typing import Any

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget

from inventory.language import _
from tui import words


def shown_key(binding: Binding) -> str:
    """A key as it stands on the keyboard: `Ctrl+S`, `Esc`, `e`."""
    parts = [binding.key_display] if binding.key_display else binding.key.split("+")
    named = [
        _KEY_NAMES.get(part, part.upper() if len(parts) > 1 and part == parts[-1] else part) for part in parts
    ]
    return "+".join(part if part.isascii() else words.sign(part) for part in named)


def active_bindings(screen: Screen[Any]) -> tuple[Binding, ...]:
    """The described bindings that work on `screen` now, each action once, those of the key line first.

    Textual's own for typing are left out: they go without saying, and have no words in our languages.
    """
    found: dict[str, Binding] = {}
    for active in screen.active_bindings.values():
        if active.enabled and active.binding.description and _is_ours(active.node, active.binding):
            found.setdefault(active.binding.action, active.binding)
    return tuple(sorted(found.values(), key=lambda binding: not binding.show))


def _is_ours(node: DOMNode, binding: Binding) -> bool:
    return any(
        kind.__module__.startswith("tui.")
        and any(isinstance(own, Binding) and own.action == binding.action for own in vars(kind)["BINDINGS"])
        for kind in type(node).__mro__
        if "BINDINGS" in vars(kind)
    )


class KeyLine(Widget):
    """As many keys as fit, the help key always among them."""

    DEFAULT_CSS = """
    KeyLine { height: 1; background: $panel; color: $text-muted; }
    """

    def on_mount(self) -> None:
        """Follows the focus: another widget has other keys."""
        self.screen.bindings_updated_signal.subscribe(self, lambda _screen: self.refresh())

    def render(self) -> Text:
        """The line, as wide as the screen."""
        line = Text(" ", no_wrap=True, overflow="crop")
        bindings = [binding for binding in active_bindings(self.screen) if binding.show]
        help_key = [binding for binding in bindings if binding.action == "app.help"]
        last = sum(self._length(binding) for binding in help_key)
        for binding in [binding for binding in bindings if binding not in help_key]:
            if line.cell_len + self._length(binding) + last <= self.size.width:
                self._append(line, binding)
        for binding in help_key:
            line.append(" " * max(0, self.size.width - line.cell_len - last))
            self._append(line, binding)
        return line

    @staticmethod
    def _length(binding: Binding) -> int:
        return cell_len(shown_key(binding)) + 1 + cell_len(_(binding.description)) + 2

    @staticmethod
    def _append(line: Text, binding: Binding) -> None:
        line.append(shown_key(binding), style=Style(bold=True))
        line.append(f" {_(binding.description)}  ")


_KEY_NAMES = {
    "ctrl": "Ctrl",
    "shift": "Shift",
    "escape": "Esc",
    "enter": "Enter",
    "space": "Space",
    "slash": "/",
    "question_mark": "?",
    "left": "←",
    "right": "→",
    "up": "↑",
    "down": "↓",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "tab": "Tab",
    "asterisk": "*",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
}

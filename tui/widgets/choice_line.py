"""A line of choices, one of them taken: `‹ All 37 · 22 12 · 24 5 ›`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual.message import Message
from textual.widget import Widget

from tui import words


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice: its name for code, and what people see (asked anew when the language changes)."""

    name: str
    label: Callable[[], str]


class ChoiceLine(Widget):
    """Shows the choices in one line, scrolled so that the one taken is seen; posts `Changed`."""

    DEFAULT_CSS = "ChoiceLine { height: 1; background: $surface; color: $foreground; padding: 0 1; }"
    COMPONENT_CLASSES: ClassVar[set[str]] = set()

    @dataclass
    class Changed(Message):
        """Another choice was taken."""

        line: "ChoiceLine"
        name: str

        @property
        def control(self) -> "ChoiceLine":
            """The line it came from."""
            return self.line

    def __init__(self, choices: Sequence[Choice] = (), *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._choices = tuple(choices)
        self.taken = self._choices[0].name if self._choices else ""

    def offer(self, choices: Sequence[Choice]) -> None:
        """Replaces the choices; the one taken stays taken if it is still there."""
        self._choices = tuple(choices)
        if self.taken not in [choice.name for choice in self._choices]:
            self.taken = self._choices[0].name if self._choices else ""
        self.refresh()

    def take(self, name: str) -> None:
        """Takes the choice of that name, if it is there."""
        if name != self.taken and any(choice.name == name for choice in self._choices):
            self.taken = name
            self.refresh()
            self.post_message(self.Changed(self, name))

    def step(self, by: int) -> None:
        """Takes the next choice, or the one before; at the end it goes round."""
        names = [choice.name for choice in self._choices]
        if names:
            self.take(names[(names.index(self.taken) + by) % len(names)])

    def render(self) -> Text:
        """The choices from the first that lets the one taken be seen; `‹` and `›` where there are more."""
        names = [choice.name for choice in self._choices]
        taken = names.index(self.taken) if self.taken in names else 0
        parts = [self._part(choice) for choice in self._choices]
        start = 0
        while start < taken and not self._fits(parts, start, taken):
            start += 1
        end = len(parts)
        while end > taken + 1 and not self._fits(parts, start, end - 1):
            end -= 1
        more = words.sign("›") if end < len(parts) else ""
        before = f"{words.sign('‹')} " if start else ""
        return Text.assemble(before, *parts[start:end], more, no_wrap=True, overflow="crop")

    def _fits(self, parts: Sequence[Text], start: int, last: int) -> bool:
        ends = 2 * bool(start) + (last < len(parts) - 1)
        return sum(part.cell_len for part in parts[start : last + 1]) + ends <= self.size.width

    def _part(self, choice: Choice) -> Text:
        if choice.name == self.taken:
            return Text(f"[{choice.label()}]", style=Style(reverse=True, bold=True))
        return Text(f" {choice.label()} ")

"""Lines with a cursor that keys and the mouse move; it is always in sight."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.scroll_view import ScrollView

from inventory.language import N_

HEADING = 1  # line


class CursorView(ScrollView, can_focus=True, inherit_bindings=False):
    """A heading and below it `total` lines, one of them under the cursor; `moved` hears where it went."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", N_("One row up"), show=False),
        Binding("down,j", "move(1)", N_("One row down"), show=False),
        Binding("pageup,ctrl+b", "move_page(-1)", N_("One page up"), show=False),
        Binding("pagedown,ctrl+f", "move_page(1)", N_("One page down"), show=False),
        Binding("home,g", "move_to(0)", N_("First row"), show=False),
        Binding("end,G", "move_to(-1)", N_("Last row"), show=False),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self.cursor = 0

    @property
    def total(self) -> int:
        """How many lines there are."""
        raise NotImplementedError

    def moved(self) -> None:
        """The cursor stands on another line, or other lines came into sight."""
        raise NotImplementedError

    def action_move(self, by: int) -> None:
        """Moves the cursor by rows."""
        self.go(self.cursor + by)

    def action_move_page(self, by: int) -> None:
        """Moves the cursor by as many rows as are seen."""
        self.go(self.cursor + by * max(1, self.lines_seen - 1))

    def action_move_to(self, index: int) -> None:
        """Moves the cursor to a row; -1 is the last."""
        self.go(self.total - 1 if index < 0 else index)

    def go(self, index: int) -> None:
        """Puts the cursor on a line, or the nearest there is."""
        before, self.cursor = self.cursor, max(0, min(index, self.total - 1))
        if self.cursor != before:
            self.keep_in_sight()
            self.refresh()
            self.moved()

    @property
    def top(self) -> int:
        """The first line in sight."""
        return int(self.scroll_offset.y)

    @property
    def lines_seen(self) -> int:
        """How many lines there is room for."""
        return max(1, self.scrollable_content_region.height - HEADING)

    def line_at(self, y: int) -> int:
        """The line drawn at `y` of the widget; negative for the heading."""
        return self.top + y - HEADING if y >= HEADING else -1

    def keep_in_sight(self) -> None:
        """Scrolls no further than it must."""
        if self.cursor < self.top:
            self.scroll_to(y=self.cursor, animate=False)
        elif self.cursor >= self.top + self.lines_seen:
            self.scroll_to(y=self.cursor - self.lines_seen + 1, animate=False)

    def on_focus(self) -> None:
        """Shows the cursor in full."""
        self.refresh()

    def on_blur(self) -> None:
        """Shows that keys go elsewhere."""
        self.refresh()

"""What `u` takes back: one press, one change as the person made it, on however many devices."""

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from inventory.exits import MusterError
from inventory.types import DeviceChange

if TYPE_CHECKING:
    from inventory.register import Register

_KEPT = 50


class Undoing:
    """How many lines of the audit log each of the last changes wrote: the register undoes line by line."""

    def __init__(self) -> None:
        self._stack: list[int] = []

    def note(self, changes: Collection[DeviceChange]) -> None:
        """Remembers a change that was just made; one that changed nothing is none."""
        self.note_lines(len({change.device for change in changes}))

    def note_lines(self, lines: int) -> None:
        """Remembers a change that wrote so many lines."""
        if lines:
            self._stack = [*self._stack[1 - _KEPT :], lines]

    def last(self, by: str) -> "Callable[[Register], int]":
        """Takes back this person's last change, even one made before the app was opened; gives the lines.

        Where a line cannot be undone, because the thing was changed since, those before it stay undone.
        """
        lines = self._stack.pop() if self._stack else 1

        def put_back(register: "Register") -> int:
            for done in range(lines):
                try:
                    register.undo(by)
                except MusterError:
                    if not done:
                        raise
                    return done
            return lines

        return put_back

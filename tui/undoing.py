"""What `u` takes back: the changes made since the app was opened, the last one first."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inventory.types import Attribute, Device, DeviceStatus

if TYPE_CHECKING:
    from inventory.register import Register

_KEPT = 50


@dataclass(frozen=True, slots=True)
class Undoable:
    """One change: how many devices it was made on, and what puts them back as they were."""

    devices: int
    put_back: "Callable[[Register], object]"


class Undoing:
    """The changes that can be taken back."""

    def __init__(self) -> None:
        self._stack: list[Undoable] = []

    def note(self, change: Undoable) -> None:
        """Remembers a change that was just made."""
        self._stack = [*self._stack[1 - _KEPT :], change]

    def last(self) -> Undoable | None:
        """The change to be taken back now, and no more after it."""
        return self._stack.pop() if self._stack else None


def edit_undone(before: Sequence[Device], attributes: Iterable[Attribute], by: str) -> Undoable:
    """Puts back what people said of the devices before an edit; where nobody had, the scans' word stands."""
    wanted = tuple(attributes)

    def put_back(register: "Register") -> None:
        together: dict[tuple[tuple[Attribute, str], ...], list[str]] = {}
        for device in before:
            held = ((each, device.attributes.get(each)) for each in wanted)
            said = tuple((each, one.value if one is not None and one.locked else "") for each, one in held)
            together.setdefault(said, []).append(device.id)
        for said, names in together.items():
            register.edit(names, dict(said), by)

    return Undoable(len(before), put_back)


def status_undone(before: Sequence[Device], by: str) -> Undoable:
    """Puts records back into the state they were in; only a scan can say that one is unseen."""

    def put_back(register: "Register") -> None:
        together: dict[DeviceStatus, list[str]] = {}
        for device in before:
            was = DeviceStatus.DISCOVERED if device.status is DeviceStatus.UNSEEN else device.status
            together.setdefault(was, []).append(device.id)
        for status, names in together.items():
            register.set_status(names, status, by)

    return Undoable(len(before), put_back)

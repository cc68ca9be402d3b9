"""How a document is written while the devices go by: its beginning, some devices at a time, its end.

A document is one generator of bytes that gives None where the devices stand. What comes after is asked for
when all of them have gone by, so that it may speak of them all.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from inventory.export.alike import Alike, alike
from inventory.export.columns import Column
from inventory.snapshot.value import Snapshot
from inventory.types import CheckResult, Device

AT_ONCE = 250  # devices; a few megabytes in all forms together


@dataclass(frozen=True)
class Batch:
    """Some of a snapshot's devices and some of its check results, each in their order."""

    devices: Sequence[Device] = ()
    results: Sequence[CheckResult] = ()

    def cells(self, columns: tuple[Column, ...]) -> Sequence[Sequence[str | datetime]]:
        """A row of values for each device, read once for all forms that have the same columns."""
        if columns not in self._read:
            reads = [column.read for column in columns]
            self._read[columns] = [[read(device) for read in reads] for device in self.devices]
        return self._read[columns]

    @cached_property
    def alike(self) -> Sequence[Alike]:
        """What two forms write alike of each device."""
        return [alike(device) for device in self.devices]

    @cached_property
    def _read(self) -> dict[tuple[Column, ...], Sequence[Sequence[str | datetime]]]:
        return {}


class Form:
    """One document being written.

    `part` is what stands in it for one batch: pure, so that any process may make it. `joint` goes between.
    """

    def __init__(
        self,
        pieces: Iterator[bytes | None],
        part: Callable[[Batch], bytes] = lambda _batch: b"",
        joint: bytes = b"",
    ) -> None:
        self._pieces = pieces
        self.part = part
        self._joint = joint
        self._begun = False

    def begin(self) -> Iterator[bytes]:
        """What stands before the devices."""
        for piece in self._pieces:
            if piece is None:
                return
            yield piece

    def add(self, part: bytes) -> Iterator[bytes]:
        """What the next part adds."""
        if part:
            if self._begun:
                yield self._joint
            self._begun = True
            yield part

    def end(self) -> Iterator[bytes]:
        """What stands behind the devices."""
        return (piece for piece in self._pieces if piece is not None)

    def close(self) -> None:
        """Lets go of what a document holds that will not be written to its end."""
        if isinstance(self._pieces, Generator):
            self._pieces.close()


def in_passing(form: Form, snapshot: Snapshot) -> Iterator[bytes]:
    """The whole document of a snapshot that is in memory."""
    yield from form.begin()
    for batch in batches_of(snapshot):
        yield from form.add(form.part(batch))
    yield from form.end()


def batches_of(snapshot: Snapshot) -> Iterator[Batch]:
    """A snapshot in batches: its devices by id, then its results."""
    devices = sorted(snapshot.devices, key=lambda device: device.id)
    for start in range(0, len(devices), AT_ONCE):
        yield Batch(devices=devices[start : start + AT_ONCE])
    for start in range(0, len(snapshot.results), AT_ONCE):
        yield Batch(results=snapshot.results[start : start + AT_ONCE])

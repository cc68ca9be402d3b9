"""The register's list as a file for other people, written while its devices go by: few are in memory."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from inventory.exits import NotAllowed
from inventory.export import EXPORTER
from inventory.export.form import AT_ONCE, Batch
from inventory.language import _
from inventory.query import DeviceQuery
from inventory.register import Register
from inventory.snapshot.sketches import LISTED, Sketch, listed, own_fields, sketched, sketches
from inventory.snapshot.value import Snapshot, tell
from inventory.store.raw_rows import devices_of
from inventory.types import Device, DeviceStatus


@dataclass(frozen=True, slots=True)
class Listing:
    """What the query asks for, as `json`, `csv`, `xlsx` or `html` of one day."""

    query: DeviceQuery
    form: str
    language: str
    on: date

    def save(self, register: Register, file: Path) -> int:
        """Writes it to `file`, whole or not at all; gives the number of devices.

        NotAllowed where the file cannot be written: what it held before is still there.
        """
        if file.exists() and not file.is_file():  # a pipe, /dev/stdout
            beside = file
        else:
            beside = file.with_name(f".{file.name}.{os.getpid()}")
        try:
            try:
                with beside.open("wb") as handle:
                    count = self.write(register, handle.write)
                if beside != file:
                    beside.replace(file)
            finally:
                if beside != file:
                    beside.unlink(missing_ok=True)
        except OSError as error:
            reason = _("{file} cannot be written: {reason}")
            raise NotAllowed(reason.format(file=file, reason=error.strerror)) from error
        return count

    def write(self, register: Register, put: Callable[[bytes], object]) -> int:
        """Gives it to `put`, piece by piece."""
        with register.reading() as now:
            ids = sorted(now.ids(self.query))
            for piece in self._pieces(now, ids):
                put(piece)
        return len(ids)

    def _pieces(self, register: Register, ids: Sequence[str]) -> Iterator[bytes]:
        snapshot = Snapshot(label="", on=self.on)
        tell(snapshot, own_fields, register.living().own_fields)
        document = EXPORTER[self.form].form(snapshot, self.language)
        seen: dict[str, Sketch] = {}
        first: list[Device] = []
        yield from document.begin()
        for raw in register.raw_rows(ids, AT_ONCE, with_results=False):
            batch = Batch(devices_of(raw))
            seen |= {one.id: one for one in sketched(batch.devices, (), self.on)}
            if len(first) < LISTED:
                first += (one for one in batch.devices if one.status is not DeviceStatus.RETIRED)
            yield from document.add(document.part(batch))
        tell(snapshot, sketches, seen)
        tell(snapshot, listed, tuple(first[:LISTED]))
        yield from document.end()

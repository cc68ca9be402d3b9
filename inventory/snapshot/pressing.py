"""The files of a snapshot, written side by side while its devices go by once.

What stands in each file for some devices is made by as many processes as there are processors; the same
bytes come out whatever their number. Only a few hundred devices are in memory at a time.
"""

import hashlib
import marshal
import os
import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import BinaryIO, Self

from inventory.exits import StoreFault
from inventory.export import EXPORTER
from inventory.export.form import AT_ONCE, Batch, Form, batches_of
from inventory.export.lifecycle import support_ends
from inventory.export.standing import standing
from inventory.language import _
from inventory.snapshot import canonical, summary
from inventory.snapshot.hands import hands, shared_out, spare_hands
from inventory.snapshot.posture import posture
from inventory.snapshot.sketches import LISTED, Sketch, device_ids, listed, own_fields, sketched, sketches
from inventory.snapshot.value import Snapshot, tell
from inventory.store.raw_rows import Living, RawRows, devices_of, results_of
from inventory.types import Device, DeviceStatus

SNAPSHOT = "snapshot.json"
SUMMARY = "summary.json"

_WORTH_A_PROCESS = 20 * AT_ONCE
_FLUSHED = 16 << 20  # octets, after which the disk may begin


class _File:
    """A new file with the document that is written to it."""

    def __init__(self, place: Path, form: Form) -> None:
        self.form = form
        self._handle: BinaryIO = place.open("xb")
        self._digest = hashlib.sha256()
        self._flushed = 0

    def put(self, pieces: Iterable[bytes]) -> None:
        for piece in pieces:
            self._handle.write(piece)
            self._digest.update(piece)
        written = self._handle.tell()
        if written - self._flushed > _FLUSHED:
            self.flush()
            # The kernel starts to write; otherwise it would wait, and we for it at the end.
            os.posix_fadvise(
                self._handle.fileno(), self._flushed, written - self._flushed, os.POSIX_FADV_DONTNEED
            )
            self._flushed = written

    def flush(self) -> None:
        self._handle.flush()

    def finish(self) -> str:
        """Writes the end, down to the disk; gives the file's SHA-256 in hex."""
        self.put(self.form.end())
        self.flush()
        os.fsync(self._handle.fileno())
        return self._digest.hexdigest()

    def close(self) -> None:
        self.form.close()
        self._handle.close()


@dataclass(frozen=True, slots=True)
class Passing:
    """Devices that go by: their ids in order, which of the firm's own fields any has, and some at a time.

    `batch_of` makes values of what `octets` give; any process may do so.
    """

    ids: Sequence[str]
    own_fields: tuple[str, ...]
    octets: Iterable[bytes]
    batch_of: Callable[[bytes], Batch]

    @classmethod
    def of_rows(cls, living: Living, rows: Iterable[RawRows]) -> Self:
        """The register's devices, from their rows."""
        return cls(living.ids, living.own_fields, (marshal.dumps(tuple(raw)) for raw in rows), _batch_of_rows)

    @property
    def many(self) -> bool:
        """Whether they are worth more processes than one."""
        return len(self.ids) > _WORTH_A_PROCESS


def press(folder: Path, snapshot: Snapshot, passing: Passing | None = None) -> Mapping[str, str]:
    """Writes every file of `snapshot` into `folder`; gives their SHA-256 in hex, by name.

    Where its devices are `passing` it holds none, nor results; it is told what is asked of them all.
    """
    if passing:
        tell(snapshot, device_ids, frozenset(passing.ids))
        tell(snapshot, own_fields, passing.own_fields)
    with ExitStack() as opened:
        files = {}
        for name, form in FORMS.items():
            files[name] = _File(folder / name, form(snapshot, folder))
            opened.callback(files[name].close)
        each = tuple(files.values())
        for file in each:
            file.put(file.form.begin())
        if passing is None:
            for batch in batches_of(snapshot):
                _add(each, _parts(each, batch))
            return _finished(files)
        return _streamed(files, snapshot, passing)


def _streamed(files: Mapping[str, _File], snapshot: Snapshot, passing: Passing) -> Mapping[str, str]:
    each = tuple(files.values())
    first: list[Device] = []
    seen: dict[str, Sketch] = {}

    def work(question: bytes) -> list[bytes]:
        """The parts of one batch, and its devices' sketches behind them."""
        batch = passing.batch_of(question)
        told = list(sketched(batch.devices, batch.results, snapshot.on))
        return [*_parts(each, batch), pickle.dumps(told)]

    def questions() -> Iterator[bytes]:
        for octets in passing.octets:
            if len(first) < LISTED:
                devices = passing.batch_of(octets).devices
                first.extend(one for one in devices if one.status is not DeviceStatus.RETIRED)
            yield octets

    with shared_out(work, questions(), worth=passing.many) as answers:
        for *parts, told in answers:
            _add(each, parts)
            seen.update((one.id, one) for one in pickle.loads(told))  # noqa: S301 - our own process wrote it
    if seen.keys() != device_ids(snapshot):
        raise StoreFault(_("the register did not give all of its devices: nothing was frozen"))
    tell(snapshot, sketches, seen)
    tell(snapshot, listed, tuple(first[:LISTED]))
    if not passing.many:
        return _finished(files)
    for ask in (standing, posture, support_ends):
        ask(snapshot)  # asked by both: answered once, before there are two
    for file in each:
        file.flush()
    theirs = {name: file for name, file in files.items() if name not in _ENDS_HERE}
    with hands(min(1, spare_hands()), lambda _question: [pickle.dumps(_finished(theirs))]) as ours:
        for hand in ours:
            hand.ask(b"")
        digests = _finished({name: file for name, file in files.items() if name in _ENDS_HERE or not ours})
        for hand in ours:
            digests |= pickle.loads(*hand.answer())  # noqa: S301 - our own process wrote it
    return digests


def _batch_of_rows(octets: bytes) -> Batch:
    raw = RawRows(*marshal.loads(octets))  # noqa: S302 - our own process wrote it
    return Batch(devices_of(raw), results_of(raw))


def _parts(files: Sequence[_File], batch: Batch) -> list[bytes]:
    return [file.form.part(batch) for file in files]


def _add(files: Sequence[_File], parts: Sequence[bytes]) -> None:
    for file, part in zip(files, parts, strict=True):
        file.put(file.form.add(part))


def _finished(files: Mapping[str, _File]) -> dict[str, str]:
    return {name: file.finish() for name, file in files.items()}


def _exported(name: str, language: str) -> Callable[[Snapshot, Path], Form]:
    return lambda snapshot, _folder: EXPORTER[name].form(snapshot, language)


def _afterwards(pieces: Callable[[Snapshot], Iterable[bytes]]) -> Callable[[Snapshot, Path], Form]:
    """A document that is made, and whose module is loaded, when all devices have gone by."""

    def whole(snapshot: Snapshot) -> Iterator[bytes | None]:
        yield None
        yield from pieces(snapshot)

    return lambda snapshot, _folder: Form(whole(snapshot))


def _script(_snapshot: Snapshot, _folder: Path) -> Form:
    return Form(iter([(resources.files("inventory.snapshot") / "standalone.py").read_bytes()]))


# The files that the manifest lists, each a pure function of the snapshot; the folder is for what must wait.
FORMS: Mapping[str, Callable[[Snapshot, Path], Form]] = {
    SNAPSHOT: canonical.form,
    SUMMARY: _afterwards(lambda snapshot: [summary.to_bytes(summary.summary_of(snapshot))]),
    "register.json": _exported("json", "en"),
    "register.csv": _exported("csv", "en"),
    "register.xlsx": _exported("xlsx", "zh_TW"),
    "report.zh-TW.html": _afterwards(lambda snapshot: EXPORTER["html"].pieces(snapshot, "zh_TW")),
    "report.en.html": _afterwards(lambda snapshot: EXPORTER["html"].pieces(snapshot, "en")),
    "oscal-results.json": _exported("oscal-results", "en"),
    "oscal-poam.json": _exported("oscal-poam", "en"),
    "verify.py": _script,
}
_ENDS_HERE = (SNAPSHOT, "register.xlsx")  # half of the work that is left when the devices have gone by

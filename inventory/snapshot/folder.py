"""A snapshot on disk: a folder that is there whole or not at all.

snapshot.json         everything, canonical (RFC 8785)      register.xlsx       the workbook to file
summary.json          the same in a few lines
register.json, .csv   the register in its public forms      report.*.html       the report, two languages
oscal-results.json    the judgement for OSCAL's tools       oscal-poam.json     what is to be done, for them
verify.py             checks the folder without Muster      MANIFEST.sha256     the digest of each file
MANIFEST.sha256.sig   Ed25519 over the manifest             signer.pub.pem      the key to check it with
"""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from inventory.language import _
from inventory.snapshot import summary
from inventory.snapshot.canonical import from_bytes
from inventory.snapshot.faults import Unreadable, Unwritable
from inventory.snapshot.manifest import MANIFEST, PUBLIC_KEY, SIGNATURE, manifest_of
from inventory.snapshot.pressing import SNAPSHOT, SUMMARY, Passing, press
from inventory.snapshot.signing import Signer
from inventory.snapshot.summary import Summary
from inventory.snapshot.value import Snapshot


@dataclass(frozen=True, slots=True)
class Stored:
    """A snapshot's folder and the SHA-256 of its manifest, which the next snapshot will name."""

    place: Path
    digest: str


def write(snapshot: Snapshot, place: Path, signer: Signer, passing: Passing | None = None) -> Stored:
    """Writes `snapshot` to the new folder `place`, readable by its owner alone.

    The same snapshot and signer give the same bytes in every file, whether its devices are in memory or
    `passing`. Unwritable where `place` holds anything already, or the disk is full or read-only; nothing
    half-made stays behind.
    """
    _refuse_taken(place)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with unfinished_in(place.parent) as unfinished:
            manifest = manifest_of(press(unfinished, snapshot, passing))
            _put(unfinished / MANIFEST, manifest)
            _put(unfinished / SIGNATURE, signer.sign(manifest))
            _put(unfinished / PUBLIC_KEY, signer.public_pem)
            unfinished.rename(place)
    except OSError as error:
        raise _unwritable(place, error) from error
    return Stored(place, hashlib.sha256(manifest).hexdigest())


def duplicate(source: Path, place: Path) -> None:
    """Copies every file of the snapshot at `source` to the new folder `place`, whole or not at all."""
    _refuse_taken(place)
    try:
        with unfinished_in(place.parent) as unfinished:
            for file in source.iterdir():
                shutil.copyfile(file, unfinished / file.name)
            unfinished.rename(place)
    except OSError as error:
        raise _unwritable(place, error) from error


def load(place: Path) -> Snapshot:
    """The snapshot in the folder `place`, as it was frozen; Unreadable where there is none.

    Loading does not verify: `inventory.snapshot.verification` does.
    """
    return from_bytes(_content(place / SNAPSHOT), str(place / SNAPSHOT))


def summary_at(place: Path) -> Summary:
    """What the snapshot in the folder `place` says of itself in a few lines; Unreadable where nothing."""
    return summary.from_bytes(_content(place / SUMMARY), str(place / SUMMARY))


def digest_at(place: Path) -> str:
    """The digest by which other snapshots name the one at `place`; Unreadable where it has no manifest."""
    return hashlib.sha256(_content(place / MANIFEST)).hexdigest()


def snapshots_in(folder: Path) -> tuple[Path, ...]:
    """The snapshot folders directly in `folder`, by name; none where the folder does not exist."""
    if not folder.is_dir():
        return ()
    return tuple(sorted(file.parent for file in folder.glob(f"*/{MANIFEST}") if not _unfinished(file.parent)))


def latest_before(on: date, others: Iterable[Path]) -> Path | None:
    """The youngest of `others` frozen on a day before `on`; None where there is none.

    A snapshot of the same day is no predecessor: making one again must give the same bytes. Nor is a copy
    without personal names: the chain is of originals.
    """
    told = [(summary_at(place), place) for place in others]
    earlier = [(old.on, old.label, place) for old, place in told if old.on < on and not old.redacts]
    return max(earlier)[-1] if earlier else None


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Unreadable(
            _("{place}: not a snapshot: {error}").format(place=file, error=error.strerror)
        ) from error


def _refuse_taken(place: Path) -> None:
    if place.exists() and not (place.is_dir() and not any(place.iterdir())):
        raise Unwritable(
            _("{place}: not empty; a snapshot is never written over, name another place (--out)").format(
                place=place
            )
        )


def _unwritable(place: Path, error: OSError) -> Unwritable:
    return Unwritable(
        _("{place}: the snapshot could not be written: {error}").format(place=place, error=error.strerror)
    )


def _put(file: Path, content: bytes) -> None:
    """Writes a new file down to the disk."""
    with file.open("xb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())


@contextmanager
def unfinished_in(folder: Path) -> Iterator[Path]:
    """A new folder to fill and rename, readable by its owner alone; gone afterwards if it was not renamed.

    Those that a killed process left in `folder` are removed first; one still being filled is let be.
    """
    for left_over in folder.glob(f"{_UNFINISHED}*"):
        with _held(left_over) as ours:
            if ours:
                shutil.rmtree(left_over, ignore_errors=True)
    unfinished = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=folder))  # 0700: it names weaknesses
    try:
        with _held(unfinished):
            yield unfinished
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


@contextmanager
def _held(place: Path) -> Iterator[bool]:
    """Holds the folder for this process, until the end or its death; False where another one does."""
    try:
        handle = os.open(place, os.O_RDONLY)
    except OSError:
        yield False
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        ours = True
    except BlockingIOError:
        ours = False
    try:
        yield ours
    finally:
        os.close(handle)


_UNFINISHED = ".unfinished-snapshot-"


def _unfinished(place: Path) -> bool:
    return place.name.startswith(_UNFINISHED)

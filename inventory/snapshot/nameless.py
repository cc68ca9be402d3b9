"""The copy of a snapshot without personal names: made, and proved, while its devices go by."""

from functools import partial
from itertools import zip_longest
from pathlib import Path

from inventory.export.form import Batch
from inventory.snapshot import canonical
from inventory.snapshot.faults import Unreadable
from inventory.snapshot.folder import Stored, digest_at, write
from inventory.snapshot.frozen import Frozen
from inventory.snapshot.hands import shared_out
from inventory.snapshot.pressing import SNAPSHOT, Passing
from inventory.snapshot.redaction import Names, devices_without_names, named_by, named_in, without_names
from inventory.snapshot.signing import Signer
from inventory.snapshot.value import Snapshot


def copy_without_names(original: Path, place: Path, signer: Signer) -> Stored:
    """Writes the copy of the snapshot at `original` to the new folder `place`.

    Whoever holds the original can make it again byte for byte. Faults as `write` and `load` have them.
    """
    frame, passing = _copy_of(original)
    return write(frame, place, signer, passing)


def is_copy_of(place: Path, original: Path) -> bool:
    """Whether the snapshot at `place` is the copy of `original`, octet by octet; Unreadable: no original."""
    frame, passing = _copy_of(original)
    with shared_out(partial(_written, passing), passing.octets, worth=passing.many) as made:
        try:
            copy = Frozen(place / SNAPSHOT)
            if copy.frame_octets != canonical.to_bytes(frame):
                return False
            return all(ours == [theirs] for ours, theirs in zip_longest(made, copy.batches()))
        except Unreadable:
            return False


def _copy_of(original: Path) -> tuple[Snapshot, Passing]:
    """The copy's frame, and its devices as they go by."""
    frozen = Frozen(original / SNAPSHOT)
    ids: list[str] = []
    own_fields: set[str] = set()
    named: dict[str, None] = {}
    for device in frozen.plain_devices():
        ids.append(device["id"])
        own_fields.update(device["custom"])
        named.update(dict.fromkeys(named_by(device)))
    names = Names([*named, *named_in(frozen.frame)])

    def batch_of(octets: bytes) -> Batch:
        return devices_without_names(frozen.batch(octets), names)

    frame = without_names(frozen.frame, names, digest_at(original))
    return frame, Passing(ids, tuple(sorted(own_fields)), frozen.batches(), batch_of)


def _written(passing: Passing, octets: bytes) -> list[bytes]:
    return [canonical.part(passing.batch_of(octets))]

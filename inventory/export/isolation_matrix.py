"""Which kinds of devices stand in which segments, and whether they were measured to be kept apart there."""

from collections import Counter
from dataclasses import dataclass
from enum import Enum

from inventory.export.wording import Term, label
from inventory.snapshot.sketches import Checked, sketches
from inventory.snapshot.value import Snapshot
from inventory.types import CheckOutcome, DeviceClass


class Apart(Enum):
    """How the isolation of one device stands, the worst first; the word is the page's colour."""

    LEAKING = "breach"
    WRONG_SEGMENT = "refused"
    NOT_MEASURED = "undetermined"
    ISOLATED = "compliant"
    NOT_APPLICABLE = "not-applicable"

    @property
    def title(self) -> Term:
        """What documents call it."""
        return _TITLES[self]


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """The devices of one kind in one segment; `worst` is None where there are none."""

    counts: tuple[tuple[Apart, int], ...]

    @property
    def worst(self) -> Apart | None:
        """The worst standing among them."""
        return self.counts[0][0] if self.counts else None


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One kind of device, with a cell for each segment."""

    name: str
    cells: tuple[MatrixCell, ...]


def isolation_matrix(snapshot: Snapshot, language: str) -> tuple[tuple[str, ...], tuple[MatrixRow, ...]]:
    """The segments' names, and a row for each kind of device that is in any of them; no retired ones."""
    counted: Counter[tuple[DeviceClass, str, Apart]] = Counter(
        (device.device_class, device.segment, _standing(device.isolation))
        for device in sketches(snapshot).values()
        if device.present
    )
    segments = sorted({segment for _kind, segment, _standing in counted})
    kinds = [kind for kind in DeviceClass if any(kind is counted_kind for counted_kind, _s, _a in counted)]
    rows = (
        MatrixRow(
            label(kind, language),
            tuple(
                MatrixCell(tuple((a, counted[kind, segment, a]) for a in Apart if counted[kind, segment, a]))
                for segment in segments
            ),
        )
        for kind in kinds
    )
    return tuple(segment or "–" for segment in segments), tuple(rows)


def _standing(result: Checked | None) -> Apart:
    if result is None:
        return Apart.NOT_MEASURED
    if result.outcome is CheckOutcome.NOT_APPLICABLE:
        return Apart.NOT_APPLICABLE
    if result.outcome is CheckOutcome.FAIL:
        return Apart.LEAKING if result.measured == "leaking" else Apart.WRONG_SEGMENT
    return Apart.ISOLATED if result.outcome is CheckOutcome.PASS else Apart.NOT_MEASURED


_TITLES = {
    Apart.LEAKING: Term("Reaches the internal network", "可連通內部網路"),
    Apart.WRONG_SEGMENT: Term("In a segment not meant for it", "所在網段不符"),
    Apart.NOT_MEASURED: Term("Not measured", "未實測"),
    Apart.ISOLATED: Term("Measured isolated", "實測已隔離"),
    Apart.NOT_APPLICABLE: Term("Not applicable", "不適用"),
}

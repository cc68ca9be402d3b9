"""When vendors' support ends: what the firmware check found, by the quarters replacements are planned in."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from enum import Enum

from inventory.export.wording import Term
from inventory.snapshot.sketches import Sketch, Support, sketches
from inventory.snapshot.value import Snapshot, once

_QUARTERS_SHOWN = 4


class Horizon(Enum):
    """How a device stands with its vendor's support on the snapshot's day."""

    ENDED = Term("Ended", "已終止")
    ENDING = Term("Ends within four quarters", "四季內終止")
    LATER = Term("Ends later", "四季後終止")
    NO_END_KNOWN = Term("Supported, no end announced", "支援中，未公告終止日")
    NOT_KNOWN = Term("Not known", "無資料")

    @property
    def title(self) -> Term:
        """What documents call it."""
        return self.value


@dataclass(frozen=True, slots=True)
class SupportEnd:
    """One device's end of support: the day (None: not announced), where it lies, and who says so."""

    device: Sketch
    support: Support
    on: date | None
    horizon: Horizon


@once
def support_ends(snapshot: Snapshot) -> tuple[SupportEnd, ...]:
    """Devices of which the vendor's word is on file, ended ones first, then by day; no retired ones."""
    told = [
        _support_end(device, device.support, snapshot.on)
        for device in sketches(snapshot).values()
        if device.present and device.support
    ]
    return tuple(sorted(told, key=lambda end: (_ORDER[end.horizon], end.on or date.max, end.device.id)))


def by_quarter(snapshot: Snapshot, language: str) -> tuple[tuple[str, int], ...]:
    """Devices by when their support ends: ended, each of the next four quarters, later, and not known."""
    ends = support_ends(snapshot)
    horizons = Counter(end.horizon for end in ends)
    quarters = Counter(quarter_of(end.on) for end in ends if end.on and end.horizon is Horizon.ENDING)
    present = sum(device.present for device in sketches(snapshot).values())
    first = quarter_of(snapshot.on)
    return (
        (Horizon.ENDED.title.within(language), horizons[Horizon.ENDED]),
        *((quarter_name(first + step), quarters[first + step]) for step in range(_QUARTERS_SHOWN)),
        *((h.title.within(language), horizons[h]) for h in (Horizon.LATER, Horizon.NO_END_KNOWN)),
        (Horizon.NOT_KNOWN.title.within(language), present - len(ends)),
    )


def quarter_of(day: date) -> int:
    """Quarters since the year 0, so that neighbours differ by one."""
    return day.year * 4 + (day.month - 1) // 3


def quarter_name(quarter: int) -> str:
    """`2026 Q4`."""
    return f"{quarter // 4} Q{quarter % 4 + 1}"


_ORDER = {horizon: place for place, horizon in enumerate(Horizon)}


def _support_end(device: Sketch, support: Support, on: date) -> SupportEnd:
    ends = _day(support.ends)
    if support.state in ("security-ended", "ended"):
        horizon = Horizon.ENDED
    elif ends is None:
        horizon = Horizon.NO_END_KNOWN
    elif quarter_of(ends) - quarter_of(on) < _QUARTERS_SHOWN:
        horizon = Horizon.ENDING if ends >= on else Horizon.ENDED
    else:
        horizon = Horizon.LATER
    return SupportEnd(device, support, ends, horizon)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None

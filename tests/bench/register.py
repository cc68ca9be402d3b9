"""The register from 1,000 to 100,000 devices: pages, one device, the past, intake, import, size; five years.

The peer column holds what we promise (the thresholds of the design); the import's peer is NetBox as its
own users measured it, 25 s for 10 devices. Draws `docs/pictures/register-scale.svg`.
"""

import tempfile
from pathlib import Path

from inventory.register import Register
from inventory.types import FixedClock
from tests.bench import big_register, register_scale, register_years
from tests.bench.register_scale import Measured
from tests.inventory.postgresql import missing, running

Row = tuple[str, float, float, float, str]

SIZES = (1_000, 10_000, 100_000)
NETBOX_ROWS_A_SECOND = 10 / 25


def bench() -> list[Row]:
    """Every number of the register's room."""
    with tempfile.TemporaryDirectory() as folder:
        years = register_years.megabytes(Path(folder) / "years.sqlite")
        measured = []
        for count in SIZES:
            place = Path(folder) / f"{count}.sqlite"
            measured.append(register_scale.measure(place, count))
            place.unlink()
    register_scale.draw(measured)
    small, large = measured[0], measured[-1]
    devices = f"{large.devices:,} devices"
    return [
        _row(f"size of a device with 3 years of history, {devices}", large.kib, 15, "KiB"),
        _row("5 years of weekly scans of 1,000 devices", years, 500, "MB"),
        _row("one device with its history", large.one, 20, "ms"),
        _row(f"slowest page of 100, any filter, any sort ({large.filtered[1]})", large.filtered[0], 50, "ms"),
        _row(f"the same, no filter ({large.sorted_[1]})", large.sorted_[0], 50, "ms"),
        _row(
            f"slowest page as of 500 days ago, any filter, any sort ({large.past_filtered[1]})",
            *(large.past_filtered[0], 100, "ms"),
        ),
        _row(f"the same, no filter ({large.past[1]})", large.past[0], 100, "ms"),
        _row(f"slowest page by a field of the firm's own ({large.own[1]})", large.own[0], 50, "ms"),
        _row(f"the same as of 500 days ago ({large.past_own[1]})", large.past_own[0], 100, "ms"),
        _row(f"rows a second imported into {devices}", large.imported, 5000, "rows/s"),
        _row("the same, NetBox as peer", large.imported, NETBOX_ROWS_A_SECOND, "rows/s"),
        *_postgresql(),
        _row("20,000 observations of new devices", large.new, 10, "s"),
        _row("20,000 observations of known devices", large.known, 10, "s"),
        *_level(small, large),
    ]


def _postgresql() -> list[Row]:
    """The import once more where a server can be started; the devices there came from lists as well."""
    if missing():
        return []
    with running(durable=True) as fresh, Register.open(fresh(), FixedClock(big_register.NOW)) as register:
        *before, last = (register_scale.imported(register, number) for number in range(11))
    there = len(before) * register_scale.A_LIST
    return [_row(f"rows a second imported into {there:,} devices, PostgreSQL", last, 5000, "rows/s")]


def _level(small: Measured, large: Measured) -> list[Row]:
    """What one more device costs in the large register beside the small one."""
    beside = f"{large.devices:,} devices beside {small.devices:,}"
    return [
        _row(f"a row imported, {beside}", large.a_row, small.a_row, "ms"),
        _row(f"a sighting taken in, {beside}", large.a_sighting, small.a_sighting, "ms"),
        _row(f"a sorted page, {beside}", large.sorted_[0], small.sorted_[0], "ms"),
    ]


def _row(what: str, ours: float, promised: float, unit: str) -> Row:
    return (what, ours, promised, ours / promised, unit)

"""The screen on a large register: first paint, scrolling, filtering, memory; beside Textual's own DataTable.

Each side runs in a process of its own, so that neither pays for the other's memory: `python -m
tests.bench.tui muster|datatable REGISTER` prints its numbers as JSON.
"""

import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import textual.app
import textual.pilot

from tests.bench import big_register
from tests.tui.resting import at_rest

DEVICES = 100_000
SIZE = (120, 36)
_SCROLLS = 20
_KEYS = {":": "colon", " ": "space", ">": "greater_than_sign", "<": "less_than_sign", "-": "minus"}
_FILTER = "class:camera seen>2025-01 eol<2027"

Row = tuple[str, float, float, float, str]


def bench() -> list[Row]:
    """Rows of what, ours, the peer's, the ratio and the unit."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "register.sqlite"
        big_register.fill(place, DEVICES)
        ours, peer = (_measured(side, place) for side in ("muster", "datatable"))
    units = {"first paint": "ms", "a page of scrolling": "ms", "a key in the filter": "ms", "memory": "MB"}
    return [
        (
            f"TUI, {DEVICES:,} devices: {what}",
            ours[what],
            peer.get(what, float("nan")),
            ours[what] / peer[what] if peer.get(what) else float("nan"),
            unit,
        )
        for what, unit in units.items()
    ]


def _measured(side: str, place: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.tui", side, str(place)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=900)
    numbers: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return numbers


async def muster(place: Path) -> dict[str, float]:
    """The register screen: opened, scrolled, filtered by typing."""
    from inventory.register import Register
    from inventory.types import FixedClock
    from tui.app import MusterApp
    from tui.screens.register import RegisterTable
    from tui.widgets.windowed_table import WindowedTable

    with Register.open(str(place), FixedClock(big_register.NOW), create=False) as register:
        app = MusterApp(register, operator="bench", clock=FixedClock(big_register.NOW))
        async with app.run_test(size=SIZE) as pilot:
            await app.workers.wait_for_complete()
            start = time.perf_counter()
            await pilot.press("2")
            await _until(lambda: isinstance(app.screen, RegisterTable))
            table = app.screen.query_one(WindowedTable)
            await _until(lambda: table.loaded)
            first = time.perf_counter() - start
            scrolls = []
            for _page in range(_SCROLLS):
                start = time.perf_counter()
                await pilot.press("pagedown")
                await _until(lambda: table.current is not None)
                scrolls.append(time.perf_counter() - start)
            await pilot.press("slash")
            keys = []
            for letter in _FILTER:
                start = time.perf_counter()
                await pilot.press(_KEYS.get(letter, letter))
                await _until(lambda: table.loaded)
                keys.append(time.perf_counter() - start)
    return _numbers(first, scrolls, keys)


async def datatable(place: Path) -> dict[str, float]:
    """What one writes without windows: every row in Textual's DataTable, filtered by filling it anew."""
    from textual.app import App, ComposeResult
    from textual.widgets import DataTable

    from inventory.register import Register
    from inventory.types import Attribute, FixedClock

    columns = (Attribute.DEVICE_CLASS, Attribute.VENDOR, Attribute.MODEL, Attribute.OWNER, Attribute.LOCATION)

    class Plain(App[None]):
        def compose(self) -> ComposeResult:
            yield DataTable()

    with Register.open(str(place), FixedClock(big_register.NOW), create=False) as register:
        app = Plain()
        async with app.run_test(size=SIZE) as pilot:
            table = app.query_one(DataTable)
            table.add_columns(*(column.value for column in columns))
            start = time.perf_counter()
            rows = [tuple(device.text(column) for column in columns) for device in register.devices()]
            table.add_rows(rows)
            await pilot.pause()
            first = time.perf_counter() - start
            scrolls = []
            for _page in range(_SCROLLS):
                start = time.perf_counter()
                await pilot.press("pagedown")
                scrolls.append(time.perf_counter() - start)
            start = time.perf_counter()
            table.clear()
            table.add_rows([row for row in rows if row[0] == "camera"])
            await pilot.pause()
            keys = [time.perf_counter() - start]
    return _numbers(first, scrolls, keys)


def _numbers(first: float, scrolls: list[float], keys: list[float]) -> dict[str, float]:
    """Milliseconds (of many the median) and megabytes at the highest."""
    return {
        "first paint": first * 1000,
        "a page of scrolling": median(scrolls) * 1000,
        "a key in the filter": median(keys) * 1000,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


async def _until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(120):
        while not done():  # noqa: ASYNC110 - what is measured has no event of its own
            await asyncio.sleep(0)


if __name__ == "__main__":
    # Textual's pilot waits until the processor rests, up to a tenth of a second a key: that is no one's work.
    textual.app.wait_for_idle = textual.pilot.wait_for_idle = at_rest
    sides = {"muster": muster, "datatable": datatable}
    sys.stdout.write(json.dumps(asyncio.run(sides[sys.argv[1]](Path(sys.argv[2])))) + "\n")

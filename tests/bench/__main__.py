"""`make bench`: every bench once, in one run on one machine; prints a table and writes docs/benchmarks.md."""

import platform
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from tests.bench import freezing, offline_checks, register, sweep, tui

Row = tuple[str, float, float, float, str]

# One function a room: rows of (what, ours, peer, ours / peer, unit).
BENCHES: tuple[Callable[[], list[Row]], ...] = (
    offline_checks.bench,
    freezing.bench,
    sweep.bench,
    register.bench,
    tui.bench,
)
_DOCUMENT = Path(__file__).parents[2] / "docs" / "benchmarks.md"


def main() -> None:
    """Runs the benches and writes what they measured."""
    rows = [row for bench in BENCHES for row in bench()]
    day = datetime.now(UTC).date()
    lines = [
        "# Benchmarks",
        "",
        f"Written by `make bench` on {day}, Python {platform.python_version()}, {platform.machine()}.",
        "Ours and the peer are measured in the same run.",
        "",
        "| what | Muster | peer | ratio | unit |",
        "|---|---:|---:|---:|---|",
        *(
            f"| {what} | {ours:.2f} | {peer:.2f} | {ratio:.2f} | {unit} |"
            for what, ours, peer, ratio, unit in rows
        ),
    ]
    text = "\n".join(lines) + "\n"
    _DOCUMENT.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()

"""`make bench`: every bench once, in one run on one machine; prints a table and writes docs/benchmarks.md.

`make bench ONLY="sweep tui"` runs those named and prints, but leaves the page alone: it is of one whole run.
"""

import platform
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from tests.bench import freezing, gentle, identification, judgement, offline_checks, register, sweep, tui

Row = tuple[str, float, float, float, str]

# One function a room: rows of (what, ours, peer, ours / peer, unit).
BENCHES: dict[str, Callable[[], list[Row]]] = {
    "offline_checks": offline_checks.bench,
    "judgement": judgement.bench,
    "freezing": freezing.bench,
    "identification": identification.bench,
    "sweep": sweep.bench,
    "gentle": gentle.bench,
    "register": register.bench,
    "tui": tui.bench,
}
_DOCUMENT = Path(__file__).parents[2] / "docs" / "benchmarks.md"


def main() -> None:
    """Runs the benches (or those named as arguments) and writes what they measured."""
    wanted = sys.argv[1:] or list(BENCHES)
    if unknown := [name for name in wanted if name not in BENCHES]:
        sys.exit(f"no such bench: {', '.join(unknown)}; there are {', '.join(BENCHES)}")
    rows = [row for name in wanted for row in BENCHES[name]()]
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
    if len(wanted) == len(BENCHES):
        _DOCUMENT.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()

"""`make bench`: measures every bench and writes docs/benchmarks.md, one section a bench.

`make bench ONLY="sweep tui"` measures those named and leaves the other sections as they were measured. Ours
and the peer's stand in one run of one bench; each section says when and on what it was measured.
"""

import inspect
import os
import platform
import re
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from tests.bench import freezing, gentle, identification, judgement, offline_checks, register, sweep, tui

Row = tuple[str, float, float, float, str]

# One function a section: rows of (what, ours, peer, ours / peer, unit).
BENCHES: dict[str, Callable[[], list[Row]]] = {
    "sweep": sweep.bench,
    "gentle": gentle.bench,
    "identification": identification.bench,
    "register": register.bench,
    "offline_checks": offline_checks.bench,
    "judgement": judgement.bench,
    "freezing": freezing.bench,
    "tui": tui.bench,
}
_PICTURES = {"register": "pictures/register-scale.svg"}
_DOCUMENT = Path(__file__).parents[2] / "docs" / "benchmarks.md"
_HEAD = """# Benchmarks

Written by `make bench`. In each section, what is Muster's and what is the peer's were measured in the same
run; where there is no peer, the second figure is the one that was wanted. The sections may be of different
days.
"""


def main() -> None:
    """Runs the benches, or those named as arguments; one that measured nothing leaves its section alone."""
    wanted = sys.argv[1:] or list(BENCHES)
    if unknown := [name for name in wanted if name not in BENCHES]:
        sys.exit(f"no such bench: {', '.join(unknown)}; there are {', '.join(BENCHES)}")
    for name in wanted:
        if rows := BENCHES[name]():
            section = "\n".join(_section(name, rows))
            print(section, flush=True)
            known = _known() | {name: section}
            text = "\n".join([_HEAD, *(known[one] for one in BENCHES if one in known)])
            _DOCUMENT.write_text(text, encoding="utf-8")


def _section(name: str, rows: list[Row]) -> Iterator[str]:
    about = (inspect.getdoc(BENCHES[name]) or "").partition("\n")[0]
    machine = f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores"
    yield from (f"## {name}", "", about, f"Measured on {datetime.now(UTC).date()}: {machine}.", "")
    yield from ("| what | Muster | peer | ratio | unit |", "|---|---:|---:|---:|---|")
    for what, ours, peer, ratio, unit in rows:
        yield f"| {what} | {ours:,.2f} | {peer:,.2f} | {ratio:.2f} | {unit} |"
    if name in _PICTURES:
        yield from ("", f"![{about}]({_PICTURES[name]})")
    yield ""


def _known() -> dict[str, str]:
    """The sections of the page as it stands."""
    text = _DOCUMENT.read_text(encoding="utf-8") if _DOCUMENT.exists() else ""
    parts = re.split(r"^## (.+)\n", text, flags=re.MULTILINE)[1:]
    return {
        name: f"## {name}\n{said}".rstrip("\n") + "\n"
        for name, said in zip(parts[::2], parts[1::2], strict=True)
    }


if __name__ == "__main__":
    main()

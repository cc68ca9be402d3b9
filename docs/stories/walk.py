"""Walks the five stories in a real terminal (tmux) and writes docs/stories.md: `python docs/stories/walk.py`.

Every key is sent as a keyboard would send it; after each step the terminal's own screen is asked whether what
the story needs is there. The office is the one the tests of the TUI furnish.
"""

import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from inventory.query import parse  # noqa: E402 - the checkout is put on the path first
from inventory.register import Register  # noqa: E402 - the checkout is put on the path first
from inventory.types import Attribute, FixedClock  # noqa: E402
from tests.tui import office  # noqa: E402

PATIENCE = 60.0
SIZE = (80, 24)


class Step(NamedTuple):
    """Keys to press or a text to type (it begins with `"`), and what must then be on the screen."""

    keys: str
    sees: str = ""


class Story(NamedTuple):
    """What somebody wants, and the way there."""

    title: str
    steps: Sequence[Step]


STORIES = (
    Story(
        "Find the cameras on floor 3 that nobody owns, and give them an owner",
        (
            Step("2", "24 devices"),
            Step('/ "class:camera owner:none location:3F" Enter', "1 device"),
            Step("* e", "Owner"),
            Step('"Lin Mei" C-s', "change saved"),
        ),
    ),
    Story(
        "Accept the firmware that was seen, where the register says another",
        (
            Step("2", "24 devices"),
            Step("Enter", "Firmware"),
            Step("Down Down Down Down a", "accepted"),
        ),
    ),
    Story(
        "Put a recorder that cannot be patched under exception, with a plan",
        (
            Step("2", "24 devices"),
            Step('/ "class:recorder" Enter', "3 devices"),
            Step("7 n Enter", "A replacement plan"),
            Step('"No more updates" Enter "NVR-9000" Enter "116/06/30" C-s', "is in the register"),
            Step("8 n Enter Enter", "An exception"),
            Step("NPage Enter NPage NPage Enter", "only when necessary"),
            Step('"Cannot be patched" Enter "a segment of its own" Enter PPage Enter', "Until"),
            Step('"116/06/30" Enter NPage C-s', "is in the register"),
        ),
    ),
    Story(
        "Confirm a room's devices for the year",
        (
            Step("2", "24 devices"),
            Step('/ "location:lobby" Enter', "devices"),
            Step("* c", "devices confirmed"),
        ),
    ),
    Story(
        "Compare this year's snapshot with the last",
        (
            Step("N", "2025"),
            Step('n "2026" Enter', "2026 is frozen and signed"),
            Step("G d", "2025 → 2026"),
        ),
    ),
)


def main() -> None:
    """Walks all of them on one register and writes what they took."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "register.sqlite"
        office.furnish(place, 24)
        _prepare(place, Path(folder))
        lines = []
        for story in STORIES:
            with terminal(place, Path(folder)) as press:
                keys = sum(press(step) for step in story.steps)
            lines.append(f"| {story.title} | {_told(story)} | {keys} |")
            sys.stdout.write(f"{keys:4}  {story.title}\n")
    text = "\n".join((_HEAD, *lines)) + "\n"
    (ROOT / "docs" / "stories.md").write_text(text, encoding="utf-8")


def _prepare(place: Path, folder: Path) -> None:
    """Last year's snapshot, a camera on floor 3, a firmware that a scan saw where a person said another."""
    from inventory.snapshot.folder import write
    from inventory.snapshot.freezing import build
    from inventory.snapshot.signing import signer_at

    with Register.open(str(place), FixedClock(office.NOW), create=False) as register:
        frozen = build(register, label="2025", on=office.TODAY, version="0")
        write(frozen, folder / "snapshots" / "2025", signer_at(folder))
    clock = FixedClock(office.NOW + timedelta(minutes=1))
    with Register.open(str(place), clock, create=False) as register:
        camera = register.devices(parse("class:camera owner:none"))[0]
        register.edit([camera.id], {Attribute.LOCATION: "3F corridor"}, "chen")
        first = register.devices()[0]
        register.ingest([office.sighting("run-3", clock.now(), 0)])
        assert register.device(first.id).attributes[Attribute.FIRMWARE].disagreeing  # noqa: S101


@contextmanager
def terminal(place: Path, folder: Path):  # type: ignore[no-untyped-def]  # noqa: ANN201
    """Muster in a tmux of its own; gives what presses keys there and counts them."""
    tmux = ("tmux", "-L", f"muster-{os.getpid()}-{time.monotonic_ns()}")
    state = {**os.environ, "XDG_STATE_HOME": str(folder), "MUSTER_OPERATOR": "lin", "LC_ALL": "C.UTF-8"}
    muster = (sys.executable, "-m", "muster", "--lang", "en", "--register", str(place), "tui")
    size = ("-x", str(SIZE[0]), "-y", str(SIZE[1]))
    subprocess.run([*tmux, "new-session", "-d", *size, shlex.join(muster)], env=state, cwd=ROOT, check=True)

    def shown() -> str:
        pane = subprocess.run([*tmux, "capture-pane", "-p"], capture_output=True, text=True, check=True)
        return pane.stdout

    def press(step: Step) -> int:
        count = 0
        for part in _parts(step.keys):
            literal = part.startswith('"')
            text = part.strip('"') if literal else part
            subprocess.run([*tmux, "send-keys", *(["-l"] if literal else []), text], check=True)
            count += len(text) if literal else 1
            time.sleep(0.4)  # a person's pace; what is asked for is then waited for
        _wait(lambda: step.sees in shown(), f"{step}\n", shown)
        return count

    try:
        _wait(lambda: "devices" in shown(), "the first screen", shown)
        yield press
    finally:
        subprocess.run([*tmux, "kill-server"], check=False)


def _wait(done, what, shown) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    end = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > end:
            sys.exit(f"not seen: {what}\n{shown()}")
        time.sleep(0.2)


def _parts(keys: str) -> Iterator[str]:
    lexer = shlex.shlex(keys, posix=False)
    lexer.whitespace_split = True
    yield from lexer


def _told(story: Story) -> str:
    return " ".join(f"`{part}`" for step in story.steps for part in _parts(step.keys)).replace("|", "\\|")


_HEAD = """# Five stories, and how many keys they take

Written by `python docs/stories/walk.py`, which walks them in a real terminal (tmux, 80×24) on the office of
the tests, and stops where a screen does not show what the story needs. A key is one press; a typed text
counts each letter. `C-s` is Ctrl+S, `PPage` and `NPage` are Page Up and Page Down.

| story | keys | presses |
|---|---|---:|"""


if __name__ == "__main__":
    main()

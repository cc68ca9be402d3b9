"""Draws every screen of the TUI from a register: `python docs/pictures/make.py REGISTER [FOLDER]`.

One SVG per screen and language, 120×36, with dates in UTC so that the same register gives the same pictures.
"""

import asyncio
import sys
from contextlib import suppress
from datetime import UTC
from pathlib import Path

from textual.pilot import Pilot
from textual.worker import WorkerCancelled

from inventory.language import LANGUAGES, choose
from inventory.register import Register
from inventory.types import SystemClock
from tui.app import MusterApp
from tui.screens import SCREENS

SIZE = (120, 36)
# What is pressed on a screen before its picture is taken, where opening it is not enough.
PRESSED = {"register": ("down", "down", "space", "space"), "findings": ("right", "right", "down")}


async def draw(register: Register, folder: Path, language: str) -> None:
    """Writes the pictures of one language: `tui-NAME.LANGUAGE.svg`."""
    choose(language)
    app = MusterApp(register, operator="muster", clock=SystemClock(), zone=UTC)
    async with app.run_test(size=SIZE) as pilot:
        await _settle(pilot)
        for row in SCREENS:
            await pilot.press(row.key)
            await _settle(pilot)
            await pilot.press(*PRESSED.get(row.name, ()))
            await _settle(pilot)
            picture = folder / f"tui-{row.name}.{language}.svg"
            picture.write_text(app.export_screenshot(title=f"muster tui · {row.name}"), encoding="utf-8")
            print(picture)


async def _settle(pilot: Pilot[None]) -> None:
    await pilot.pause()
    while len(pilot.app.workers):
        with suppress(WorkerCancelled):  # a later reading took its place
            await pilot.app.workers.wait_for_complete()
        await pilot.pause()


def main() -> None:
    """Draws all of them."""
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    folder = Path(sys.argv[2]) if len(sys.argv) == 3 else Path(__file__).parent
    folder.mkdir(parents=True, exist_ok=True)
    with Register.open(sys.argv[1], SystemClock(), create=False) as register:
        for language in LANGUAGES:
            asyncio.run(draw(register, folder, language))


if __name__ == "__main__":
    main()

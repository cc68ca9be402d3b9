"""What every screen looks like, as pictures somebody has looked at (`--snapshot-update` after a change)."""

import runpy
import shutil
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from inventory.language import LANGUAGES
from tests.tui.conftest import Walk
from tui.picture import offline
from tui.screens import SCREENS

SMALL, MIDDLE, LARGE = (80, 24), (120, 36), (200, 60)
# What is pressed, and how large the terminal is; every screen once, the busiest in three sizes.
SHOWN = {
    **{row.name: ((row.key,), MIDDLE) for row in SCREENS if row.name not in {"snapshots", "audit"}},
    "home-small": (("1",), SMALL),
    "register-small": (("2", "down", "space", "space"), SMALL),
    "register-large": (("2",), LARGE),
    "edit": (("2", "space", "space", "e"), SMALL),
    "enter": (("2", "n"), SMALL),
    "help": (("2", "question_mark"), MIDDLE),
    "verdicts": (("2", "enter", "right"), SMALL),
    "undetermined": (("4", "f", "right"), SMALL),
    "exceptions-small": (("8",), SMALL),
    "light": (("ctrl+t",), SMALL),
}


def walked(*keys: str) -> Callable[[Pilot[None]], Awaitable[None]]:
    """Presses the keys and waits until everything has settled."""

    async def walk(pilot: Pilot[None]) -> None:
        walking = Walk(pilot.app, pilot, pilot.app.desk._register)
        await walking.settle()
        await walking.press(*keys)

    return walk


@pytest.mark.parametrize("name", SHOWN)
def test_picture(snap_compare, open_app, name: str) -> None:
    keys, size = SHOWN[name]
    assert snap_compare(open_app("small"), terminal_size=size, run_before=walked(*keys))


def test_picture_of_nothing(snap_compare, open_app) -> None:
    assert snap_compare(open_app("empty"), terminal_size=SMALL, run_before=walked())


def test_a_picture_asks_nothing_of_a_network_and_gives_full_width_characters_two_cells() -> None:
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg"><!-- made by --><style>\n    @font-face {\n'
        '        src: url("https://fonts.example/a.woff");\n    }\n.a { }</style>'
        '<text class="a" x="12.2" y="10" textLength="36.6" clip-path="url(#c)">王a明</text>'
        '<text class="a" x="12.2" y="10" textLength="24.4" clip-path="url(#c)">ab</text></svg>'
    )
    alone = offline(svg)
    assert "fonts.example" not in alone
    assert 'x="12.2 36.6 48.8" y="10" clip-path="url(#c)">王a明' in alone
    assert 'x="12.2" y="10" textLength="24.4" clip-path="url(#c)">ab' in alone


def test_the_script_draws_every_screen_in_both_languages(offices, tmp_path, monkeypatch) -> None:
    script = Path(__file__).parents[2] / "docs" / "pictures" / "make.py"
    register = shutil.copy(offices("small"), tmp_path / "register.sqlite")
    monkeypatch.setattr(sys, "argv", [str(script), str(register), str(tmp_path / "pictures")])
    runpy.run_path(str(script), run_name="__main__")
    drawn = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "pictures").iterdir()}
    assert drawn.keys() == {f"tui-{row.name}.{language}.svg" for row in SCREENS for language in LANGUAGES}
    assert all("RICOH" in drawn[f"tui-register.{language}.svg"] for language in LANGUAGES)
    assert all(str(tmp_path) not in svg for svg in drawn.values())

"""`muster tui`: what keeps it from opening is one clear line, and the terminal decides on the signs."""

import io
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from inventory.console import Session
from inventory.exits import Exit, StoreFault, UsageFault
from tui import words
from tui.app import MusterApp
from tui.cli import tui


def opened(place: Path, *arguments: str) -> None:
    """Calls the command on the register at `place`; raises what the front door would turn into a line."""
    CliRunner().invoke(tui, list(arguments), obj=Session(register_url=str(place)), catch_exceptions=False)


class Terminal(io.StringIO):
    """A terminal with an encoding."""

    def __init__(self, encoding: str) -> None:
        super().__init__()
        self._encoding = encoding

    @property
    def encoding(self) -> str:
        """What the terminal is told to speak."""
        return self._encoding

    def isatty(self) -> bool:
        """It is one."""
        return True


def test_a_missing_register_is_named_with_what_to_type(tmp_path: Path) -> None:
    with pytest.raises(StoreFault, match=r"no register.*none\.sqlite.*muster scope add") as caught:
        opened(tmp_path / "none.sqlite")
    assert caught.value.exit_code is Exit.STORE
    assert not (tmp_path / "none.sqlite").exists()


def test_what_is_no_register_is_left_as_it_is(tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("not a database, but long enough to be looked at " * 20)
    with pytest.raises(StoreFault, match=r"note\.txt"):
        opened(note)
    assert note.read_text().startswith("not a database")


def test_without_a_terminal_it_says_what_to_use(furnished: Path) -> None:
    with pytest.raises(UsageFault, match="muster register list"):
        opened(furnished)


@pytest.mark.parametrize(
    ("encoding", "arguments", "sign"),
    [("utf-8", (), "✔"), ("utf-8", ("--ascii",), "+"), ("iso-8859-1", (), "+"), ("ascii", (), "+")],
)
def test_the_signs_suit_the_terminal(
    furnished: Path, monkeypatch: pytest.MonkeyPatch, encoding: str, arguments: tuple[str, ...], sign: str
) -> None:
    seen: list[str] = []
    monkeypatch.setattr(MusterApp, "run", lambda app: seen.append(words.sign("✔")))
    for stream in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, stream, Terminal(encoding))
    tui.main([*arguments], obj=Session(register_url=str(furnished)), standalone_mode=False)
    assert seen == [sign]


@pytest.fixture
def furnished(offices: Callable[[str], Path], tmp_path: Path) -> Path:
    """A register of one's own."""
    return Path(shutil.copy(offices("empty"), tmp_path))

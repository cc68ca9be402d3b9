"""Whatever a screen does, a command does: the table in docs/tui.md names it, and this holds the table."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest

from muster import cli
from tui.page import Page
from tui.screens import SCREENS, ScreenRow

# Moving about and choosing what to see: nothing of it is kept in the register.
SEEING = frozenset(
    {"filter", "mark", "mark_all", "sort", "reverse", "views", "columns", "turn", "article", "state"}
    | {"board", "quarter", "segment", "matrix", "networks"}
)
DOCS = Path(__file__).parents[2] / "docs" / "tui.md"


def table() -> dict[tuple[str, str], str]:
    """(screen, what) → the commands, as the documentation has them."""
    section = DOCS.read_text(encoding="utf-8").partition("## The same on the command line")[2]
    found, screen = {}, ""
    for line in section.partition("\n## ")[0].splitlines():
        if line.startswith("|") and not line.startswith(("|--", "| screen")):
            named, what, command = (cell.strip() for cell in line.strip("|").split("|"))
            screen = named or screen
            found[screen, what] = command
    return found


def doings(row: ScreenRow) -> Iterator[str]:
    """What the keys of a screen do beyond seeing, in the words of its key line."""
    module, _colon, name = row.place.partition(":")
    page = getattr(import_module(module), name)
    for binding in page.BINDINGS if page.BINDINGS is not Page.BINDINGS else ():
        if binding.action.partition("(")[0] not in SEEING:
            yield binding.description


@pytest.mark.parametrize("row", SCREENS, ids=lambda row: row.name)
def test_everything_a_screen_does_has_a_command(row: ScreenRow) -> None:
    named = {what for screen, what in table() if screen == row.title}
    assert named == {"look", *doings(row)}


@pytest.mark.parametrize("commands", sorted(set(table().values())))
def test_the_commands_of_the_table_are_there(commands: str) -> None:
    for command in commands.replace("`", "").split("muster ") if commands != "muster.toml" else ():
        found: click.Command | None = cli
        for word in command.split():
            assert isinstance(found, click.Group), command
            found = found.get_command(click.Context(found), word)
        assert found is not None, command

"""What every command shares: its settings, its register, and one way to print a list."""

import csv
import inspect
import io
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import click

from inventory.json_text import json_text
from inventory.language import _

if TYPE_CHECKING:
    from datetime import datetime

    from inventory.register import Register
    from inventory.settings import Settings
    from inventory.types import Clock

Row = Mapping[str, object]

format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
    help="How to print the list.",
)


@dataclass
class Session:
    """The front door's options, carried to every command as `ctx.obj`; heavy parts load when asked for."""

    config: Path | None = None
    register_url: str | None = None
    _settings: "Settings | None" = None

    @property
    def settings(self) -> "Settings":
        """The settings in force, read once."""
        if self._settings is None:
            from inventory.settings import load

            self._settings = load(self.config)
        return self._settings

    @property
    def language_named(self) -> str:
        """The language the settings name, without reading them all; "" where they are wrong."""
        from inventory.settings_places import language_named

        return language_named(self.config)

    @property
    def register_place(self) -> str:
        """The register's path or URL: `--register`, else the settings, else the platform's data folder."""
        from inventory.settings import default_register

        return self.register_url or self.settings.register_place or default_register()

    @contextmanager
    def opened(
        self, clock: "Clock", *, create: bool = False, seen: "datetime | None" = None
    ) -> "Iterator[Register]":
        """The register, as the operator's role may use it; StoreFault where there is none.

        Changes of what another has changed since the operator looked (`seen`, else now) are refused.
        """
        from inventory.register import Register
        from inventory.roles import guarded, role_of

        with Register.open(self.register_place, clock, create=create) as register:
            as_seen = register.since(register.looked(seen))
            yield guarded(as_seen, role_of(self.operator, self.settings.roles))

    @property
    def operator(self) -> str:
        """Who is at the keyboard, for the log of changes."""
        import getpass

        return self.settings.operator or getpass.getuser()


pass_session = click.make_pass_decorator(Session, ensure=True)


def in_language(command: click.Command) -> click.Command:
    """The command, with its help and that of all below it in the language in force."""
    if command.help:
        command.help = _(inspect.cleandoc(command.help))
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.help:
            parameter.help = _(parameter.help)
    if isinstance(command, click.Group):
        for below in command.commands.values():
            in_language(below)
    return command


def say(text: str, *, err: bool = False) -> None:
    """Prints lines that may quote a device or a file; what a terminal would obey is shown as `·`."""
    click.echo("\n".join(map(_shown, text.split("\n"))), err=err)


def say_next(*commands: str) -> None:
    """Names the commands that commonly follow, to whom sits at a terminal; a script hears nothing of it."""
    if sys.stdout.isatty() and sys.stderr.isatty():
        named = ", ".join(f"`muster {command}`" for command in commands)
        say(_("next: {commands}").format(commands=named), err=True)


def print_rows(rows: Sequence[Row], columns: Mapping[str, str], form: str) -> None:
    """Prints `rows`; `columns` maps keys to headings. JSON keeps keys and types, the others show headings."""
    if form == "json":
        click.echo(json_text([dict(row) for row in rows], indent=2))
        return
    cells = [[_cell(row.get(key)) for key in columns] for row in rows]
    if form == "csv":
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(list(columns.values()))
        writer.writerows([[_harmless(cell) for cell in line] for line in cells])
        click.echo(buffer.getvalue(), nl=False)
        return
    _print_table(list(columns.values()), cells)


def _print_table(headings: list[str], cells: list[list[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for line in cells:
        table.add_row(*(Text(cell) for cell in line))
    width = None if sys.stdout.isatty() else 200
    Console(width=width, highlight=False).print(table)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, StrEnum):
        from inventory.names import called

        return called(value)
    if isinstance(value, (list, tuple)):
        return ", ".join(_cell(item) for item in value)
    return _shown(str(value))


def _shown(text: str) -> str:
    return text if text.isprintable() else "".join(one if one.isprintable() else "·" for one in text)


def _harmless(cell: str) -> str:
    """A cell no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell

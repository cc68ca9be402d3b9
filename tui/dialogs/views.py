"""The forms in which people keep filters under a name, choose columns and name the file of a list."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.text import Text

from inventory.exits import UsageFault
from inventory.language import N_, _
from tui import words
from tui.dialogs.form import Field, Form
from tui.taking_in import file_in
from tui.widgets.columns import Column

if TYPE_CHECKING:
    from tui.drawer import Drawer


def views_form(drawer: "Drawer", filter_text: str) -> Form[str]:
    """A form that gives the filter to use: that of a saved view, or the present one, kept under a new name.

    `-NAME` takes a view away.
    """

    async def take(said: Mapping[str, str]) -> str:
        name = said.get("view", "")
        if name.startswith("-"):
            drawer.keep_view(name[1:].strip(), "")
            return filter_text
        if name in drawer.views:
            return drawer.views[name]
        if not filter_text:
            raise UsageFault(_("there is no view {name!r}, and no filter to keep under it").format(name=name))
        drawer.keep_view(name, filter_text)
        return filter_text

    def title() -> Text:
        text = Text(_("Saved views") + "\n", "bold")
        for name, kept in drawer.views.items():
            text.append(f"{words.printable(name)}  ", "bold").append(words.printable(kept) + "\n", "not bold")
        return text.append(
            _("A new name keeps the filter {filter!r}; -NAME takes a view away.").format(filter=filter_text),
            "not bold",
        )

    names = tuple(drawer.views)
    return Form(title, [Field("view", partial(_, N_("View")), "", names, open_list=bool(filter_text))], take)


def columns_form(every: Sequence[Column[Any]], shown: Sequence[str]) -> Form[tuple[str, ...]]:
    """A form that gives the keys of the columns to show, in their order; none chosen shows all that fit."""
    keys = [column.key for column in every]

    def chosen(text: str) -> tuple[str, ...]:
        wanted = tuple(text.replace(",", " ").split())
        unknown = [key for key in wanted if key not in keys]
        if unknown:
            known = ", ".join(keys)
            raise UsageFault(
                _("there is no column {key!r}; columns: {known}").format(key=unknown[0], known=known)
            )
        return wanted

    async def take(said: Mapping[str, str]) -> tuple[str, ...]:
        return chosen(said.get("columns", ""))

    def title() -> Text:
        text = Text(_("Columns, in the order they shall stand; empty shows all that fit") + "\n", "bold")
        return text.append(", ".join(f"{column.key} ({column.title})" for column in every), "not bold")

    before = " ".join(shown) if tuple(shown) != tuple(keys) else ""
    return Form(title, [Field("columns", partial(_, N_("Columns")), before, check=chosen)], take)


def list_form() -> Form[str]:
    """A form that gives the path of a list's file."""

    def exists(text: str) -> str:
        if file_in(text) is None or not Path(text).expanduser().is_file():
            raise UsageFault(_("{text!r} is no CSV, XLSX or JSON file").format(text=text))
        return text

    async def take(said: Mapping[str, str]) -> str:
        return exists(said["file"])

    def title() -> Text:
        text = Text(_("Take in a list") + "\n", "bold")
        said = _("Rows copied out of a spreadsheet can also be pasted into the table.")
        return text.append(said, "not bold")

    return Form(title, [Field("file", partial(_, N_("File")), check=exists)], take)

"""The form that writes the devices found to a file; what its name ends in says in which form."""

from collections.abc import Mapping
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from inventory.exits import UsageFault
from inventory.language import N_, _, current
from inventory.query import DeviceQuery
from tui.desk import Desk
from tui.dialogs.form import Field, Form

if TYPE_CHECKING:
    from inventory.register import Register

_ENDINGS = (".html", ".xlsx", ".csv", ".json")

Written = tuple[int, Path]
"""How many devices, and where."""


def export_form(desk: Desk, query: DeviceQuery, today: date) -> Form[Written]:
    """A file that is there already is never written over."""

    async def save(said: Mapping[str, str]) -> Written:
        file = _new_file(said.get("file", ""))
        return await desk.ask(partial(_write, query=query, file=file, today=today), long=True)

    title = partial(Text, _("Write the devices found to a file") + "\n" + ", ".join(_ENDINGS), "bold")
    names = tuple(f"register-{today}{ending}" for ending in _ENDINGS)
    return Form(
        title, [Field("file", partial(_, N_("File")), "", names, open_list=True, check=_new_file)], save
    )


def _new_file(text: str) -> Path:
    file = Path(text.strip()).expanduser()
    if file.suffix not in _ENDINGS:
        raise UsageFault(_("a file's name ends in {endings}").format(endings=", ".join(_ENDINGS)))
    if file.exists():
        raise UsageFault(_("{file} is there already").format(file=file))
    return file.resolve()


def _write(register: "Register", *, query: DeviceQuery, file: Path, today: date) -> Written:
    """Writes the file whole or not at all."""
    from inventory.export.listing import Listing  # what documents are made with is only loaded for one

    return Listing(query, file.suffix[1:], current(), today).save(register, file), file

"""A list people kept comes in by pasting or by its file: read, tried, shown, and only then taken."""

from pathlib import Path
from typing import TYPE_CHECKING

from inventory.language import _, ngettext
from inventory.types import Device, LineOutcome
from tui.dialogs.preview import Preview

if TYPE_CHECKING:
    from inventory.imports import Listed
    from inventory.register import Register
    from inventory.types import ImportReport
    from tui.page import Page

_LISTS = frozenset({".csv", ".tsv", ".xlsx", ".json"})
_LONGEST_PATH = 4096


def reads_as_list(text: str) -> bool:
    """Whether what was pasted is rows with cells, or the path of a list's file."""
    return file_in(text) is not None or ("\n" in text.strip() and any(sign in text for sign in "\t,;"))


def file_in(text: str) -> Path | None:
    """The file whose path was pasted, as terminals do with one that is dropped on them."""
    path = text.strip().strip("'\"").replace("\\ ", " ")
    if not path or "\n" in path or len(path) > _LONGEST_PATH or Path(path).suffix.lower() not in _LISTS:
        return None
    return Path(path).expanduser()


async def take_in(page: "Page", text: str, near: Device | None) -> None:
    """Shows what the list in `text` would do, and does it where that is wanted.

    Rows that name no site are looked for where the device `near` is.
    """
    file, operator, own = file_in(text), page.muster.operator, page.muster.settings.custom_fields
    name = file.name if file else _("pasted rows")
    site, segment = (near.site, near.segment) if near else ("", "")

    def tried(register: "Register") -> "tuple[Listed, ImportReport]":
        from inventory.imports import read_copied, read_list  # heavy, and only needed by those who paste

        if file is not None:
            read = read_list(file, site=site, segment=segment, custom=own)
        else:
            read = read_copied(text, name, site=site, segment=segment, custom=own)
        return read, register.import_rows(read.rows, operator, name=name, dry=True)

    found = await page.ask(tried, long=True)
    if found is None:
        return
    read, report = found
    partly = await page.app.push_screen_wait(Preview(name, read, report))
    if partly is None:
        return
    taken = await page.ask(
        lambda register: register.import_rows(read.rows, operator, name=name, partly=partly), long=True
    )
    if taken is not None and taken.entry is not None:
        page.muster.undoing.note_lines(1)
        count = taken.count(LineOutcome.ENTERED) + taken.count(LineOutcome.CHANGED)
        said = ngettext("{count:,} device taken in", "{count:,} devices taken in", count)
        page.news(said.format(count=count))
        page.read()

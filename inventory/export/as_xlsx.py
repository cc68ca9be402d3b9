"""The register as the workbook an auditor files; the one home of openpyxl.

openpyxl stamps the present moment into the file in two places (docProps/core.xml and each ZIP entry), so the
finished archive is packed once more with the snapshot's own day.
"""

import io
import re
import zipfile
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import cast

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from inventory.export.harmless import looks_like_formula, visible
from inventory.export.rows import Row, Value
from inventory.export.sheets import REGISTER, SHEETS, Sheet
from inventory.snapshot.value import Snapshot

# Named once and given by name: openpyxl hashes a style anew for every cell that is given its parts.
_HEADING, _TEXT, _DAY = "muster heading", "muster text", "muster day"
_FONT = "Microsoft JhengHei"
_WRAPPED = Alignment(vertical="top", wrap_text=True)
_RULE = Border(bottom=Side(style="thin", color="C8D0D6"))

_MODIFIED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")
# A cell that reads `_x0041_` would be shown as `A` (ECMA-376 part 1, 22.9.2.19): the underscore is escaped.
_ESCAPE_LOOKALIKE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_EARLIEST_ZIP_YEAR = 1980


def render(snapshot: Snapshot, language: str) -> bytes:
    """An .xlsx with headings in `language`; the register alone where nothing was judged.

    Device texts are always text cells, never formulas; the same snapshot gives the same bytes.
    """
    book = Workbook(write_only=True)
    book.properties.creator = "Muster"
    book.properties.title = f"Muster {snapshot.label}"
    for style in _styles():
        book.add_named_style(style)
    for sheet in SHEETS if snapshot.assessed_on else (REGISTER,):
        _write(book, sheet, snapshot, language)
    packed = io.BytesIO()
    book.save(packed)
    return _dated(packed.getvalue(), snapshot.on)


def _styles() -> tuple[NamedStyle, ...]:
    heading = Font(name=_FONT, bold=True, color="FFFFFF")
    fill = PatternFill("solid", fgColor="1F3A4D")
    text = Font(name=_FONT)
    return (
        NamedStyle(_HEADING, font=heading, fill=fill, alignment=_WRAPPED),
        NamedStyle(_TEXT, font=text, alignment=_WRAPPED, border=_RULE),
        NamedStyle(_DAY, font=text, alignment=_WRAPPED, border=_RULE, number_format="yyyy-mm-dd"),
    )


def _write(book: Workbook, sheet: Sheet, snapshot: Snapshot, language: str) -> None:
    made = cast(Worksheet, book.create_sheet(sheet.title.within(language)))
    for place, (_heading, width) in enumerate(sheet.headings, start=1):
        made.column_dimensions[get_column_letter(place)].width = width
    made.freeze_panes = f"{get_column_letter(sheet.frozen + 1)}2"
    made.page_setup.orientation = "landscape"
    made.page_setup.paperSize = 9  # A4
    made.page_setup.fitToHeight = 0
    made.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    made.print_title_rows = "1:1"
    made.append([_heading_cell(made, heading.within(language)) for heading, _width in sheet.headings])
    count = _append_all(made, sheet.rows(snapshot, language))
    if sheet.tabular:
        made.auto_filter.ref = f"A1:{get_column_letter(len(sheet.headings))}{count + 1}"


def _append_all(made: Worksheet, rows: Iterable[Row]) -> int:
    count = 0
    for row in rows:
        made.append([_cell(made, value) for value in row])
        count += 1
    return count


def _heading_cell(made: Worksheet, text: str) -> Cell:
    cell = WriteOnlyCell(made, value=text)
    cell.style = _HEADING
    return cell


def _cell(made: Worksheet, value: Value) -> Cell:
    cell = WriteOnlyCell(made)
    cell.style = _TEXT
    if isinstance(value, str) and value:
        cell.value = _ESCAPE_LOOKALIKE.sub("_x005F_", visible(value))
        cell.data_type = "s"  # openpyxl takes `=1+1` for a formula and `#REF!` for an error
        if looks_like_formula(str(cell.value)):
            cell.quotePrefix = True  # or Excel would calculate it once somebody edits the cell
    elif isinstance(value, date):
        cell.value = datetime.combine(value, time())
        cell.style = _DAY
    elif value != "":
        cell.value = value
    return cell


def _dated(packed: bytes, on: date) -> bytes:
    """The same archive with `on` for every time in it, so that the same snapshot gives the same bytes."""
    moment = datetime.combine(on, time(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    year = max(on.year, _EARLIEST_ZIP_YEAR)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>" + moment, content)
            entry = zipfile.ZipInfo(name, (year, on.month, on.day, 0, 0, 0))
            entry.create_system = 3  # the same on every platform
            entry.external_attr = 0o644 << 16
            new.writestr(entry, content, zipfile.ZIP_DEFLATED, 6)
    return out.getvalue()

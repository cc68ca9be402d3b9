"""The register as the workbook an auditor files; the one home of openpyxl.

openpyxl makes the empty workbook: sheets, headings, styles, page set-up. Its archive is then packed once
more, for two reasons. The rows are written into the sheets as text, because a hundred thousand devices are
three million cells and openpyxl takes a minute for them. And openpyxl stamps the present moment into the file
in two places (docProps/core.xml and each ZIP entry), where the snapshot's own day belongs.
"""

import io
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import cast
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from inventory.export.harmless import looks_like_formula, visible
from inventory.export.record_rows import Row, Value
from inventory.export.sheets import Sheet, sheets_of
from inventory.snapshot.value import Snapshot

# Named once and given by name: openpyxl hashes a style anew for every cell that is given its parts.
_HEADING, _TEXT, _DAY, _QUOTED = "muster heading", "muster text", "muster day", "muster quoted"
_FONT = "Microsoft JhengHei"
_WRAPPED = Alignment(vertical="top", wrap_text=True)
_RULE = Border(bottom=Side(style="thin", color="C8D0D6"))

_MODIFIED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")
# A cell that reads `_x0041_` would be shown as `A` (ECMA-376 part 1, 22.9.2.19): the underscore is escaped.
_ESCAPE_LOOKALIKE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_EARLIEST_ZIP_YEAR = 1980
_SHEET = re.compile(r"xl/worksheets/sheet(\d+)\.xml")
_END_OF_ROWS = b"</sheetData>"
_PAGE_WIDTH = 190  # characters on a landscape A4 page that can still be read
_LINE_HEIGHT, _SIGNING_HEIGHT = 15, 42  # points
_MOST_LINES = 12
_DAY_0 = date(1899, 12, 30)  # ECMA-376 part 1, 18.17.4.1: the 1900 date system counts from here
_FRAGMENTS_KEPT = 1 << 16


def pieces(snapshot: Snapshot, language: str) -> Iterator[bytes]:
    """An .xlsx with headings in `language`; the register alone where nothing was judged.

    Device texts are always text cells, never formulas; the same snapshot gives the same bytes.
    """
    book = Workbook(write_only=True)
    book.properties.creator = "Muster"
    book.properties.title = f"Muster {snapshot.label}"
    for style in _styles():
        book.add_named_style(style)
    sheets = sheets_of(snapshot)
    for sheet in sheets:
        _set_up(book, sheet, snapshot, language)
    say = _speller(book)
    empty = io.BytesIO()
    book.save(empty)
    yield _packed(empty, [_Rows(sheet, snapshot, language, say) for sheet in sheets], snapshot.on)


def _styles() -> tuple[NamedStyle, ...]:
    heading = Font(name=_FONT, bold=True, color="FFFFFF")
    fill = PatternFill("solid", fgColor="1F3A4D")
    text = Font(name=_FONT)
    day = Alignment(vertical="top", horizontal="left")
    return (
        NamedStyle(_HEADING, font=heading, fill=fill, alignment=_WRAPPED),
        NamedStyle(_TEXT, font=text, alignment=_WRAPPED, border=_RULE),
        NamedStyle(_DAY, font=text, alignment=day, border=_RULE, number_format="yyyy-mm-dd"),
    )


def _set_up(book: Workbook, sheet: Sheet, snapshot: Snapshot, language: str) -> None:
    """Adds the sheet with its headings, how it is seen and how it prints: a wide one on several pages."""
    made = cast(Worksheet, book.create_sheet(sheet.title.within(language)))
    for place, (_heading, width) in enumerate(sheet.headings, start=1):
        made.column_dimensions[get_column_letter(place)].width = width
    made.freeze_panes = f"{get_column_letter(sheet.frozen + 1)}2"
    made.page_setup.orientation = "landscape"
    made.page_setup.paperSize = 9  # A4
    made.page_setup.fitToHeight = 0
    made.page_setup.fitToWidth = max(1, round(sum(width for _heading, width in sheet.headings) / _PAGE_WIDTH))
    made.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    made.print_title_rows = "1:1"
    if sheet.frozen:
        made.print_title_cols = f"A:{get_column_letter(sheet.frozen)}"
    if made.oddHeader and made.oddFooter:
        made.oddHeader.left.text = f"{sheet.title.within(language)}  {snapshot.label}".replace("&", "&&")
        made.oddFooter.right.text = "&P / &N"
    made.append([_heading_cell(made, heading.within(language)) for heading, _width in sheet.headings])


def _heading_cell(made: Worksheet, text: str) -> Cell:
    cell = WriteOnlyCell(made, value=text)
    cell.style = _HEADING
    return cell


Speller = Callable[[Value], str]


def _speller(book: Workbook) -> Speller:
    """What spells a cell in XML, from its `s` attribute on, by the numbers of the book's styles."""
    numbers = {name: _style_number(book, name) for name in (_TEXT, _DAY, _QUOTED)}

    @lru_cache(_FRAGMENTS_KEPT)
    def text(value: str) -> str:
        shown = _ESCAPE_LOOKALIKE.sub("_x005F_", visible(value))
        # Excel would calculate what looks like a formula once somebody edits the cell, were it not quoted.
        style = numbers[_QUOTED if looks_like_formula(shown) else _TEXT]
        return f' s="{style}" t="inlineStr"><is><t xml:space="preserve">{escape(shown)}</t></is></c>'

    @lru_cache(_FRAGMENTS_KEPT)
    def day(value: date) -> str:
        return f' s="{numbers[_DAY]}"><v>{(value - _DAY_0).days}</v></c>'

    def spell(value: Value) -> str:
        if value is None or value == "":
            return f' s="{numbers[_TEXT]}"/>'
        if isinstance(value, str):
            return text(value)
        return day(value) if isinstance(value, date) else f' s="{numbers[_TEXT]}"><v>{value}</v></c>'

    return spell


def _style_number(book: Workbook, name: str) -> int:
    """The number under which the book's cells use a named style, marked as quoted text for `_QUOTED`."""
    cell = WriteOnlyCell(book.worksheets[0])
    cell.style = _TEXT if name == _QUOTED else name
    if name == _QUOTED:
        cell.quotePrefix = True
    number: int = cell.style_id
    return number


class _Rows:
    """The rows of one sheet as XML, in pieces; afterwards it knows how many there were."""

    def __init__(self, sheet: Sheet, snapshot: Snapshot, language: str, spell: Speller) -> None:
        self._sheet = sheet
        self._rows: Iterable[Row] = sheet.rows(snapshot, language)
        self._spell = spell
        self.count = 0

    def pieces(self) -> Iterator[bytes]:
        spell = self._spell
        letters = [get_column_letter(place) for place in range(1, len(self._sheet.headings) + 1)]
        widths = [width for _heading, width in self._sheet.headings]
        lowest = _SIGNING_HEIGHT if self._sheet.for_signing else _LINE_HEIGHT
        for number, row in enumerate(self._rows, start=2):
            cells = [
                f'<c r="{letter}{number}"{spell(value)}' for letter, value in zip(letters, row, strict=True)
            ]
            self.count += 1
            # Not every program makes a row as high as its wrapped text, so it is said.
            lines = max(
                (_lines(v, w) for v, w in zip(row, widths, strict=True) if isinstance(v, str)), default=1
            )
            height = max(lowest, min(lines, _MOST_LINES) * _LINE_HEIGHT)
            yield f'<row r="{number}" ht="{height}" customHeight="1">{"".join(cells)}</row>'.encode()

    def filter(self) -> bytes:
        if not self._sheet.tabular:
            return b""
        return (
            f'<autoFilter ref="A1:{get_column_letter(len(self._sheet.headings))}{self.count + 1}"/>'.encode()
        )


def _lines(text: str, width: int) -> int:
    """How many lines a text takes in a column `width` narrow characters wide; Chinese takes two for each."""
    return 1 if 2 * len(text) <= width else -(-_columns(text) // width)


@lru_cache(_FRAGMENTS_KEPT)
def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _packed(empty: io.BytesIO, rows: list[_Rows], on: date) -> bytes:
    """The archive with the rows in its sheets and `on` for every time in it."""
    moment = datetime.combine(on, time(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    out = io.BytesIO()
    with zipfile.ZipFile(empty) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>" + moment, content)
            entry = zipfile.ZipInfo(name, (max(on.year, _EARLIEST_ZIP_YEAR), on.month, on.day, 0, 0, 0))
            entry.create_system = 3  # the same on every platform
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            sheet = _SHEET.fullmatch(name)
            with new.open(entry, "w") as packed:
                if sheet is None:
                    packed.write(content)
                    continue
                before, end, after = content.partition(_END_OF_ROWS)
                filled = rows[int(sheet.group(1)) - 1]
                packed.write(before)
                for piece in filled.pieces():
                    packed.write(piece)
                packed.write(end + filled.filter() + after)
    return out.getvalue()

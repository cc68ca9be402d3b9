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
from typing import IO, Any, cast
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from inventory.export.columns import columns_of
from inventory.export.form import Batch, Form
from inventory.export.harmless import looks_like_formula, visible
from inventory.export.record_rows import Row, Value
from inventory.export.rows import register_rows, scope_rulings
from inventory.export.sheets import Sheet, sheets_of
from inventory.snapshot.sketches import own_fields
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
_LEVEL = 3  # of deflate: a third of the time of 6, for a quarter more octets
_ROW = b"<row "
_END_OF_ROWS = b"</sheetData>"
_PAGE_WIDTH = 190  # characters on a landscape A4 page that can still be read
_LINE_HEIGHT, _SIGNING_HEIGHT = 15, 42  # points
_MOST_LINES = 12
_DAY_0 = date(1899, 12, 30)  # ECMA-376 part 1, 18.17.4.1: the 1900 date system counts from here
_FRAGMENTS_KEPT = 1 << 13


def form(snapshot: Snapshot, language: str) -> Form:
    """An .xlsx with headings in `language`; the register alone where nothing was judged.

    Device texts are always text cells, never formulas; the same snapshot gives the same bytes.
    """
    return _Workbook(snapshot, language)


class _Workbook(Form):
    """The archive being written: the register's sheet while the devices go by, the others after it."""

    def __init__(self, snapshot: Snapshot, language: str) -> None:
        self._snapshot, self._language = snapshot, language
        self._sheets = sheets_of(snapshot)
        book = Workbook(write_only=True)
        book.properties.creator = "Muster"
        book.properties.title = f"Muster {snapshot.label}"
        for style in _styles():
            book.add_named_style(style)
        for sheet in self._sheets:
            _set_up(book, sheet, snapshot, language)
        self._say = _speller(book)
        self._empty = io.BytesIO()
        book.save(self._empty)
        self._columns = columns_of(own_fields(snapshot))
        self._rulings = scope_rulings(snapshot, language)
        self._out = _Drain()
        self._sheet: IO[bytes]
        self._count = 0
        super().__init__(self._all(), self._register)

    def add(self, part: bytes) -> Iterator[bytes]:
        """The next rows of the register, deflated."""
        self._count += part.count(_ROW)
        self._sheet.write(part)
        yield self._out.taken()

    def _register(self, batch: Batch) -> bytes:
        register = next(sheet for sheet in self._sheets if sheet.rows is None)
        rows = register_rows(batch, self._columns, self._rulings, self._language)
        return b"".join(_rows(rows, register, self._say))

    def _all(self) -> Iterator[bytes | None]:
        """Every part of the archive; the register's sheet is the last one before the devices."""
        with (
            zipfile.ZipFile(self._empty) as old,
            zipfile.ZipFile(self._out, "w") as new,
        ):
            sheets = {f"xl/worksheets/sheet{place}.xml": one for place, one in enumerate(self._sheets, 1)}
            for name in (name for name in old.namelist() if name not in sheets):
                with new.open(self._entry(name), "w") as packed:
                    packed.write(self._dated(name, old.read(name)))
            for name, sheet in sorted(sheets.items(), key=lambda item: item[1].rows is not None):
                before, end, after = old.read(name).partition(_END_OF_ROWS)
                with new.open(self._entry(name), "w") as self._sheet:
                    self._sheet.write(before)
                    self._count = 0
                    if sheet.rows is None:
                        yield self._out.taken()
                        yield None
                    else:
                        for row in _rows(sheet.rows(self._snapshot, self._language), sheet, self._say):
                            self._sheet.write(row)
                            self._count += 1
                    self._sheet.write(end + self._filter(sheet) + after)
                yield self._out.taken()
        yield self._out.taken()

    def _entry(self, name: str) -> zipfile.ZipInfo:
        on = self._snapshot.on
        entry = zipfile.ZipInfo(name, (max(on.year, _EARLIEST_ZIP_YEAR), on.month, on.day, 0, 0, 0))
        entry.create_system = 3  # the same on every platform
        entry.external_attr = 0o644 << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry._compresslevel = _LEVEL  # type: ignore[attr-defined]  # noqa: SLF001 - its only place
        return entry

    def _dated(self, name: str, content: bytes) -> bytes:
        """The content with the snapshot's day for every time in it."""
        moment = datetime.combine(self._snapshot.on, time(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
        return _MODIFIED.sub(rb"\g<1>" + moment, content) if name == "docProps/core.xml" else content

    def _filter(self, sheet: Sheet) -> bytes:
        if not sheet.tabular:
            return b""
        return f'<autoFilter ref="A1:{get_column_letter(len(sheet.headings))}{self._count + 1}"/>'.encode()


class _Drain(io.RawIOBase):
    """A file that keeps what was written until it is taken; an archive written to it never goes back."""

    def __init__(self) -> None:
        self._kept: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:  # noqa: ANN401 - any buffer
        self._kept.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        """What was written since the last time."""
        kept = b"".join(self._kept)
        self._kept.clear()
        return kept


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


Spelled = tuple[str, int]  # a cell in XML, and how many narrow characters wide its text is


def _speller(book: Workbook) -> Callable[[Value], Spelled]:
    """What spells a cell in XML by the numbers of the book's styles; being in order they need no address."""
    numbers = {name: _style_number(book, name) for name in (_TEXT, _DAY, _QUOTED)}
    nothing = f'<c s="{numbers[_TEXT]}"/>', 0

    @lru_cache(_FRAGMENTS_KEPT)
    def spell(value: Value) -> Spelled:
        if value is None or value == "":
            return nothing
        if isinstance(value, str):
            return text(value), _columns(value)
        if isinstance(value, date):
            return f'<c s="{numbers[_DAY]}"><v>{(value - _DAY_0).days}</v></c>', 0
        return f'<c s="{numbers[_TEXT]}"><v>{value}</v></c>', 0

    def text(value: str) -> str:
        shown = _ESCAPE_LOOKALIKE.sub("_x005F_", visible(value))
        # Excel would calculate what looks like a formula once somebody edits the cell, were it not quoted.
        style = numbers[_QUOTED if looks_like_formula(shown) else _TEXT]
        return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{escape(shown)}</t></is></c>'

    return spell


def _style_number(book: Workbook, name: str) -> int:
    """The number under which the book's cells use a named style, marked as quoted text for `_QUOTED`."""
    cell = WriteOnlyCell(book.worksheets[0])
    cell.style = _TEXT if name == _QUOTED else name
    if name == _QUOTED:
        cell.quotePrefix = True
    number: int = cell.style_id
    return number


def _rows(rows: Iterable[Row], sheet: Sheet, say: Callable[[Value], Spelled]) -> Iterator[bytes]:
    """Each row in XML. Not every program makes a row as high as its wrapped text, so its height is said."""
    widths = [width for _heading, width in sheet.headings]
    lowest = _SIGNING_HEIGHT if sheet.for_signing else _LINE_HEIGHT
    for row in rows:
        cells = list(map(say, row))
        lines = 1
        for (_cell, columns), width in zip(cells, widths, strict=True):
            if columns > width * lines:
                lines = -(-columns // width)
        height = max(lowest, min(lines, _MOST_LINES) * _LINE_HEIGHT)
        spelled = "".join([cell for cell, _columns in cells])
        yield f'<row ht="{height}" customHeight="1">{spelled}</row>'.encode()


def _columns(text: str) -> int:
    """How many narrow characters wide a text is; a Chinese one takes the room of two."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)

"""Files of lists as tables of texts: CSV in UTF-8 or Big5, XLSX, JSON."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from inventory.exits import BadInput
from inventory.language import _

MOST_BYTES = 200_000_000
_ENCODINGS = ("utf-8-sig", "cp950")  # cp950 is Big5 as Windows in Taiwan writes it


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table, by the number a person sees in the file."""

    number: int
    cells: Sequence[str]


def read_table(path: Path) -> tuple[tuple[Line, ...], str]:
    """Every line that is not empty, and how the file was read (`CSV, Big5`); BadInput where it is no list."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise BadInput(_("{file} is too large for a list of devices").format(file=path))
        content = path.read_bytes()
    except OSError as error:
        reason = _("{file} cannot be read: {reason}")
        raise BadInput(reason.format(file=path, reason=error.strerror)) from error
    if content[:2] == b"PK":
        lines, form = tuple(_from_xlsx(path)), "XLSX"
    elif path.suffix.lower() == ".json" or content.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in (b"[", b"{"):
        lines, form = tuple(_from_json(path, content)), "JSON"
    else:
        text, encoding = _decoded(path, content)
        lines, form = tuple(_from_csv(path, text)), f"CSV, {encoding}"
    if not lines:
        raise BadInput(_("{file} holds no rows").format(file=path))
    return lines, form


def table_of(text: str, name: str) -> tuple[tuple[Line, ...], str]:
    """Every line of rows somebody copied, tabs or commas between the cells; BadInput where there are none."""
    if len(text) > MOST_BYTES:
        raise BadInput(_("{file} is too large for a list of devices").format(file=name))
    lines = tuple(_from_csv(name, text))
    if not lines:
        raise BadInput(_("{file} holds no rows").format(file=name))
    return lines, "CSV"


def _decoded(path: Path, content: bytes) -> tuple[str, str]:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):  # what Excel calls Unicode text
        return content.decode("utf-16", errors="replace"), "UTF-16"
    for encoding, name in zip(_ENCODINGS, ("UTF-8", "Big5"), strict=True):
        try:
            return content.decode(encoding), name
        except UnicodeDecodeError:
            continue
    raise BadInput(_("{file} is neither UTF-8 nor Big5").format(file=path))


def _from_csv(path: Path | str, text: str) -> Iterator[Line]:
    first = text.partition("\n")[0]
    delimiter = max((",", "\t", ";"), key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield Line(begins, cells)
            begins = reader.line_num + 1
    except csv.Error as error:
        raise BadInput(f"{path}:{reader.line_num}: {error}") from error


def _from_xlsx(path: Path) -> Iterator[Line]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise BadInput(_("{file} is no workbook that can be read").format(file=path)) from error
    try:
        sheet = next((each for each in book.worksheets if "設備清冊" in each.title), book.worksheets[0])
        for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
            cells = [_text(value) for value in row]
            if any(cells):
                yield Line(number, cells)
    finally:
        book.close()


def _from_json(path: Path, content: bytes) -> Iterator[Line]:
    try:
        records = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path}: {error}") from error
    if not isinstance(records, list) or not all(isinstance(each, dict) for each in records):
        raise BadInput(_("{file} is not a list of devices").format(file=path))
    flat = [_flat(each) for each in records]
    names = list(dict.fromkeys(name for each in flat for name in each))
    yield Line(0, names)
    for number, each in enumerate(flat, start=1):
        yield Line(number, [each.get(name, "") for name in names])


def _flat(record: Mapping[str, Any]) -> dict[str, str]:
    """Our own JSON form names addresses in a list; the first is the one a row may be found by."""
    flat = {name: _text(value) for name, value in record.items() if not isinstance(value, (list, dict))}
    addresses = record.get("addresses")
    if isinstance(addresses, list) and addresses and isinstance(addresses[0], dict):
        flat |= {name: _text(addresses[0].get(name)) for name in ("ip", "mac")}
    custom = record.get("custom")
    if isinstance(custom, dict):
        flat |= {str(name): _text(value) for name, value in custom.items()}
    return flat


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)

"""A file as rows for the register: headings found, words of either language read, empty words left out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from inventory.exits import BadInput, UsageFault
from inventory.export.columns import CUSTOM
from inventory.export.wording import label
from inventory.imports.headings import ATTRIBUTE_FIELDS, Mapped, is_field, map_headings
from inventory.imports.reading import Line, read_table, table_of
from inventory.language import _
from inventory.types import Attribute, ConnectionMethod, DeviceClass, DeviceStatus, ImportRow, InScope

_WORDS: Mapping[str, type[StrEnum]] = {
    "device_class": DeviceClass,
    "connection_method": ConnectionMethod,
    "in_scope": InScope,
    "status": DeviceStatus,
}
_SAYS_NOTHING = {
    Attribute.DEVICE_CLASS: DeviceClass.UNKNOWN,
    Attribute.CONNECTION_METHOD: ConnectionMethod.UNKNOWN,
    Attribute.IN_SCOPE: InScope.UNDETERMINED,
}
_SEARCHED_FOR_HEADINGS = 20  # a list may have a title above


@dataclass(frozen=True, slots=True)
class Listed:
    """A list as it was read: how, which column was taken for what, and its rows."""

    form: str
    columns: tuple[Mapped, ...]
    rows: tuple[ImportRow, ...]


def read_list(
    path: Path,
    *,
    site: str = "",
    segment: str = "",
    custom: Iterable[str] = (),
    columns: Mapping[str, str] | None = None,
) -> Listed:
    """The list in a file; `site` and `segment` where a row names none, `columns` maps headings to fields.

    BadInput where it is no list or no heading is known; UsageFault where `columns` names no field.
    """
    for field in (columns or {}).values():
        if not is_field(field):
            raise UsageFault(_("{field!r} is no field a column can be").format(field=field))
    lines, form = read_table(path)
    position, mapped = _find_headings(lines, tuple(custom), columns)
    if not any(each.field for each in mapped):
        reason = _("{file}: no heading is known; name them with --column HEADING=FIELD")
        raise BadInput(reason.format(file=path))
    rows = tuple(_row(line, mapped, site=site, segment=segment) for line in lines[position + 1 :])
    return Listed(form, mapped, rows)


def read_copied(
    text: str, name: str, *, site: str = "", segment: str = "", custom: Iterable[str] = ()
) -> Listed:
    """The list in rows copied out of a spreadsheet or a CSV file; BadInput where no row names the columns."""
    lines, form = table_of(text, name)
    position, mapped = _find_headings(lines, tuple(custom), None)
    if not any(each.field for each in mapped):
        raise BadInput(_("{file}: copy the row of headings too: no column is known").format(file=name))
    rows = tuple(_row(line, mapped, site=site, segment=segment) for line in lines[position + 1 :])
    return Listed(form, mapped, rows)


def _find_headings(
    lines: tuple[Line, ...], custom: Iterable[str], said: Mapping[str, str] | None
) -> tuple[int, tuple[Mapped, ...]]:
    tried = [map_headings(line.cells, custom, said) for line in lines[:_SEARCHED_FOR_HEADINGS]]
    known = [sum(bool(each.field) for each in mapped) for mapped in tried]
    best = known.index(max(known))
    return best, tried[best]


def _row(line: Line, mapped: tuple[Mapped, ...], *, site: str, segment: str) -> ImportRow:
    said = {
        column.field: _cell(cell)
        for column, cell in zip(mapped, line.cells, strict=False)
        if column.field and _cell(cell)
    }
    for field, vocabulary in _WORDS.items():
        if field in said:
            said[field] = _word(vocabulary, said[field])
    values = {
        attribute: said[field]
        for field, attribute in ATTRIBUTE_FIELDS.items()
        if field in said and said[field] != _SAYS_NOTHING.get(attribute)
    }
    return ImportRow(
        line=line.number,
        values=values,
        id=said.get("id", ""),
        site=said.get("site", site),
        segment=said.get("segment", segment),
        ip=said.get("ip", "").partition(";")[0].strip(),
        mac=said.get("mac", "").partition(";")[0].strip(),
        status=said.get("status", ""),
        custom={field.removeprefix(CUSTOM): text for field, text in said.items() if field.startswith(CUSTOM)},
    )


def _cell(cell: str) -> str:
    """What a cell says; "" for one that our own export could not show whole, so that it changes nothing."""
    text = cell.strip()
    if "⟨U+" in text or text.endswith("⟩"):
        return ""
    if text[:1] == "'" and text[1:].lstrip()[:1] in tuple("=+-@＝＋－＠"):
        return text[1:]
    return text


def _word(vocabulary: type[StrEnum], text: str) -> str:
    """A word of a closed vocabulary from its name, or half of one (`印表機／事務機`), in either language."""
    plain = text.casefold()
    for word in vocabulary:
        names = [label(word, language).casefold() for language in ("en", "zh_TW")]
        halves = [half for name in names for half in name.split("／")]
        if plain in {word.value, *names, *halves}:
            return word.value
    return text

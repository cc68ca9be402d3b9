"""The register as CSV (RFC 4180): one line per device, headed by the keys of the JSON form.

It begins with a byte order mark, because Excel in Taiwan otherwise reads the file as Big5.
"""

import csv
import io
from collections.abc import Iterable, Iterator

from inventory.export.columns import columns_of
from inventory.export.harmless import spreadsheet_cell
from inventory.snapshot.value import Snapshot


def pieces(snapshot: Snapshot, language: str) -> Iterator[bytes]:  # noqa: ARG001 - the form has no language
    """UTF-8 with a byte order mark, lines ending in CR LF; no cell is taken for a formula."""
    columns = columns_of(snapshot.devices)
    yield b"\xef\xbb\xbf" + _line(column.key for column in columns)
    for device in sorted(snapshot.devices, key=lambda device: device.id):
        yield _line(column.raw(device) for column in columns)


def _line(cells: Iterable[str]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow([spreadsheet_cell(cell) for cell in cells])
    return buffer.getvalue().encode()

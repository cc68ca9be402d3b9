"""The register as CSV (RFC 4180): one line per device, headed by the keys of the JSON form.

It begins with a byte order mark, because Excel in Taiwan otherwise reads the file as Big5.
"""

import csv
import io

from inventory.export.columns import columns_of
from inventory.export.harmless import spreadsheet_cell
from inventory.snapshot.value import Snapshot


def render(snapshot: Snapshot, language: str) -> bytes:  # noqa: ARG001 - the form has no language
    """UTF-8 with a byte order mark, lines ending in CR LF; no cell is taken for a formula."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    columns = columns_of(snapshot.devices)
    writer.writerow([spreadsheet_cell(column.key) for column in columns])
    for device in sorted(snapshot.devices, key=lambda device: device.id):
        writer.writerow([spreadsheet_cell(column.raw(device)) for column in columns])
    return b"\xef\xbb\xbf" + buffer.getvalue().encode()

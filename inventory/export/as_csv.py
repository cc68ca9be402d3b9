"""The register as CSV (RFC 4180): one line per device, headed by the keys of the JSON form.

It begins with a byte order mark, because Excel in Taiwan otherwise reads the file as Big5.
"""

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from inventory.export.columns import columns_of, in_words
from inventory.export.form import Form
from inventory.export.harmless import spreadsheet_cell
from inventory.snapshot.sketches import own_fields
from inventory.snapshot.value import Snapshot


def form(snapshot: Snapshot, language: str) -> Form:  # noqa: ARG001 - the form has no language
    """UTF-8 with a byte order mark, lines ending in CR LF; no cell is taken for a formula."""
    columns = columns_of(own_fields(snapshot))
    head = b"\xef\xbb\xbf" + _lines([[column.key for column in columns]])
    return Form(iter((head, None)), lambda batch: _lines(batch.cells(columns)))


def _lines(rows: Iterable[Iterable[str | datetime]]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerows([map(_cell, row) for row in rows])
    return buffer.getvalue().encode()


@lru_cache(1 << 13)  # what many devices say alike is looked at once
def _cell(value: str | datetime) -> str:
    return spreadsheet_cell(in_words(value))

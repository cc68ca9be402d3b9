"""The register in other people's forms: each exporter turns a Snapshot into the bytes of one file.

`pieces(snapshot, language)` gives them in order and is pure: the same snapshot in the same language gives the
same bytes, and no text of a device is a formula, markup or an invisible character in any of them. Languages
are `en` and `zh_TW`; JSON and CSV are for machines and have none. A register without judgement is exported
as `Snapshot(label="", on=day, devices=devices)`.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from inventory.export import as_csv, as_html, as_json, as_oscal_poam, as_oscal_results, as_xlsx
from inventory.snapshot.value import Snapshot


class Exporter(NamedTuple):
    """One form: the word for `--format`, the ending of its file, and what makes its bytes, in pieces.

    A `judged` one says nothing without an assessment.
    """

    name: str
    suffix: str
    pieces: Callable[[Snapshot, str], Iterable[bytes]]
    judged: bool = False

    def render(self, snapshot: Snapshot, language: str) -> bytes:
        """The whole file."""
        return b"".join(self.pieces(snapshot, language))


EXPORTERS: tuple[Exporter, ...] = (
    Exporter("json", ".json", as_json.pieces),
    Exporter("csv", ".csv", as_csv.pieces),
    Exporter("xlsx", ".xlsx", as_xlsx.pieces),
    Exporter("html", ".html", as_html.pieces),
    Exporter("oscal-results", ".json", as_oscal_results.pieces, judged=True),
    Exporter("oscal-poam", ".json", as_oscal_poam.pieces, judged=True),
)

__all__ = ["EXPORTERS", "Exporter"]

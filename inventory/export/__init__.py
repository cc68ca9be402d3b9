"""The register in other people's forms: each exporter turns a Snapshot into the bytes of one file.

`render(snapshot, language)` is pure: the same snapshot in the same language gives the same bytes, and no text
of a device is a formula, markup or an invisible character in any of them. Languages are `en` and `zh_TW`;
JSON and CSV are for machines and have none. A register without judgement is exported as
`Snapshot(label="", on=day, devices=devices)`.
"""

from collections.abc import Callable
from typing import NamedTuple

from inventory.export import as_csv, as_html, as_json, as_oscal_poam, as_oscal_results, as_xlsx
from inventory.snapshot.value import Snapshot


class Exporter(NamedTuple):
    """One form: the word for `--format`, the ending of its file, and what makes its bytes.

    A `judged` one says nothing without an assessment.
    """

    name: str
    suffix: str
    render: Callable[[Snapshot, str], bytes]
    judged: bool = False


EXPORTERS: tuple[Exporter, ...] = (
    Exporter("json", ".json", as_json.render),
    Exporter("csv", ".csv", as_csv.render),
    Exporter("xlsx", ".xlsx", as_xlsx.render),
    Exporter("html", ".html", as_html.render),
    Exporter("oscal-results", ".json", as_oscal_results.render, judged=True),
    Exporter("oscal-poam", ".json", as_oscal_poam.render, judged=True),
)

__all__ = ["EXPORTERS", "Exporter"]

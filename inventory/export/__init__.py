"""The register in other people's forms: each exporter turns a Snapshot into the bytes of one file.

`pieces(snapshot, language)` gives them in order and is pure: the same snapshot in the same language gives the
same bytes, and no text of a device is a formula, markup or an invisible character in any of them. Languages
are `en` and `zh_TW`; JSON and CSV are for machines and have none. A register without judgement is exported
as `Snapshot(label="", on=day, devices=devices)`.
"""

from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from inventory.export.form import Form
    from inventory.snapshot.value import Snapshot


class Exporter(NamedTuple):
    """One form: the word for `--format`, the ending of its file, and the module whose `form` writes it.

    A `judged` one says nothing without an assessment. The module is loaded on first use.
    """

    name: str
    suffix: str
    module: str
    judged: bool = False

    def form(self, snapshot: "Snapshot", language: str) -> "Form":
        """The document, to be written while the devices go by."""
        made: Form = import_module(f"inventory.export.{self.module}").form(snapshot, language)
        return made

    def pieces(self, snapshot: "Snapshot", language: str) -> Iterable[bytes]:
        """The whole file, piece by piece."""
        from inventory.export.form import in_passing

        return in_passing(self.form(snapshot, language), snapshot)

    def render(self, snapshot: "Snapshot", language: str) -> bytes:
        """The whole file."""
        return b"".join(self.pieces(snapshot, language))


EXPORTERS: tuple[Exporter, ...] = (
    Exporter("json", ".json", "as_json"),
    Exporter("csv", ".csv", "as_csv"),
    Exporter("xlsx", ".xlsx", "as_xlsx"),
    Exporter("html", ".html", "as_html"),
    Exporter("oscal-results", ".json", "as_oscal_results", judged=True),
    Exporter("oscal-poam", ".json", "as_oscal_poam", judged=True),
)
EXPORTER = {exporter.name: exporter for exporter in EXPORTERS}

__all__ = ["EXPORTER", "EXPORTERS", "Exporter"]

"""Reads the same facts of many dossiers, one after the other: all that a ruling on them can depend on."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from operator import itemgetter
from typing import TYPE_CHECKING

from inventory.types import Attestation, Dossier
from policies.facts import RECORD, FactSpec, fact_named
from policies.sheet import OpenDossier

if TYPE_CHECKING:
    from policies.duties import Answer

Facts = tuple[object, ...]
Pick = Callable[[Facts], object]
_Read = Callable[[OpenDossier], object]


class Reader:
    """Reads the named facts of dossiers on one date.

    Beside a fact's value stands where it is found, if that differs from device to device.
    """

    def __init__(self, names: Iterable[str], on: date) -> None:
        self._on = on
        specs = [fact_named(name) for name in dict.fromkeys(names)]
        self._of_records = _reads(spec for spec in specs if spec.name.startswith(RECORD))
        self._of_devices = _reads(spec for spec in specs if not spec.name.startswith(RECORD))
        self._places = {read: place for place, read in enumerate((*self._of_records, *self._of_devices))}
        self._firm: tuple[Attestation, ...] = ()
        self._days: list[date] = []
        self._heard: dict[int, tuple[Mapping[str, Answer], Facts]] = {}

    def read(self, dossier: Dossier) -> Facts:
        """The facts of this dossier, in an order of the reader's own."""
        records = dossier.attestations
        if records != self._firm and not any(record.device for record in records):
            self._firm, self._days = records, sorted(record.signed for record in records)
            self._heard.clear()
        if records == self._firm:
            # What the firm signed is read once for all devices that were found between the same signatures.
            since = bisect_left(self._days, dossier.device.first_seen.date())
            if since not in self._heard:
                first = OpenDossier(dossier, self._on)
                self._heard[since] = first.answers, self._of(first)
            answers, told = self._heard[since]
            opened = OpenDossier(dossier, self._on, answers)
        else:
            opened = OpenDossier(dossier, self._on)
            told = self._of(opened)
        return (*told, *(read(opened) for read in self._of_devices))

    def _of(self, opened: OpenDossier) -> Facts:
        return tuple(read(opened) for read in self._of_records)

    def pick(self, names: Iterable[str]) -> Pick:
        """What takes all that was read for these facts out of what `read` gives."""
        reads = _reads(fact_named(name) for name in dict.fromkeys(names))
        return itemgetter(*(self._places[read] for read in reads))


def _reads(specs: Iterable[FactSpec]) -> tuple[_Read, ...]:
    """What reads the facts, and where they are found if that differs; each once."""
    reads = (read for spec in specs for read in (spec.derive, spec.origin) if not isinstance(read, str))
    return tuple(dict.fromkeys(reads))

"""What a scan learns, on its way to whoever takes it: sightings in batches of a transaction; events."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from agent.events import FellSilent, Identified, ScanEvent
from agent.service.coverage import AreaRecord
from agent.service.interview import Interview
from inventory.coverage_words import reason_of
from inventory.types import Attribute, ScanRun, Sighting, Unsettled, Why

_BATCH: Final = 25


class Taker(Protocol):
    """Who takes what a scan learns: the register, or the pipe to its process."""

    def begin_scan(self, run: ScanRun) -> None:
        """Notes that a run has begun."""

    def ingest(self, sightings: Sequence[Sighting]) -> object:
        """Takes a batch in, as one transaction."""

    def finish_scan(self, run: ScanRun) -> None:
        """Stores the run with its coverage."""


@dataclass
class Handover:
    """Gives sightings to the taker, a batch at a time, and says whom it was about."""

    taker: Taker
    on_event: Callable[[ScanEvent], None]
    _waiting: list[Sighting] = field(default_factory=list)

    def sighting(self, one: Sighting) -> None:
        """A sighting for the next batch."""
        self._waiting.append(one)
        if len(self._waiting) >= _BATCH:
            self.flush()

    def interview(self, record: AreaRecord, told: Interview) -> None:
        """What a device said, whoever it is, and why it could not be asked to the end."""
        if told.trouble:
            self.trouble(record, told.trouble)
        if told.observations:
            kind = told.concluded.get(Attribute.DEVICE_CLASS)
            self.sighting(told.sighting)
            self.on_event(Identified(told.host.ip, told.label, kind.value if kind else ""))

    def further_interview(self, record: AreaRecord, again: Interview) -> None:
        """What a device that was met before said further."""
        if again.trouble:
            self.trouble(record, again.trouble)
        if again.observations:
            self.sighting(again.sighting)

    def trouble(self, record: AreaRecord, trouble: Unsettled) -> None:
        """Why an address is not settled, for the coverage."""
        record.troubles[trouble.ip] = trouble
        if trouble.why is Why.FELL_SILENT:
            self.on_event(FellSilent(trouble.ip, reason_of(trouble)))

    def flush(self) -> None:
        """Hands over what waits."""
        batch, self._waiting = self._waiting, []
        if batch:
            self.taker.ingest(batch)

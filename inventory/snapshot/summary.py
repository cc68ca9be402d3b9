"""summary.json: a snapshot in a few lines, for lists, for the chain and for the next snapshot's trend."""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import date

import rfc8785
from pydantic import TypeAdapter, ValidationError

from inventory.export.statement import figures
from inventory.language import _
from inventory.snapshot.faults import Unreadable
from inventory.snapshot.posture import outcome_of_each
from inventory.snapshot.value import PreviousSnapshot, Snapshot, Standing
from inventory.types import WORST_FIRST, DeviceStatus, VerdictOutcome


@dataclass(frozen=True, slots=True)
class Summary:
    """What other snapshots and lists want to know of one, without reading it whole.

    `trend` are the standings of the snapshots before it, the oldest first.
    """

    label: str
    on: date
    standing: Standing
    trend: tuple[Standing, ...] = ()
    previous: PreviousSnapshot | None = None
    redacts: PreviousSnapshot | None = None


_SUMMARY = TypeAdapter(Summary)


def summary_of(snapshot: Snapshot) -> Summary:
    """The few lines."""
    return Summary(
        snapshot.label,
        snapshot.on,
        standing(snapshot),
        snapshot.trend,
        snapshot.previous,
        snapshot.redacts,
    )


def standing(snapshot: Snapshot) -> Standing:
    """How many devices stand how, each by the worst of all its verdicts; retired ones do not count."""
    present = {device.id for device in snapshot.devices if device.status is not DeviceStatus.RETIRED}
    worst: dict[str, int] = {}
    for outcomes in outcome_of_each(snapshot.verdicts).values():
        for device, outcome in outcomes.items():
            if device in present:
                worst[device] = min(worst.get(device, len(WORST_FIRST)), WORST_FIRST.index(outcome))
    counts = Counter(WORST_FIRST[rank] for rank in worst.values())
    counted = figures(snapshot)
    return Standing(
        label=snapshot.label,
        on=snapshot.on,
        devices=len(present),
        by_worst={outcome: counts[outcome] for outcome in VerdictOutcome},
        not_judged=len(present) - len(worst),
        live=counted.live,
        overdue=counted.overdue,
    )


def to_bytes(summary: Summary) -> bytes:
    """The summary as canonical JSON (RFC 8785)."""
    return bytes(rfc8785.dumps(_SUMMARY.dump_python(summary, mode="json")))


def from_bytes(content: bytes, place: str) -> Summary:
    """The summary written in `content`; Unreadable, naming `place`, where it is none."""
    try:
        return _SUMMARY.validate_python(json.loads(content))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        raise Unreadable(f"{place}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    except (ValueError, RecursionError) as error:
        raise Unreadable(_("{place}: not JSON: {error}").format(place=place, error=error)) from error

"""summary.json: a snapshot in a few lines, for lists, for the chain and for the next snapshot's trend."""

import json
from dataclasses import dataclass
from datetime import date

import rfc8785
from pydantic import TypeAdapter, ValidationError

from inventory.export.standing import standing
from inventory.language import _
from inventory.snapshot.faults import Unreadable
from inventory.snapshot.value import PreviousSnapshot, Snapshot, Standing


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

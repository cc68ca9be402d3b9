"""What a rule says alike of many devices, said once: the form in which verdicts are written and counted."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from operator import attrgetter
from typing import Any

from inventory.snapshot.value import Snapshot, once
from inventory.types import Severity, Verdict, VerdictOutcome


@dataclass(frozen=True, slots=True)
class SharedVerdict:
    """What one rule says alike of several devices (ids in order); the fields are those of a Verdict."""

    pack: str
    edition: date
    article: str
    rule: str
    outcome: VerdictOutcome
    severity: Severity
    reason_en: str
    reason_zh: str
    judged_on: date
    because: tuple[str, ...]
    remedy_en: str
    remedy_zh: str
    due_days: int
    devices: tuple[str, ...]


_ALIKE = tuple(field.name for field in fields(SharedVerdict) if field.name != "devices")


@once
def shared_in(snapshot: Snapshot) -> tuple[SharedVerdict, ...]:
    """The snapshot's verdicts, those that say the same put together."""
    return share(snapshot.verdicts)


def share(verdicts: Iterable[Verdict]) -> tuple[SharedVerdict, ...]:
    """Verdicts that say the same put together, in the order of what they say."""
    devices: dict[tuple[Any, ...], list[str]] = defaultdict(list)
    alike = attrgetter(*_ALIKE)
    for verdict in verdicts:
        devices[alike(verdict)].append(verdict.device)
    return tuple(
        SharedVerdict(**dict(zip(_ALIKE, key, strict=True)), devices=tuple(sorted(devices[key])))
        for key in sorted(devices)
    )


def each_alone(shared: Iterable[SharedVerdict]) -> tuple[Verdict, ...]:
    """The verdicts taken apart again, in the order of `in_order`."""
    alike = attrgetter(*_ALIKE)
    return in_order(
        Verdict(device=device, **dict(zip(_ALIKE, alike(verdict), strict=True)))
        for verdict in shared
        for device in verdict.devices
    )


def in_order(verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """Verdicts in a snapshot's order: by device, pack, edition, article and rule."""
    return tuple(sorted(verdicts, key=attrgetter("device", "pack", "edition", "article", "rule")))

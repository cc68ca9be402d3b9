"""Why a verdict differs between two snapshots: the device, the evidence, a record, the edition, or only time.

A verdict names what it rests on (`attribute.vendor`, `check.firmware`, `exceptions` …); each of these is
compared in both snapshots, so that a reader gets from a changed verdict to what changed under it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from inventory.snapshot.value import Snapshot
from inventory.types import (
    CheckResult,
    Device,
    DeviceStatus,
    ExceptionState,
    Verdict,
    VerdictOutcome,
    standing,
)

_CHECK, _ATTRIBUTE, _DEVICE = "check.", "attribute.", "device."
_YEAR = re.compile(r"-\d{4}$")
_RECORDS = ("exception", "plan", "attestation")


class CauseKind(StrEnum):
    """Under what a verdict changed."""

    DEVICE = "device"
    EVIDENCE = "evidence"
    RECORD = "record"
    EDITION = "edition"
    SOFTWARE = "software"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that differs under a verdict; an empty text is what was not there or not known."""

    kind: CauseKind
    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two snapshots, by what is looked up in it."""

    snapshot: Snapshot
    devices: Mapping[str, Device]
    results: Mapping[tuple[str, str], CheckResult]
    records: Mapping[str, Mapping[str, str]]
    editions: Mapping[str, str]

    @classmethod
    def of(cls, snapshot: Snapshot) -> "Side":
        """The snapshot with its devices by id, results by device and check, records by device."""
        return cls(
            snapshot,
            {d.id: d for d in snapshot.devices if d.status is not DeviceStatus.RETIRED},
            {(result.device, result.check): result for result in snapshot.results},
            _records(snapshot),
            {article.pack: f"{article.pack} ({article.edition})" for article in snapshot.articles},
        )


def causes(
    device: str, old: Verdict | None, new: Verdict | None, earlier: Side, later: Side
) -> tuple[Cause, ...]:
    """What differs under a device's verdict, the device itself first.

    Where nothing it rests on differs, the software does, or only the day: evidence ages, a deadline passes.
    """
    if device and (device in earlier.devices) != (device in later.devices):
        present = ("", device) if device in later.devices else (device, "")
        return (Cause(CauseKind.DEVICE, "register", *present),)
    rests_on = dict.fromkeys(name for verdict in (old, new) if verdict for name in verdict.because)
    found = [
        *_edition(old, new, earlier, later),
        *(cause for name in rests_on for cause in _under(name, device, earlier, later)),
        *_recorded(device, _record_kinds(rests_on, old, new), earlier, later),
    ]
    distinct = tuple(dict.fromkeys(found))
    return distinct or tuple(_neither(earlier.snapshot, later.snapshot))


def regulation(pack: str) -> str:
    """A pack's id without the year that tells its editions apart: `guideline` for `guideline-2024`."""
    return _YEAR.sub("", pack)


def device_texts(device: Device) -> Mapping[str, str]:
    """Everything about a device that can differ, by name, as text."""
    return {
        **{str(attribute): held.value for attribute, held in device.attributes.items()},
        "status": str(device.status),
        "site": device.site,
        "segment": device.segment,
        "addresses": ", ".join(sorted({f"{a.ip} {a.mac or ''}".strip() for a in device.addresses})),
        "services": ", ".join(sorted({service.key for service in device.services})),
    }


def _edition(old: Verdict | None, new: Verdict | None, earlier: Side, later: Side) -> Iterator[Cause]:
    """Another edition than before; also for a rule that came, or went, with an edition."""
    if old and new and (old.pack, old.edition) != (new.pack, new.edition):
        before, after = f"{old.pack} ({old.edition})", f"{new.pack} ({new.edition})"
        yield Cause(CauseKind.EDITION, "pack", before, after)
    elif new and not old and new.pack not in earlier.editions:
        yield Cause(
            CauseKind.EDITION, "pack", _of_regulation(new.pack, earlier), f"{new.pack} ({new.edition})"
        )
    elif old and not new and old.pack not in later.editions:
        yield Cause(CauseKind.EDITION, "pack", f"{old.pack} ({old.edition})", _of_regulation(old.pack, later))


def _of_regulation(pack: str, side: Side) -> str:
    judged_by = (shown for name, shown in side.editions.items() if regulation(name) == regulation(pack))
    return ", ".join(sorted(judged_by))


def _under(name: str, device: str, earlier: Side, later: Side) -> Iterator[Cause]:
    if name.startswith(_CHECK) or name == "checks":
        checks = {check for of, check in (*earlier.results, *later.results) if of == device}
        wanted = checks if name == "checks" else {name.removeprefix(_CHECK)}
        for check in sorted(wanted):
            yield from _evidence(check, device, earlier, later)
    elif name.startswith((_ATTRIBUTE, _DEVICE)):
        what = name.partition(".")[2]
        before, after = (_text(side.devices.get(device), what) for side in (earlier, later))
        if before != after:
            yield Cause(CauseKind.DEVICE, what, before, after)


def _text(device: Device | None, what: str) -> str:
    return device_texts(device).get(what, "") if device else ""


def _evidence(check: str, device: str, earlier: Side, later: Side) -> Iterator[Cause]:
    before, after = (_reported(side, device, check) for side in (earlier, later))
    for fact in sorted(before.keys() | after.keys()):
        if before.get(fact) != after.get(fact):
            yield Cause(CauseKind.EVIDENCE, f"{check} {fact}", before.get(fact, ""), after.get(fact, ""))


def _reported(side: Side, device: str, check: str) -> Mapping[str, str]:
    """What a check said of a device, as facts; an expired result says nothing but that it has expired."""
    result = side.results.get((device, check))
    if result is None:
        return {}
    if result.expires is not None and result.expires.date() < side.snapshot.on:
        return {"outcome": "expired"}
    return {"outcome": str(result.outcome), **result.facts}


def _record_kinds(rests_on: Iterable[str], old: Verdict | None, new: Verdict | None) -> tuple[str, ...]:
    """The kinds of records that these verdicts turn on."""
    excepted = any(verdict and verdict.outcome is VerdictOutcome.EXCEPTED for verdict in (old, new))
    named = tuple(kind for kind in _RECORDS if any(name.startswith(kind) for name in rests_on))
    return (*named, "exception") if excepted else named


def _recorded(device: str, kinds: tuple[str, ...], earlier: Side, later: Side) -> Iterator[Cause]:
    before = {**earlier.records.get("", {}), **earlier.records.get(device, {})}
    after = {**later.records.get("", {}), **later.records.get(device, {})}
    for record in sorted(before.keys() | after.keys()):
        if record.startswith(kinds) and before.get(record) != after.get(record):
            yield Cause(CauseKind.RECORD, record, before.get(record, ""), after.get(record, ""))


def _records(snapshot: Snapshot) -> Mapping[str, Mapping[str, str]]:
    """What people recorded, by device (the firm: ""), as the text that a verdict may turn on."""
    told: dict[str, dict[str, str]] = {}

    def tell(devices: Iterable[str], name: str, text: str) -> None:
        for device in devices:
            told.setdefault(device, {})[name] = text

    for exception in snapshot.exceptions:
        stands = standing(exception, snapshot.plans, snapshot.on)
        in_force = stands.state is ExceptionState.IN_FORCE
        words = f"{', '.join(exception.articles)} {exception.start} – {stands.until}"
        tell(
            [exception.device], f"exception {exception.id}", f"{words}{'' if in_force else ' (not in force)'}"
        )
    for plan in snapshot.plans:
        late = " (overdue)" if plan.due < snapshot.on else ""
        tell(plan.devices, f"plan {plan.id}", f"{plan.state}, {plan.due}{late}")
    for record in snapshot.attestations:
        late = " (overdue)" if record.next_due and record.next_due < snapshot.on else ""
        words = f"{record.article} {'yes' if record.answer else 'no'} {record.signed}{late}"
        tell([record.device], f"attestation {record.id}", words)
    return told


def _neither(earlier: Snapshot, later: Snapshot) -> Iterator[Cause]:
    before, after = earlier.versions.get("muster", ""), later.versions.get("muster", "")
    if before != after:
        yield Cause(CauseKind.SOFTWARE, "muster", before, after)
    yield Cause(CauseKind.TIME, "day", str(earlier.on), str(later.on))

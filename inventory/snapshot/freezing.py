"""From the register to a Snapshot: a reading of what was found and judged, in one fixed order."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from inventory.export.form import AT_ONCE
from inventory.language import _
from inventory.register import Register
from inventory.snapshot.canonical import FORM
from inventory.snapshot.faults import NotReady
from inventory.snapshot.folder import Stored, digest_at, latest_before, snapshots_in, summary_at, write
from inventory.snapshot.pressing import Passing
from inventory.snapshot.signing import Signer
from inventory.snapshot.value import CoverageRecord, PreviousSnapshot, Snapshot
from inventory.store.raw_rows import Living, devices_of, results_of
from inventory.types import Assessment, CheckResult, Device, ScanRun, Scope, merge

_CYCLE = re.compile(r"(\d{4})(?:H([12])|-(0[1-9]|1[0-2]))?")


def freeze(
    register: Register, place: Path, signer: Signer, *, label: str, on: date, version: str
) -> tuple[Snapshot, Stored]:
    """Freezes the register into the new folder `place`, naming the predecessor it finds beside.

    Like `build`, `chained` and `folder.write` one after the other, but the devices go by a few hundred at a
    time. The snapshot that is given holds none of them; what is asked of all of them it answers.
    """
    with register.reading() as now:
        frame, living = _frame(now, label=label, on=on, version=version)
        frame = chained(frame, place.parent)
        passing = Passing.of_rows(living, now.raw_rows(living.ids, AT_ONCE))
        return frame, write(frame, place, signer, passing)


def build(register: Register, *, label: str, on: date, version: str) -> Snapshot:
    """The register as it stands, as the snapshot `label` of the day `on`; `version` is this software's.

    What others write while it is read is not in it: all of it is of one state.
    The register knows the present only, so NotReady where it holds anything younger than `on`; and where
    nothing was assessed yet, or the cycle that `label` names (`2026`, `2026H1`, `2026-11`) has not begun.
    """
    with register.reading() as now:
        frame, living = _frame(now, label=label, on=on, version=version)
        devices: list[Device] = []
        results: list[CheckResult] = []
        for raw in now.raw_rows(living.ids, AT_ONCE):
            devices += devices_of(raw)
            results += results_of(raw)
        return replace(frame, devices=tuple(devices), results=tuple(results))


def chained(snapshot: Snapshot, folder: Path) -> Snapshot:
    """`snapshot` naming its predecessor among those in `folder`, and taking over the trend until then.

    The predecessor is the youngest of an earlier day.
    """
    place = latest_before(snapshot.on, snapshots_in(folder))
    if place is None:
        return snapshot
    before = summary_at(place)
    return replace(
        snapshot,
        previous=PreviousSnapshot(before.label, before.on, digest_at(place)),
        trend=(*before.trend, before.standing),
    )


def latest_looks(scopes: Sequence[Scope], runs: Sequence[ScanRun]) -> tuple[CoverageRecord, ...]:
    """For each network in scope the latest whole look at it; a stopped one where there is no whole one."""
    latest: dict[tuple[str, str], CoverageRecord] = {}
    for run in sorted(runs, key=lambda run: (_is_whole(run), run.started, run.id)):
        for segment in run.coverage:
            latest[segment.site, segment.network] = CoverageRecord(
                segment, run.id, run.finished, stopped=run.stopped
            )
    places = [(scope.site, scope.network) for scope in scopes]
    return tuple(latest[place] for place in places if place in latest)


def _frame(register: Register, *, label: str, on: date, version: str) -> tuple[Snapshot, Living]:
    """All of the snapshot but devices and results, and which devices there are."""
    assessment = register.last_assessment()
    living, runs = register.living(), register.runs()
    judged = _judged_by(on, assessment)
    _nothing_younger(on, living.last_seen, runs)
    _begun(label, on)
    scopes = register.scopes()
    frame = Snapshot(
        label=label,
        on=on,
        scopes=scopes,
        coverage=latest_looks(scopes, runs),
        awaiting_review=len(register.review()),
        assessed_on=judged.on,
        articles=judged.articles,
        verdicts=merge(judged.verdicts),
        findings=tuple(sorted(judged.findings, key=lambda finding: finding.id)),
        attestations=tuple(sorted(register.attestations(), key=lambda record: record.id)),
        exceptions=tuple(sorted(register.exceptions(), key=lambda record: record.id)),
        plans=tuple(sorted(register.plans(), key=lambda plan: plan.id)),
        comments=register.comments(),
        versions={"muster": version, "form": FORM},
    )
    return frame, living


def _is_whole(run: ScanRun) -> bool:
    return run.finished is not None and not run.stopped


def _judged_by(on: date, assessment: Assessment | None) -> Assessment:
    if assessment is None:
        raise NotReady(_("nothing has been assessed yet: run `muster assess` first"))
    if assessment.on > on:
        raise NotReady(
            _(
                "the last assessment speaks of {judged}, after {on}: a snapshot cannot be of an earlier day"
            ).format(judged=assessment.on, on=on)
        )
    return assessment


def _nothing_younger(on: date, last_seen: datetime | None, runs: Sequence[ScanRun]) -> None:
    moments = [*([last_seen] if last_seen else []), *(run.started for run in runs)]
    youngest = max(moments).date() if moments else on
    if youngest > on:
        raise NotReady(
            _(
                "the register was filled on {youngest}, after {on}: a snapshot cannot be of an earlier day"
            ).format(youngest=youngest, on=on)
        )


def _begun(label: str, on: date) -> None:
    cycle = _CYCLE.fullmatch(label)
    if cycle is None:
        return
    year, half, month = cycle.groups()
    first_month = {"1": 1, "2": 7}[half] if half else int(month or 1)
    begins = date(int(year), first_month, 1)
    if begins > on:
        raise NotReady(_("{label} begins on {begins}, after {on}").format(label=label, begins=begins, on=on))

"""Checks and judgement over the register: evidence → results → verdicts → findings.

Both read the register, think, and write their outcome once; no packet is sent.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

from agent.checks import CHECKS, Check
from agent.checks.due import due
from agent.checks.knowledge import gather
from agent.checks.runner import run_each, versions
from agent.checks.subject import Measures, Subject
from agent.feeds.shelf import shelf_beside
from agent.isolation.matrix import Measured
from agent.service.isolation import measured
from agent.wireless.expected import read as declaration
from inventory.query import EVERYTHING, DeviceQuery
from inventory.register import Register
from inventory.settings import Settings
from inventory.types import (
    Article,
    Assessment,
    Attestation,
    Attribute,
    CheckOutcome,
    CheckResult,
    Clock,
    Device,
    DeviceClass,
    Dossier,
    ExceptionRecord,
    Posture,
    ReplacementPlan,
    WirelessNetwork,
)
from policies.duties import confirmation
from policies.explain import Explanation, explain
from policies.findings import find
from policies.judge import Judge
from policies.pack import Pack
from policies.scope_of_law import rule_scope

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class CheckRun:
    """What a run of checks came to."""

    results: tuple[CheckResult, ...]
    counts: Mapping[tuple[str, CheckOutcome], int]


def measures(
    settings: Settings, between: Measured | None = None, networks: Iterable[WirelessNetwork] = ()
) -> Measures:
    """What the settings and the files they name say checks measure by, what was measured and heard.

    BadInput naming file and line where one of these files is wrong.
    """
    segments: dict[DeviceClass, frozenset[str]] = {
        kind: frozenset(names) for kind, names in settings.check.segments.items()
    }
    named = settings.wireless.expected
    return Measures(
        settings.evidence_days,
        settings.check.ending_months,
        segments,
        between,
        settings.check.watched,
        declaration(Path(named) if named else None),
        _by_device((network.device, network) for network in networks),
    )


def check(
    register: Register,
    settings: Settings,
    clock: Clock,
    *,
    checks: Sequence[Check] = CHECKS,
    devices: Iterable[str] = (),
    query: DeviceQuery = EVERYTHING,
    only_due: bool = False,
) -> CheckRun:
    """Runs the checks over stored observations and keeps the results; all devices where none is named.

    The feeds on the register's shelf and the files the settings name are read anew: old evidence is judged by
    what is known and meant today. With `only_due`, results that still hold are left as they are.
    """
    named = tuple(devices)
    chosen = tuple(map(register.device, named)) if named else register.devices(query)
    heard = register.all_observations()
    kept = register.results() if only_due else {}
    now = clock.now()
    by = measures(settings, measured(register, settings, now), register.networks())
    known = gather(shelf_beside(register.place).feeds())
    used, signed = versions(by, known), _by_device((one.device, one) for one in register.attestations())
    subjects = (
        Subject(
            device,
            heard.get(device.id, ()),
            now,
            by,
            known,
            confirmation(signed.get(device.id, ()), device.id, now.astimezone().date()),
            used,
        )
        for device in chosen
    )
    wanted = (
        (subject, due(subject, checks, kept.get(subject.device.id, ())) if only_due else checks)
        for subject in subjects
    )
    results = tuple(run_each(wanted))
    register.save_results(results)
    return CheckRun(results, Counter((result.check, result.outcome) for result in results))


def assess(register: Register, packs: Sequence[Pack], on: date) -> Posture:
    """Judges the devices by the packs as of `on`, follows the findings, and keeps the assessment.

    Of an assessment of the same day by the same rules everything still stands but the verdicts on devices
    that were written of since: those alone are judged again.
    """
    with register.reading() as now:
        to_judge = now.to_judge(on, rules_named(packs))
        ruled: dict[str, str] = {}
        verdicts = Judge(packs, on).shared(_ruled(dossiers(now, to_judge.devices), ruled))
        findings = find(now.findings(devices=to_judge.devices), verdicts, on)
    register.keep_ruling(Attribute.IN_SCOPE, ruled, rule="article-21")
    register.save_assessment(Assessment(on, catalogue(packs), verdicts, findings), to_judge)
    posture = register.posture()
    assert posture is not None  # one was just saved  # noqa: S101
    return posture


def preview(register: Register, packs: Sequence[Pack], on: date) -> Assessment:
    """The devices judged as of another day; nothing is kept, so that no finding is opened or closed by it."""
    with register.reading() as now:
        verdicts = Judge(packs, on).shared(dossiers(now))
        known = (finding for finding in now.findings() if finding.opened <= on)
        return Assessment(on, catalogue(packs), verdicts, find(known, verdicts, on))


def rules_named(packs: Iterable[Pack]) -> str:
    """A name that changes with anything the packs say, and with this software."""
    parts = (version("muster"), *(pack.digest for pack in packs))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def dossiers(register: Register, devices: Collection[str] | None = None) -> Iterator[Dossier]:
    """One dossier a device (None: every one): its results, and the records about it or the whole firm."""
    return joined(
        register.checked(devices),
        register.attestations(devices),
        register.exceptions(devices),
        register.plans(devices),
    )


def joined(
    checked: Iterable[tuple[Device, tuple[CheckResult, ...]]],
    attestations: Iterable[Attestation],
    exceptions: Iterable[ExceptionRecord],
    plans: Iterable[ReplacementPlan],
) -> Iterator[Dossier]:
    """Each device and what checks said of it, with the records about it and about the whole firm."""
    attested = _by_device((record.device, record) for record in attestations)
    excepted = _by_device((record.device, record) for record in exceptions)
    planned = _by_device((device, plan) for plan in plans for device in plan.devices)
    for device, results in checked:
        yield Dossier(
            device=device,
            results=results,
            attestations=(*attested.get("", ()), *attested.get(device.id, ())),
            exceptions=tuple(excepted.get(device.id, ())),
            plans=tuple(planned.get(device.id, ())),
        )


def explained(
    register: Register, packs: Sequence[Pack], device: str, number: str, on: date
) -> tuple[Explanation, ...]:
    """One article's verdicts on one device, taken apart; by the first of the packs that has the article."""
    holding = next((pack for pack in packs if any(each.number == number for each in pack.articles)), packs[0])
    (dossier,) = dossiers(register, [register.device(device).id])
    return explain(dossier, holding, number, on)


def catalogue(packs: Iterable[Pack]) -> tuple[Article, ...]:
    """The articles of the packs, in their order."""
    return tuple(article for pack in packs for article in pack.catalogue)


def _ruled(passing: Iterable[Dossier], ruled: dict[str, str]) -> Iterator[Dossier]:
    """The dossiers as they pass, with what Art. 21 makes of each device noted."""
    for dossier in passing:
        ruled[dossier.device.id] = rule_scope(dossier.device).in_scope.value
        yield dossier


def _by_device(pairs: Iterable[tuple[str, Record]]) -> dict[str, tuple[Record, ...]]:
    grouped: dict[str, list[Record]] = defaultdict(list)
    for device, record in pairs:
        grouped[device].append(record)
    return {device: tuple(records) for device, records in grouped.items()}

"""Checks and judgement over the register: evidence → results → verdicts → findings.

Both read the register, think, and write their outcome once; no packet is sent.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

from agent.checks import CHECKS, Check, isolation
from agent.checks.knowledge import Knowledge, gather
from agent.checks.runner import run_each
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
)
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


def measures(settings: Settings, between: Measured | None = None) -> Measures:
    """What the settings and the files they name say checks measure by, and what was measured.

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

    The feeds on the register's shelf are read anew: old evidence is judged by what is known today. With
    `only_due`, results that still hold are left as they are.
    """
    named = tuple(devices)
    chosen = tuple(map(register.device, named)) if named else register.devices(query)
    heard = register.all_observations()
    kept = register.results() if only_due else {}
    now = clock.now()
    by = measures(settings, measured(register, settings, now))
    known = gather(shelf_beside(register.place).feeds())
    wanted = (
        (
            Subject(device, heard.get(device.id, ()), now, by, known),
            _due(device, checks, kept.get(device.id, ()), now, known, by) if only_due else checks,
        )
        for device in chosen
    )
    results = tuple(run_each(wanted))
    register.save_results(results)
    return CheckRun(results, Counter((result.check, result.outcome) for result in results))


def assess(register: Register, packs: Sequence[Pack], on: date) -> Posture:
    """Judges the devices by the packs as of `on`, follows the findings, and keeps the assessment.

    Of an assessment of the same day by the same rules everything still stands but the verdicts on devices
    that were written of since: those alone are judged again.
    """
    rules = rules_named(packs)
    due = register.to_judge(on, rules)
    chosen = _chosen(register, due.devices)
    ruled = {device.id: rule_scope(device).in_scope.value for device in chosen}
    register.keep_ruling(Attribute.IN_SCOPE, ruled, rule="article-21")
    with register.reading() as now:
        due = now.to_judge(on, rules)
        verdicts = Judge(packs, on).shared(dossiers(now, due.devices))
        findings = find(now.findings(devices=due.devices), verdicts, on)
    register.save_assessment(Assessment(on, catalogue(packs), verdicts, findings), due)
    posture = register.posture()
    assert posture is not None  # one was just saved  # noqa: S101
    return posture


def rules_named(packs: Iterable[Pack]) -> str:
    """A name that changes with anything the packs say, and with this software."""
    parts = (version("muster"), *(pack.digest for pack in packs))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def dossiers(register: Register, devices: Collection[str] | None = None) -> Iterator[Dossier]:
    """One dossier a device (None: every one): its results, and the records about it or the whole firm."""
    return joined(
        _chosen(register, devices),
        register.results(devices),
        register.attestations(devices),
        register.exceptions(),
        register.plans(),
    )


def joined(
    devices: Iterable[Device],
    results: Mapping[str, tuple[CheckResult, ...]],
    attestations: Iterable[Attestation],
    exceptions: Iterable[ExceptionRecord],
    plans: Iterable[ReplacementPlan],
) -> Iterator[Dossier]:
    """What is known of each device, put together with the records about it and about the whole firm."""
    attested = _by_device((record.device, record) for record in attestations)
    excepted = _by_device((record.device, record) for record in exceptions)
    planned = _by_device((device, plan) for plan in plans for device in plan.devices)
    for device in devices:
        yield Dossier(
            device=device,
            results=results.get(device.id, ()),
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


def _chosen(register: Register, ids: Collection[str] | None) -> tuple[Device, ...]:
    """The live records among these, or all of them."""
    if ids is None:
        return register.devices()
    return tuple(device for asked, device in register.by_id(ids).items() if device.id == asked)


def _due(  # noqa: PLR0917 - the parts of one question
    device: Device,
    checks: Sequence[Check],
    kept: Iterable[CheckResult],
    now: datetime,
    known: Knowledge,
    by: Measures,
) -> tuple[Check, ...]:
    """The checks whose result has expired, or rests on older evidence or other facts than there are now."""
    news = max((device.last_seen, *(held.at for held in device.attributes.values())))
    measured_at = by.isolation.newest if by.isolation else None
    holding = {
        result.check
        for result in kept
        if result.expires is not None
        and result.expires > now
        and result.at >= news
        and result.facts.get("facts", known.version) == known.version
        and not (result.check == isolation.NAME and measured_at and result.at < measured_at)
    }
    return tuple(check for check in checks if check.name not in holding)


def _by_device(pairs: Iterable[tuple[str, Record]]) -> dict[str, list[Record]]:
    grouped: dict[str, list[Record]] = defaultdict(list)
    for device, record in pairs:
        grouped[device].append(record)
    return grouped

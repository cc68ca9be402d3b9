"""What a copy of a snapshot without personal names says, the same each time it is made.

Names are what stands where names are written: owners, and those who entered, signed, approved or scoped
something. Each gets a number in the order in which the snapshot names them, and takes it along into every
free text that mentions the name. A name that is written nowhere but in a free text is not known to be one.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, TypeVar

from inventory.export.form import Batch
from inventory.snapshot.value import CoverageRecord, PreviousSnapshot, Snapshot
from inventory.types import (
    Attestation,
    Attribute,
    CheckResult,
    Comment,
    Device,
    ExceptionRecord,
    Exemption,
    Finding,
    Held,
    ReplacementPlan,
    Scope,
    SharedVerdict,
    merge,
)

Reasoned = TypeVar("Reasoned", SharedVerdict, Finding)

_PERSON = "person:"
# Their words are a closed vocabulary or a machine's: what looks like a name there is none.
_NEVER_NAMES = frozenset(
    {Attribute.DEVICE_CLASS, Attribute.CONNECTION_METHOD, Attribute.IN_SCOPE, Attribute.DECLARED_PORTS}
)
_SHORTEST = 2  # a name of one letter is replaced where it stands alone, not inside texts
_KEPT = 1 << 14  # free texts: many devices say the same


def without_names(frame: Snapshot, names: "Names", digest: str) -> Snapshot:
    """The frame with a number for each person, naming the original by the SHA-256 of its manifest."""
    return replace(
        frame,
        scopes=tuple(_scope(scope, names) for scope in frame.scopes),
        coverage=tuple(_coverage(record, names) for record in frame.coverage),
        verdicts=merge(_reasoned(verdict, names) for verdict in frame.verdicts),
        findings=tuple(_finding(finding, names) for finding in frame.findings),
        attestations=tuple(_attestation(record, names) for record in frame.attestations),
        exceptions=tuple(_exception(record, names) for record in frame.exceptions),
        plans=tuple(_plan(plan, names) for plan in frame.plans),
        comments=tuple(_comment(comment, names) for comment in frame.comments),
        redacts=PreviousSnapshot(frame.label, frame.on, digest),
    )


def devices_without_names(batch: Batch, names: "Names") -> Batch:
    """The same of some devices and results."""
    return Batch(
        [_device(device, names) for device in batch.devices],
        [_result(result, names) for result in batch.results],
    )


class Names:
    """The number of each name, and the expression that finds the names in free text."""

    def __init__(self, named: Iterable[str]) -> None:
        known = dict.fromkeys(name for name in named if name)
        numbers = {name: f"person-{place:03}" for place, name in enumerate(known, start=1)}
        sought = sorted((n for n in {n.strip() for n in known} if len(n) >= _SHORTEST), key=_longest_first)
        self._numbers = numbers | {name.strip(): number for name, number in numbers.items()}
        self._found = re.compile("|".join(map(_expression, sought))) if sought else None
        self.within = lru_cache(_KEPT)(self._within)

    def alone(self, name: str) -> str:
        """What stands where a name is written."""
        return self._numbers.get(name, name)

    def source(self, source: str) -> str:
        """Who says so: a person by number, a fingerprint as it is."""
        return (
            f"{_PERSON}{self.alone(source.removeprefix(_PERSON))}" if source.startswith(_PERSON) else source
        )

    def _within(self, text: str) -> str:
        """A free text with the names in it replaced."""
        if self._found is None:
            return text
        return self._found.sub(lambda match: self._numbers[match.group()], text)


def named_in(frame: Snapshot) -> Iterator[str]:
    """Who is named where names are written, in a fixed order; devices' come first: `named_by`."""
    yield from (scope.added_by for scope in frame.scopes)
    yield from (one.by for scope in frame.scopes for one in scope.exemptions)
    known = (record.segment.known for record in frame.coverage)
    yield from (one.by for each in known if each for one in each.exempt)
    yield from (record.signer for record in frame.attestations)
    yield from (record.approver for record in frame.exceptions)
    yield from (plan.owner for plan in frame.plans)
    yield from (finding.assignee for finding in frame.findings)
    yield from (step.by for plan in frame.plans for step in plan.steps)
    yield from (comment.by for comment in frame.comments)


def named_by(device: Mapping[str, Any]) -> Iterator[str]:
    """Who is named by one device, as JSON has it."""
    for what, held in (*device["attributes"].items(), *device["custom"].items()):
        for said in (held, *held["disagreeing"]):
            if what == Attribute.OWNER:
                yield said["value"]
            if said["source"].startswith(_PERSON):
                yield said["source"].removeprefix(_PERSON)


def _longest_first(name: str) -> tuple[int, str]:
    return -len(name), name


def _expression(name: str) -> str:
    """`name` as a word of its own where it is written in letters that make words."""
    before = r"(?<![A-Za-z0-9])" if name[0].isascii() and name[0].isalnum() else ""
    after = r"(?![A-Za-z0-9])" if name[-1].isascii() and name[-1].isalnum() else ""
    return f"{before}{re.escape(name)}{after}"


def _device(device: Device, names: Names) -> Device:
    return replace(
        device,
        attributes={
            attribute: _held(attribute, held, names) for attribute, held in device.attributes.items()
        },
        custom={name: _held(None, held, names) for name, held in device.custom.items()},
    )


def _held(attribute: Attribute | None, held: Held, names: Names) -> Held:
    if attribute is Attribute.OWNER:
        value = names.alone(held.value)
    else:
        value = held.value if attribute in _NEVER_NAMES else names.within(held.value)
    rivals = tuple(_held(attribute, rival, names) for rival in held.disagreeing)
    return replace(held, value=value, source=names.source(held.source), disagreeing=rivals)


def _scope(scope: Scope, names: Names) -> Scope:
    return replace(
        scope,
        added_by=names.alone(scope.added_by),
        reason=names.within(scope.reason),
        exemptions=_exemptions(scope.exemptions, names),
    )


def _exemptions(exemptions: Iterable[Exemption], names: Names) -> tuple[Exemption, ...]:
    return tuple(replace(one, by=names.alone(one.by), reason=names.within(one.reason)) for one in exemptions)


def _coverage(record: CoverageRecord, names: Names) -> CoverageRecord:
    unsettled = tuple(replace(one, reason=names.within(one.reason)) for one in record.segment.unsettled)
    known = record.segment.known
    if known:
        known = replace(known, exempt=_exemptions(known.exempt, names))
    return replace(record, segment=replace(record.segment, unsettled=unsettled, known=known))


def _result(result: CheckResult, names: Names) -> CheckResult:
    facts = {name: names.within(value) for name, value in result.facts.items()}
    return replace(
        result,
        reason=names.within(result.reason),
        reason_zh=names.within(result.reason_zh),
        facts=facts,
    )


def _reasoned(said: Reasoned, names: Names) -> Reasoned:
    return replace(
        said,
        reason_en=names.within(said.reason_en),
        reason_zh=names.within(said.reason_zh),
        remedy_en=names.within(said.remedy_en),
        remedy_zh=names.within(said.remedy_zh),
    )


def _finding(finding: Finding, names: Names) -> Finding:
    return replace(_reasoned(finding, names), assignee=names.alone(finding.assignee))


def _attestation(record: Attestation, names: Names) -> Attestation:
    return replace(
        record,
        signer=names.alone(record.signer),
        evidence=names.within(record.evidence),
        ticks=tuple(replace(tick, note=names.within(tick.note)) for tick in record.ticks),
    )


def _exception(record: ExceptionRecord, names: Names) -> ExceptionRecord:
    return replace(
        record,
        reason=names.within(record.reason),
        compensating_control=names.within(record.compensating_control),
        approver=names.alone(record.approver),
        cause=names.within(record.cause),
        connection=names.within(record.connection),
    )


def _plan(plan: ReplacementPlan, names: Names) -> ReplacementPlan:
    return replace(
        plan,
        reason=names.within(plan.reason),
        successor=names.within(plan.successor),
        owner=names.alone(plan.owner),
        steps=tuple(replace(step, by=names.alone(step.by)) for step in plan.steps),
    )


def _comment(comment: Comment, names: Names) -> Comment:
    return replace(comment, by=names.alone(comment.by), text=names.within(comment.text))

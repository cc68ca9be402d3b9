"""A copy of a snapshot without personal names, which whoever holds the original can make again byte for byte.

Names are what stands where names are written: owners, and those who entered, signed, approved or scoped
something. Each gets a number in the order in which the snapshot names them, and takes it along into every
free text that mentions the name. A name that is written nowhere but in a free text is not known to be one.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

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


def redacted(snapshot: Snapshot, digest: str) -> Snapshot:
    """`snapshot` with a number for each person, naming the original by the SHA-256 of its manifest."""
    names = _Names.of(snapshot)
    return replace(
        snapshot,
        devices=tuple(_device(device, names) for device in snapshot.devices),
        scopes=tuple(_scope(scope, names) for scope in snapshot.scopes),
        coverage=tuple(_coverage(record, names) for record in snapshot.coverage),
        results=tuple(_result(result, names) for result in snapshot.results),
        verdicts=merge(_reasoned(verdict, names) for verdict in snapshot.verdicts),
        findings=tuple(_finding(finding, names) for finding in snapshot.findings),
        attestations=tuple(_attestation(record, names) for record in snapshot.attestations),
        exceptions=tuple(_exception(record, names) for record in snapshot.exceptions),
        plans=tuple(_plan(plan, names) for plan in snapshot.plans),
        comments=tuple(_comment(comment, names) for comment in snapshot.comments),
        redacts=PreviousSnapshot(snapshot.label, snapshot.on, digest),
    )


@dataclass(frozen=True, slots=True)
class _Names:
    """The number of each name, and the expression that finds the names in free text."""

    numbers: dict[str, str]
    found: re.Pattern[str] | None

    @classmethod
    def of(cls, snapshot: Snapshot) -> "_Names":
        known = dict.fromkeys(name for name in _named(snapshot) if name)
        numbers = {name: f"person-{place:03}" for place, name in enumerate(known, start=1)}
        sought = sorted((n for n in {n.strip() for n in known} if len(n) >= _SHORTEST), key=_longest_first)
        return cls(
            numbers | {name.strip(): number for name, number in numbers.items()},
            re.compile("|".join(map(_expression, sought))) if sought else None,
        )

    def alone(self, name: str) -> str:
        """What stands where a name is written."""
        return self.numbers.get(name, name)

    def within(self, text: str) -> str:
        """A free text with the names in it replaced."""
        if self.found is None:
            return text
        return self.found.sub(lambda match: self.numbers[match.group()], text)

    def source(self, source: str) -> str:
        """Who says so: a person by number, a fingerprint as it is."""
        return (
            f"{_PERSON}{self.alone(source.removeprefix(_PERSON))}" if source.startswith(_PERSON) else source
        )


def _named(snapshot: Snapshot) -> Iterator[str]:
    for device in snapshot.devices:
        yield from _named_by(device.attributes.items())
    yield from (scope.added_by for scope in snapshot.scopes)
    yield from (one.by for scope in snapshot.scopes for one in scope.exemptions)
    known = (record.segment.known for record in snapshot.coverage)
    yield from (one.by for each in known if each for one in each.exempt)
    yield from (record.signer for record in snapshot.attestations)
    yield from (record.approver for record in snapshot.exceptions)
    yield from (plan.owner for plan in snapshot.plans)
    yield from (finding.assignee for finding in snapshot.findings)
    yield from (step.by for plan in snapshot.plans for step in plan.steps)
    yield from (comment.by for comment in snapshot.comments)


def _named_by(attributes: Iterable[tuple[Attribute, Held]]) -> Iterator[str]:
    for attribute, held in attributes:
        for said in (held, *held.disagreeing):
            if attribute is Attribute.OWNER:
                yield said.value
            if said.source.startswith(_PERSON):
                yield said.source.removeprefix(_PERSON)


def _longest_first(name: str) -> tuple[int, str]:
    return -len(name), name


def _expression(name: str) -> str:
    """`name` as a word of its own where it is written in letters that make words."""
    before = r"(?<![A-Za-z0-9])" if name[0].isascii() and name[0].isalnum() else ""
    after = r"(?![A-Za-z0-9])" if name[-1].isascii() and name[-1].isalnum() else ""
    return f"{before}{re.escape(name)}{after}"


def _device(device: Device, names: _Names) -> Device:
    return replace(
        device,
        attributes={
            attribute: _held(attribute, held, names) for attribute, held in device.attributes.items()
        },
    )


def _held(attribute: Attribute, held: Held, names: _Names) -> Held:
    if attribute is Attribute.OWNER:
        value = names.alone(held.value)
    else:
        value = held.value if attribute in _NEVER_NAMES else names.within(held.value)
    rivals = tuple(_held(attribute, rival, names) for rival in held.disagreeing)
    return replace(held, value=value, source=names.source(held.source), disagreeing=rivals)


def _scope(scope: Scope, names: _Names) -> Scope:
    return replace(
        scope,
        added_by=names.alone(scope.added_by),
        reason=names.within(scope.reason),
        exemptions=_exemptions(scope.exemptions, names),
    )


def _exemptions(exemptions: Iterable[Exemption], names: _Names) -> tuple[Exemption, ...]:
    return tuple(replace(one, by=names.alone(one.by), reason=names.within(one.reason)) for one in exemptions)


def _coverage(record: CoverageRecord, names: _Names) -> CoverageRecord:
    unsettled = tuple(replace(one, reason=names.within(one.reason)) for one in record.segment.unsettled)
    known = record.segment.known
    if known:
        known = replace(known, exempt=_exemptions(known.exempt, names))
    return replace(record, segment=replace(record.segment, unsettled=unsettled, known=known))


def _result(result: CheckResult, names: _Names) -> CheckResult:
    facts = {name: names.within(value) for name, value in result.facts.items()}
    return replace(
        result,
        reason=names.within(result.reason),
        reason_zh=names.within(result.reason_zh),
        facts=facts,
    )


def _reasoned(said: Reasoned, names: _Names) -> Reasoned:
    return replace(
        said,
        reason_en=names.within(said.reason_en),
        reason_zh=names.within(said.reason_zh),
        remedy_en=names.within(said.remedy_en),
        remedy_zh=names.within(said.remedy_zh),
    )


def _finding(finding: Finding, names: _Names) -> Finding:
    return replace(_reasoned(finding, names), assignee=names.alone(finding.assignee))


def _attestation(record: Attestation, names: _Names) -> Attestation:
    return replace(
        record,
        signer=names.alone(record.signer),
        evidence=names.within(record.evidence),
        ticks=tuple(replace(tick, note=names.within(tick.note)) for tick in record.ticks),
    )


def _exception(record: ExceptionRecord, names: _Names) -> ExceptionRecord:
    return replace(
        record,
        reason=names.within(record.reason),
        compensating_control=names.within(record.compensating_control),
        approver=names.alone(record.approver),
        cause=names.within(record.cause),
        connection=names.within(record.connection),
    )


def _plan(plan: ReplacementPlan, names: _Names) -> ReplacementPlan:
    return replace(
        plan,
        reason=names.within(plan.reason),
        successor=names.within(plan.successor),
        owner=names.alone(plan.owner),
        steps=tuple(replace(step, by=names.alone(step.by)) for step in plan.steps),
    )


def _comment(comment: Comment, names: _Names) -> Comment:
    return replace(comment, by=names.alone(comment.by), text=names.within(comment.text))

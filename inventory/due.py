"""What falls due: plans, exceptions about to lapse, answers to be given again or never given, findings."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING

from inventory.language import is_chinese
from inventory.query import parse
from inventory.questions import QUESTIONS, Question, answered_by, due_again, question_of
from inventory.types import (
    CONFIRMATION,
    PLAN_DONE,
    Attestation,
    DeviceStatus,
    Due,
    DueKind,
    FindingState,
    standing,
)

if TYPE_CHECKING:
    from inventory.register import Register

_FEW = 400


def records_due(register: "Register", today: date) -> Iterator[Due]:
    """Every record with a day; not those that are done, replaced, lapsed, or about retired devices alone.

    An exception that has lapsed is a breach again, and due as a finding.
    """
    exceptions, attestations, plans = register.exceptions(), register.attestations(), register.plans()
    planned = {plan.id: plan for plan in plans}
    retired = _retired(
        register, {one.device for one in exceptions} | {one.device for one in attestations} - {""}
    )
    for exception in exceptions:
        ending = [planned[exception.plan]] if exception.plan in planned else []
        until = standing(exception, ending, today).until
        if until >= today and exception.device not in retired:
            yield Due(until, DueKind.EXCEPTION, exception.id, (exception.device,), exception.reason)
    for plan in plans:
        if plan.state != PLAN_DONE:
            yield Due(plan.due, DueKind.PLAN, plan.id, plan.devices, plan.reason)
    signed = [one for one in attestations if one.device not in retired]
    yield from _answers_due(signed, today)
    yield from _confirmations_due(signed)
    asked = {f"{article.pack}/{article.number}" for article in register.articles()}
    answered = {question.name for one in signed if (question := answered_by(one))}
    for question in QUESTIONS:
        if question.months and question.name not in answered and asked.intersection(question.articles):
            yield Due(today, DueKind.NEVER, question.name, (), _asked(question))


def findings_due(register: "Register") -> Iterator[Due]:
    """Every finding that is open; one under an exception in force is not."""
    for finding in register.findings():
        if finding.state not in (FindingState.RESOLVED, FindingState.EXCEPTED):
            reason = finding.reason_zh if is_chinese() else finding.reason_en
            what = f"{finding.assignee}: {reason}" if finding.assignee else reason
            yield Due(finding.due, DueKind.FINDING, finding.id, (finding.device,), what)


def _retired(register: "Register", named: Collection[str]) -> set[str]:
    """Which of these devices are retired: few are looked at one by one, for many all that are retired."""
    if len(named) <= _FEW:
        found = register.by_id(named).values()
        return {device.id for device in found if device.status is DeviceStatus.RETIRED}
    return {device.id for device in register.devices(parse("status:retired"))}


def _answers_due(signed: Iterable[Attestation], today: date) -> Iterator[Due]:
    """The latest answer to each question, of a device or the firm; they come in order of signing.

    A yes that does not answer the question's checklist is due at once.
    """
    latest: dict[tuple[str, str], Attestation] = {}
    for record in signed:
        if not record.id.startswith(CONFIRMATION):
            question = answered_by(record)
            latest[question.name if question else record.article, record.device] = record
    for (name, device), record in latest.items():
        question = question_of(name)
        is_open = question is not None and record.answer and not question.bears_out(record.ticks)
        again = due_again(record)
        day = min(today, again or today) if is_open else again
        if day is not None:
            what = _asked(question) if question else record.article
            yield Due(day, DueKind.ANSWER, record.id, (device,) if device else (), what)


def _confirmations_due(signed: Iterable[Attestation]) -> Iterator[Due]:
    """The register's entries to be confirmed again, those of one article and day together."""
    latest: dict[tuple[str, str], Attestation] = {}
    for record in signed:
        if record.id.startswith(CONFIRMATION):
            latest[record.article, record.device] = record
    together: dict[tuple[date, str], list[str]] = defaultdict(list)
    for record in latest.values():
        if record.next_due is not None:
            together[record.next_due, record.article].append(record.device)
    for (day, article), devices in together.items():
        name = f"{CONFIRMATION}{article.lower()}-{day:%Y%m%d}"
        yield Due(day, DueKind.CONFIRMATION, name, tuple(sorted(devices)), article)


def _asked(question: Question) -> str:
    return f"{question.articles[0]} {question.words}"

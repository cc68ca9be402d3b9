"""What people put on record: which answer and which exception counts on a date, and what it comes to."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from inventory.questions import Question, answered_by, due_again
from inventory.types import (
    CONFIRMATION,
    Attestation,
    Device,
    Dossier,
    ExceptionRecord,
    ExceptionState,
    Tick,
    can_except,
    plans_on,
    standing,
)

CHECKLIST_OPEN = "checklist-open"


class Answer(NamedTuple):
    """The record that answers a question on a date: `state` is yes, no, overdue or CHECKLIST_OPEN.

    The last is a yes that rests on nothing: the question has a checklist that the record does not answer.
    """

    state: str
    record: Attestation

    @property
    def again(self) -> date | None:
        """The day by which it must be signed again."""
        return due_again(self.record)

    @property
    def lacking(self) -> tuple[str, ...] | None:
        """The items of the checklist that are answered no, sorted; None where none was filled in."""
        ticks = self.record.ticks
        return tuple(sorted(tick.item for tick in ticks if tick.answer is Tick.NO)) if ticks else None


def answers(attestations: Iterable[Attestation], device: Device, on: date) -> dict[str, Answer]:
    """For each question the answer in force on `on`; a record about the device outranks one about the firm.

    The latest signature wins; a yes that was to be signed again by then is `overdue`. A yes that the firm
    signed of its devices is none of a device that was first seen afterwards.
    """
    found = device.first_seen.date()
    chosen: dict[str, tuple[Question, Attestation]] = {}
    for record in attestations:
        question = answered_by(record)
        counts = record.device in ("", device.id) and record.signer.strip() and record.signed <= on
        if question is None or not counts:
            continue
        if not record.device and record.answer and question.about == "devices" and record.signed < found:
            continue
        standing = chosen.get(question.name)
        if standing is None or _rank(record) > _rank(standing[1]):
            chosen[question.name] = (question, record)
    return {name: Answer(_state(*asked, on), asked[1]) for name, asked in chosen.items()}


def confirmation(attestations: Iterable[Attestation], device: str, on: date) -> Attestation | None:
    """The last record by `on` in which somebody signed that the register is right about the device."""
    signed = (
        record
        for record in attestations
        if record.id.startswith(CONFIRMATION)
        and record.device == device
        and record.signer.strip()
        and record.signed <= on
    )
    return max(signed, key=lambda record: (record.signed, record.id), default=None)


def exceptions_of(dossier: Dossier) -> tuple[ExceptionRecord, ...]:
    """The exceptions of the device, in force or not, each with those articles alone that know exceptions."""
    own = (record for record in dossier.exceptions if record.device == dossier.device.id)
    reaching = ((record, tuple(filter(can_except, record.articles))) for record in own)
    return tuple(replace(record, articles=articles) for record, articles in reaching if articles)


def in_force(dossier: Dossier, on: date) -> tuple[ExceptionRecord, ...]:
    """The exceptions that count on `on`, each ending no later than the plan that ends it."""
    plans = tuple(plans_on(dossier.plans, on))
    stood = ((record, standing(record, plans, on)) for record in exceptions_of(dossier))
    return tuple(
        replace(record, expiry=stands.until)
        for record, stands in stood
        if stands.state is ExceptionState.IN_FORCE
    )


def _rank(record: Attestation) -> tuple[bool, date, bool, str]:
    # On the same day a "no" outranks a "yes": two answers that contradict each other prove nothing.
    return (record.device != "", record.signed, not record.answer, record.id)


def _state(question: Question, record: Attestation, on: date) -> str:
    if not record.answer:
        return "no"
    again = due_again(record)
    if again is not None and again < on:
        return "overdue"
    return "yes" if question.bears_out(record.ticks) else CHECKLIST_OPEN

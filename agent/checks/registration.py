"""Registration (Art. 22, CC-14000): are the required fields filled, and confirmed within the year."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from agent.checks.subject import Subject
from agent.checks.subject import word_set as words
from inventory.facts import words_told
from inventory.language import _
from inventory.types import Attribute, CheckOutcome, CheckResult, ConnectionMethod, Held

NAME: Final = "registration"
_A_YEAR = timedelta(days=366)
_BY_PEOPLE: Mapping[str, Attribute] = {
    "purpose": Attribute.PURPOSE,
    "location": Attribute.LOCATION,
    "owner": Attribute.OWNER,
}


def judge(subject: Subject) -> CheckResult:
    """Fail on a missing or stale field, pass when all are filled and confirmed and the device was seen.

    A field is confirmed on the day a person entered it, or signed that the whole entry is right.
    """
    if subject.is_retired:
        reason = _("the device has been retired")
        return subject.result(NAME, CheckOutcome.NOT_APPLICABLE, reason, facts={"missing": "", "stale": ""})
    missing = {field for field, is_filled in _FILLED.items() if not is_filled(subject)}
    confirmed = {field: day for field in _BY_PEOPLE if (day := _confirmed(subject, field))}
    oldest = subject.at.date() - _A_YEAR
    stale = {field for field, day in confirmed.items() if day < oldest}
    facts = {"missing": words(missing), "stale": words(stale)}
    if len(confirmed) == len(_BY_PEOPLE):
        facts["confirmed_on"] = min(confirmed.values()).isoformat()
    evidence = records(subject)

    def told(outcome: CheckOutcome, reason: str) -> CheckResult:
        expires = _expiry(subject, [day for day in confirmed.values() if day >= oldest])
        return subject.result(NAME, outcome, reason, facts=facts, evidence=evidence, expires=expires)

    if missing or stale:
        problems = []
        if missing:
            problems.append(_("missing: {fields}").format(fields=words_told(missing)))
        if stale:
            problems.append(_("not confirmed within a year: {fields}").format(fields=words_told(stale)))
        return told(CheckOutcome.FAIL, "; ".join(problems))
    if "confirmed_on" not in facts:
        return told(CheckOutcome.UNKNOWN, _("filled, but not confirmed by a person"))
    if not subject.is_unconnected and _unseen(subject):
        reason = _("registered, but not found since {day}").format(day=subject.device.last_seen.date())
        return told(CheckOutcome.UNKNOWN, reason)
    return told(CheckOutcome.PASS, _("every required field is filled and confirmed"))


def records(subject: Subject) -> tuple[str, ...]:
    """The record, as the evidence names it, by which somebody signed that the entry is right."""
    return (f"attestation.{subject.confirmation.id}",) if subject.confirmation else ()


def _text(attribute: Attribute) -> Callable[[Subject], bool]:
    return lambda subject: bool(subject.device.text(attribute).strip())


def _has_address(subject: Subject) -> bool:
    return subject.is_unconnected or bool(subject.device.addresses)


def _has_connection(subject: Subject) -> bool:
    known = {ConnectionMethod.WIRED, ConnectionMethod.WIRELESS, ConnectionMethod.NONE}
    return subject.device.text(Attribute.CONNECTION_METHOD) in known


def _has_ports(subject: Subject) -> bool:
    return subject.is_unconnected or _text(Attribute.DECLARED_PORTS)(subject)


_FILLED: Mapping[str, Callable[[Subject], bool]] = {
    "purpose": _text(Attribute.PURPOSE),
    "address": _has_address,
    "connection_method": _has_connection,
    "ports": _has_ports,
    "location": _text(Attribute.LOCATION),
    "owner": _text(Attribute.OWNER),
}


def _confirmed(subject: Subject, field: str) -> date | None:
    held: Held | None = subject.device.attributes.get(_BY_PEOPLE[field])
    if held is None or not held.value.strip():
        return None
    by_person = held.locked or held.source.startswith("person:")
    days = [held.at.date()] if by_person else []
    days += [subject.confirmation.signed] if subject.confirmation else []
    return max(days, default=None)


def _unseen(subject: Subject) -> bool:
    return subject.at > _seen_until(subject)


def _seen_until(subject: Subject) -> datetime:
    return subject.device.last_seen + timedelta(days=subject.measures.evidence_days)


def _expiry(subject: Subject, confirmed: Sequence[date]) -> datetime:
    """When the next of the confirmations that count will be too old, or the device too long unseen."""
    days = [day + _A_YEAR + timedelta(days=1) for day in confirmed]
    ends = [subject.at + _A_YEAR, *(datetime.combine(day, time(), subject.at.tzinfo) for day in days)]
    if not subject.is_unconnected and not _unseen(subject):
        ends.append(_seen_until(subject))
    return min(ends)

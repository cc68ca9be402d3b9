"""Registration (Art. 22, CC-14000): are the required fields filled, and confirmed within the year."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Final

from agent.checks.subject import Subject
from agent.checks.subject import word_set as words
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
    """Fail on a missing or stale field, pass when all are filled and confirmed and the device was seen."""
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
    expires = subject.at + _A_YEAR
    if missing or stale:
        problems = []
        if missing:
            problems.append(_("missing: {fields}").format(fields=", ".join(sorted(missing))))
        if stale:
            problems.append(
                _("not confirmed within a year: {fields}").format(fields=", ".join(sorted(stale)))
            )
        return subject.result(NAME, CheckOutcome.FAIL, "; ".join(problems), facts=facts, expires=expires)
    if "confirmed_on" not in facts:
        reason = _("filled, but not confirmed by a person")
        return subject.result(NAME, CheckOutcome.UNKNOWN, reason, facts=facts, expires=expires)
    if not subject.is_unconnected and _unseen(subject):
        reason = _("registered, but not found since {day}").format(day=subject.device.last_seen.date())
        return subject.result(NAME, CheckOutcome.UNKNOWN, reason, facts=facts, expires=expires)
    reason = _("every required field is filled and confirmed")
    return subject.result(NAME, CheckOutcome.PASS, reason, facts=facts, expires=expires)


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
    by_person = held is not None and held.value.strip() and (held.locked or held.source.startswith("person:"))
    return held.at.date() if held is not None and by_person else None


def _unseen(subject: Subject) -> bool:
    return subject.at - subject.device.last_seen > timedelta(days=subject.measures.evidence_days)

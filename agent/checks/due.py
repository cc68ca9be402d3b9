"""Which results hold no longer: expired, or of older evidence, records or facts than there are now."""

from collections.abc import Sequence

from agent.checks import Check, isolation, registration
from agent.checks.subject import VERSION, Subject
from inventory.types import CheckOutcome, CheckResult


def due(subject: Subject, checks: Sequence[Check], kept: Sequence[CheckResult]) -> tuple[Check, ...]:
    """The checks among these without a result that still holds."""
    if subject.is_retired is not _was_retired(kept):
        return tuple(checks)
    entered = [held.at for held in subject.device.attributes.values()]
    news = max(subject.device.last_seen, *entered, *(each.at for each in subject.observations))
    holding = {
        result.check
        for result in kept
        if result.expires is not None
        and result.expires > subject.at
        and result.at >= news
        and result.facts.get(VERSION) == subject.versions[result.check]
        and _knows_the_last(subject, result)
    }
    return tuple(check for check in checks if check.name not in holding)


def _was_retired(kept: Sequence[CheckResult]) -> bool:
    """Whether the device was out of service when it was checked: only then nobody asks for its entry."""
    asked = (result for result in kept if result.check == registration.NAME)
    return any(result.outcome is CheckOutcome.NOT_APPLICABLE for result in asked)


def _knows_the_last(subject: Subject, result: CheckResult) -> bool:
    """Whether nothing was measured, and nobody signed, since the result."""
    if result.outcome is CheckOutcome.NOT_APPLICABLE:
        return True
    if result.check == isolation.NAME:
        between = subject.measures.isolation
        return between is None or between.newest is None or result.at >= between.newest
    if result.check == registration.NAME:
        return result.evidence == registration.records(subject)
    return True

"""Which results hold no longer: expired, or of older evidence, records or facts than there are now."""

from collections.abc import Iterable, Sequence

from agent.checks import Check, isolation, registration
from agent.checks.subject import VERSION, Subject
from inventory.types import CheckOutcome, CheckResult


def due(subject: Subject, checks: Sequence[Check], kept: Iterable[CheckResult]) -> tuple[Check, ...]:
    """The checks among these without a result that still holds."""
    entered = [held.at for held in subject.device.attributes.values()]
    news = max(subject.device.last_seen, *entered, *(each.at for each in subject.observations))
    holding = {
        result.check
        for result in kept
        if result.expires is not None
        and result.expires > subject.at
        and result.at >= news
        and result.facts.get(VERSION) == subject.versions[result.check]
        and _is_of_this_device(subject, result)
    }
    return tuple(check for check in checks if check.name not in holding)


def _is_of_this_device(subject: Subject, result: CheckResult) -> bool:
    """Whether the device was in service then as it is now, and measured and confirmed no later."""
    if result.outcome is CheckOutcome.NOT_APPLICABLE:
        return True
    if subject.is_retired:
        return False
    if result.check == isolation.NAME:
        between = subject.measures.isolation
        return between is None or between.newest is None or result.at >= between.newest
    if result.check == registration.NAME:
        return result.evidence == registration.records(subject)
    return True

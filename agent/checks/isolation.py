"""Isolation (Art. 25, 29): is the device kept apart as measured, and in a segment meant for it.

A measurement is an observation of source `isolation` with the fact `isolation.measured`. Without one the
answer is unknown, unless the segment itself is already the wrong one for this kind of device.
"""

from typing import Final

from agent.checks.subject import Subject
from inventory.language import _
from inventory.types import CheckOutcome, CheckResult, DeviceClass

NAME: Final = "isolation"
_GENERAL_COMPUTERS = frozenset({DeviceClass.SERVER, DeviceClass.WORKSTATION, DeviceClass.MOBILE})


def judge(subject: Subject) -> CheckResult:
    """Pass or fail by measurement; fail in a segment not meant for the class; otherwise unknown."""
    device = subject.device
    if subject.is_retired or subject.is_unconnected:
        return subject.result(NAME, CheckOutcome.NOT_APPLICABLE, _("the device is not connected"))
    if device.device_class in _GENERAL_COMPUTERS:
        return subject.result(NAME, CheckOutcome.NOT_APPLICABLE, _("general computers are not kept apart"))
    facts: dict[str, str] = {}
    allowed = subject.measures.segments.get(device.device_class)
    if allowed is not None:
        facts["segment_allowed"] = "yes" if device.segment in allowed else "no"
    measured = [(each, value) for each, value in subject.facts("isolation.measured")]
    evidence = [observation.digest for observation, _value in measured]
    if measured:
        day = max(observation.at for observation, _value in measured).date()
        leaking = any(value != "isolated" for _observation, value in measured)
        facts |= {"measured": "leaking" if leaking else "isolated", "measured_on": day.isoformat()}
        if leaking:
            reason = _("the measurement of {day} reached the internal network").format(day=day)
            return subject.result(NAME, CheckOutcome.FAIL, reason, facts=facts, evidence=evidence)
    if facts.get("segment_allowed") == "no":
        reason = _("segment {segment} is not meant for this kind of device").format(segment=device.segment)
        return subject.result(NAME, CheckOutcome.FAIL, reason, facts=facts, evidence=evidence)
    if measured:
        reason = _("isolated by the measurement of {day}").format(day=facts["measured_on"])
        return subject.result(NAME, CheckOutcome.PASS, reason, facts=facts, evidence=evidence)
    return subject.result(NAME, CheckOutcome.UNKNOWN, _("its isolation has not been measured"), facts=facts)

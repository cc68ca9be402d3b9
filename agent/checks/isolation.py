"""Isolation (Art. 25, 29): is the device kept apart as measured, and in a segment meant for it.

Measured ways come from `muster isolation` (agent/isolation/matrix.py holds them against what is expected).
Without a measurement young enough the answer is unknown, unless the segment itself is already the wrong one
for this kind of device.
"""

from typing import Final

from agent.checks.knowledge import Knowledge
from agent.checks.subject import Measures, Subject, word_set
from agent.isolation.matrix import UNMEASURED
from inventory.language import _
from inventory.types import CheckOutcome, CheckResult, DeviceClass

NAME: Final = "isolation"
_GENERAL_COMPUTERS = frozenset({DeviceClass.SERVER, DeviceClass.WORKSTATION, DeviceClass.MOBILE})
_MOST_NAMED = 4


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
    between = subject.measures.isolation
    found = between.of(device.addresses) if between else UNMEASURED
    if found.state and found.day:
        facts |= {"measured": found.state, "measured_on": found.day.isoformat()}

    def told(outcome: CheckOutcome, reason: str) -> CheckResult:
        return subject.result(
            NAME, outcome, reason, facts=facts, evidence=found.evidence, expires=found.expires
        )

    if found.state == "leaking":
        facts["leaks"] = word_set(set(found.leaks))
        named = "; ".join(found.leaks[:_MOST_NAMED]) + (" …" if len(found.leaks) > _MOST_NAMED else "")
        reason = _("the measurement of {day} got through: {leaks}").format(day=found.day, leaks=named)
        return told(CheckOutcome.FAIL, reason)
    if facts.get("segment_allowed") == "no":
        reason = _("segment {segment} is not meant for this kind of device").format(segment=device.segment)
        return told(CheckOutcome.FAIL, reason)
    if found.state == "isolated":
        reason = _("isolated by the measurement of {day}").format(day=found.day)
        return told(CheckOutcome.PASS, reason)
    if not found.kept_apart:
        reason = _("segment {segment} is none of those that are kept apart").format(segment=device.segment)
    elif found.missing and between and between.newest:
        ways = ", ".join(found.missing[:_MOST_NAMED])
        reason = _("its isolation has been measured in part; not shown closed: {ways}").format(ways=ways)
    else:
        reason = _("its isolation has not been measured")
    return subject.result(NAME, CheckOutcome.UNKNOWN, reason, facts=facts)


def rests_on(measures: Measures, _knowledge: Knowledge) -> object:
    """What is meant to pass, between which segments, and the segments meant for each class."""
    meant = {kind: sorted(names) for kind, names in measures.segments.items()}
    return meant, measures.isolation.meant if measures.isolation else None

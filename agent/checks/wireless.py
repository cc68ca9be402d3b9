"""Wireless protection (TWSE m, Art. 25): does the device offer or use wireless, and how well is it protected.

Grades come from observations of source `wifi`: captures, surveys and gear's own tables, graded by
agent/wireless, of the networks it sends and of those it was heard to have joined. What counts as a weakness
that fails, and since when, is data there. A device that may well have a radio, or is not surely what it is
taken for, is unknown until somebody says more. Whether the use of its networks is approved is the firm's own
declaration.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Final

from agent.checks.knowledge import Knowledge
from agent.checks.subject import Measures, Subject, word_set
from agent.wireless.evidence import SOURCE, Told, latest, told_in
from agent.wireless.expected import approval, second_guard
from agent.wireless.grade import judged, known_by, next_known, weaknesses
from inventory.facts import words_told
from inventory.language import _
from inventory.types import Attribute, CheckOutcome, CheckResult, ConnectionMethod, DeviceClass
from policies.scope_of_law import CERTAIN_ENOUGH_TO_LEAVE_OUT

NAME: Final = "wireless"
_A_DAY: Final = timedelta(days=1)
_OFFERS = frozenset({DeviceClass.ACCESS_POINT, DeviceClass.WLAN_CONTROLLER})
_MAY_OFFER = frozenset({DeviceClass.ROUTER, DeviceClass.FIREWALL, DeviceClass.OTHER, DeviceClass.UNKNOWN})
_HAS_NO_RADIO = frozenset(
    {
        DeviceClass.SWITCH,
        DeviceClass.UPS,
        DeviceClass.PDU,
        DeviceClass.KVM_BMC,
        DeviceClass.NAS,
        DeviceClass.PBX,
        DeviceClass.WLAN_CONTROLLER,
    }
)


def judge(subject: Subject) -> CheckResult:
    """Pass or fail by the grade of a capture; not applicable without wireless, unknown where it may be."""
    if subject.is_retired or subject.is_unconnected:
        reason = _("the device is not connected")
        return subject.result(
            NAME, CheckOutcome.NOT_APPLICABLE, reason, facts={"offered": "no", "used": "no"}
        )
    heard = [each for each in subject.fresh if each.source == SOURCE]
    oldest = (subject.at - timedelta(days=subject.measures.evidence_days)).date()
    told = latest(one for each in heard for one in told_in(each) if one.on >= oldest).values()
    facts = _presence(subject, told)
    if told:
        return _graded(subject, told, facts, [each.digest for each in heard])
    if facts.get("offered") == "no" and facts.get("used") == "no":
        reason = _("the device neither offers nor uses wireless")
        return subject.result(NAME, CheckOutcome.NOT_APPLICABLE, reason, facts=facts)
    if facts.get("offered") == "yes":
        reason = _("no capture shows how its wireless network is protected")
    elif facts.get("used") == "yes":
        reason = _("no capture shows how the wireless network it uses is protected")
    else:
        reason = _("not known whether the device offers or uses wireless")
    return subject.result(NAME, CheckOutcome.UNKNOWN, reason, facts=facts)


def rests_on(measures: Measures, _knowledge: Knowledge) -> object:
    """The firm's own networks as declared, and what counts as a weakness."""
    return measures.networks, weaknesses()


def _presence(subject: Subject, told: Collection[Told]) -> dict[str, str]:
    """The facts `offered` and `used`, each left out where it is not known."""
    kind = subject.device.device_class if _is_sure(subject, Attribute.DEVICE_CLASS) else DeviceClass.UNKNOWN
    sure_of = _is_sure(subject, Attribute.CONNECTION_METHOD)
    connection = subject.device.text(Attribute.CONNECTION_METHOD) if sure_of else ""
    facts = {"approval": "undeclared"}
    if kind in _OFFERS or any(not one.station for one in told):
        facts["offered"] = "yes"
    elif kind not in _MAY_OFFER:
        facts["offered"] = "no"
    if connection == ConnectionMethod.WIRELESS or any(one.station for one in told):
        facts["used"] = "yes"
    elif connection == ConnectionMethod.WIRED or kind in _HAS_NO_RADIO:
        facts["used"] = "no"
    return facts


def _is_sure(subject: Subject, attribute: Attribute) -> bool:
    """Whether what is held is more than a guess."""
    held = subject.device.attributes.get(attribute)
    return held is not None and held.certainty >= CERTAIN_ENOUGH_TO_LEAVE_OUT


def _graded(
    subject: Subject, networks: Collection[Told], facts: dict[str, str], evidence: list[str]
) -> CheckResult:
    """By all networks it sends and has joined; whose use is approved is asked of those it sends."""
    today, declared = subject.at.date(), subject.measures.networks
    oldest = (subject.at - timedelta(days=subject.measures.evidence_days)).date()
    ssids = {one.ssid for one in networks if one.ssid}
    weak = {word for one in networks for word in one.weak}
    facts |= {"ssids": word_set(ssids), "weak": word_set(weak & set(known_by(today)))}
    on_air = subject.measures.on_air.get(subject.device.id, ())
    sent = [
        replace(one, stations=one.stations_since(oldest)) for one in on_air if one.last_at.date() >= oldest
    ]
    guard = second_guard(declared, [*sent, *(one for one in networks if one.station)])
    if guard:
        facts["second_guard"] = guard
    # A hidden network counts too: nobody declared one without a name.
    approved = approval(declared, {one.ssid for one in networks if not one.station}, today)
    facts |= {"approval": approved.state, "approval_of": word_set(set(approved.networks))}
    too_old = min(one.on for one in networks) + timedelta(days=subject.measures.evidence_days) + _A_DAY
    expires = _ends([approved.until and approved.until + _A_DAY, next_known(today), too_old], subject)

    def told(outcome: CheckOutcome, reason: str) -> CheckResult:
        return subject.result(NAME, outcome, reason, facts=facts, evidence=evidence, expires=expires)

    labels = {one.security for one in networks}
    outcome, failing = judged(labels, weak, today)
    network = ", ".join(sorted(ssids)) or "?"
    if outcome is CheckOutcome.FAIL:
        facts["grade"] = "weak"
        reason = _("{network} is weak: {points}").format(network=network, points=words_told(failing))
        return told(outcome, reason)
    if outcome is CheckOutcome.UNKNOWN:
        reason = _("the protection of {network} is not recognised").format(network=network)
        return told(outcome, reason)
    facts["grade"] = "sound"
    reason = _("{network} is protected by {labels}").format(network=network, labels=", ".join(sorted(labels)))
    return told(outcome, reason)


def _ends(first_days: Iterable[date | None], subject: Subject) -> datetime:
    """When something else holds: on the first of these days, or where the evidence ends before them."""
    days = [datetime.combine(day, time(), subject.at.tzinfo) for day in first_days if day]
    return min((*days, subject.heard_until))

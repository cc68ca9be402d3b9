"""Wireless protection (TWSE m, Art. 25): does the device offer or use wireless, and how well is it protected.

Grades come from observations of source `wifi` (captures, surveys and gear's own tables, graded by
agent/wireless); what counts as a weakness that fails is data there. A device that may well have a radio is
unknown until somebody says more. Whether the use of its networks is approved is the firm's own declaration.
"""

from datetime import date, datetime, time, timedelta
from typing import Final

from agent.checks.knowledge import Knowledge
from agent.checks.subject import Measures, Subject, word_set
from agent.wireless.evidence import SOURCE, latest, told_in
from agent.wireless.expected import approval, second_guard
from agent.wireless.grade import UNTOLD, weaknesses
from inventory.facts import words_told
from inventory.language import _
from inventory.types import Attribute, CheckOutcome, CheckResult, ConnectionMethod, DeviceClass, Observation

NAME: Final = "wireless"
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
    facts = _presence(subject, heard)
    if heard:
        return _graded(subject, heard, facts)
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


def _presence(subject: Subject, heard: list[Observation]) -> dict[str, str]:
    """The facts `offered` and `used`, each left out where it is not known."""
    kind = subject.device.device_class
    connection = subject.device.text(Attribute.CONNECTION_METHOD)
    facts = {"approval": "undeclared"}
    if heard or kind in _OFFERS:
        facts["offered"] = "yes"
    elif kind not in _MAY_OFFER:
        facts["offered"] = "no"
    if connection == ConnectionMethod.WIRELESS:
        facts["used"] = "yes"
    elif connection == ConnectionMethod.WIRED or kind in _HAS_NO_RADIO:
        facts["used"] = "no"
    return facts


def _graded(subject: Subject, heard: list[Observation], facts: dict[str, str]) -> CheckResult:
    oldest = (subject.at - timedelta(days=subject.measures.evidence_days)).date()
    networks = latest(one for each in heard for one in told_in(each) if one.on >= oldest).values()
    ssids = {one.ssid for one in networks if one.ssid}
    weak = {word for one in networks for word in one.weak}
    facts |= {"ssids": word_set(ssids), "weak": word_set(weak & set(weaknesses()))}
    on_air = subject.measures.on_air.get(subject.device.id, ())
    guard = second_guard(subject.measures.networks, [one for one in on_air if one.last_at.date() >= oldest])
    if guard:
        facts["second_guard"] = guard
    approved = approval(subject.measures.networks, ssids, subject.at.date())
    facts |= {"approval": approved.state, "approval_of": word_set(set(approved.networks))}
    evidence = [each.digest for each in heard]
    expires = _ends(approved.until, subject) if approved.until else None

    def told(outcome: CheckOutcome, reason: str) -> CheckResult:
        return subject.result(NAME, outcome, reason, facts=facts, evidence=evidence, expires=expires)

    failing = sorted(word for word in weak if word in weaknesses() and weaknesses()[word].fails)
    network = ", ".join(sorted(ssids)) or "?"
    if failing:
        facts["grade"] = "weak"
        reason = _("{network} is weak: {points}").format(network=network, points=words_told(failing))
        return told(CheckOutcome.FAIL, reason)
    labels = {one.security for one in networks}
    if not labels or UNTOLD in labels or weak - set(weaknesses()):
        reason = _("the protection of {network} is not recognised").format(network=network)
        return told(CheckOutcome.UNKNOWN, reason)
    facts["grade"] = "sound"
    reason = _("{network} is protected by {labels}").format(network=network, labels=", ".join(sorted(labels)))
    return told(CheckOutcome.PASS, reason)


def _ends(last_day: date, subject: Subject) -> datetime:
    """When an approval ends, or the evidence where that is sooner."""
    after = datetime.combine(last_day + timedelta(days=1), time(), subject.at.tzinfo)
    return min(after, subject.heard_until)

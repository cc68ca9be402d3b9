"""Wireless protection (TWSE m, Art. 25): does the device offer or use wireless, and how well is it protected.

Grades come from observations of source `wifi` (a capture, graded by agent/wireless); what counts as a
weakness that fails is data there. A device that may well have a radio is unknown until a capture or a person
says more.
"""

from typing import Final

from agent.checks.subject import Subject, word_set
from agent.wireless.grade import weaknesses
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
    heard = [each for each in subject.fresh if each.source == "wifi"]
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


def _presence(subject: Subject, heard: list[Observation]) -> dict[str, str]:
    """The facts `offered` and `used`, each left out where it is not known."""
    kind = subject.device.device_class
    connection = subject.device.text(Attribute.CONNECTION_METHOD)
    facts = {}
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
    ssids = {value for _observation, value in subject.facts("wifi.ssid") if value}
    labels = {value for _observation, value in subject.facts("wifi.security")}
    weak = {word for _observation, value in subject.facts("wifi.weak") for word in value.split(",") if word}
    facts |= {"ssids": word_set(ssids), "weak": word_set(weak & set(weaknesses()))}
    evidence = [each.digest for each in heard]
    guards = {value for _observation, value in subject.facts("wifi.second_guard")}
    if guards:
        facts["second_guard"] = "no" if "no" in guards else "yes"
    failing = sorted(word for word in weak if word in weaknesses() and weaknesses()[word].fails)
    network = ", ".join(sorted(ssids)) or "?"
    if failing:
        facts["grade"] = "weak"
        reason = _("{network} is weak: {points}").format(network=network, points=", ".join(failing))
        return subject.result(NAME, CheckOutcome.FAIL, reason, facts=facts, evidence=evidence)
    if not labels or "UNKNOWN" in labels or weak - set(weaknesses()):
        reason = _("the protection of {network} is not recognised").format(network=network)
        return subject.result(NAME, CheckOutcome.UNKNOWN, reason, facts=facts, evidence=evidence)
    facts["grade"] = "sound"
    reason = _("{network} is protected by {labels}").format(network=network, labels=", ".join(sorted(labels)))
    return subject.result(NAME, CheckOutcome.PASS, reason, facts=facts, evidence=evidence)

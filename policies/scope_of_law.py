"""Article 21: is this device subject to the guideline, and for what reason.

The guideline means networked embedded equipment with a small operating system, on the Internet or an
intranet, office-automation equipment and sensors without a management interface included. General computers
(servers, workstations, mobile devices) are the business of other chapters.
"""

from typing import NamedTuple

from inventory.types import Attribute, ConnectionMethod, Device, DeviceClass, DeviceStatus, InScope
from policies.values import Bilingual, show

OUT_CLASSES = frozenset({DeviceClass.SERVER, DeviceClass.WORKSTATION, DeviceClass.MOBILE})
UNDECIDED_CLASSES = frozenset({DeviceClass.UNKNOWN, DeviceClass.OTHER})
CERTAIN_ENOUGH_TO_LEAVE_OUT = 0.5


class ScopeRuling(NamedTuple):
    """In, out or undetermined, the reason in both languages, and the attribute it rests on."""

    in_scope: InScope
    reason: Bilingual
    because: str


def rule_scope(device: Device) -> ScopeRuling:
    """The ruling for one device; a person's decision outranks its class, thin evidence decides nothing."""
    return _retired(device) or _by_person(device) or _by_class(device)


def is_unplugged(device: Device) -> bool:
    """Whether a person said that it has no network connection, and no address of it was seen since."""
    held = device.attributes.get(Attribute.CONNECTION_METHOD)
    if held is None or not held.locked or held.value != ConnectionMethod.NONE:
        return False
    return all(address.last_seen <= held.at for address in device.addresses)


def _by_person(device: Device) -> ScopeRuling | None:
    held = device.attributes.get(Attribute.IN_SCOPE)
    if held is None or not held.locked or held.value not in (InScope.IN, InScope.OUT):
        return None
    who = held.source.removeprefix("person:")
    return ScopeRuling(
        InScope(held.value),
        Bilingual(f"decided by {who} on {held.at:%Y-%m-%d}", f"由 {who} 於 {held.at:%Y-%m-%d} 認定"),
        "attribute.in_scope",
    )


def _retired(device: Device) -> ScopeRuling | None:
    if device.status is not DeviceStatus.RETIRED:
        return None
    return ScopeRuling(InScope.OUT, Bilingual("the device has been retired", "設備已汰除"), "device.status")


def _by_class(device: Device) -> ScopeRuling:
    kind = device.device_class
    words = show(kind.value)
    if kind in UNDECIDED_CLASSES:
        reason = Bilingual("what kind of device it is, is not known yet", "尚未辨識設備種類")
        return ScopeRuling(InScope.UNDETERMINED, reason, "attribute.device_class")
    if kind in OUT_CLASSES:
        certainty = device.attributes[Attribute.DEVICE_CLASS].certainty
        if certainty < CERTAIN_ENOUGH_TO_LEAVE_OUT:
            reason = Bilingual(
                f"it may be a general computer ({words.en}), but the evidence is thin",
                f"可能為一般電腦（{words.zh}），惟佐證不足",
            )
            return ScopeRuling(InScope.UNDETERMINED, reason, "attribute.device_class")
        reason = Bilingual(
            f"a general computer ({words.en}), not an embedded device",
            f"屬一般電腦（{words.zh}），非嵌入式設備",
        )
        return ScopeRuling(InScope.OUT, reason, "attribute.device_class")
    if kind is not DeviceClass.ENVIRONMENTAL_SENSOR and is_unplugged(device):
        reason = Bilingual("it has no network connection", "未連接網路")
        return ScopeRuling(InScope.OUT, reason, "attribute.connection_method")
    reason = Bilingual(
        f"networked embedded equipment ({words.en})", f"屬具連網功能之嵌入式設備（{words.zh}）"
    )
    return ScopeRuling(InScope.IN, reason, "attribute.device_class")

"""Watch-list (TWSE CC-14000 (5)): is the device of a vendor the firm keeps off its networks.

The list is the firm's own (`[check] watched` in muster.toml). A device is on it by its brand, by the maker
its enterprise number (RFC 2578) or the owner of its MAC block (IEEE) names, or by another name of either.
Without a list nothing is judged; a pass needs a known brand.
"""

from collections.abc import Iterator
from typing import Final

from agent.checks.knowledge import Knowledge
from agent.checks.origins import named_makers
from agent.checks.subject import Measures, Subject, word_set
from inventory.language import _
from inventory.types import Attribute, CheckOutcome, CheckResult
from inventory.vendors import canonical

NAME: Final = "watch_list"


def judge(subject: Subject) -> CheckResult:
    """Fail on a match, pass where the brand is known and nothing matches; unknown without list or brand."""
    if subject.is_retired:
        return subject.result(NAME, CheckOutcome.NOT_APPLICABLE, _("the device has been retired"))
    watched = {canonical(name) for name in subject.measures.watched}
    if not watched:
        return subject.result(NAME, CheckOutcome.UNKNOWN, _("the firm keeps no watch-list"))
    brand = subject.device.text(Attribute.VENDOR)
    found = sorted({f"{name} ({evidence})" for name, evidence in _names(subject, brand) if name in watched})
    if found:
        reason = _("on the firm's watch-list: {found}").format(found="; ".join(found))
        return subject.result(
            NAME,
            CheckOutcome.FAIL,
            reason,
            facts={"matches": word_set(found)},
            evidence=("attribute.vendor",),
        )
    if not brand:
        return subject.result(NAME, CheckOutcome.UNKNOWN, _("the vendor is not known"))
    reason = _("{vendor} is not on the firm's watch-list").format(vendor=brand)
    return subject.result(
        NAME, CheckOutcome.PASS, reason, facts={"matches": ""}, evidence=("attribute.vendor",)
    )


def rests_on(measures: Measures, _knowledge: Knowledge) -> object:
    """The firm's list."""
    return measures.watched


def _names(subject: Subject, brand: str) -> Iterator[tuple[str, str]]:
    """Each name that stands behind the device, with what tells it."""
    if brand:
        yield canonical(brand), "brand"
    for maker in named_makers(subject):
        by_address = maker.evidence.startswith("MAC ")
        yield canonical(maker.name), maker.evidence if by_address else "enterprise number"

"""Firmware and end of life (Art. 23, TWSE a(j)): what the vendor says of this model and this firmware."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Final

from agent.checks.lifecycle import LifecycleRow, Standing, Support, standing
from agent.checks.subject import Subject
from inventory.language import _
from inventory.types import Attribute, CheckOutcome, CheckResult, DeviceClass, Held

NAME: Final = "firmware"
_DAYS_PER_MONTH = 30.4375
_A_YEAR = timedelta(days=366)
_OUTCOMES = {
    None: CheckOutcome.UNKNOWN,
    Support.SUPPORTED: CheckOutcome.PASS,
    Support.ENDING: CheckOutcome.PASS,
    Support.SECURITY_ENDED: CheckOutcome.FAIL,
    Support.ENDED: CheckOutcome.FAIL,
}


def judge(subject: Subject) -> CheckResult:
    """Pass while the vendor supports the product, fail after the end or below a known fix, else unknown."""
    device = subject.device
    if subject.is_retired:
        return subject.result(NAME, CheckOutcome.NOT_APPLICABLE, _("the device has been retired"))
    if subject.is_unconnected and device.device_class is DeviceClass.ENVIRONMENTAL_SENSOR:
        reason = _("a sensor without a network connection has no firmware to keep up")
        return subject.result(NAME, CheckOutcome.NOT_APPLICABLE, reason)
    vendor, model = device.text(Attribute.VENDOR), device.text(Attribute.MODEL)
    firmware = device.text(Attribute.FIRMWARE)
    if not vendor or not (model or firmware):
        return subject.result(NAME, CheckOutcome.UNKNOWN, _("vendor and model are not known"))
    product = f"{vendor} {model or firmware}"
    on = subject.at.date()
    known = standing(
        vendor, model, firmware, on, timedelta(days=subject.measures.ending_months * _DAYS_PER_MONTH)
    )
    if known is None:
        reason = _("no notice about {product} is on file").format(product=product)
        return subject.result(NAME, CheckOutcome.UNKNOWN, reason)
    return subject.result(
        NAME,
        CheckOutcome.FAIL if known.behind else _OUTCOMES[known.state],
        _sentence(product, known),
        facts=_facts(known),
        evidence=[f"{row.source} ({row.read})" for row in known.rows],
        expires=_expiry(subject, known),
    )


def _facts(known: Standing) -> dict[str, str]:
    told = {
        "state": known.state.value if known.state else "",
        "ends": known.ends.isoformat() if known.ends else "",
        "latest": known.latest,
        "behind": "" if known.behind is None else "yes" if known.behind else "no",
        "update_mechanism": known.update_mechanism,
    }
    return {name: value for name, value in told.items() if value}


def _sentence(product: str, known: Standing) -> str:
    said = {
        None: _("the notices about {product} do not say how long it is supported"),
        Support.SUPPORTED: _("{product} is supported"),
        Support.ENDING: _("support of {product} ends on {day}"),
        Support.SECURITY_ENDED: _("security updates of {product} ended on {day}"),
        Support.ENDED: _("support of {product} ended on {day}"),
    }[known.state].format(product=product, day=known.ends)
    if known.behind:
        said += _("; firmware {latest} is newer than the one installed").format(latest=known.latest)
    return said


def _expiry(subject: Subject, known: Standing) -> datetime:
    """Until the model has to be confirmed again, or until the state changes, whichever comes first."""
    model = subject.device.attributes.get(Attribute.MODEL)
    limits = [_evidence_end(subject, model), *_turning_points(subject, known.rows)]
    return min(limits)


def _evidence_end(subject: Subject, model: Held | None) -> datetime:
    if model is not None and model.locked:
        return model.at + _A_YEAR
    return subject.device.last_seen + timedelta(days=subject.measures.evidence_days)


def _turning_points(subject: Subject, rows: Sequence[LifecycleRow]) -> list[datetime]:
    days = [end for row in rows if (end := row.next_end(subject.at.date()))]
    return [datetime.combine(day, time.max, tzinfo=UTC) for day in days]

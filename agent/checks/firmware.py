"""Firmware and end of life (Art. 23, TWSE a(j)): what the vendor says of this model and this firmware.

Vendors' notices come first (lifecycle.py); imported feeds (knowledge.py) add weaknesses, and an end of life
where no notice gives one. What is sold under another name is judged by its maker's notices (origins.py).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Final

from agent.checks.knowledge import CycleStanding, Knowledge, Weakness
from agent.checks.lifecycle import Standing, ends_apart, standing
from agent.checks.notice import OVER, Half, Support
from agent.checks.origins import Maker, makers
from agent.checks.subject import Measures, Subject, word_set
from inventory.language import N_, _
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
_SENTENCES = {
    None: N_("the notices about {product} do not say how long it is supported"),
    Support.SUPPORTED: N_("{product} is supported"),
    Support.ENDING: N_("support of {product} ends on {day}"),
    Support.SECURITY_ENDED: N_("security updates of {product} ended on {day}"),
    Support.ENDED: N_("support of {product} ended on {day}"),
}
_UNDATED = N_("support of {product} has ended")
_AT_LATEST = N_("support of {product} ends on {day} at the latest; whether it lasts until then nobody says")


@dataclass(frozen=True, slots=True)
class Outlook:
    """All that is known of one device's product: notices, weaknesses, and how long it is supported.

    `apart` is true where its maker ends products and trains of firmware by themselves.
    """

    notices: Standing | None
    maker: Maker | None
    weaknesses: tuple[Weakness, ...]
    cycle: CycleStanding | None
    apart: bool = False

    @property
    def state(self) -> Support | None:
        """By the notices, by a feed where they do not say; None where nobody tells it of both halves."""
        state = self._told[0]
        if not self.apart or state is None or state in OVER:
            return state
        of_notices = self.notices.halves if self.notices else frozenset()
        return state if of_notices | self._of_feed == set(Half) else None

    @property
    def ends(self) -> date | None:
        """The day that belongs to `state`, the next one known where that is None; None for no day."""
        return self._told[1]

    @property
    def _of_feed(self) -> frozenset[Half]:
        return frozenset({Half.FIRMWARE} if self.cycle else ())

    @property
    def _told(self) -> tuple[Support | None, date | None]:
        """The notices' word, the graver one where a feed tells of a half they leave out, else the feed's."""
        own = (self.notices.state, self.notices.ends) if self.notices else (None, None)
        if self.cycle is None:
            return own
        feed = self.cycle.state, self.cycle.ends
        if self.notices is None:
            return feed
        if own[0] is None or (self.apart and not self._of_feed <= self.notices.halves):
            return max(own, feed, key=_gravity)
        return own

    @property
    def is_weak(self) -> bool:
        """Whether the firmware must be replaced by a newer one whatever its support."""
        return bool(self.notices and self.notices.behind) or any(one.is_grave for one in self.weaknesses)

    @property
    def exploited(self) -> tuple[str, ...]:
        """The weaknesses that are known to be exploited."""
        return tuple(one.cve for one in self.weaknesses if one.exploited)


def _gravity(told: tuple[Support | None, date | None]) -> tuple[int, int]:
    """The graver state later, of two alike the one that ends sooner."""
    state, ends = told
    return list(Support).index(state) if state else -1, -(ends or date.max).toordinal()


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
        reason = _("vendor and model are not known")
        return subject.result(NAME, CheckOutcome.UNKNOWN, reason)
    product = f"{vendor} {model or firmware}"
    known = outlook(subject, subject.at.date())
    if known.notices is None and known.state is None and not known.weaknesses:
        reason = _("no notice about {product} is on file").format(product=product)
        return subject.result(NAME, CheckOutcome.UNKNOWN, reason)
    return subject.result(
        NAME,
        CheckOutcome.FAIL if known.is_weak else _OUTCOMES[known.state],
        _sentence(product, known),
        facts=_facts(known),
        evidence=_evidence(known),
        expires=_expiry(subject, known),
    )


def rests_on(measures: Measures, knowledge: Knowledge) -> object:
    """Notices and feeds, and how far ahead an end is told."""
    return knowledge.version, measures.ending_months


def outlook(subject: Subject, on: date) -> Outlook:
    """What is known of the device's product as of a day, which may lie ahead."""
    device = subject.device
    vendor, model = device.text(Attribute.VENDOR), device.text(Attribute.MODEL)
    firmware = device.text(Attribute.FIRMWARE)
    within = _months(subject.measures.ending_months)
    notices, maker = standing(vendor, model, firmware, on, within), None
    if notices is None and vendor and (model or firmware):
        notices, maker = _by_maker(subject, vendor, (model, firmware), on, within)
    of = maker.name if maker else vendor
    said = subject.knowledge.says(of, model, firmware, on, within)
    exploited = subject.knowledge.exploited_among(notices.cves if notices else ())
    weaknesses = {one.cve: one for one in (*exploited, *said.weaknesses)}
    return Outlook(notices, maker, tuple(weaknesses.values()), said.cycle, ends_apart(of))


@cache
def _months(count: int) -> timedelta:
    return timedelta(days=count * _DAYS_PER_MONTH)


def _by_maker(
    subject: Subject, brand: str, product: tuple[str, str], on: date, within: timedelta
) -> tuple[Standing | None, Maker | None]:
    """The maker's notices about a device of another brand, and who that is."""
    for maker in makers(subject, brand):
        found = standing(maker.name, *product, on, within)
        if found and (not maker.by_name or any(row.models != ".*" for row in found.rows)):
            return found, maker
    return None, None


def _facts(known: Outlook) -> dict[str, str]:
    notices = known.notices
    behind = notices.behind if notices else None
    told = {
        "state": known.state.value if known.state else "",
        "ends": known.ends.isoformat() if known.ends else "",
        "latest": notices.latest if notices else "",
        "behind": "" if behind is None else "yes" if behind else "no",
        "update_mechanism": notices.update_mechanism if notices else "",
        "exploited": word_set(known.exploited),
        "weaknesses": word_set([*(one.cve for one in known.weaknesses), *(notices.cves if notices else ())]),
        "maker": known.maker.name if known.maker else "",
    }
    return {name: value for name, value in told.items() if value}


def _sentence(product: str, known: Outlook) -> str:
    if known.maker:
        product = _("{product}, made by {maker}").format(product=product, maker=known.maker.name)
    words = _SENTENCES[known.state]
    if known.state is Support.ENDED and known.ends is None:
        words = _UNDATED
    elif known.state is None and known.ends is not None:
        words = _AT_LATEST
    said = _(words).format(product=product, day=known.ends)
    if known.notices and known.notices.behind:
        latest = known.notices.latest
        if latest.startswith("> "):
            said += _("; firmware up to {version} has known weaknesses").format(version=latest[2:])
        else:
            said += _("; firmware {latest} is newer than the one installed").format(latest=latest)
    if known.exploited:
        said += _("; exploited weaknesses: {cves}").format(cves=", ".join(known.exploited))
    elif grave := [one.cve for one in known.weaknesses if one.is_grave]:
        said += _("; grave weaknesses: {cves}").format(cves=", ".join(grave[:5]))
    return said


def _evidence(known: Outlook) -> list[str]:
    told = [f"{row.source} ({row.read})" for row in known.notices.rows] if known.notices else []
    if known.maker and known.maker.evidence:
        told.append(known.maker.evidence)
    told += [f"CISA KEV {one.cve} ({one.exploited})" for one in known.weaknesses if one.exploited]
    told += [f"NVD {one.cve}" for one in known.weaknesses if not one.exploited]
    if known.cycle:
        told.append(f"endoflife.date {known.cycle.product} {known.cycle.cycle}")
    return told


def _expiry(subject: Subject, known: Outlook) -> datetime:
    """Until the model has to be confirmed again, or until the state changes, whichever comes first."""
    model = subject.device.attributes.get(Attribute.MODEL)
    limits = [_evidence_end(subject, model), *_turning_points(subject, known)]
    return min(limits)


def _evidence_end(subject: Subject, model: Held | None) -> datetime:
    if model is not None and model.locked:
        return model.at + _A_YEAR
    return subject.device.last_seen + timedelta(days=subject.measures.evidence_days)


def _turning_points(subject: Subject, known: Outlook) -> list[datetime]:
    today = subject.at.date()
    days = [known.notices.holds_until] if known.notices and known.notices.holds_until else []
    if known.cycle and known.cycle.ends and known.cycle.ends >= today:
        days.append(known.cycle.ends)
    return [datetime.combine(day, time.max, tzinfo=UTC) for day in days]

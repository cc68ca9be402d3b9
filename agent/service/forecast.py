"""Which devices the vendors will have left by a day: the firmware check's knowledge, asked of the future."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from agent.checks.firmware import Outlook, outlook
from agent.checks.knowledge import gather
from agent.checks.notice import OVER, Support
from agent.checks.subject import Subject
from agent.feeds.shelf import Kept, shelf_beside
from agent.service.assess import measures
from inventory.register import Register
from inventory.settings import Settings
from inventory.types import Attribute, Clock, Device, DeviceStatus


@dataclass(frozen=True, slots=True)
class Leaving:
    """A device without support by the day: how it stands now and then, and when that comes about.

    `now` is None where nobody says how it stands today, `ends` where no day is named.
    """

    device: Device
    now: Support | None
    then: Support
    ends: date | None
    source: str


@dataclass(frozen=True, slots=True)
class Forecast:
    """The devices that leave, the soonest first, and how many there are of which nobody says anything."""

    leaving: tuple[Leaving, ...]
    unknown: int
    looked_at: int
    stale: tuple[Kept, ...]


def forecast(
    register: Register, settings: Settings, clock: Clock, by: date, devices: Iterable[str] = ()
) -> Forecast:
    """Every device in service whose support or security updates end before `by`; no packet is sent."""
    shelf = shelf_beside(register.place)
    known, now, rules = gather(shelf.feeds()), clock.now(), measures(settings)
    heard = register.all_observations()
    chosen = tuple(register.device(each) for each in devices) or register.devices()
    kept = [device for device in chosen if device.status is not DeviceStatus.RETIRED]
    leaving, unknown = [], 0
    for device in kept:
        subject = Subject(device, heard.get(device.id, ()), now, rules, known)
        today, then = outlook(subject, now.date()), outlook(subject, by)
        if then.state in OVER:
            leaving.append(
                Leaving(device, today.state, then.state or Support.ENDED, then.ends, _source(then))
            )
        unknown += today.state is None and then.state is None
    stale = tuple(one for one in shelf.index() if one.is_stale(now.date(), settings.check.feed_days))
    return Forecast(tuple(sorted(leaving, key=_soonest)), unknown, len(kept), stale)


def rows(leaving: Sequence[Leaving]) -> list[dict[str, object]]:
    """One row a device, as lists and files print it; words of states are those of the JSON form."""
    return [
        {
            "device": one.device.id,
            "label": one.device.label,
            "model": one.device.text(Attribute.MODEL),
            "firmware": one.device.text(Attribute.FIRMWARE),
            "now": one.now.value if one.now else "unknown",
            "then": one.then.value,
            "ends": one.ends.isoformat() if one.ends else "",
            "source": one.source,
        }
        for one in leaving
    ]


def _source(known: Outlook) -> str:
    rows = known.notices.rows if known.notices else ()
    if ended := [row for row in rows if known.ends in row.ends_told]:
        return ended[0].source
    if known.notices and known.notices.state in OVER:
        return rows[0].source
    return f"endoflife.date {known.cycle.product} {known.cycle.cycle}" if known.cycle else ""


def _soonest(one: Leaving) -> tuple[date, str]:
    return one.ends or date.min, one.device.id

"""The two matrices of isolation as rows: kinds of devices by segment, and segments by segment."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from inventory.language import N_
from inventory.types import CheckOutcome, CheckResult, Device, DeviceClass, DeviceStatus

if TYPE_CHECKING:
    from inventory.register import Register
    from inventory.settings import Settings

Counts = tuple[tuple[str, int], ...]

LEAKING, WRONG, UNKNOWN, APART, NOT_ASKED = "leaking", "wrong", "unknown", "apart", "not asked"
STANDINGS = {  # sign, tone, words; of devices and of ways, the worst first
    LEAKING: ("✘", "bad", N_("reach the internal network")),
    WRONG: ("≠", "warn", N_("stand in a segment not meant for them")),
    UNKNOWN: ("?", "warn", N_("were not measured")),
    APART: ("✔", "good", N_("were measured isolated")),
    NOT_ASKED: ("–", "quiet", N_("need not be kept apart")),
    "leak": ("✘", "bad", N_("open, and must not be")),
    "middlebox": ("≠", "warn", N_("somebody else answers")),
    "not-tested": ("?", "warn", N_("not tested")),
    "closed-hole": ("!", "warn", N_("closed, though meant to pass")),
    "open-unsaid": ("·", "", N_("open, nothing said of it")),
    "as-meant": ("✔", "good", N_("as meant")),
}
_CHECK = "isolation"


@dataclass(frozen=True, slots=True)
class KindRow:
    """One kind of device: how many stand how in each segment, and where it is meant to be (None: unsaid)."""

    kind: DeviceClass
    cells: Mapping[str, Counts]
    allowed: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Way:
    """Ways that differ only by the device asked (`ips`; () where it was an answerer), `at` of the last."""

    service: str
    family: int
    standing: str
    expected: str
    measured: str
    reason: str
    hole: str = ""
    until: date | None = None
    at: datetime | None = None
    ips: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One segment: how the measured ways into each other segment stand."""

    site: str
    segment: str
    cells: Mapping[str, Counts]
    ways: Mapping[str, tuple[Way, ...]]


Line = KindRow | SourceRow


def kind_rows(register: "Register", meant: Mapping[DeviceClass, Sequence[str]]) -> Sequence[KindRow]:
    """Every kind that has devices, with a cell for every segment that has any; the retired do not count."""
    results = register.results()
    counted: dict[DeviceClass, dict[str, Counter[str]]] = {}
    for device in register.iter_devices():
        if device.status is not DeviceStatus.RETIRED:
            cells = counted.setdefault(device.device_class, {})
            standing = _standing(device, results.get(device.id, ()), meant.get(device.device_class))
            cells.setdefault(device.segment, Counter())[standing] += 1
    return [
        KindRow(
            kind,
            {segment: _worst_first(cell) for segment, cell in counted[kind].items()},
            tuple(meant[kind]) if kind in meant else None,
        )
        for kind in DeviceClass
        if kind in counted
    ]


def source_rows(register: "Register", settings: "Settings", at: datetime) -> Sequence[SourceRow]:
    """Every segment ways were measured from; what no longer counts is left out."""
    from agent.service.isolation import measured  # heavy, and only needed by those who look at it

    found: dict[tuple[str, str], dict[str, list[Way]]] = defaultdict(lambda: defaultdict(list))
    for cell in measured(register, settings, at).cells():
        one, hole = cell.crossing, cell.expectation.hole
        way = Way(
            one.service,
            one.family,
            cell.standing.value,
            cell.expectation.meant.value,
            one.state.value,
            one.reason,
            hole.reason if hole else "",
            hole.until if hole else None,
            one.at,
            (one.ip,) if one.ip else (),
        )
        found[one.site, one.source][one.target].append(way)
    return [
        SourceRow(
            site,
            segment,
            {target: _worst_first(Counter(way.standing for way in ways)) for target, ways in targets.items()},
            {target: _together(ways) for target, ways in targets.items()},
        )
        for (site, segment), targets in sorted(found.items())
    ]


def totals(rows: Iterable[Line]) -> Counts:
    """All cells together."""
    every = Counter[str]()
    for row in rows:
        for cell in row.cells.values():
            every.update(dict(cell))
    return _worst_first(every)


def _together(ways: Iterable[Way]) -> tuple[Way, ...]:
    """One of those that differ only by the device asked, the worst first."""
    alike: dict[tuple[bool, Way], list[Way]] = defaultdict(list)
    for way in ways:
        alike[bool(way.ips), replace(way, ips=(), at=None)].append(way)
    joined = (
        replace(
            one, ips=tuple(ip for way in same for ip in way.ips), at=max(way.at for way in same if way.at)
        )
        for (_devices, one), same in alike.items()
    )
    order = list(STANDINGS)
    return tuple(
        sorted(joined, key=lambda way: (order.index(way.standing), way.family, _by_number(way.service)))
    )


def _by_number(service: str) -> tuple[str, int]:
    protocol, _slash, number = service.partition("/")
    return protocol, int(number) if number.isdecimal() else 0


def _worst_first(counts: Mapping[str, int]) -> Counts:
    return tuple((each, counts[each]) for each in STANDINGS if counts.get(each))


def _standing(device: Device, results: Sequence[CheckResult], meant: Sequence[str] | None) -> str:
    result = next((each for each in results if each.check == _CHECK), None)
    if result is None:
        return WRONG if meant is not None and device.segment not in meant else UNKNOWN
    if result.outcome is CheckOutcome.NOT_APPLICABLE:
        return NOT_ASKED
    if result.outcome is CheckOutcome.FAIL:
        return LEAKING if result.facts.get("measured") == "leaking" else WRONG
    return APART if result.outcome is CheckOutcome.PASS else UNKNOWN

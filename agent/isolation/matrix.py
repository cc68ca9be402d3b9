"""Expected against measured: cell by cell for segments, and in one word for each device (pure)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property

from agent.isolation.expected import Expectation, Expected
from inventory.types import Address, Crossing, CrossingState


class Standing(StrEnum):
    """How a cell stands against what is expected of it; the worst first."""

    LEAK = "leak"
    MIDDLEBOX = "middlebox"
    NOT_TESTED = "not-tested"
    CLOSED_HOLE = "closed-hole"
    OPEN_UNSAID = "open-unsaid"
    AS_MEANT = "as-meant"


@dataclass(frozen=True, slots=True)
class Cell:
    """One way: what is expected of it, what was last measured, and how the two go together."""

    crossing: Crossing
    expectation: Expectation
    standing: Standing


@dataclass(frozen=True, slots=True)
class Apartness:
    """What the measurements say of one device: `isolated`, `leaking` or nothing yet (`state` is empty)."""

    state: str
    day: date | None = None
    evidence: tuple[str, ...] = ()
    leaks: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    expires: datetime | None = None
    kept_apart: bool = True


UNMEASURED = Apartness("")


@dataclass(frozen=True)
class Measured:
    """All ways as last measured, the matrix they are held against, and how many days they count.

    `segments` names each site's segments: those a device must be shown to be apart from. `families` are the
    IP versions in scope of a site's segment; both of two that share them must be shown. IPv4 where unsaid.
    """

    crossings: Sequence[Crossing]
    expected: Expected
    segments: Mapping[str, frozenset[str]]
    days: int
    at: datetime
    families: Mapping[tuple[str, str], frozenset[int]] = field(default_factory=dict)

    def cells(self) -> tuple[Cell, ...]:
        """Every measured way that still counts, the worst first."""
        order = list(Standing)
        cells = [self._cell(one) for ways in self._fresh.values() for one in ways]
        return tuple(
            sorted(cells, key=lambda cell: (order.index(cell.standing), cell.crossing.way, cell.crossing.at))
        )

    def of(self, addresses: Iterable[Address]) -> Apartness:
        """How far a device at these addresses is kept apart, the worst of them."""
        found = [self._of(each.site, each.segment, each.ip) for each in addresses]
        for state in ("leaking", "", "isolated"):
            for one in found:
                if one.state == state:
                    return one
        return UNMEASURED

    @property
    def meant(self) -> object:
        """All that the measured is held against, as plain values."""
        places = {site: sorted(names) for site, names in sorted(self.segments.items())}
        families = [(*place, *sorted(versions)) for place, versions in sorted(self.families.items())]
        return self.expected, self.days, places, families

    @cached_property
    def newest(self) -> datetime | None:
        """When the last measurement was made."""
        return max((one.at for one in self.crossings), default=None)

    @cached_property
    def _fresh(self) -> Mapping[tuple[str, str, str], tuple[Crossing, ...]]:
        """Those not older than `days`, by site and the two segments."""
        oldest = self.at - timedelta(days=self.days)
        found: dict[tuple[str, str, str], list[Crossing]] = defaultdict(list)
        for one in self.crossings:
            if oldest <= one.at <= self.at and one.source != one.target:
                found[one.site, one.source, one.target].append(one)
        return {key: tuple(ways) for key, ways in found.items()}

    @cached_property
    def _pairs(self) -> Mapping[tuple[str, str, str], "_Pair"]:
        return {key: _Pair.of([self._cell(one) for one in ways]) for key, ways in self._fresh.items()}

    def _cell(self, one: Crossing) -> Cell:
        expectation = self.expected.of(one.source, one.target, one.service, self.at.date())
        return Cell(one, expectation, _standing(one, expectation))

    def _of(self, site: str, segment: str, ip: str) -> Apartness:
        others = self.segments.get(site, frozenset()) - {segment}
        if not segment or not others:
            return UNMEASURED
        if segment not in self.expected.kept_apart:
            return Apartness("", missing=(segment,), kept_apart=False)
        leaks: list[Crossing] = []
        seen: list[Crossing] = []
        missing: list[str] = []
        for other in sorted(others):
            # What leaves the segment, whoever in it asks; and what reaches this very address.
            out = self._pairs.get((site, segment, other), _NOTHING)
            into = self._pairs.get((site, other, segment), _NOTHING)
            leaks += [*out.leaks, *(one for one in into.leaks if one.ip in ("", ip))]
            seen += [*out.blocked, *(one for one in into.blocked if one.ip in ("", ip))]
            for family in sorted(self._shared(site, segment, other)):
                missing += _untold(f"{segment} > {other}", family, out.shown("", family))
                missing += _untold(f"{other} > {segment}", family, into.shown(ip, family))
        if leaks:
            return self._found("leaking", leaks, [_way(one) for one in leaks])
        if missing:
            return Apartness("", missing=tuple(missing))
        return self._found("isolated", seen, [])

    def _shared(self, site: str, one: str, other: str) -> frozenset[int]:
        both = self.families.get((site, one), _IPV4) & self.families.get((site, other), _IPV4)
        return both or _IPV4

    def _found(self, state: str, rests_on: Sequence[Crossing], leaks: Sequence[str]) -> Apartness:
        oldest = min((one.at for one in rests_on), default=self.at)
        return Apartness(
            state,
            oldest.date(),
            tuple(one.digest for one in rests_on[:_MOST_EVIDENCE]),
            tuple(dict.fromkeys(leaks)),
            expires=min([oldest + timedelta(days=self.days), *self._lapses(rests_on)]),
        )

    def _lapses(self, ways: Iterable[Crossing]) -> Iterator[datetime]:
        """When the holes end by which some of the ways are open."""
        for one in ways:
            hole = self._cell(one).expectation.hole
            if one.state is CrossingState.OPEN and hole and hole.until and hole.until >= self.at.date():
                yield datetime.combine(hole.until + timedelta(days=1), time(), self.at.tzinfo)


_MOST_EVIDENCE = 32
_IPV4 = frozenset({4})
_MUST_BE_SHOWN = ("tcp", "udp")  # a firewall that stops pings alone keeps nothing apart


@dataclass(frozen=True, slots=True)
class _Pair:
    """The ways from one segment into another, sorted by what they mean for a device."""

    leaks: tuple[Crossing, ...] = ()
    blocked: tuple[Crossing, ...] = ()
    doubtful: tuple[Crossing, ...] = ()

    @classmethod
    def of(cls, cells: Sequence[Cell]) -> "_Pair":
        def having(*standings: Standing) -> tuple[Crossing, ...]:
            return tuple(cell.crossing for cell in cells if cell.standing in standings)

        tried = having(Standing.AS_MEANT, Standing.CLOSED_HOLE, Standing.OPEN_UNSAID)
        return cls(having(Standing.LEAK), tried, having(Standing.MIDDLEBOX))

    def shown(self, ip: str, family: int) -> frozenset[str]:
        """The protocols of which a way was seen blocked that speaks for the address.

        None while something stays in doubt; and open holes alone show no border.
        """
        if any(one.ip in ("", ip) for one in self.doubtful):
            return frozenset()
        return frozenset(
            one.service.partition("/")[0]
            for one in self.blocked
            if one.state is CrossingState.BLOCKED and one.family == family and (not ip or one.ip in ("", ip))
        )


_NOTHING = _Pair()


def _standing(one: Crossing, expectation: Expectation) -> Standing:
    if one.state is CrossingState.NOT_TESTED:
        return Standing.NOT_TESTED
    if one.state is CrossingState.MIDDLEBOX:
        return Standing.MIDDLEBOX
    if one.state is CrossingState.OPEN:
        if expectation.is_denied:
            return Standing.LEAK
        return Standing.AS_MEANT if expectation.hole else Standing.OPEN_UNSAID
    return Standing.CLOSED_HOLE if expectation.hole and not expectation.is_denied else Standing.AS_MEANT


def _untold(pair: str, family: int, shown: frozenset[str]) -> list[str]:
    """What of a pair of segments was not shown closed: the pair, or its one protocol."""
    untold = [each for each in _MUST_BE_SHOWN if each not in shown]
    mark = " (IPv6)" if family == 6 else ""
    whole = len(untold) == len(_MUST_BE_SHOWN)
    return [f"{pair}{mark}"] if whole else [f"{pair}: {each}{mark}" for each in untold]


def _way(one: Crossing) -> str:
    place = f"{one.target} {one.ip}" if one.ip else one.target
    return f"{one.source} > {place}: {one.service}" + (" (IPv6)" if one.family == 6 else "")

"""Keeps observations: append-only, equal consecutive facts widen the row instead of adding one."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from inventory.store.bulk import NewRows
from inventory.store.columns import table
from inventory.store.mapping import Values, facts_to_json, observation_of
from inventory.store.records import chunks
from inventory.store.tables import ObservationRow
from inventory.types import Observation, Sighting

_OBSERVATION = table(ObservationRow)

Line = tuple[str, str, str, str, str | None, int]  # device, site, ip, source, service, part


@dataclass(slots=True)
class _Interval:
    """One row, stored (`row` is its id) or about to be."""

    row: int | None
    facts_digest: str
    first: datetime
    last: datetime
    latest: bool
    values: Values
    dirty: bool = False


class Evidence:
    """Collects observations by device and writes them together."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waiting: list[tuple[Line, Observation]] = []

    def add(self, device: str, sighting: Sighting) -> None:
        """Takes note of one sighting's observations."""
        parts: dict[tuple[str, str | None], int] = {}
        for observation in sighting.observations:
            said = (observation.source, observation.service)
            part = parts[said] = parts.get(said, -1) + 1
            target = observation.target
            self._waiting.append(((device, target.site, target.ip, *said, part), observation))

    def write(self) -> None:
        """Widens what was said again, adds what is new; the order of arrival does not matter."""
        lines = self._load({line[0] for line, _observation in self._waiting})
        for line, observation in sorted(self._waiting, key=lambda pair: pair[1].at):
            _note(lines.setdefault(line, []), line, observation)
        every = [interval for intervals in lines.values() for interval in intervals]
        widened = [_position(one) | {"row": one.row} for one in every if one.dirty and one.row is not None]
        added = NewRows(_OBSERVATION)
        for one in every:
            if one.row is None:
                added.add(one.values | _position(one))
        if widened:
            self._connection.execute(_WIDEN, widened)
        added.write(self._connection)
        self._waiting.clear()

    def _load(self, devices: Collection[str]) -> dict[Line, list[_Interval]]:
        """The latest intervals of each line; all of them where an older observation has come in."""
        lines: dict[Line, list[_Interval]] = {}
        for part in chunks(devices):
            self._read(lines, _OBSERVATION.c.device.in_(part) & _OBSERVATION.c.latest)
        late = {
            line[0]
            for line, observation in self._waiting
            if line in lines and observation.at < lines[line][-1].last
        }
        for part in chunks(late):
            self._read(lines, _OBSERVATION.c.device.in_(part) & ~_OBSERVATION.c.latest)
        for intervals in lines.values():
            intervals.sort(key=lambda one: (one.last, one.latest))
        return lines

    def _read(self, lines: dict[Line, list[_Interval]], condition: Any) -> None:  # noqa: ANN401 - SQL
        for row in self._connection.execute(select(*_KEY_COLUMNS).where(condition)):
            line = (row.device, row.site, row.ip, row.source, row.service, row.part)
            interval = _Interval(
                row.id, row.facts_digest, row.first_at, row.last_at, row.latest, {"run": row.run}
            )
            lines.setdefault(line, []).append(interval)


def observe(connection: Connection, device: str, observations: Sequence[Observation]) -> None:
    """Keeps observations of one known device."""
    kept = Evidence(connection)
    for each in observations:
        kept.add(device, Sighting(each.run, each.target, each.at, (each,), ()))
    kept.write()


def latest_observations(
    connection: Connection, devices: Collection[str] | None
) -> dict[str, tuple[Observation, ...]]:
    """What each device last said, by device, in order of time; of all devices for None."""
    found: dict[str, list[Observation]] = {}
    conditions = (
        [_OBSERVATION.c.latest]
        if devices is None
        else [_OBSERVATION.c.latest & _OBSERVATION.c.device.in_(part) for part in chunks(devices)]
    )
    for condition in conditions:
        _collect(connection, condition, found)
    return {device: tuple(observations) for device, observations in found.items()}


def every_observation(connection: Connection, device: str) -> tuple[Observation, ...]:
    """All that was ever heard of one device, in order of time."""
    found: dict[str, list[Observation]] = {}
    _collect(connection, _OBSERVATION.c.device == device, found)
    return tuple(found.get(device, ()))


def _collect(connection: Connection, condition: Any, found: dict[str, list[Observation]]) -> None:  # noqa: ANN401 - SQL
    rows = connection.execute(
        select(_OBSERVATION).where(condition).order_by(_OBSERVATION.c.last_at, _OBSERVATION.c.id)
    )
    for row in rows:
        found.setdefault(row.device, []).append(observation_of(row))


def _note(intervals: list[_Interval], line: Line, observation: Observation) -> None:
    """Places one observation among the intervals of its line, which stay sorted by their end."""
    facts = facts_to_json(observation.facts)
    facts_digest = hashlib.sha256(facts.encode()).hexdigest()[:32]
    at = observation.at
    same = [one for one in intervals if one.facts_digest == facts_digest]
    if any(one.first <= at <= one.last for one in same):
        return
    newest = intervals[-1] if intervals else None
    if newest is None or at >= newest.last:
        if newest is not None and newest.facts_digest == facts_digest:
            newest.last, newest.dirty = at, True
            newest.values["run"] = observation.run
            return
        if newest is not None:
            newest.latest, newest.dirty = False, True
        intervals.append(_fresh(line, observation, facts, facts_digest, latest=True))
        return
    before = max((one for one in intervals if one.last < at), key=lambda one: one.last, default=None)
    after = min((one for one in intervals if one.first > at), key=lambda one: one.first, default=None)
    between_words = not any(one.first <= at <= one.last for one in intervals)
    if between_words and before in same and before is not None:
        before.last, before.dirty = at, True
    elif between_words and after in same and after is not None:
        after.first, after.dirty = at, True
    else:
        intervals.insert(0, _fresh(line, observation, facts, facts_digest, latest=False))
        intervals.sort(key=lambda one: one.last)


def _fresh(line: Line, observation: Observation, facts: str, facts_digest: str, *, latest: bool) -> _Interval:
    values = {**_values(line, observation, facts), "facts_digest": facts_digest}
    return _Interval(None, facts_digest, observation.at, observation.at, latest, values)


def _values(line: Line, observation: Observation, facts: str) -> Values:
    device, site, ip, source, service, part = line
    return {
        "device": device,
        "run": observation.run,
        "vantage": observation.vantage,
        "site": site,
        "segment": observation.target.segment,
        "ip": ip,
        "mac": observation.target.mac,
        "source": source,
        "service": service,
        "part": part,
        "facts": facts,
        "digest": observation.digest,
        "excerpt": observation.excerpt,
    }


def _position(interval: _Interval) -> Values:
    return {
        "run": interval.values["run"],
        "first_at": interval.first,
        "last_at": interval.last,
        "latest": interval.latest,
    }


_KEY_COLUMNS = tuple(
    _OBSERVATION.c[name]
    for name in (
        "id",
        "device",
        "site",
        "ip",
        "source",
        "service",
        "part",
        "run",
        "facts_digest",
        "first_at",
        "last_at",
        "latest",
    )
)
_WIDEN = (
    update(_OBSERVATION)
    .where(_OBSERVATION.c.id == bindparam("row"))
    .values({name: bindparam(name) for name in ("run", "first_at", "last_at", "latest")})
)

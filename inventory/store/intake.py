"""Takes sightings in: identity, merge, evidence, history. One call is one transaction's worth."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, insert, or_, select

from inventory.garbage import nothing_to_collect
from inventory.identity import Ambiguous, Known, Likeness, Matched, New, Seen, resolve
from inventory.merge import join, merge
from inventory.store.columns import table
from inventory.store.evidence import Evidence
from inventory.store.joining import absorb, is_kept_by_person, kept_apart, live_ids
from inventory.store.mapping import to_json
from inventory.store.records import Stored, chunks, load_stored
from inventory.store.revisions import Revisions
from inventory.store.stays import Stays, without
from inventory.store.tables import AmbiguityRow, IdentifierRow
from inventory.traits import Traits, traits_of, traits_of_record
from inventory.types import (
    Attribute,
    DeviceStatus,
    IdentifierKind,
    IngestReport,
    Sighting,
    Target,
)
from inventory.weighing import weigh

_IDENTIFIER, _AMBIGUITY = table(IdentifierRow), table(AmbiguityRow)

MOVED, DISPUTED = "moved", "disputed"

NewId = Callable[[], str]


@nothing_to_collect()
def ingest(connection: Connection, sightings: Sequence[Sighting], new_id: NewId) -> IngestReport:
    """Matches each sighting with a record or makes one, and writes what it says; see IngestReport."""
    intake = _Intake(connection, sightings, new_id)
    for sighting, seen in intake.ordered:
        intake.take(sighting, seen)
    return intake.finish()


class _Intake:
    def __init__(self, connection: Connection, sightings: Sequence[Sighting], new_id: NewId) -> None:
        self._connection = connection
        self._new_id = new_id
        self.ordered = sorted(
            ((one, _seen(one)) for one in sightings), key=lambda pair: (pair[0].at, pair[0].target.ip)
        )
        self._targets = [one.target for one in sightings]
        self._stays = Stays(connection, (seen.place for _sighting, seen in self.ordered))
        holders = self._load_holders()
        self._alias = live_ids(connection, self._stays.devices.union(*holders.values()))
        self._before = load_stored(connection, set(self._alias.values()))
        self._now: dict[str, Stored] = dict(self._before)
        self._holders: dict[tuple[str, str], set[str]] = defaultdict(set)
        for stored in self._now.values():
            self._index(stored)
        self._apart = kept_apart(connection, self._now)
        self._stays.rename(self._alias)
        self._stays.load_met(self._now, {one.run for one in sightings})
        self._evidence = Evidence(connection)
        self._taken: dict[str, list[Sighting]] = defaultdict(list)
        self._traits: dict[str, Traits] = {}
        self._outcomes: dict[str, str] = {}
        self._doubts: list[tuple[str, str, Likeness, Sighting]] = []
        self._absorbed: dict[str, str] = {}
        self._placed: dict[Target, str] = {}

    def take(self, sighting: Sighting, seen: Seen) -> None:
        """One sighting through identity and merge, in memory."""
        known = [self._known(one, seen, sighting) for one in self._candidates(seen)]
        match resolve(seen, known):
            case Matched(best, joins, doubts=doubts):
                device, *others = sorted((best, *joins), key=self._seniority)
                for other in others:
                    if frozenset((device, other)) not in self._apart:
                        self._absorb(device, other)
                self._outcomes.setdefault(device, "matched")
                self._doubts += [(DISPUTED, device, likeness, sighting) for likeness in doubts]
            case New(possible):
                device = self._new_id()
                self._outcomes[device] = "new"
                self._doubts += [(MOVED, device, likeness, sighting) for likeness in possible]
            case Ambiguous(candidates):
                device = self._new_id()
                self._outcomes[device] = "ambiguous"
                self._doubts += [(DISPUTED, device, likeness, sighting) for likeness in candidates]
        self._merge(device, sighting, seen)

    def finish(self) -> IngestReport:
        """Writes everything and says what was done."""
        revisions = Revisions(self._connection)
        changed = set()
        for device, taken in self._taken.items():
            if device in self._absorbed:
                continue
            newest = max(taken, key=lambda one: one.at)
            before, after = self._before.get(device), self._now[device]
            if revisions.add(before, after, at=newest.at, source=f"scan:{newest.run}", run=newest.run):
                changed.add(device)
        for device in sorted(self._now.keys() - self._taken.keys()):
            before, after = self._before[device], self._now[device]
            if before is not after:  # not sighted itself: its address went to another device
                revisions.add(before, after, at=after.record.device.last_seen, source="address taken over")
        for absorbed, device in self._absorbed.items():
            if absorbed in self._before:
                survivor = self._final(device)
                at = max(one.at for one in self._taken[survivor])
                absorb(
                    self._connection,
                    revisions,
                    self._before[absorbed],
                    survivor,
                    ours=self._before.get(survivor),
                    at=at,
                    by="identity",
                )
        revisions.write()
        self._stays.write(self._now)
        for device, taken in self._taken.items():
            for sighting in taken:
                self._evidence.add(self._final(device), sighting)
        self._evidence.write()
        self._write_doubts()
        return self._report(changed)

    def _merge(self, device: str, sighting: Sighting, seen: Seen) -> None:
        stored = self._now.get(device)
        record = merge(stored.record if stored else None, sighting, seen.traits.identifiers, device_id=device)
        record, loser = self._stays.settle(record, sighting)
        if loser is not None:
            other = self._now[loser]
            rest = without(other.record, seen.place)
            self._now[loser] = replace(other, record=rest, unseen=not rest.device.addresses)
        kept = stored or Stored(record, DeviceStatus.DISCOVERED)
        if stored is None or sighting.at >= stored.device.last_seen:
            retired = kept.standing is DeviceStatus.RETIRED
            standing = DeviceStatus.DISCOVERED if retired else kept.standing
            kept = replace(kept, standing=standing, unseen=False, last_run=sighting.run)
        unseen = kept.unseen or not record.device.addresses
        self._now[device] = replace(kept, record=record, unseen=unseen)
        self._traits.pop(device, None)
        self._index(self._now[device])
        self._taken[device].append(sighting)
        self._placed[sighting.target] = device

    def _seniority(self, device: str) -> tuple[bool, bool, datetime, str]:
        """Sorts the record that is to survive first: what a person has touched, else the oldest."""
        stored = self._now[device]
        return (not is_kept_by_person(stored), device not in self._before, stored.device.first_seen, device)

    def _absorb(self, device: str, other: str) -> None:
        ours, theirs = self._now[device], self._now[other]
        self._now[device] = replace(ours, record=join(ours.record, theirs.record))
        del self._now[other]
        self._absorbed[other] = device
        self._traits.pop(device, None)
        self._stays.rename({other: device})
        for holders in self._holders.values():
            if other in holders:
                holders.discard(other)
                holders.add(device)
        self._taken[device] += self._taken.pop(other, [])
        self._placed = {t: device if d == other else d for t, d in self._placed.items()}

    def _candidates(self, seen: Seen) -> list[str]:
        found = self._stays.ever_at(seen.place)
        for identifier in seen.traits.identifiers:
            found |= self._holders.get((identifier.kind.value, identifier.value), set())
        return sorted(found)

    def _known(self, device: str, seen: Seen, sighting: Sighting) -> Known:
        stored = self._now[device]
        if device not in self._traits:
            self._traits[device] = traits_of_record(stored.record)
        holder = self._stays.holder_at(seen.place, sighting.at)
        return Known(
            device,
            self._traits[device],
            current=frozenset({seen.place} if holder == device else ()),
            met=self._stays.met(device, sighting.run),
            segments=frozenset((each.site, each.segment) for each in stored.record.device.addresses),
        )

    def _index(self, stored: Stored) -> None:
        for identifier in stored.record.device.identifiers:
            self._holders[identifier.kind.value, identifier.value].add(stored.record.device.id)

    def _load_holders(self) -> dict[tuple[str, str], set[str]]:
        wanted: dict[IdentifierKind, set[str]] = defaultdict(set)
        for _sighting, seen in self.ordered:
            for identifier in seen.traits.identifiers:
                wanted[identifier.kind].add(identifier.value)
        found: dict[tuple[str, str], set[str]] = defaultdict(set)
        for kind, values in wanted.items():
            for part in chunks(values):
                condition = (_IDENTIFIER.c.kind == kind.value) & _IDENTIFIER.c.value.in_(part)
                for row in self._connection.execute(select(_IDENTIFIER).where(condition)):
                    found[row.kind, row.value].add(row.device)
        return found

    def _final(self, device: str) -> str:
        while device in self._absorbed:
            device = self._absorbed[device]
        return device

    def _write_doubts(self) -> None:
        """Asks about each pair of records once, whatever the answer was."""
        asked = self._asked({self._final(device) for _kind, device, _likeness, _sighting in self._doubts})
        rows = []
        for kind, device, likeness, sighting in self._doubts:
            pair = (self._final(device), self._final(likeness.device))
            if pair[0] == pair[1] or frozenset(pair) in asked:
                continue
            asked.add(frozenset(pair))
            rows.append(
                {
                    "kind": kind,
                    "device": pair[0],
                    "other": pair[1],
                    "agrees": to_json(list(likeness.agrees)),
                    "differs": to_json(list(likeness.differs)),
                    "run": sighting.run,
                    "at": sighting.at,
                    "settled_at": None,
                    "settled_by": "",
                    "decision": "",
                }
            )
        if rows:
            self._connection.execute(insert(_AMBIGUITY), rows)

    def _asked(self, devices: set[str]) -> set[frozenset[str]]:
        pairs: set[frozenset[str]] = set()
        for part in chunks(devices):
            concerned = or_(_AMBIGUITY.c.device.in_(part), _AMBIGUITY.c.other.in_(part))
            rows = self._connection.execute(select(_AMBIGUITY.c.device, _AMBIGUITY.c.other).where(concerned))
            pairs |= {frozenset(row) for row in rows}
        return pairs

    def _report(self, changed: set[str]) -> IngestReport:
        def having(outcome: str) -> tuple[str, ...]:
            return tuple(
                device
                for device, found in self._outcomes.items()
                if found == outcome and device not in self._absorbed
            )

        matched = having("matched")
        return IngestReport(
            new=having("new"),
            matched=matched,
            ambiguous=having("ambiguous"),
            changed=tuple(device for device in matched if device in changed),
            by_sighting=tuple((target, self._final(self._placed[target])) for target in self._targets),
        )


def _seen(sighting: Sighting) -> Seen:
    target = sighting.target
    about_device = [
        claim for claim in sighting.claims if claim.service is None or not _is_service(claim.attribute)
    ]
    return Seen((target.site, target.ip), target.segment, traits_of(sighting, weigh(about_device)))


def _is_service(attribute: Attribute) -> bool:
    return attribute in (Attribute.SERVICE_NAME, Attribute.SERVICE_PRODUCT, Attribute.SERVICE_VERSION)

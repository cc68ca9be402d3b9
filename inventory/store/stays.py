"""Who was where, and when: the addresses a batch of sightings touches, kept in memory and written with it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, insert, select

from inventory.identity import Place
from inventory.merge import Record
from inventory.networks import sort_key
from inventory.store.columns import table
from inventory.store.records import chunks
from inventory.store.tables import AddressRow
from inventory.types import Sighting, Target

_ADDRESS = table(AddressRow)


@dataclass(slots=True)
class _Stay:
    """When a record was at a place; `ended` is None while it is there, `row` whether the books have it."""

    device: str
    first: datetime
    last: datetime
    ended: datetime | None
    target: Target
    run: str
    row: bool = False
    let_go: bool = False

    def covers(self, at: datetime) -> bool:
        return self.first <= at <= (self.ended or self.last)


class Stays:
    """Every stay at some places, past and present, and where each run has met whom."""

    def __init__(self, connection: Connection, places: Iterable[Place]) -> None:
        self._connection = connection
        self._stays: dict[Place, list[_Stay]] = defaultdict(list)
        self._met: dict[tuple[str, str], set[Place]] = defaultdict(set)
        by_site: dict[str, set[str]] = defaultdict(set)
        for site, ip in places:
            by_site[site].add(ip)
        for site, ips in by_site.items():
            for part in chunks(ips):
                rows = connection.execute(
                    select(_ADDRESS).where(_ADDRESS.c.site == site, _ADDRESS.c.ip.in_(part))
                )
                for row in rows:
                    target = Target(row.ip, row.mac, site, row.segment)
                    self._stays[site, row.ip].append(
                        _Stay(
                            row.device,
                            row.first_seen,
                            row.last_seen,
                            row.ended,
                            target,
                            row.last_run,
                            row=True,
                        )
                    )

    @property
    def devices(self) -> set[str]:
        """Everybody who was ever at one of the places."""
        return {stay.device for stays in self._stays.values() for stay in stays}

    def rename(self, alias: Mapping[str, str]) -> None:
        """Follows records to those that absorbed them."""
        for stays in self._stays.values():
            for stay in stays:
                stay.device = alias.get(stay.device, stay.device)
        for device, run in [key for key in self._met if alias.get(key[0], key[0]) != key[0]]:
            self._met[alias[device], run] |= self._met.pop((device, run))

    def load_met(self, devices: Collection[str], runs: Collection[str]) -> None:
        """Reads at which places these runs have met the devices so far."""
        for part in chunks(devices):
            condition = _ADDRESS.c.device.in_(part) & _ADDRESS.c.last_run.in_(runs)
            for row in self._connection.execute(select(_ADDRESS).where(condition)):
                self._met[row.device, row.last_run].add((row.site, row.ip))

    def met(self, device: str, run: str) -> frozenset[Place]:
        """Where the run has met the device so far."""
        return frozenset(self._met[device, run])

    def ever_at(self, place: Place) -> set[str]:
        """Everybody who was ever at the place."""
        return {stay.device for stay in self._stays.get(place, ())}

    def holder_at(self, place: Place, at: datetime) -> str | None:
        """Who held the place at a moment; where the books do not say, who holds it now."""
        stays = sorted(self._stays.get(place, ()), key=lambda stay: stay.first)
        for stay in reversed(stays):
            if stay.covers(at):
                return stay.device
        return next((stay.device for stay in stays if stay.ended is None), None)

    def settle(self, record: Record, sighting: Sighting) -> tuple[Record, str | None]:
        """One address belongs to one record: whoever was seen there last.

        Gives the record as its addresses now are, and who lost the place to it.
        """
        place, device = (sighting.target.site, sighting.target.ip), record.device.id
        self._met[device, sighting.run].add(place)
        stays = self._stays[place]
        current = next((stay for stay in stays if stay.ended is None), None)
        fresh = _Stay(device, sighting.at, sighting.at, None, sighting.target, sighting.run)
        if current is not None and current.device == device:
            others = [stay for stay in stays if stay.device != device]
            if any(sighting.at < stay.first < current.first for stay in others):
                return _held_since(record, place, current.first), None
            current.first, current.last = min(current.first, sighting.at), max(current.last, sighting.at)
            return record, None
        if current is not None and current.last > sighting.at:
            if not any(stay.device == device and stay.covers(sighting.at) for stay in stays):
                fresh.ended, fresh.let_go = sighting.at, True
                stays.append(fresh)
            return without(record, place), None
        stays.append(fresh)
        if current is None:
            return record, None
        current.ended, current.let_go = sighting.at, True
        return record, current.device

    def write(self, live: Collection[str]) -> None:
        """Writes stays that no revision shows: begun and ended, or ended and begun anew, within the batch."""
        rows = []
        for (site, ip), stays in self._stays.items():
            for stay in stays:
                back = any(other.ended is None and other.device == stay.device for other in stays)
                if stay.let_go and stay.device in live and (back or not stay.row):
                    rows.append(
                        {
                            "device": stay.device,
                            "site": site,
                            "ip": ip,
                            "ip_key": sort_key(ip),
                            "mac": stay.target.mac,
                            "segment": stay.target.segment,
                            "first_seen": stay.first,
                            "last_seen": stay.last,
                            "last_run": stay.run,
                            "ended": stay.ended,
                        }
                    )
        if rows:
            self._connection.execute(insert(_ADDRESS), rows)


def without(record: Record, place: Place) -> Record:
    """The record without that address."""
    remaining = tuple(each for each in record.device.addresses if (each.site, each.ip) != place)
    return replace(record, device=replace(record.device, addresses=remaining))


def _held_since(record: Record, place: Place, first: datetime) -> Record:
    """The address was another's in between: an older sighting does not stretch the present stay."""
    addresses = tuple(
        replace(each, first_seen=first) if (each.site, each.ip) == place else each
        for each in record.device.addresses
    )
    return replace(record, device=replace(record.device, addresses=addresses))

"""The register: every device, what is known of it and since when, and what was judged.

One instance is one open database (SQLite file or PostgreSQL URL); it may be used from several threads. Every
method is one transaction: it is done whole or not at all. Faults: StoreFault for what the disk or the file
does wrong, NotFound and Conflict for what the caller asks.

Device ids are `d-` and ten letters of Crockford's base 32 (50 random bits), made once and never reused; any
unambiguous beginning is accepted wherever an id is asked for. A record that was absorbed by another is found
under both ids.
"""

import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from inventory.desk import Entropy
from inventory.exits import UsageFault
from inventory.language import _
from inventory.paperwork import Paperwork
from inventory.query import EVERYTHING, DeviceQuery
from inventory.settings import Settings
from inventory.settings_file import Value
from inventory.store import (
    devices,
    evidence,
    intake,
    logins,
    scans,
    settings_steps,
)
from inventory.store.database import Database
from inventory.store.devices import full_id
from inventory.store.raw_rows import Living, RawRows, living, raw_rows
from inventory.types import (
    Attribute,
    Clock,
    Device,
    DeviceChange,
    Exemption,
    IngestReport,
    LoginTry,
    Observation,
    Page,
    ScanRun,
    Scope,
    Sighting,
    TryOutcome,
)


class Register(Paperwork):
    """The open register; use it as a context manager, or call `close`."""

    @classmethod
    def open(
        cls, place: str, clock: Clock, *, create: bool = True, entropy: Entropy = secrets.token_bytes
    ) -> Self:
        """The register at a path, `:memory:` or an SQLAlchemy URL, brought to this version's schema.

        StoreFault (one clear line) when it is missing and `create` is false, is no register, was written by a
        newer version, or cannot be read and written. `entropy(n)` gives the n bytes that ids are made of.
        """
        return cls(Database.open(place, create=create), clock, entropy)

    def close(self) -> None:
        """Lets go of the database."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def reading(self) -> Iterator[Self]:
        """The register as it stands now, for several questions: all answers inside are of one state.

        Others may write meanwhile; the reading does not see it, and cannot itself be written to.
        """
        with self._database.one_state() as frozen:
            yield type(self)(frozen, self._clock, self._entropy)

    @property
    def place(self) -> str:
        """Where the register lies, as messages name it."""
        return self._database.place

    # -- where we may look -------------------------------------------------------------------------------

    def scopes(self) -> tuple[Scope, ...]:
        """Every network in scope, in numeric order."""
        with self._database.read() as connection:
            return scans.scopes(connection)

    def add_scope(self, scope: Scope, by: str) -> None:
        """Puts a network in scope; Conflict where it overlaps one that is."""
        detail = {"site": scope.site, "segment": scope.segment, "touch": scope.touch.value}
        with self._recorded("scope add", scope.network, by, detail) as (connection, entry):
            scans.add_scope(connection, scope, by=by, at=self._clock.now(), entry=entry)

    def change_scope(self, scope: Scope, by: str) -> None:
        """Says anew how far a network may be looked at, and who is left alone there."""
        detail = {"touch": scope.touch.value, "do_not_probe": ", ".join(scope.do_not_probe)}
        with self._recorded("scope change", scope.network, by, detail) as (connection, entry):
            scans.change_scope(connection, scope, entry=entry)

    def exempt(self, network: str, subject: str, reason: str, by: str, until: date | None = None) -> None:
        """Lets `subject` be probed although an entry of its site bars it; NotFound for an unknown network."""
        if not reason.strip():
            raise UsageFault(_("an exemption needs a reason"))
        exemption = Exemption(subject, reason.strip(), by, self._clock.now(), until)
        detail = {"subject": subject, "reason": exemption.reason, "until": str(until or "")}
        with self._recorded("scope exempt", network, by, detail) as (connection, entry):
            before = scans.scope(connection, network)
            kept = tuple(one for one in before.exemptions if one.subject != subject)
            scans.change_scope(connection, replace(before, exemptions=(*kept, exemption)), entry=entry)

    def remove_scope(self, network: str, by: str) -> None:
        """Takes a network out of scope; NotFound where it is not in."""
        with self._recorded("scope remove", network, by) as (connection, entry):
            scans.remove_scope(connection, network, entry=entry)

    # -- scans -------------------------------------------------------------------------------------------

    def change_settings(self, file: Path, table: str, values: Mapping[str, Value], by: str) -> Settings:
        """Changes keys of a table of muster.toml, as `settings_file.change` does, with a line in the log."""
        detail = settings_steps.told(file, table, values)
        with self._recorded("settings", file.name, by, detail) as (connection, entry):
            return settings_steps.carry_out(connection, entry, file, table, values)

    def begin_scan(self, run: ScanRun) -> None:
        """Notes that a scan has begun; until `finish_scan` it shows as running or interrupted."""
        with self._database.write() as connection:
            scans.begin(connection, run)

    def ingest(self, sightings: Sequence[Sighting]) -> IngestReport:
        """Takes in a batch in one transaction: identity, merge, observations and history."""
        with self._database.write() as connection:
            return intake.ingest(connection, sightings, self._new_id)

    def finish_scan(self, run: ScanRun) -> None:
        """Keeps the scan with its coverage, and settles who moved and who was not met."""
        with self._database.write() as connection:
            scans.finish(connection, run, at=self._clock.now())

    def amend_scan(self, run: ScanRun) -> None:
        """Replaces what is kept of a finished scan, and settles nothing."""
        with self._database.write() as connection:
            scans.amend(connection, run)

    def runs(self) -> tuple[ScanRun, ...]:
        """Every scan, the newest last."""
        with self._database.read() as connection:
            return scans.runs(connection)

    def last_run(self) -> ScanRun | None:
        """The newest scan, finished or not."""
        return next(reversed(self.runs()), None)

    # -- devices -----------------------------------------------------------------------------------------

    def devices(self, query: DeviceQuery = EVERYTHING) -> tuple[Device, ...]:
        """Every device the query asks for, in its order."""
        return self.page(query, 0, None).rows

    def page(self, query: DeviceQuery, offset: int, limit: int | None) -> Page:
        """Part of that list, and how long it is in all."""
        with self._database.read() as connection:
            return devices.page(connection, query, offset=offset, limit=limit)

    def iter_devices(self, query: DeviceQuery = EVERYTHING, *, at_once: int = 500) -> Iterator[Device]:
        """The same list, `at_once` devices in memory at a time."""
        offset = 0
        while rows := self.page(query, offset, at_once).rows:
            yield from rows
            offset += len(rows)

    def living(self) -> Living:
        """Which devices there are, for who reads them all."""
        with self._database.read() as connection:
            return living(connection)

    def ids(self, query: DeviceQuery = EVERYTHING) -> tuple[str, ...]:
        """The ids of the devices the query asks for, in its order."""
        with self._database.read() as connection:
            return devices.ids(connection, query)

    def raw_rows(self, ids: Sequence[str], at_once: int, *, with_results: bool = True) -> Iterator[RawRows]:
        """All that is known of these devices, `at_once` of them in memory at a time."""
        with self._database.read() as connection:
            for start in range(0, len(ids), at_once):
                yield raw_rows(connection, ids[start : start + at_once], with_results=with_results)

    def device(self, device_id: str) -> Device:
        """The one device with this id, or whose id begins so; NotFound names the nearest."""
        with self._database.read() as connection:
            return devices.device(connection, device_id)

    def by_id(self, ids: Collection[str]) -> Mapping[str, Device]:
        """The devices with these whole ids, in one reading; ids nobody has are left out."""
        with self._database.read() as connection:
            return devices.by_id(connection, ids)

    def names(self, attribute: Attribute) -> tuple[str, ...]:
        """Every text the devices have under this attribute now, each once, in order."""
        with self._database.read() as connection:
            return devices.names(connection, attribute)

    def history(self, device_id: str) -> tuple[DeviceChange, ...]:
        """Everything that changed on a device, and on the records it absorbed, oldest first."""
        with self._database.read() as connection:
            return devices.history(connection, full_id(connection, device_id))

    def observations(self, device_id: str, *, latest: bool = True) -> tuple[Observation, ...]:
        """What each source last said of a device; with `latest=False` all it ever said."""
        with self._database.read() as connection:
            found = full_id(connection, device_id)
            if latest:
                return evidence.latest_observations(connection, [found]).get(found, ())
            return evidence.every_observation(connection, found)

    def all_observations(self) -> Mapping[str, tuple[Observation, ...]]:
        """What each source last said, by device id, for checks over the whole register."""
        with self._database.read() as connection:
            return evidence.latest_observations(connection, None)

    # -- logins tried -----------------------------------------------------------------------------------

    def login_tries(self, device: Device) -> tuple[LoginTry, ...]:
        """Every login ever tried on the device or at its addresses, oldest first."""
        places = [(each.site, each.ip, each.mac or "") for each in device.addresses]
        with self._database.read() as connection:
            return logins.tries(connection, device.id, places)

    def begin_login(self, one: LoginTry, not_since: datetime) -> int | None:
        """Notes that a login is about to be tried; None where the account was tried after `not_since`."""
        with self._database.write() as connection:
            return logins.begin(connection, one, not_since)

    def settle_login(self, number: int, outcome: TryOutcome) -> None:
        """Notes what the try of that number came to."""
        with self._database.write() as connection:
            logins.settle(connection, number, outcome)

    def observe(self, device_id: str, observations: Sequence[Observation]) -> None:
        """Keeps what was learned of a device that is known already; identity and values stay as they are."""
        with self._database.write() as connection:
            found = full_id(connection, device_id)
            evidence.observe(connection, found, observations)

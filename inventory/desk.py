"""What people do to the register, and what they ask of its past.

Each change is one transaction and one or more lines in the audit log, and can be undone (`Desk.undo`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from types import MappingProxyType
from typing import Any, Self

from inventory.language import _
from inventory.query import DeviceQuery
from inventory.store import (
    audit,
    confirming,
    devices,
    directory,
    edits,
    importing,
    meanwhile,
    past,
    splitting,
    undoing,
    uniting,
)
from inventory.store.database import Database
from inventory.store.faults import NotFound
from inventory.types import (
    Ambiguity,
    Attestation,
    Attribute,
    AuditEntry,
    Clock,
    Device,
    DeviceChange,
    DeviceStatus,
    Duty,
    Entry,
    ImportReport,
    ImportRow,
    Kind,
    Page,
)

Entropy = Callable[[int], bytes]

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


class Desk:
    """The human side of `inventory.register.Register`, which is what everybody opens."""

    def __init__(self, database: Database, clock: Clock, entropy: Entropy) -> None:
        self._database = database
        self._clock = clock
        self._entropy = entropy

    def looked(self, moment: datetime | None = None) -> int:
        """A mark for the state the register is in now, or was in at a moment; for `since`."""
        with self._database.read() as connection:
            return meanwhile.looked(connection, moment)

    def since(self, mark: int) -> Self:
        """This register for one who looked at it then: he changes nothing that another has changed since.

        Every change made through it ends in a Conflict that names both values, and nothing done, where it
        would do so. Closed with the register it is of.
        """
        return type(self)(self._database.watched(meanwhile.Watch(mark)), self._clock, self._entropy)

    def edit(
        self,
        ids: Iterable[str],
        changes: Mapping[Attribute, str],
        by: str,
        *,
        seen: Iterable[Device] = (),
        custom: Mapping[str, str] | None = None,
    ) -> tuple[DeviceChange, ...]:
        """Sets values on each device; no scan replaces them. An empty text takes the person's value back.

        `seen` are the devices as the person saw them: Conflict, and nothing done, where another person has
        entered something else since. `custom` are fields declared in the settings.
        """
        with self._database.write() as connection:
            return edits.edit(connection, ids, changes, by=by, at=self._clock.now(), seen=seen, custom=custom)

    def accept(
        self, device_id: str, attribute: Attribute, by: str, value: str = ""
    ) -> tuple[DeviceChange, ...]:
        """Takes the value that disagrees; Conflict where none does, or another than the `value` named."""
        with self._database.write() as connection:
            return edits.accept(connection, device_id, attribute, value, by=by, at=self._clock.now())

    def enter(
        self,
        values: Mapping[Attribute, str],
        by: str,
        *,
        site: str,
        segment: str = "",
        ip: str = "",
        mac: str = "",
    ) -> Device:
        """Makes a record by hand, for what no probe can see."""
        with self._database.write() as connection:
            entered = edits.enter(
                connection,
                self._new_id,
                values,
                site=site,
                segment=segment,
                ip=ip,
                mac=mac,
                by=by,
                at=self._clock.now(),
            )
            return devices.device(connection, entered)

    def set_status(self, ids: Iterable[str], status: DeviceStatus, by: str) -> tuple[DeviceChange, ...]:
        """Confirms, puts in service, retires or reopens records."""
        with self._database.write() as connection:
            return edits.set_status(connection, ids, status, by=by, at=self._clock.now())

    def review(self) -> tuple[Ambiguity, ...]:
        """Pairs of records that may be one device and wait for a person."""
        with self._database.read() as connection:
            return devices.review(connection)

    def join(self, ids: Sequence[str], by: str) -> Device:
        """Makes one record of several; the one a person has touched, else the oldest, stays."""
        with self._database.write() as connection:
            kept = uniting.join_records(connection, ids, by=by, at=self._clock.now())
            return devices.device(connection, kept)

    def keep_apart(self, ambiguity: int, by: str) -> None:
        """Settles a waiting pair: they are two devices."""
        with self._database.write() as connection:
            uniting.keep_apart(connection, ambiguity, by=by, at=self._clock.now())

    def audit(self, subject: str = "") -> tuple[AuditEntry, ...]:
        """Every human change, oldest first; of one device or network where one is named."""
        with self._database.read() as connection:
            return audit.entries(connection, subject=subject)

    def accept_clock(self, by: str) -> None:
        """Says that the clock is right although the log's last entry is stamped later: that one's was not."""
        with self._recorded(audit.CLOCK, "", by):
            pass

    def audit_break(self) -> int | None:
        """The number of the first entry that was altered, is gone or follows one that is; else None.

        The newest entries gone without a trace leave a sound log: only who noted its last digest can tell.
        """
        with self._database.read() as connection:
            log = audit.entries(connection)
            return audit.first_break(log) or audit.headless(connection)

    def undo(self, by: str, entry: int | None = None) -> int:
        """Takes back what one entry of the audit log did, by default this person's last; gives its number.

        Conflict, and nothing done, where something of it was changed since. An undo can be undone.
        """
        with self._database.write() as connection:
            number = undoing.last_of(connection, by) if entry is None else entry
            if number is None:
                raise NotFound(_("there is nothing of {who}'s to undo").format(who=by))
            undoing.undo(connection, number, by=by, at=self._clock.now())
            return number

    def split(self, device_id: str, by: str) -> Device:
        """Takes the last record that `device_id` absorbed out of it again; both keep their histories."""
        with self._database.write() as connection:
            kept = devices.full_id(connection, device_id)
            parted = splitting.split(connection, kept, by=by, at=self._clock.now())
            return devices.device(connection, parted)

    def confirm(self, ids: Iterable[str], duty: Duty, signer: str, by: str) -> tuple[Attestation, ...]:
        """Notes that somebody looked and the register is right about these devices; see `confirming.Duty`."""
        now = self._clock.now()
        with self._database.write() as connection:
            wanted = list(dict.fromkeys(devices.full_id(connection, each) for each in ids))
            return confirming.confirm(connection, wanted, duty, signer=signer, by=by, at=now)

    def directory(self, kind: Kind, *, as_of: datetime | None = None) -> tuple[Entry, ...]:
        """Owners, places, suppliers or contracts as they are, or were at a moment, by name."""
        with self._database.read() as connection:
            return directory.entries(connection, kind, as_of=as_of)

    def note(self, kind: Kind, name: str, details: Mapping[str, str], by: str) -> Entry:
        """Says who or what somebody or something is; what was said before stays in the history."""
        with self._database.write() as connection:
            return directory.note(connection, kind, name, details, by=by, at=self._clock.now())

    def import_rows(
        self, rows: Sequence[ImportRow], by: str, *, name: str, partly: bool = False, dry: bool = False
    ) -> ImportReport:
        """Takes rows of a list people kept: what each did, line by line; see `inventory.store.importing`."""
        now = self._clock.now()
        if dry:
            with self._database.trial() as connection:
                return importing.take(connection, self._new_id, rows, name=name, partly=partly, by=by, at=now)
        with self._database.write() as connection:
            return importing.take(connection, self._new_id, rows, name=name, partly=partly, by=by, at=now)

    # -- the past ----------------------------------------------------------------------------------------

    def device_at(self, device_id: str, moment: datetime) -> Device:
        """The device as it stood at a moment; NotFound where there was none yet."""
        with self._database.read() as connection:
            return past.device_at(connection, device_id, moment)

    def page_at(self, query: DeviceQuery, moment: datetime, offset: int, limit: int | None) -> Page:
        """Part of the list as it stood at a moment, in today's order."""
        with self._database.read() as connection:
            return past.page_at(connection, query, moment, offset=offset, limit=limit)

    def differences(self, earlier: datetime, later: datetime) -> tuple[DeviceChange, ...]:
        """What differs between two moments, device by device; what came and went in between is left out."""
        with self._database.read() as connection:
            return past.differences(connection, earlier, later)

    @contextmanager
    def _recorded(
        self, action: str, subject: str, by: str, detail: Mapping[str, str] = MappingProxyType({})
    ) -> Iterator[tuple[Any, int]]:
        """A transaction that the audit log has an entry for."""
        with self._database.write() as connection:
            entry = audit.record(
                connection, at=self._clock.now(), by=by, action=action, subject=subject, detail=detail
            )
            yield connection, entry

    def _new_id(self) -> str:
        number = int.from_bytes(self._entropy(7), "big") >> 6
        return devices.ID_PREFIX + "".join(_ALPHABET[number >> shift & 31] for shift in range(45, -1, -5))

"""Takes rows of a list people kept: each finds its record or makes one, and says only what differs.

A row finds its record by id, then by (site, ip), MAC, serial and asset tag; where one of these leads to
several, the row is refused. What a row says that the register holds already, whoever said it, changes
nothing: a round trip of our own export is no change. All is one transaction, one line in the audit log and
one undo.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, select, text

from inventory.entered import checked
from inventory.exits import BadInput, MusterError, UsageFault
from inventory.garbage import nothing_to_collect
from inventory.language import _
from inventory.merge import Record
from inventory.networks import ip_address, mac_address, sort_key
from inventory.store import audit, steps
from inventory.store.columns import table
from inventory.store.edits import entered_identifiers, person, with_words
from inventory.store.joining import live_ids
from inventory.store.records import Stored, chunks, load_stored
from inventory.store.revisions import Revisions
from inventory.store.selecting import SEVERAL
from inventory.store.tables import AddressRow, DeviceRow
from inventory.types import (
    Address,
    Attribute,
    Device,
    DeviceStatus,
    Held,
    ImportReport,
    ImportRow,
    LineOutcome,
    LineReport,
)

_DEVICE, _ADDRESS = table(DeviceRow), table(AddressRow)
_LIVE = _DEVICE.c.absorbed_by.is_(None)
_RANK = {attribute: rank for rank, attribute in enumerate(Attribute)}
_SETTABLE = frozenset(DeviceStatus) - {DeviceStatus.UNSEEN}


@nothing_to_collect()
def take(
    connection: Connection,
    new_id: Callable[[], str],
    rows: Sequence[ImportRow],
    *,
    name: str,
    partly: bool,
    by: str,
    at: datetime,
) -> ImportReport:
    """Takes all rows, or none where one is refused; with `partly` those that are good."""
    written = [_canonical(row) for row in rows]
    taking = _Taking(connection, new_id, written, by=by, at=at)
    lines = tuple(taking.row(row) for row in written)
    refused = [line for line in lines if line.outcome is LineOutcome.REFUSED]
    if refused and not partly:
        return ImportReport(lines)
    return ImportReport(lines, taking.finish(name))


class _Taking:
    def __init__(
        self,
        connection: Connection,
        new_id: Callable[[], str],
        rows: Sequence[ImportRow],
        *,
        by: str,
        at: datetime,
    ) -> None:
        self._connection = connection
        self._new_ids = iter(sorted(new_id() for row in rows if not row.id))  # side by side in each index
        self._by, self._at = by, at
        self._found = _Lookup(connection, rows)
        self._revisions = Revisions(connection)
        self._pairs: list[steps.Pair] = []
        self._made: dict[tuple[str, str], int] = {}
        self._taken: dict[str, int] = {}
        self._words: dict[str, Held] = {}
        self._checked: dict[tuple[Attribute, str], str] = {}

    def row(self, row: ImportRow) -> LineReport:
        """What one row does."""
        if row.fault:
            return LineReport(row.line, LineOutcome.REFUSED, row.id, row.fault)
        try:
            standing = _standing(row.status)
            before = self._found.record(row)
            known = before.device.attributes if before else {}
            said = {
                attribute: self._said(attribute, text)
                for attribute, text in row.values.items()
                if text and not (attribute in known and known[attribute].value == text)
            }
            if before is None:
                return self._enter(row, said, standing)
            return self._change(row, before, said, standing)
        except MusterError as error:
            return LineReport(row.line, LineOutcome.REFUSED, row.id, str(error))

    def finish(self, name: str) -> int | None:
        """Writes everything; the number of the entry in the log, None where nothing changed."""
        if not self._pairs:
            return None
        self._revisions.write()
        if self._connection.dialect.name == "postgresql":  # or it looks the next list up as in an empty table
            self._connection.execute(text("ANALYZE device, address"))
        entered = sum(before is None for before, _after in self._pairs)
        detail = {"entered": str(entered), "changed": str(len(self._pairs) - entered)}
        entry = audit.record(
            self._connection, at=self._at, by=self._by, action="import", subject=name, detail=detail
        )
        steps.note_devices(self._connection, entry, self._pairs)
        return entry

    def _enter(self, row: ImportRow, said: dict[Attribute, str], standing: DeviceStatus | None) -> LineReport:
        if not row.site:
            raise UsageFault(_("a device needs a site"))
        if not said:
            raise UsageFault(_("say something about the device: a class, a vendor, a purpose …"))
        if row.mac and not row.ip:
            raise UsageFault(_("a MAC address needs the IP address it answers at"))
        place = (row.site, row.ip)
        if row.ip and place in self._made:
            raise UsageFault(_("{ip} is on line {line} already").format(ip=row.ip, line=self._made[place]))
        self._made[place] = row.line
        source, at = person(self._by), self._at
        attributes = {each: self._held(said[each]) for each in sorted(said, key=_RANK.__getitem__)}
        addresses = (Address(row.ip, row.mac or None, row.site, row.segment, at, at),) if row.ip else ()
        device = Device(
            id=next(self._new_ids),
            status=standing or DeviceStatus.CONFIRMED,
            site=row.site,
            segment=row.segment,
            first_seen=at,
            last_seen=at,
            attributes=attributes,
            addresses=addresses,
            identifiers=entered_identifiers(said, row.mac),
            custom={each: self._held(text) for each, text in row.custom.items() if text},
        )
        entered = Stored(Record(device), device.status)
        self._revisions.add(None, entered, at=at, source=source)
        self._pairs.append((None, entered))
        return LineReport(row.line, LineOutcome.ENTERED, device.id)

    def _change(
        self, row: ImportRow, before: Stored, said: dict[Attribute, str], standing: DeviceStatus | None
    ) -> LineReport:
        device = before.device
        if device.id in self._taken:
            line = self._taken[device.id]
            raise UsageFault(_("{device} is on line {line} already").format(device=device.id, line=line))
        self._taken[device.id] = row.line
        fresh = {each: text for each, text in said.items() if text != device.text(each)}
        own = {
            each: text
            for each, text in row.custom.items()
            if text and (each not in device.custom or device.custom[each].value != text)
        }
        after = with_words(before, fresh, own, by=self._by, at=self._at)
        if standing is not None and standing is not device.status:
            after = replace(after, standing=standing)
        if after == before:
            return LineReport(row.line, LineOutcome.SAME, device.id)
        changes = self._revisions.add(before, after, at=self._at, source=person(self._by))
        self._pairs.append((before, after))
        words = "; ".join(f"{each.what}: {each.before or '–'} → {each.after}" for each in changes)
        return LineReport(row.line, LineOutcome.CHANGED, device.id, words)

    def _held(self, text: str) -> Held:
        """What the person says, one value however many devices have it."""
        if text not in self._words:
            self._words[text] = Held(text, person(self._by), self._at, locked=True)
        return self._words[text]

    def _said(self, attribute: Attribute, text: str) -> str:
        key = (attribute, text)
        if key not in self._checked:
            self._checked[key] = checked(attribute, text)
        return self._checked[key]


class _Lookup:
    """The records that the rows may be about, read at once."""

    def __init__(self, connection: Connection, rows: Iterable[ImportRow]) -> None:
        self._connection = connection
        wanted: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            wanted["id"].add(row.id)
            wanted["ip"].add(row.ip and sort_key(row.ip))
            wanted["mac"].add(row.mac)
            wanted["serial"].add(row.values.get(Attribute.SERIAL, ""))
            wanted["asset_tag"].add(row.values.get(Attribute.ASSET_TAG, ""))
        self._ids: dict[tuple[str, ...], set[str]] = defaultdict(set)
        here = _ADDRESS.c.ended.is_(None)
        several = _ADDRESS.c.device.in_(select(_DEVICE.c.id).where(SEVERAL, _LIVE))
        self._note("id", select(_DEVICE.c.id, _DEVICE.c.id), _DEVICE.c.id, wanted["id"])
        at = select(_ADDRESS.c.device, _ADDRESS.c.site, _ADDRESS.c.ip).where(here)
        self._note("ip", at, _ADDRESS.c.ip_key, wanted["ip"])
        for name in ("mac", "serial", "asset_tag"):
            column = _DEVICE.c[name]
            self._note(name, select(_DEVICE.c.id, column).where(_LIVE), column, wanted[name])
        beside = select(_ADDRESS.c.device, _ADDRESS.c.mac).where(here, several)
        self._note("mac", beside, _ADDRESS.c.mac, wanted["mac"])
        every = {each for ids in self._ids.values() for each in ids}
        self._alias = live_ids(connection, every)
        self._stored = load_stored(connection, set(self._alias.values()))

    def _note(self, name: str, found: Select[Any], column: ColumnElement[str], wanted: set[str]) -> None:
        for part in chunks(wanted - {""}):
            for device, *key in self._connection.execute(found.where(column.in_(part))).all():
                self._ids[name, *key].add(device)

    def record(self, row: ImportRow) -> Stored | None:
        """The record a row is about; UsageFault where it may be several, or names one there is not."""
        if row.id:
            found = self._ids.get(("id", row.id.strip().lower()))
            if not found:
                raise BadInput(_("there is no device {text}").format(text=row.id))
            return self._stored[self._alias[next(iter(found))]]
        keys = [
            ("ip", row.site, row.ip),
            ("mac", row.mac),
            ("serial", row.values.get(Attribute.SERIAL, "")),
            ("asset_tag", row.values.get(Attribute.ASSET_TAG, "")),
        ]
        for key in keys:
            ids = {self._alias[each] for each in self._ids.get(key, ())} if key[-1] else set()
            if len(ids) > 1:
                reason = _("it may be {ids}: give the id")
                raise UsageFault(reason.format(ids=", ".join(sorted(ids))))
            if ids:
                return self._stored[ids.pop()]
        return None


def _canonical(row: ImportRow) -> ImportRow:
    """The row with its addresses spelled as the register spells them."""
    try:
        ip, mac = ip_address(row.ip) if row.ip else "", mac_address(row.mac) if row.mac else ""
        return row if (ip, mac) == (row.ip, row.mac) else replace(row, ip=ip, mac=mac)
    except MusterError as error:
        return replace(row, fault=row.fault or str(error))


def _standing(text: str) -> DeviceStatus | None:
    if not text or text == DeviceStatus.UNSEEN:
        return None
    known = {each.value: each for each in _SETTABLE}
    if text not in known:
        reason = _("status cannot be {text!r}; one of: {known}")
        raise UsageFault(reason.format(text=text, known=", ".join(sorted(known))))
    return known[text]

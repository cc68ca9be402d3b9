"""Writes the difference between two revisions of a record: few statements for many devices."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Executable, Table, and_, bindparam, case, delete, update

from inventory.changes import changes_between
from inventory.networks import sort_key
from inventory.store import unjudged
from inventory.store.bulk import NewRows
from inventory.store.columns import moment_of, table
from inventory.store.mapping import (
    HELD_COLUMNS,
    Values,
    claims_to_json,
    custom_name,
    head_values,
    held_row,
)
from inventory.store.records import Stored
from inventory.store.tables import (
    AddressRow,
    BasisRow,
    ChangeRow,
    DeviceRow,
    IdentifierRow,
    ServiceRow,
    ValueRow,
)
from inventory.types import Device, DeviceChange, Held, Identifier

_DEVICE, _VALUE, _BASIS = table(DeviceRow), table(ValueRow), table(BasisRow)
_ADDRESS, _SERVICE, _IDENTIFIER = table(AddressRow), table(ServiceRow), table(IdentifierRow)
_CHANGE = table(ChangeRow)


class Revisions:
    """Collects differences between revisions and writes them together: few statements for many devices."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._writes: dict[str, list[Values]] = defaultdict(list)
        self._written: set[str] = set()
        self._new = {
            kind: NewRows(target) for kind, target in _STATEMENTS.items() if isinstance(target, Table)
        }

    def add(
        self, before: Stored | None, after: Stored, *, at: datetime, source: str, run: str = ""
    ) -> tuple[DeviceChange, ...]:
        """Takes note of one revision; gives what changed."""
        was = before.device if before else None
        now = after.device
        self._written.add(now.id)
        changes = changes_between(was, now, at=at, source=source)
        head = {
            **head_values(now),
            "standing": after.standing.value,
            "unseen": after.unseen,
            "status": now.status.value,
            "last_run": after.last_run,
            "revision": after.revision + 1,
        }
        if was is None:
            self._new["device+"].add({"id": now.id, "absorbed_by": None, "support_ends": "", **head})
            self._new["basis+"].add({"device": now.id, "claims": claims_to_json(after.record.claims)})
        else:
            self._head(was, head, now.id)
            if before is None or before.record.claims != after.record.claims:
                self._note("basis", {"the_id": now.id, "claims": claims_to_json(after.record.claims)})
        self._values(was, now, at)
        self._addresses(was, now, at, run)
        self._services(was, now, at)
        self._identifiers(was, now)
        self.log(changes)
        return changes

    def log(self, changes: Iterable[DeviceChange]) -> None:
        """Takes note of changes that no difference between revisions shows."""
        for change in changes:
            self._new["change+"].add(
                {
                    "device": change.device,
                    "at": change.at,
                    "what": change.what,
                    "before": change.before,
                    "after": change.after,
                    "source": change.source,
                },
            )

    def write(self, *, log: bool = True, noted: bool = True) -> None:
        """Writes everything, in an order that foreign keys allow.

        Without `log` no lines in the log; without `noted` the devices need not be judged anew.
        """
        for kind, statement in _STATEMENTS.items():
            if kind == "change+" and not log:
                continue
            if isinstance(statement, Table):
                self._new[kind].write(self._connection)
            elif rows := self._writes.pop(kind, None):
                self._connection.execute(statement, rows)
        if noted:
            unjudged.note(self._connection, self._written)
        self._written.clear()

    def _note(self, kind: str, values: Values) -> None:
        self._writes[kind].append(values)

    def _head(self, was: Device, head: Values, device: str) -> None:
        """Writes the whole head row only where more than the time changed: each column has its index."""
        before = {**head_values(was), "status": was.status.value}
        if all(head[name] == value for name, value in before.items() if name != "last_seen"):
            head = {name: value for name, value in head.items() if name not in before or name == "last_seen"}
            self._note("device~", {"the_id": device, **head})
        else:
            self._note("device", {"the_id": device, **head})

    def _values(self, was: Device | None, now: Device, at: datetime) -> None:
        after = _by_name(now)
        if was is None:
            for name, held in after.items():
                self._new["value+"].add_row(_VALUE_COLUMNS, (now.id, name, held.at, None, *held_row(held)))
            return
        before = _by_name(was)
        for name in before | after:
            old, new = before.get(name), after.get(name)
            if old == new:
                continue
            key = {"the_id": now.id, "the_attribute": name}
            if old and new and (old.value, old.locked) == (new.value, new.locked):
                self._note("value", key | dict(zip(HELD_COLUMNS, held_row(new), strict=True)))
                continue
            if old:
                self._note("value-", {**key, "at": at})
            if new:
                since = max(new.at, at)  # the past stays as it was
                self._new["value+"].add_row(_VALUE_COLUMNS, (now.id, name, since, None, *held_row(new)))

    def _addresses(self, was: Device | None, now: Device, at: datetime, run: str) -> None:
        before = {(each.site, each.ip): each for each in was.addresses} if was else {}
        after = {(each.site, each.ip): each for each in now.addresses}
        for place in {*before, *after}:
            old, new = before.get(place), after.get(place)
            if old == new:
                continue
            key = {"the_id": now.id, "the_site": place[0], "the_ip": place[1]}
            if new is None:
                self._note("address-", {**key, "at": at})
                continue
            row = {
                "mac": new.mac,
                "segment": new.segment,
                "first_seen": new.first_seen,
                "last_seen": new.last_seen,
                "last_run": run,
            }
            if old:
                self._note("address", {**key, **row})
            else:
                fixed = {"device": now.id, "site": new.site, "ip": new.ip, "ip_key": sort_key(new.ip)}
                self._new["address+"].add({**fixed, **row, "ended": None})

    def _services(self, was: Device | None, now: Device, at: datetime) -> None:
        before = {each.key: each for each in was.services} if was else {}
        after = {each.key: each for each in now.services}
        for name in {*before, *after}:
            old, new = before.get(name), after.get(name)
            if old == new:
                continue
            any_side = new or old
            if any_side is None:
                continue
            key = {"the_id": now.id, "the_proto": any_side.proto, "the_port": any_side.port}
            if new is None:
                self._note("service-", {**key, "at": at})
                continue
            row = {
                "name": new.name,
                "product": new.product,
                "version": new.version,
                "first_seen": new.first_seen,
                "last_seen": new.last_seen,
            }
            if old:
                self._note("service", {**key, **row})
            else:
                fixed = {"device": now.id, "proto": new.proto, "port": new.port}
                self._new["service+"].add({**fixed, **row, "ended": None})

    def _identifiers(self, was: Device | None, now: Device) -> None:
        before, after = was.identifiers if was else (), now.identifiers
        if before == after:
            return
        for gone in set(before) - set(after):
            self._note("identifier-", {"the_id": now.id, **_key_of(gone, "the_")})
        for fresh in set(after) - set(before):
            self._new["identifier+"].add({"device": now.id, **_key_of(fresh, "")})


def _by_name(device: Device) -> dict[str, Held]:
    """Every value a device holds, by the name it is stored under."""
    named = {str(attribute): held for attribute, held in device.attributes.items()}
    return named | {custom_name(name): held for name, held in device.custom.items()}


def _key_of(identifier: Identifier, prefix: str) -> Values:
    return {
        f"{prefix}kind": identifier.kind.value,
        f"{prefix}value": identifier.value,
        f"{prefix}scope": identifier.scope,
    }


def _set(source: Table, condition: Any, *columns: str) -> Any:  # noqa: ANN401 - SQL expressions
    return update(source).where(condition).values({name: bindparam(name) for name in columns})


def _end(source: Table, condition: Any, start: str, end: str) -> Any:  # noqa: ANN401 - SQL expressions
    """Closes an interval, never before it began."""
    began, at = source.c[start], bindparam("at", type_=source.c[end].type)
    return update(source).where(condition).values({end: case((began > at, began), else_=at)})


_VALUE_COLUMNS = ("device", "attribute", "valid_from", "valid_to", *HELD_COLUMNS)
_THIS_VALUE = and_(
    _VALUE.c.device == bindparam("the_id"),
    _VALUE.c.attribute == bindparam("the_attribute"),
    _VALUE.c.valid_to.is_(None),
    _VALUE.c.valid_from >= moment_of(0),  # always so; without it SQLite looks through the whole attribute
)
_THIS_ADDRESS = and_(
    _ADDRESS.c.device == bindparam("the_id"),
    _ADDRESS.c.site == bindparam("the_site"),
    _ADDRESS.c.ip == bindparam("the_ip"),
    _ADDRESS.c.ended.is_(None),
)
_THIS_SERVICE = and_(
    _SERVICE.c.device == bindparam("the_id"),
    _SERVICE.c.proto == bindparam("the_proto"),
    _SERVICE.c.port == bindparam("the_port"),
    _SERVICE.c.ended.is_(None),
)
_THIS_IDENTIFIER = and_(
    _IDENTIFIER.c.device == bindparam("the_id"),
    _IDENTIFIER.c.kind == bindparam("the_kind"),
    _IDENTIFIER.c.value == bindparam("the_value"),
    _IDENTIFIER.c.scope == bindparam("the_scope"),
)
_NOT_OF_A_REVISION = ("id", "absorbed_by", "support_ends")
_HEAD_COLUMNS = tuple(each.name for each in _DEVICE.columns if each.name not in _NOT_OF_A_REVISION)

_STATEMENTS: dict[str, Table | Executable] = {
    "device+": _DEVICE,
    "device": _set(_DEVICE, _DEVICE.c.id == bindparam("the_id"), *_HEAD_COLUMNS),
    "device~": _set(
        _DEVICE,
        _DEVICE.c.id == bindparam("the_id"),
        *("standing", "unseen", "last_run", "revision", "last_seen"),
    ),
    "basis+": _BASIS,
    "basis": _set(_BASIS, _BASIS.c.device == bindparam("the_id"), "claims"),
    "value-": _end(_VALUE, _THIS_VALUE, "valid_from", "valid_to"),
    "value": _set(_VALUE, _THIS_VALUE, *HELD_COLUMNS),
    "value+": _VALUE,
    "address-": _end(_ADDRESS, _THIS_ADDRESS, "first_seen", "ended"),
    "address": _set(_ADDRESS, _THIS_ADDRESS, "mac", "segment", "first_seen", "last_seen", "last_run"),
    "address+": _ADDRESS,
    "service-": _end(_SERVICE, _THIS_SERVICE, "first_seen", "ended"),
    "service": _set(_SERVICE, _THIS_SERVICE, "name", "product", "version", "first_seen", "last_seen"),
    "service+": _SERVICE,
    "identifier-": delete(_IDENTIFIER).where(_THIS_IDENTIFIER),
    "identifier+": _IDENTIFIER,
    "change+": _CHANGE,
}

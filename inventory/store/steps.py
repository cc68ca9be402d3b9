"""What each human change did, kept beside its line in the audit log, so that it can be undone.

A step is one thing before and after: a device's human part (standing, the values people entered, for a record
made by hand also its addresses and identifiers), or a whole row of a table that people write. Undoing writes
`before` back where the thing still is as `after` left it, and is a human change itself: it can be undone too
(`inventory.store.undoing`, which also knows how joining and splitting are taken back).
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, select, update

from inventory.language import _
from inventory.merge import settle
from inventory.store import unjudged
from inventory.store.bulk import NewRows
from inventory.store.columns import Base, table
from inventory.store.faults import Conflict
from inventory.store.joining import WITHDRAWN
from inventory.store.judged_tables import PlanRow, StepRow
from inventory.store.mapping import (
    Values,
    custom_name,
    from_json,
    held_from_list,
    held_to_list,
    to_json,
)
from inventory.store.records import Stored, load_stored
from inventory.store.revisions import Revisions
from inventory.store.settings_steps import SETTINGS, put_back
from inventory.store.tables import AddressRow, DeviceRow
from inventory.types import Address, Attribute, DeviceStatus, Held, Identifier, IdentifierKind

_STEP, _DEVICE, _ADDRESS = table(StepRow), table(DeviceRow), table(AddressRow)
_PLAN = table(PlanRow)
_JUDGED_BY = ("attestation", "exception", "plan")
DEVICE = "device"

Pair = tuple[Stored | None, Stored | None]


def note_devices(connection: Connection, entry: int, pairs: Iterable[Pair]) -> None:
    """Keeps what a change made of devices; `None` before is a record that was made by it."""
    rows = NewRows(_STEP)
    for before, after in pairs:
        one = after or before
        if one is not None:
            was, now = _human_part(before, made=after is None), _human_part(after, made=before is None)
            said = {"before": to_json(was), "after": to_json(now)}
            rows.add({"entry": entry, "kind": DEVICE, "subject": one.device.id, **said})
    rows.write(connection)


def note_row(connection: Connection, entry: int, source: Table, before: Any, after: Any) -> None:  # noqa: ANN401 - rows
    """Keeps what a change made of one row of a table people write."""
    was, now = _row_to_json(source, before), _row_to_json(source, after)
    _note_judged_by(connection, source, before, after)
    key = str(from_json(now if after is not None else was)[_key(source).name])
    connection.execute(
        insert(_STEP).values(entry=entry, kind=source.name, subject=key, before=was, after=now)
    )


def note_undone(connection: Connection, number: int, again: int, *, by: str, at: datetime) -> bool:
    """Writes back what entry `number` changed, as steps of entry `again`; False where it has no steps.

    Conflict where one of the things was changed since.
    """
    steps = connection.execute(select(_STEP).where(_STEP.c.entry == number).order_by(_STEP.c.id.desc())).all()
    devices = [step for step in steps if step.kind == DEVICE]
    _undo_devices(connection, devices, again, by=by, at=at)
    for step in steps:
        if step.kind not in {DEVICE, SETTINGS}:
            _undo_row(connection, step, again)
    for step in steps:
        if step.kind == SETTINGS:  # last: a file knows no transaction
            put_back(connection, step, again)
    return bool(steps)


def _undo_devices(connection: Connection, steps: list[Any], entry: int, *, by: str, at: datetime) -> None:
    stored = load_stored(connection, [step.subject for step in steps])
    revisions = Revisions(connection)
    pairs: list[Pair] = []
    for step in steps:
        current = stored[step.subject]
        before, after = from_json(step.before), from_json(step.after)
        if before is None:
            _check_untouched(current, after)
            emptied = replace(current.record.device, addresses=(), identifiers=())
            target = replace(
                current, record=replace(current.record, device=emptied), standing=DeviceStatus.RETIRED
            )
            pairs.append((current, None))
        elif after is None:
            target = _with_human_part(current, before)
            _check_free(connection, target.record.device.addresses)
            pairs.append((None, target))
        else:
            _check_same(current, after, before)
            target = _with_human_part(current, before, over=after)
            pairs.append((current, target))
        revisions.add(current, target, at=at, source=f"person:{by}")
    revisions.write()
    for step in steps:
        made = from_json(step.before) is None
        if made or from_json(step.after) is None:
            connection.execute(
                update(_DEVICE)
                .where(_DEVICE.c.id == step.subject)
                .values(absorbed_by=WITHDRAWN if made else None)
            )
    note_devices(connection, entry, pairs)


def _human_part(stored: Stored | None, *, made: bool) -> Values | None:
    if stored is None:
        return None
    device = stored.record.device
    part: Values = {
        "standing": stored.standing.value,
        "values": {
            **{str(each): held_to_list(held) for each, held in device.attributes.items() if held.locked},
            **{custom_name(name): held_to_list(held) for name, held in device.custom.items()},
        },
    }
    if made:
        part["addresses"] = [[each.ip, each.mac, each.site, each.segment] for each in device.addresses]
        part["identifiers"] = [[each.kind.value, each.value, each.scope] for each in device.identifiers]
    return part


def _with_human_part(stored: Stored, part: Values, *, over: Values | None = None) -> Stored:
    """The record with what people said as `part` has it; with `over` only where that differs from it."""
    device = stored.record.device
    attributes, custom = dict(device.attributes), dict(device.custom)
    said, replaced = part["values"], (over or {"values": {}})["values"]
    for name in {*said, *replaced}:
        if over is not None and said.get(name) == replaced.get(name):
            continue
        held = held_from_list(said[name]) if name in said else None
        target: dict[Any, Held] = custom if name.startswith(custom_name("")) else attributes
        key: Any = name.removeprefix(custom_name("")) if target is custom else Attribute(name)
        target.pop(key, None)
        if held is not None:
            target[key] = held
    changed = replace(device, attributes=settle(attributes, stored.record.claims), custom=custom)
    if "addresses" in part and over is None:
        changed = replace(
            changed,
            addresses=tuple(
                Address(ip, mac, site, segment, device.first_seen, device.last_seen)
                for ip, mac, site, segment in part["addresses"]
            ),
            identifiers=tuple(
                Identifier(IdentifierKind(kind), value, scope) for kind, value, scope in part["identifiers"]
            ),
        )
    keeps_standing = over is not None and over["standing"] == part["standing"]
    standing = stored.standing if keeps_standing else DeviceStatus(part["standing"])
    return replace(stored, record=replace(stored.record, device=changed), standing=standing)


def _check_same(current: Stored, after: Values, before: Values) -> None:
    now = _human_part(current, made=False) or {}
    for name in {*after["values"], *before["values"]}:
        was, left = before["values"].get(name), after["values"].get(name)
        if was != left and now["values"].get(name) != left:
            reason = _("{attribute} of {device} was changed since: undo that first")
            raise Conflict(reason.format(attribute=name, device=current.device.id))
    if before["standing"] != after["standing"] != now["standing"]:
        raise Conflict(_("the status of {device} was changed since").format(device=current.device.id))


def _check_untouched(current: Stored, after: Values) -> None:
    if current.last_run or (_human_part(current, made=False) or {})["values"] != after["values"]:
        reason = _("{device} was met by a scan or changed since it was entered: retire it instead")
        raise Conflict(reason.format(device=current.device.id))


def _check_free(connection: Connection, addresses: Iterable[Address]) -> None:
    for one in addresses:
        taken = connection.execute(
            select(_ADDRESS.c.device).where(
                _ADDRESS.c.site == one.site, _ADDRESS.c.ip == one.ip, _ADDRESS.c.ended.is_(None)
            )
        ).scalar()
        if taken:
            raise Conflict(_("{ip} belongs to {device} now").format(ip=one.ip, device=taken))


def _undo_row(connection: Connection, step: Any, entry: int) -> None:  # noqa: ANN401 - a row
    source = Base.metadata.tables[step.kind]
    key = _key(source)
    before, after = from_json(step.before), from_json(step.after)
    at_key = key == (int(step.subject) if key.type.python_type is int else step.subject)
    current = connection.execute(select(source).where(at_key)).first()
    if _row_to_json(source, current) != step.after:
        reason = _("{what} {subject} was changed since: undo that first")
        raise Conflict(reason.format(what=step.kind, subject=step.subject))
    if before is None:
        connection.execute(delete(source).where(at_key))
    elif after is None:
        connection.execute(insert(source).values(_typed(source, before)))
    else:
        connection.execute(update(source).where(at_key).values(_typed(source, before)))
    _note_judged_by(connection, source, current, connection.execute(select(source).where(at_key)).first())
    connection.execute(
        insert(_STEP).values(
            entry=entry, kind=step.kind, subject=step.subject, before=step.after, after=step.before
        )
    )


def _note_judged_by(connection: Connection, source: Table, *rows: Any) -> None:  # noqa: ANN401 - rows
    """The devices that a record people made is about are to be judged anew."""
    for row in rows:
        if row is not None and source.name in _JUDGED_BY:
            named = from_json(row.devices) if source is _PLAN else [row.device]
            unjudged.note(connection, named)


def _key(source: Table) -> Any:  # noqa: ANN401 - a column
    return next(iter(source.primary_key.columns))


def _row_to_json(source: Table, row: Any) -> str:  # noqa: ANN401 - a row
    if row is None:
        return to_json(None)
    values = {column.name: getattr(row, column.name) for column in source.columns}
    return to_json(
        {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
    )


def _typed(source: Table, values: Values) -> Values:
    typed = {}
    for name, value in values.items():
        kind = str(source.c[name].type)
        if isinstance(value, str) and kind == "DATE":
            typed[name] = date.fromisoformat(value)
        elif isinstance(value, str) and type(source.c[name].type).__name__ == "Moment":
            typed[name] = datetime.fromisoformat(value).astimezone(UTC)
        else:
            typed[name] = value
    return typed

"""The register as it stood at a moment, read from the intervals; and what differs between two moments."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, or_, select

from inventory.changes import changes_between
from inventory.language import _
from inventory.query import DeviceQuery
from inventory.store.columns import table
from inventory.store.devices import full_id
from inventory.store.faults import NotFound
from inventory.store.paging import page_ids
from inventory.store.raw_rows import devices_of, raw_rows_at
from inventory.store.records import chunks
from inventory.store.selecting_past import OF_STATUS, sought_at, was_there
from inventory.store.tables import ChangeRow, DeviceRow
from inventory.types import Device, DeviceChange, DeviceStatus, Page

_DEVICE, _CHANGE = table(DeviceRow), table(ChangeRow)


def device_at(connection: Connection, text: str, moment: datetime) -> Device:
    """The record of this id as it then was: by the id as written, where that was a record of its own."""
    exact = connection.execute(select(_DEVICE.c.id).where(_DEVICE.c.id == text.strip().lower())).scalar()
    for wanted in dict.fromkeys((exact, full_id(connection, text))):
        found = devices_at(connection, [wanted] if wanted else [], moment)
        if found:
            return found[0]
    reason = _("there was no device {text} on {moment}")
    raise NotFound(reason.format(text=text, moment=f"{moment:%Y-%m-%d %H:%M}"))


def page_at(
    connection: Connection, query: DeviceQuery, moment: datetime, *, offset: int, limit: int | None
) -> Page:
    """Rows of the list as it then was, and how many; sites, segments, ends of support, order are today's."""
    ids, total = page_ids(connection, sought_at(query, moment), query, offset=offset, limit=limit)
    found = {each.id: each for each in devices_at(connection, ids, moment)}
    return Page(tuple(found[each] for each in ids if each in found), total)


def differences(connection: Connection, earlier: datetime, later: datetime) -> tuple[DeviceChange, ...]:
    """What is different at the later moment, by device; a device that was not there yet is one change."""
    touched = connection.execute(
        select(_CHANGE.c.device)
        .where(_CHANGE.c.at > earlier, _CHANGE.c.at <= later)
        .distinct()
        .order_by(_CHANGE.c.device)
    )
    found: list[DeviceChange] = []
    for part in chunks(list(touched.scalars())):
        before = {each.id: each for each in devices_at(connection, part, earlier)}
        after = {each.id: each for each in devices_at(connection, part, later)}
        for device in part:
            if device in after:
                source = "entered" if device not in before else "changed"
                found += changes_between(before.get(device), after[device], at=later, source=source)
            elif device in before:
                found.append(DeviceChange(device, later, "device", before[device].status.value, "", "joined"))
    return tuple(found)


def devices_at(connection: Connection, ids: Sequence[str], moment: datetime) -> list[Device]:
    """These records as they stood, those that were there; identifiers have no intervals and are left out."""
    found = []
    for part in chunks(ids):
        there = select(_DEVICE.c.id).where(_DEVICE.c.id.in_(part), or_(*was_there(moment)))
        had = set(connection.execute(there).scalars())
        statuses = _statuses(connection, part, moment)
        for device in devices_of(raw_rows_at(connection, part, moment)):
            if device.id in had:
                place = device.addresses[0] if device.addresses else device
                found.append(
                    replace(
                        device,
                        status=statuses.get(device.id, DeviceStatus.DISCOVERED),
                        site=place.site,
                        segment=place.segment,
                        last_seen=min(device.last_seen, moment),
                    )
                )
    return found


def _statuses(connection: Connection, ids: Sequence[str], moment: datetime) -> dict[str, DeviceStatus]:
    said = select(_CHANGE.c.device, _CHANGE.c.after).where(
        _CHANGE.c.device.in_(ids), _CHANGE.c.at <= moment, OF_STATUS
    )
    rows = connection.execute(said.order_by(_CHANGE.c.at, _CHANGE.c.id))
    return {row.device: DeviceStatus(row.after) for row in rows if row.after}

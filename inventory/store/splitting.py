"""Parts a joined record again: each side gets back what it brought, what was learned since stays put."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from inventory.language import _
from inventory.merge import settle
from inventory.store import audit
from inventory.store.columns import table
from inventory.store.faults import Conflict
from inventory.store.joining import APART, MOVING
from inventory.store.judged_tables import FindingRow
from inventory.store.mapping import (
    Values,
    from_json,
    held_from_list,
    joined_addresses,
    joined_identifiers,
    joined_services,
    to_json,
)
from inventory.store.records import Revisions, Stored, chunks, load_stored
from inventory.store.tables import AmbiguityRow, DeviceRow, JoinedRow
from inventory.types import Attribute, DeviceChange, DeviceStatus

_DEVICE, _JOINED, _AMBIGUITY = table(DeviceRow), table(JoinedRow), table(AmbiguityRow)
_PARTED = (*MOVING, table(FindingRow))


def split(connection: Connection, device: str, *, by: str, at: datetime) -> str:
    """Takes out the record that `device` absorbed last; gives its id. Conflict where it absorbed none."""
    row = connection.execute(
        select(_JOINED)
        .where(_JOINED.c.device == device, _JOINED.c.undone_at.is_(None))
        .order_by(_JOINED.c.id.desc())
        .limit(1)
    ).first()
    if row is None:
        raise Conflict(_("{device} is one record and always was: nothing to split").format(device=device))
    sides = from_json(row.before)
    stored = load_stored(connection, [device, row.absorbed])
    survivor, bare = stored[device], stored[row.absorbed]
    parted = _restored(bare, sides["theirs"])
    source = f"person:{by}"
    revisions = Revisions(connection)
    revisions.add(survivor, _without(survivor, bare, sides), at=at, source=source)
    revisions.add(bare, parted, at=at, source=source)
    revisions.log((DeviceChange(device, at, "split", row.absorbed, "", source),))
    revisions.write()
    connection.execute(update(_DEVICE).where(_DEVICE.c.id == row.absorbed).values(absorbed_by=None))
    connection.execute(update(_JOINED).where(_JOINED.c.id == row.id).values(undone_at=at))
    for part in _PARTED:
        for ids in chunks(sides["moved"].get(part.name, [])):
            connection.execute(
                update(part).where(part.c.id.in_(ids), part.c.device == device).values(device=row.absorbed)
            )
    connection.execute(
        insert(_AMBIGUITY).values(
            kind="disputed",
            device=device,
            other=row.absorbed,
            agrees=to_json([]),
            differs=to_json([]),
            run="",
            at=at,
            settled_at=at,
            settled_by=source,
            decision=APART,
        )
    )
    audit.record(connection, at=at, by=by, action="split", subject=device, detail={"parted": row.absorbed})
    return str(row.absorbed)


def _restored(bare: Stored, theirs: Values) -> Stored:
    """The absorbed record as it was when it was absorbed; its claims never went."""
    locked = {Attribute(name): held_from_list(said) for name, said in theirs["values"].items()}
    addresses = joined_addresses(theirs["addresses"])
    device = replace(
        bare.record.device,
        attributes=settle(locked, bare.record.claims),
        addresses=addresses,
        services=joined_services(theirs["services"]),
        identifiers=joined_identifiers(theirs["identifiers"]),
        custom={name: held_from_list(said) for name, said in theirs["custom"].items()},
    )
    return replace(
        bare,
        record=replace(bare.record, device=device),
        standing=DeviceStatus(theirs["standing"]),
        last_run=theirs["last_run"],
    )


def _without(survivor: Stored, bare: Stored, sides: Values) -> Stored:
    """The survivor without what the other brought and it had not of its own."""
    ours, theirs = sides["ours"], sides["theirs"]
    device = survivor.record.device
    claims = survivor.record.claims - bare.record.claims
    own = {(site, ip) for ip, _mac, site, *_rest in ours["addresses"]}
    brought = {(site, ip) for ip, _mac, site, *_rest in theirs["addresses"]} - own
    ports = {tuple(each[:2]) for each in theirs["services"]} - {tuple(each[:2]) for each in ours["services"]}
    names = {tuple(each) for each in theirs["identifiers"]} - {tuple(each) for each in ours["identifiers"]}
    locked = {
        attribute: held
        for attribute, held in device.attributes.items()
        if held.locked
        and (
            attribute.value in ours["values"]
            or attribute.value not in theirs["values"]
            or held_from_list(theirs["values"][attribute.value]).value != held.value
        )
    }
    parted = replace(
        device,
        attributes=settle(locked, claims),
        addresses=tuple(each for each in device.addresses if (each.site, each.ip) not in brought),
        services=tuple(each for each in device.services if (each.proto, each.port) not in ports),
        identifiers=tuple(
            each for each in device.identifiers if (each.kind.value, each.value, each.scope) not in names
        ),
    )
    return replace(survivor, record=replace(survivor.record, device=parted, claims=claims))

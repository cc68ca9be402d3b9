"""Parts a joined record again: each side gets back what it brought, what was learned since stays put."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, or_, select, update

from inventory.language import _
from inventory.merge import newest, settle
from inventory.store import audit
from inventory.store.columns import table
from inventory.store.faults import Conflict
from inventory.store.joining import APART, MOVING, SAME
from inventory.store.judged_tables import FindingRow, PlanRow
from inventory.store.mapping import (
    Values,
    claims_from_json,
    from_json,
    held_from_list,
    joined_addresses,
    joined_identifiers,
    joined_seen,
    joined_services,
    to_json,
)
from inventory.store.records import Stored, chunks, load_stored
from inventory.store.revisions import Revisions
from inventory.store.tables import AmbiguityRow, DeviceRow, JoinedRow
from inventory.types import Attribute, DeviceChange, DeviceStatus, Held, Service

_DEVICE, _JOINED, _AMBIGUITY = table(DeviceRow), table(JoinedRow), table(AmbiguityRow)
_PLAN = table(PlanRow)
_PARTED = (*MOVING, table(FindingRow))


def split(connection: Connection, device: str, *, by: str, at: datetime) -> str:
    """Takes out the record that `device` absorbed last; gives its id. Conflict where it absorbed none."""
    parted = part(connection, device, apart=True, by=by, at=at)
    audit.record(connection, at=at, by=by, action="split", subject=device, detail={"parted": parted})
    return parted


def part(
    connection: Connection, device: str, *, expected: str = "", apart: bool, by: str, at: datetime
) -> str:
    """Takes out the record absorbed last, Conflict where it is not the `expected` one; gives its id.

    With `apart` identity never joins the two again; else what was asked about them before is asked again.
    """
    row = connection.execute(
        select(_JOINED)
        .where(_JOINED.c.device == device, _JOINED.c.undone_at.is_(None))
        .order_by(_JOINED.c.id.desc())
        .limit(1)
    ).first()
    if row is None:
        raise Conflict(_("{device} is one record and always was: nothing to split").format(device=device))
    if expected and row.absorbed != expected:
        raise Conflict(_("{device} was joined with another record since").format(device=device))
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
    for source_table in _PARTED:
        for ids in chunks(sides["moved"].get(source_table.name, [])):
            mine = source_table.c.id.in_(ids) & (source_table.c.device == device)
            connection.execute(update(source_table).where(mine).values(device=row.absorbed))
    _rename_in_plans(connection, sides.get("plans", {}), device, row.absorbed)
    if apart:
        _keep_apart(connection, device, row.absorbed, by=source, at=at)
    else:
        _ask_again(connection, row)
    return str(row.absorbed)


def _rename_in_plans(connection: Connection, plans: Mapping[str, bool], device: str, parted: str) -> None:
    """Names the parted one again in the plans that did, beside the survivor where they named both."""
    for plan, both in plans.items():
        devices = connection.execute(select(_PLAN.c.devices).where(_PLAN.c.id == plan)).scalar()
        if devices is None:
            continue
        again = [device, parted] if both else [parted]
        named = [name for each in from_json(devices) for name in (again if each == device else [each])]
        connection.execute(update(_PLAN).where(_PLAN.c.id == plan).values(devices=to_json(named)))


def _keep_apart(connection: Connection, device: str, other: str, *, by: str, at: datetime) -> None:
    connection.execute(
        insert(_AMBIGUITY).values(
            kind="disputed",
            device=device,
            other=other,
            agrees=to_json([]),
            differs=to_json([]),
            run="",
            at=at,
            settled_at=at,
            settled_by=by,
            decision=APART,
        )
    )


def _ask_again(connection: Connection, joined: Any) -> None:  # noqa: ANN401 - a row
    """Opens the questions that this joining settled."""
    about = or_(_AMBIGUITY.c.device == joined.absorbed, _AMBIGUITY.c.other == joined.absorbed)
    settled = (_AMBIGUITY.c.settled_at == joined.at) & (_AMBIGUITY.c.decision == SAME)
    connection.execute(
        update(_AMBIGUITY).where(about, settled).values(settled_at=None, settled_by="", decision="")
    )


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
    if "claims" in ours:
        claims = newest((*claims, *claims_from_json(ours["claims"])))
    own = {(site, ip) for ip, _mac, site, *_rest in ours["addresses"]}
    brought = {(site, ip) for ip, _mac, site, *_rest in theirs["addresses"]} - own
    names = {tuple(each) for each in theirs["identifiers"]} - {tuple(each) for each in ours["identifiers"]}
    locked = {attribute: held for attribute, held in device.attributes.items() if held.locked}
    said = {attribute.value: held for attribute, held in locked.items()}
    own_words = _own_words(said, ours["values"], theirs["values"])
    parted = replace(
        device,
        attributes=settle({each: held for each, held in locked.items() if each.value in own_words}, claims),
        custom=_own_words(device.custom, ours["custom"], theirs["custom"]),
        addresses=tuple(each for each in device.addresses if (each.site, each.ip) not in brought),
        services=_own_services(device.services, ours["services"], theirs["services"]),
        identifiers=tuple(
            each for each in device.identifiers if (each.kind.value, each.value, each.scope) not in names
        ),
    )
    if parted.addresses:
        parted = replace(parted, site=parted.addresses[0].site, segment=parted.addresses[0].segment)
    if "seen" in ours:
        first, last = joined_seen(ours["seen"])
        met_since = device.last_seen > max(last, bare.record.device.last_seen)
        parted = replace(parted, first_seen=first, last_seen=device.last_seen if met_since else last)
    return replace(survivor, record=replace(survivor.record, device=parted, claims=claims))


def _own_words(held: Mapping[str, Held], ours: Values, theirs: Values) -> dict[str, Held]:
    """What people said of the survivor: all but the words that came with the other."""
    return {
        name: one
        for name, one in held.items()
        if name in ours or name not in theirs or held_from_list(theirs[name]).value != one.value
    }


def _own_services(
    services: tuple[Service, ...], ours: list[list[Any]], theirs: list[list[Any]]
) -> tuple[Service, ...]:
    """The survivor's services; one that both had and nobody met since is as it was."""
    own = {each.key: each for each in joined_services(ours)}
    brought = {each.key: each for each in joined_services(theirs)}
    found = []
    for each in services:
        mine, other = own.get(each.key), brought.get(each.key)
        if other is None or (mine and each.last_seen > max(mine.last_seen, other.last_seen)):
            found.append(each)
        elif mine is not None:
            found.append(mine)
    return tuple(found)

"""Owners, places, suppliers and contracts: each entry for as long as it held, by name."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, or_, select, update

from inventory.entered import PLACE_SEPARATOR, place_path
from inventory.exits import UsageFault
from inventory.language import _
from inventory.store import audit, steps
from inventory.store.columns import table
from inventory.store.directory_tables import ContractRow, OwnerRow, PlaceRow, SupplierRow
from inventory.types import DETAILS, Entry, Kind

_TABLES = {
    Kind.OWNER: table(OwnerRow),
    Kind.PLACE: table(PlaceRow),
    Kind.SUPPLIER: table(SupplierRow),
    Kind.CONTRACT: table(ContractRow),
}


def entries(
    connection: Connection, kind: Kind, *, as_of: datetime | None = None, name: str = ""
) -> tuple[Entry, ...]:
    """What holds now or held at a moment; of one name where one is given. A place comes after its parent."""
    source = _TABLES[kind]
    now = source.c.valid_to.is_(None)
    condition = now if as_of is None else (source.c.valid_from <= as_of) & or_(now, source.c.valid_to > as_of)
    statement = select(source).where(condition)
    if name:
        statement = statement.where(source.c.name == name)
    rows = connection.execute(statement.order_by(source.c.name))
    return tuple(_entry_of(kind, row) for row in rows)


def note(
    connection: Connection, kind: Kind, name: str, details: Mapping[str, str], *, by: str, at: datetime
) -> Entry:
    """Adds an entry, or ends the one that held and begins another; a place brings the places it lies in."""
    unknown = sorted(details.keys() - set(DETAILS[kind]))
    if unknown:
        reason = _("nothing is kept of {what} of a {kind}; one of: {known}")
        raise UsageFault(
            reason.format(what=", ".join(unknown), kind=kind.value, known=", ".join(DETAILS[kind]))
        )
    name = place_path(name) if kind is Kind.PLACE else " ".join(name.split())
    if not name:
        raise UsageFault(_("a {kind} needs a name").format(kind=kind.value))
    if kind is Kind.PLACE and PLACE_SEPARATOR in name:
        parent = name.rpartition(PLACE_SEPARATOR)[0]
        if not entries(connection, kind, name=parent):
            note(connection, kind, parent, {}, by=by, at=at)
    source = _TABLES[kind]
    current = connection.execute(
        select(source).where(source.c.name == name, source.c.valid_to.is_(None))
    ).first()
    held = {each: getattr(current, each) if current else "" for each in DETAILS[kind]}
    said = held | {each: " ".join(text.split()) for each, text in details.items()}
    if current is not None:
        if said == held:
            return _entry_of(kind, current)
        connection.execute(update(source).where(source.c.id == current.id).values(valid_to=at))
    added = connection.execute(
        insert(source).values(name=name, **said, by=by, valid_from=at, valid_to=None)
    ).inserted_primary_key
    detail = {each: text for each, text in said.items() if text != held[each]}
    entry = audit.record(connection, at=at, by=by, action=f"note {kind.value}", subject=name, detail=detail)
    if current is not None:
        ended = connection.execute(select(source).where(source.c.id == current.id)).first()
        steps.note_row(connection, entry, source, current, ended)
    row = connection.execute(select(source).where(source.c.id == (added or (0,))[0])).one()
    steps.note_row(connection, entry, source, None, row)
    return _entry_of(kind, row)


def _entry_of(kind: Kind, row: Any) -> Entry:  # noqa: ANN401 - a row
    details = {each: getattr(row, each) for each in DETAILS[kind]}
    return Entry(kind, row.name, details, row.by, row.valid_from, row.valid_to)

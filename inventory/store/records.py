"""Reads whole records; `inventory.store.revisions` writes what changes of one."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    Table,
    select,
)

from inventory.merge import Record
from inventory.networks import sort_key
from inventory.store.columns import once, table
from inventory.store.mapping import (
    address_of,
    claims_from_json,
    custom_name,
    held_of,
    identifier_of,
    known_attribute,
    service_of,
    status_of,
)
from inventory.store.raw_rows import devices_of, raw_rows
from inventory.store.tables import (
    AddressRow,
    BasisRow,
    ChangeRow,
    DeviceRow,
    IdentifierRow,
    ServiceRow,
    ValueRow,
)
from inventory.types import (
    Attribute,
    Device,
    DeviceStatus,
    Identifier,
    IdentifierKind,
)

CHUNK = 400  # well under the number of parameters any SQLite takes

_DEVICE, _VALUE, _BASIS = table(DeviceRow), table(ValueRow), table(BasisRow)
_ADDRESS, _SERVICE, _IDENTIFIER = table(AddressRow), table(ServiceRow), table(IdentifierRow)
_CHANGE = table(ChangeRow)


@dataclass(frozen=True, slots=True)
class Stored:
    """A record with what the register keeps about it: where it stands with people, which run met it last."""

    record: Record
    standing: DeviceStatus
    unseen: bool = False
    last_run: str = ""
    revision: int = 0

    @property
    def device(self) -> Device:
        """The device as everybody sees it."""
        device, status = self.record.device, status_of(self.standing.value, unseen=self.unseen)
        return device if device.status is status else replace(device, status=status)


def chunks(items: Collection[Any], length: int = CHUNK) -> Iterator[list[Any]]:
    """`items` in lists of at most `length`."""
    remaining = iter(items)
    while part := list(islice(remaining, length)):
        yield part


def load_devices(connection: Connection, ids: Collection[str]) -> dict[str, Device]:
    """The devices by id, without the claims their values rest on."""
    parts = (raw_rows(connection, part, with_results=False) for part in chunks(ids))
    return {device.id: device for part in parts for device in devices_of(part)}


def load_stored(connection: Connection, ids: Collection[str]) -> dict[str, Stored]:
    """The whole records by id."""
    return {one.record.device.id: one for one in _load(connection, ids)}


def _load(connection: Connection, ids: Collection[str]) -> Iterator[Stored]:
    for part in chunks(ids):
        heads = connection.execute(_HEAD.where(_DEVICE.c.id.in_(part))).all()
        values = _by_device(connection, _HELD, part, _VALUE.c.valid_to.is_(None))
        addresses = _by_device(connection, _PLACE, part, _ADDRESS.c.ended.is_(None))
        services = _by_device(connection, _PORT, part, _SERVICE.c.ended.is_(None))
        identifiers = _by_device(connection, _NAME, part)
        bases = connection.execute(select(_BASIS).where(_BASIS.c.device.in_(part)))
        claims = {row.device: claims_from_json(row.claims) for row in bases}
        for head in heads:
            attributes = {
                Attribute(row.attribute): held_of(row)
                for row in values[head.id]
                if known_attribute(row.attribute)
            }
            prefix = custom_name("")
            device = Device(
                id=head.id,
                status=status_of(head.standing, unseen=head.unseen),
                site=once(head.site),
                segment=once(head.segment),
                first_seen=head.first_seen,
                last_seen=head.last_seen,
                attributes={each: attributes[each] for each in Attribute if each in attributes},
                addresses=tuple(
                    sorted(map(address_of, addresses[head.id]), key=lambda a: (sort_key(a.ip), a.site))
                ),
                services=tuple(sorted(map(service_of, services[head.id]), key=lambda s: (s.proto, s.port))),
                identifiers=tuple(sorted(map(identifier_of, identifiers[head.id]), key=_strongest_first)),
                custom={
                    row.attribute.removeprefix(prefix): held_of(row)
                    for row in sorted(values[head.id], key=lambda row: str(row.attribute))
                    if row.attribute.startswith(prefix)
                },
            )
            yield Stored(
                Record(device, claims.get(head.id, frozenset())),
                DeviceStatus(head.standing),
                head.unseen,
                head.last_run,
                head.revision,
            )


def _by_device(
    connection: Connection,
    said: Select[Any],
    ids: Sequence[str],
    *conditions: Any,  # noqa: ANN401 - SQL expressions
) -> dict[str, list[Row[Any]]]:
    found: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(said.where(said.selected_columns.device.in_(ids), *conditions)).all():
        found[row.device].append(row)
    return found


def _without(source: Table, *left_out: str) -> Select[Any]:
    return select(*(column for column in source.columns if column.name not in left_out))


_HELD = _without(_VALUE, "id", "valid_from", "valid_to")
_PLACE = _without(_ADDRESS, "id", "ip_key", "last_run", "ended")
_PORT = _without(_SERVICE, "id", "ended")
_NAME = _without(_IDENTIFIER)
_HEAD = select(
    *(_DEVICE.c[name] for name in ("id", "standing", "unseen", "site", "segment")),
    *(_DEVICE.c[name] for name in ("first_seen", "last_seen", "last_run", "revision")),
)


_RANK = {kind: position for position, kind in enumerate(IdentifierKind)}


def _strongest_first(identifier: Identifier) -> tuple[int, str, str]:
    return (_RANK[identifier.kind], identifier.value, identifier.scope)

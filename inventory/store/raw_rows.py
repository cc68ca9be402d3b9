"""Many whole records at once, as the driver gives them: plain rows, which cost little to send to a process.

Who reads every device there is asks who is `living`, then for the rows of some of them at a time.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection

from inventory.networks import sort_key
from inventory.store.columns import microseconds, moment_of, once
from inventory.store.mapping import custom_name, from_json, status_of
from inventory.types import (
    Address,
    Attribute,
    CheckOutcome,
    CheckResult,
    Device,
    Held,
    Identifier,
    IdentifierKind,
    Service,
)

Row = tuple[Any, ...]
_AT_ONCE = 500


class RawRows(NamedTuple):
    """The rows of some devices, table by table, the device's id first; nothing but texts and numbers."""

    heads: list[Row]
    values: list[Row]
    addresses: list[Row]
    services: list[Row]
    identifiers: list[Row]
    results: list[Row]


class Living(NamedTuple):
    """All devices: ids in order, when any was last seen, which of the firm's own fields any has, by name."""

    ids: tuple[str, ...]
    last_seen: datetime | None
    own_fields: tuple[str, ...]


def living(connection: Connection) -> Living:
    """Every device that no other has absorbed."""
    seen: dict[str, int] = dict(
        _rows(connection, "SELECT id, last_seen FROM device WHERE absorbed_by IS NULL")
    )
    fields = _rows(connection, _OWN_FIELDS)
    return Living(
        tuple(sorted(seen)),
        moment_of(max(seen.values())) if seen else None,
        tuple(sorted(name.removeprefix(_CUSTOM) for (name,) in fields)),
    )


def raw_rows(connection: Connection, ids: Sequence[str], *, with_results: bool = True) -> RawRows:
    """All that is known of these devices now, in no special order; at most a few hundred at a time."""
    now = [holds for _source, _columns, holds, _then in _TABLES]
    return _told(connection, ids, now if with_results else [*now[:-1], "FALSE"])


def raw_rows_at(connection: Connection, ids: Sequence[str], moment: datetime) -> RawRows:
    """What was known of these devices at a moment: today's heads, and no identifiers, which have no past."""
    at = microseconds(moment)
    return _told(connection, ids, [held.format(at=at) for _source, _columns, _now, held in _TABLES])


def checked(
    connection: Connection, ids: Collection[str] | None
) -> Iterator[tuple[Device, tuple[CheckResult, ...]]]:
    """The living among these devices (None: every one) with their results, a few hundred at a time."""
    alive = _rows(connection, "SELECT id FROM device WHERE absorbed_by IS NULL") if ids is None else None
    wanted = sorted(ids or ()) if alive is None else sorted(device for (device,) in alive)
    for start in range(0, len(wanted), _AT_ONCE):
        now = ["absorbed_by IS NULL", *(holds for _source, _columns, holds, _then in _TABLES[1:])]
        raw = _told(connection, wanted[start : start + _AT_ONCE], now)
        results: dict[str, list[CheckResult]] = defaultdict(list)
        for result in results_of(raw):
            results[result.device].append(result)
        yield from ((device, tuple(results.get(device.id, ()))) for device in devices_of(raw))


def devices_of(raw: RawRows) -> tuple[Device, ...]:
    """The devices that rows speak of, by id."""
    values, addresses = _by_device(raw.values), _by_device(raw.addresses)
    services, identifiers = _by_device(raw.services), _by_device(raw.identifiers)
    return tuple(
        _device(head, values[head[0]], addresses[head[0]], services[head[0]], identifiers[head[0]])
        for head in sorted(raw.heads)
    )


def results_of(raw: RawRows) -> tuple[CheckResult, ...]:
    """The latest results of checks on these devices, by device and check."""
    return tuple(
        CheckResult(
            device,
            check,
            _CHECK_OUTCOMES[outcome],
            reason,
            moment_of(at),
            None if expires is None else moment_of(expires),
            tuple(_parsed(evidence)),
            _facts(facts),
            reason_zh,
        )
        for device, check, outcome, reason, at, expires, evidence, facts, reason_zh in sorted(raw.results)
    )


def _told(connection: Connection, ids: Sequence[str], holding: Sequence[str]) -> RawRows:
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    among = ", ".join([mark] * len(ids))
    statements = (
        f"SELECT {columns} FROM {source} WHERE {holds} AND {columns.partition(',')[0]} IN ({among})"  # noqa: S608 - our own
        for (source, columns, _now, _then), holds in zip(_TABLES, holding, strict=True)
    )
    return RawRows(*(_rows(connection, statement, ids) for statement in statements))


def _rows(connection: Connection, statement: str, parameters: Sequence[str] = ()) -> list[Row]:
    cursor: Any = connection.connection.cursor()
    try:
        cursor.execute(statement, parameters)
        found: list[Row] = cursor.fetchall()
    finally:
        cursor.close()
    return found


def _by_device(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(row)
    return found


def _device(
    head: Row, values: list[Row], addresses: list[Row], services: list[Row], identifiers: list[Row]
) -> Device:
    device, standing, unseen, site, segment, first_seen, last_seen = head
    held = {
        attribute: Held(
            *(once(value), once(source), moment_of(at), certainty, bool(locked)),
            () if disagreeing == "[]" else _rivals(disagreeing),
        )
        for _device, attribute, value, source, certainty, locked, at, disagreeing in values
    }
    own = sorted(name for name in held if name.startswith(_CUSTOM))
    return Device(
        id=device,
        status=status_of(standing, unseen=bool(unseen)),
        site=once(site),
        segment=once(segment),
        first_seen=moment_of(first_seen),
        last_seen=moment_of(last_seen),
        attributes={attribute: held[name] for name, attribute in _ATTRIBUTES if name in held},
        addresses=tuple(
            Address(ip, mac, site, segment, moment_of(first), moment_of(last))
            for _device, ip, mac, site, segment, first, last in _sorted(addresses, _by_place)
        ),
        services=tuple(
            Service(proto, port, name, product, version, moment_of(first), moment_of(last))
            for _device, proto, port, name, product, version, first, last in _sorted(services, _by_port)
        ),
        identifiers=tuple(
            Identifier(_KINDS[kind], value, scope)
            for _device, kind, value, scope in _sorted(identifiers, _strongest_first)
        ),
        custom={name.removeprefix(_CUSTOM): held[name] for name in own},
    )


def _sorted(rows: list[Row], key: Callable[[Row], Any]) -> list[Row]:
    return rows if len(rows) < 2 else sorted(rows, key=key)


def _rivals(disagreeing: str) -> tuple[Held, ...]:
    return tuple(
        Held(value, source, moment_of(at), certainty)
        for value, source, at, certainty in from_json(disagreeing)
    )


def _parsed(text: str) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return orjson.loads(text)
    except ValueError:
        return from_json(text)


@lru_cache(maxsize=4096)
def _facts(text: str) -> Any:  # noqa: ANN401 - any JSON value
    return _parsed(text)


def _by_place(row: Row) -> tuple[str, str]:
    return sort_key(row[1]), row[3]


def _by_port(row: Row) -> tuple[str, int]:
    return row[1], row[2]


def _strongest_first(row: Row) -> tuple[int, str, str]:
    return _RANK[row[1]], row[2], row[3]


_UNENDED = "{start} <= {{at}} AND ({end} IS NULL OR {end} > {{at}})"
# Table, columns, which rows of it hold now and which did at a moment, in the order of RawRows.
_TABLES = (
    ("device", "id, standing, unseen, site, segment, first_seen, last_seen", "TRUE", "TRUE"),
    (
        "value",
        "device, attribute, value, source, certainty, locked, confirmed_at, disagreeing",
        "valid_to IS NULL",
        _UNENDED.format(start="valid_from", end="valid_to"),
    ),
    (
        "address",
        "device, ip, mac, site, segment, first_seen, last_seen",
        "ended IS NULL",
        _UNENDED.format(start="first_seen", end="ended"),
    ),
    (
        "service",
        "device, proto, port, name, product, version, first_seen, last_seen",
        "ended IS NULL",
        _UNENDED.format(start="first_seen", end="ended"),
    ),
    ("identifier", "device, kind, value, scope", "TRUE", "FALSE"),
    (
        "result",
        'device, "check", outcome, reason, at, expires, evidence, facts, reason_zh',
        "latest",
        "FALSE",
    ),
)
_OWN_FIELDS = (
    "SELECT DISTINCT attribute FROM value JOIN device ON device.id = value.device"
    " WHERE substr(attribute, 1, 7) = 'custom.' AND valid_to IS NULL AND absorbed_by IS NULL"
)
_CUSTOM = custom_name("")
_ATTRIBUTES = tuple((attribute.value, attribute) for attribute in Attribute)
_KINDS = {kind.value: kind for kind in IdentifierKind}
_RANK = {kind.value: place for place, kind in enumerate(IdentifierKind)}
_CHECK_OUTCOMES = {outcome.value: outcome for outcome in CheckOutcome}

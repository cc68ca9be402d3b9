"""Keeps which logins were tried, so that no account is tried twice in one window, whoever runs Muster next.

A try is written before it is made: one that was cut short counts. No password, nor anything made of one, is
kept.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, insert, literal, or_, select, update

from inventory.store.columns import table
from inventory.store.scan_tables import LoginTryRow
from inventory.store.tables import DeviceRow
from inventory.types import LoginTry, TryOutcome

_TRY, _DEVICE = table(LoginTryRow), table(DeviceRow)


def tries(
    connection: Connection, device: str, places: Iterable[tuple[str, str, str]]
) -> tuple[LoginTry, ...]:
    """Every login tried on the device or at its places (site, ip, mac), oldest first.

    Places count as well as the record and those it absorbed, because an account is locked by the box, not by
    our name for it.
    """
    found = connection.execute(select(_TRY).where(_same_box(device, places)).order_by(_TRY.c.at, _TRY.c.id))
    return tuple(
        LoginTry(
            row.device,
            row.site,
            row.ip,
            row.mac,
            row.protocol,
            row.service,
            row.account,
            row.pair,
            row.at,
            TryOutcome(row.outcome),
        )
        for row in found
    )


def begin(connection: Connection, one: LoginTry, not_since: datetime) -> int | None:
    """Notes that a try is about to be made; None, and nothing noted, where the account had one since then."""
    recent = select(_TRY.c.id).where(
        _same_box(one.device, [(one.site, one.ip, one.mac)]),
        _TRY.c.account == one.account.casefold(),
        _TRY.c.at > not_since,
    )
    if connection.execute(recent.limit(1)).first():
        return None
    values = {
        name: getattr(one, name) for name in ("device", "site", "ip", "mac", "protocol", "service", "pair")
    }
    added = connection.execute(
        insert(_TRY).values(**values, account=one.account.casefold(), at=one.at, outcome=one.outcome.value)
    )
    return int(added.inserted_primary_key[0]) if added.inserted_primary_key else None


def settle(connection: Connection, number: int, outcome: TryOutcome) -> None:
    """Notes what a try came to."""
    connection.execute(update(_TRY).where(_TRY.c.id == number).values(outcome=outcome.value))


def _same_box(device: str, places: Iterable[tuple[str, str, str]]) -> Any:  # noqa: ANN401 - SQL
    own = select(literal(device).label("id")).cte(recursive=True)
    absorbed = own.union(select(_DEVICE.c.id).join(own, _DEVICE.c.absorbed_by == own.c.id))
    conditions: list[ColumnElement[bool]] = [_TRY.c.device.in_(select(absorbed.c.id))]
    for site, ip, mac in places:
        conditions.append(and_(_TRY.c.site == site, _TRY.c.ip == ip))
        if mac:
            conditions.append(_TRY.c.mac == mac)
    return or_(*conditions)

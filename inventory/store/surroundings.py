"""Keeps measured ways between segments (append-only) and the wireless networks heard (renewed)."""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from inventory.store.columns import table
from inventory.store.mapping import to_json
from inventory.store.surroundings_tables import CrossingRow, WirelessNetworkRow
from inventory.types import Crossing, CrossingState, WirelessNetwork

_CROSSING, _NETWORK = table(CrossingRow), table(WirelessNetworkRow)
_WAY = ("site", "source", "target", "service", "family", "ip")


def keep_crossings(connection: Connection, measured: Sequence[Crossing]) -> None:
    """Adds measurements; of each way the newest holds, whatever the order they come in.

    One that tested nothing takes nothing back: it holds only where no other does.
    """
    newest: dict[tuple[str, ...], Crossing] = {}
    for one in measured:
        if one.way not in newest or _weight(newest[one.way]) <= _weight(one):
            newest[one.way] = one
    held = {one.way: one for one in crossings(connection)}
    rows, outdone = [], []
    for one in measured:
        before = held.get(one.way)
        if before == one:
            continue
        holds = newest[one.way] is one and (before is None or _weight(before) <= _weight(one))
        if holds and before is not None:
            outdone.append({f"the_{name}": getattr(one, name) for name in _WAY})
        values = {name: getattr(one, name) for name in (*_WAY, "at", "vantage", "reason")}
        rows.append({**values, "state": one.state.value, "latest": holds})
    if outdone:
        same = [_CROSSING.c[name] == bindparam(f"the_{name}") for name in _WAY]
        connection.execute(update(_CROSSING).where(_CROSSING.c.latest, *same).values(latest=False), outdone)
    if rows:
        connection.execute(insert(_CROSSING), rows)


def _weight(one: Crossing) -> tuple[bool, datetime]:
    return one.state is not CrossingState.NOT_TESTED, one.at


def crossings(connection: Connection, *, latest: bool = True) -> tuple[Crossing, ...]:
    """What was last measured of each way, oldest first; with `latest=False` all that ever was."""
    found = select(_CROSSING).order_by(_CROSSING.c.at, _CROSSING.c.id)
    if latest:
        found = found.where(_CROSSING.c.latest)
    return tuple(
        Crossing(
            row.site,
            row.source,
            row.target,
            row.service,
            row.family,
            CrossingState(row.state),
            row.at,
            row.vantage,
            row.ip,
            row.reason,
        )
        for row in connection.execute(found)
    )


def keep_networks(connection: Connection, heard: Iterable[WirelessNetwork]) -> None:
    """Renews each network: what is heard now replaces what was, but for the day it was first heard."""
    before = {(one.site, one.bssid, one.ssid): one for one in networks(connection)}
    for one in heard:
        key = (one.site, one.bssid, one.ssid)
        known = before.get(key)
        if known is not None and known.last_at > one.last_at:
            continue
        if known is not None:
            where = [_NETWORK.c[name] == value for name, value in zip(_KEY, key, strict=True)]
            connection.execute(delete(_NETWORK).where(*where))
        connection.execute(insert(_NETWORK), [_row(one, known)])
        before[key] = one


def networks(connection: Connection) -> tuple[WirelessNetwork, ...]:
    """Every network ever heard, by name and BSSID."""
    rows = connection.execute(select(_NETWORK).order_by(_NETWORK.c.ssid, _NETWORK.c.bssid, _NETWORK.c.site))
    found = []
    for row in rows:
        detail = json.loads(row.detail)
        found.append(
            WirelessNetwork(
                site=row.site,
                segment=row.segment,
                bssid=row.bssid,
                ssid=row.ssid,
                security=row.security,
                weak=tuple(json.loads(row.weak)),
                source=row.source,
                first_at=row.first_at,
                last_at=row.last_at,
                akm=tuple(detail["akm"]),
                pairwise=tuple(detail["pairwise"]),
                group=tuple(detail["group"]),
                pmf=detail["pmf"],
                wps=detail["wps"],
                channel=detail["channel"],
                vlan=row.vlan,
                device=row.device,
                stations=tuple(json.loads(row.stations)),
                station_days=tuple(
                    (mac, date.fromisoformat(day)) for mac, day in detail.get("station_days", {}).items()
                ),
            )
        )
    return tuple(found)


_KEY = ("site", "bssid", "ssid")


def _row(one: WirelessNetwork, known: WirelessNetwork | None) -> dict[str, object]:
    names = ("site", "bssid", "ssid", "segment", "device", "vlan", "security", "source", "last_at")
    detail = {
        "akm": list(one.akm),
        "pairwise": list(one.pairwise),
        "group": list(one.group),
        "pmf": one.pmf,
        "wps": one.wps,
        "channel": one.channel,
        "station_days": {mac: day.isoformat() for mac, day in one.station_days},
    }
    return {
        **{name: getattr(one, name) for name in names},
        "weak": to_json(list(one.weak)),
        "detail": to_json(detail),
        "stations": to_json(list(one.stations)),
        "first_at": min(one.first_at, known.first_at) if known else one.first_at,
    }

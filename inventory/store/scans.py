"""Scopes and runs; and at a run's end, what it means that somebody was not met."""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import datetime
from ipaddress import ip_network
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from inventory.exits import NotAllowed, UsageFault
from inventory.language import _
from inventory.merge import join
from inventory.networks import bounds, first_overlap, is_countable, size, sort_key
from inventory.store import steps
from inventory.store.columns import table
from inventory.store.faults import Conflict, NotFound
from inventory.store.intake import DISPUTED, MOVED
from inventory.store.joining import APART, absorb
from inventory.store.mapping import from_json
from inventory.store.records import chunks, load_stored
from inventory.store.revisions import Revisions
from inventory.store.scan_mapping import run_of, run_values, scope_of, scope_values
from inventory.store.scan_tables import RunRow, ScopeRow
from inventory.store.tables import AddressRow, AmbiguityRow, DeviceRow
from inventory.types import DeviceStatus, ScanRun, Scope, SegmentCoverage, Why

_SCOPE, _RUN, _ADDRESS = table(ScopeRow), table(RunRow), table(AddressRow)
_DEVICE, _AMBIGUITY = table(DeviceRow), table(AmbiguityRow)


def scopes(connection: Connection) -> tuple[Scope, ...]:
    """Every network in scope, in numeric order."""
    found = [scope_of(row) for row in connection.execute(select(_SCOPE))]
    return tuple(sorted(found, key=lambda scope: bounds(scope.network)))


def scope(connection: Connection, network: str) -> Scope:
    """One network in scope; NotFound where it is not in."""
    return scope_of(_row(connection, network))


def add_scope(connection: Connection, scope: Scope, *, by: str, at: datetime, entry: int) -> None:
    """Puts a network in scope; NotAllowed where it is public without a reason, Conflict where it overlaps."""
    if not scope.site or not scope.segment:
        raise UsageFault(_("a scope needs a site and a segment"))
    if ip_network(scope.network).is_global and not scope.reason:
        reason = _(
            "{network} is public, perhaps somebody else's: give the reason, and on whose word it is asked"
        )
        raise NotAllowed(reason.format(network=scope.network))
    same_site = [one.network for one in scopes(connection) if one.site == scope.site]
    overlap = first_overlap(scope.network, same_site)
    if overlap is not None:
        reason = _(
            "{network} shares addresses with {other}, which is in scope already;"
            " `muster scope change {other}` changes it"
        )
        raise Conflict(reason.format(network=scope.network, other=overlap))
    if connection.execute(select(_SCOPE.c.network).where(_SCOPE.c.network == scope.network)).first():
        reason = _("{network} is in scope at another site already")
        raise Conflict(reason.format(network=scope.network))
    connection.execute(insert(_SCOPE).values(**scope_values(scope), added_by=by, added_at=at))
    _note(connection, entry, None, _row(connection, scope.network))


def change_scope(connection: Connection, scope: Scope, *, entry: int) -> None:
    """Replaces what is said of a network in scope; NotFound where it is not in."""
    before = _row(connection, scope.network)
    connection.execute(update(_SCOPE).where(_SCOPE.c.network == scope.network).values(**scope_values(scope)))
    _note(connection, entry, before, _row(connection, scope.network))


def remove_scope(connection: Connection, network: str, *, entry: int) -> None:
    """Takes a network out of scope; what was found there stays in the register."""
    before = _row(connection, network)
    connection.execute(delete(_SCOPE).where(_SCOPE.c.network == network))
    _note(connection, entry, before, None)


def _row(connection: Connection, network: str) -> Row[Any]:
    row = connection.execute(select(_SCOPE).where(_SCOPE.c.network == network)).first()
    if row is None:
        known = ", ".join(scope.network for scope in scopes(connection)) or _("nothing")
        reason = _("{network} is not in scope; in scope: {known}")
        raise NotFound(reason.format(network=network, known=known))
    return row


def _note(connection: Connection, entry: int, before: Row[Any] | None, after: Row[Any] | None) -> None:
    steps.note_row(connection, entry, _SCOPE, before, after)


def runs(connection: Connection) -> tuple[ScanRun, ...]:
    """Every scan, the newest last; one without `finished` runs still or was stopped hard."""
    return tuple(run_of(row) for row in connection.execute(select(_RUN).order_by(_RUN.c.started, _RUN.c.id)))


def begin(connection: Connection, run: ScanRun) -> None:
    """Notes that a scan has begun; Conflict where the clock was set back, or the id is taken."""
    if connection.execute(select(_RUN.c.id).where(_RUN.c.id == run.id)).first():
        raise Conflict(_("there is a scan {run} already").format(run=run.id))
    last = connection.execute(select(func.max(_RUN.c.started)).where(_RUN.c.vantage == run.vantage)).scalar()
    if last is not None and run.started < last:
        reason = _("this machine's clock says {now}, but its last scan began at {last}: set the clock right")
        raise Conflict(reason.format(now=f"{run.started:%Y-%m-%d %H:%M}", last=f"{last:%Y-%m-%d %H:%M}"))
    connection.execute(insert(_RUN).values(run_values(run)))


def finish(connection: Connection, run: ScanRun, *, at: datetime) -> None:
    """Stores the scan with its coverage; after a whole one, settles who moved, and who was not met.

    Only an address that the coverage calls settled counts: one in a network that was asked whole, and in none
    of the addresses and networks listed as unsettled. A stopped scan proves nobody absent.
    """
    if amend(connection, run) == 0:
        connection.execute(insert(_RUN).values(run_values(run)))
    if not run.stopped and run.finished is not None:
        silent = _silent_places(connection, run)
        _settle_moves(connection, run, silent, at=at)
        _mark_absent(connection, run, silent, at=at)
    _hand_over_doubts(connection, at=at)


def amend(connection: Connection, run: ScanRun) -> int:
    """Replaces the row of a scan; how many there were."""
    return connection.execute(update(_RUN).where(_RUN.c.id == run.id).values(run_values(run))).rowcount


def _silent_places(connection: Connection, run: ScanRun) -> dict[str, set[tuple[str, str]]]:
    """Places the run covered and met nobody at, by the device that was last seen there."""
    silent: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for part in run.coverage:
        if not _is_whole(part):
            continue
        low, high = bounds(part.network)
        unsettled = [bounds(one.ip) for one in part.unsettled if one.why is not Why.ONLY_KNOWN_ASKED]
        rows = connection.execute(
            select(_ADDRESS.c.device, _ADDRESS.c.ip).where(
                _ADDRESS.c.site == part.site,
                _ADDRESS.c.ip_key.between(low, high),
                _ADDRESS.c.ended.is_(None),
                _ADDRESS.c.last_run != run.id,
                _ADDRESS.c.last_seen < run.started,
            )
        )
        for row in rows:
            key = sort_key(row.ip)
            if not any(first <= key <= last for first, last in unsettled):
                silent[row.device].add((part.site, row.ip))
    return silent


def _is_whole(part: SegmentCoverage) -> bool:
    """Was every address of the network asked? An IPv4 network may leave out its first and last.

    Of a large IPv6 network each address that the register knows is asked, or stands among the unsettled.
    """
    return not is_countable(part.network) or part.addresses >= size(part.network) - 2


def _settle_moves(
    connection: Connection, run: ScanRun, silent: dict[str, set[tuple[str, str]]], *, at: datetime
) -> None:
    """A key or name that turned up elsewhere: where its former holder was met nowhere, it moved."""
    open_moves = list(
        connection.execute(
            select(_AMBIGUITY).where(
                _AMBIGUITY.c.kind == MOVED, _AMBIGUITY.c.run == run.id, _AMBIGUITY.c.settled_at.is_(None)
            )
        )
    )
    olds, news = Counter(row.other for row in open_moves), Counter(row.device for row in open_moves)
    stored = load_stored(connection, {*olds, *news})
    for row in open_moves:
        old, new = stored[row.other], stored[row.device]
        places = {(each.site, each.ip) for each in old.device.addresses}
        alone = olds[row.other] == 1 and news[row.device] == 1
        absent = old.last_run != run.id and places <= silent.get(row.other, set())
        if not (alone and absent) or from_json(row.differs):
            continue
        revisions = Revisions(connection)
        joined = join(old.record, new.record)
        new_places = {(each.site, each.ip) for each in new.device.addresses}
        here = tuple(each for each in joined.device.addresses if (each.site, each.ip) in new_places)
        survivor = replace(
            old,
            record=replace(
                joined,
                device=replace(joined.device, addresses=here, site=here[0].site, segment=here[0].segment),
            ),
            unseen=False,
            last_run=run.id,
        )
        absorb(connection, revisions, new, row.other, ours=old, at=at, by="identity: moved")
        revisions.add(old, survivor, at=new.device.last_seen, source=f"scan:{run.id}", run=run.id)
        revisions.write()
        silent.pop(row.other, None)


def _mark_absent(
    connection: Connection, run: ScanRun, silent: dict[str, set[tuple[str, str]]], *, at: datetime
) -> None:
    """Takes silent addresses from devices met elsewhere; marks unseen whoever was met nowhere."""
    revisions = Revisions(connection)
    for stored in load_stored(connection, silent).values():
        device = stored.device
        gone = silent[device.id]
        kept = tuple(each for each in device.addresses if (each.site, each.ip) not in gone)
        if stored.last_run == run.id and kept:
            moved = replace(stored.record.device, addresses=kept, site=kept[0].site, segment=kept[0].segment)
            after = replace(stored, record=replace(stored.record, device=moved))
        elif not kept and not stored.unseen and stored.standing is not DeviceStatus.RETIRED:
            after = replace(stored, unseen=True)
        else:
            continue
        revisions.add(stored, after, at=at, source=f"scan:{run.id}", run=run.id)
    revisions.write()


def _hand_over_doubts(connection: Connection, *, at: datetime) -> None:
    """What is still open becomes a person's question, but for a name alone: names are not unique."""
    rows = list(
        connection.execute(
            select(_AMBIGUITY).where(_AMBIGUITY.c.kind == MOVED, _AMBIGUITY.c.settled_at.is_(None))
        )
    )
    only_names = [row.id for row in rows if _is_name_only(row)]
    for part in chunks(only_names):
        connection.execute(
            update(_AMBIGUITY)
            .where(_AMBIGUITY.c.id.in_(part))
            .values(settled_at=at, settled_by="identity", decision=APART)
        )
    for part in chunks([row.id for row in rows if row.id not in set(only_names)]):
        connection.execute(update(_AMBIGUITY).where(_AMBIGUITY.c.id.in_(part)).values(kind=DISPUTED))


def _is_name_only(row: Row[Any]) -> bool:
    agrees: list[str] = from_json(row.agrees)
    return all(sign.startswith("hostname ") for sign in agrees)

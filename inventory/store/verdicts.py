"""Verdicts, as long as each held: what a rule says alike of many devices is kept once.

A ruling is what one rule says of some facts; a judgement is all that is said of one device, and one row says
from when to when it was said of it. So a register that is judged anew and stands as it stood writes nothing.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Table, bindparam, insert, select, update

from inventory.store.columns import table
from inventory.store.judged_tables import AssessmentRow, JudgedRow, JudgementRow, RulingRow
from inventory.store.mapping import Values, from_json, to_json
from inventory.store.records import chunks
from inventory.store.tables import DeviceRow
from inventory.types import Severity, SharedVerdict, Verdict, VerdictOutcome, each_alone

_RULING, _JUDGEMENT, _JUDGED = table(RulingRow), table(JudgementRow), table(JudgedRow)
_ASSESSMENT, _DEVICE = table(AssessmentRow), table(DeviceRow)
_SAID = tuple(column.name for column in _RULING.columns if column.name not in ("id", "digest"))


def save(
    connection: Connection, shared: Iterable[SharedVerdict], devices: Collection[str] | None, on: date
) -> None:
    """Keeps the verdicts on these devices (None: all there are); of one without any none stands any more."""
    fresh = _judgements(connection, shared)
    standing = {
        row.device: row
        for part in ([None] if devices is None else chunks(devices))
        for row in connection.execute(_standing(part))
    }
    ended = [
        {"row": row.id, "until": max(row.judged_from, on)}
        for device, row in standing.items()
        if fresh.get(device) != row.judgement
    ]
    added = [
        {"device": device, "judgement": judgement, "judged_from": on}
        for device, judgement in fresh.items()
        if device not in standing or standing[device].judgement != judgement
    ]
    if ended:
        mine = _JUDGED.c.id == bindparam("row")
        connection.execute(update(_JUDGED).where(mine).values(judged_to=bindparam("until")), ended)
    if added:
        connection.execute(insert(_JUDGED), added)


def shared(connection: Connection, devices: Collection[str] | None = None) -> tuple[SharedVerdict, ...]:
    """The verdicts of the last assessment on live records (of these devices alone), in no special order."""
    live = _DEVICE.c.absorbed_by.is_(None)
    of_live = [
        _standing(part).join(_DEVICE, _DEVICE.c.id == _JUDGED.c.device).where(live)
        for part in ([None] if devices is None else chunks(devices))
    ]
    return _shared(connection, (row for statement in of_live for row in connection.execute(statement)))


def standing_on(connection: Connection, devices: Collection[str]) -> tuple[SharedVerdict, ...]:
    """The same, absorbed records included."""
    rows = (row for part in chunks(devices) for row in connection.execute(_standing(part)))
    return _shared(connection, rows)


def alone(
    connection: Connection, devices: Collection[str] | None, outcome: VerdictOutcome | None = None
) -> tuple[Verdict, ...]:
    """The same one by one, by device, pack, edition, article and rule; of this outcome alone."""
    return each_alone(one for one in shared(connection, devices) if outcome in (None, one.outcome))


def _standing(devices: Sequence[str] | None) -> Any:  # noqa: ANN401 - a SELECT
    now = select(_JUDGED).where(_JUDGED.c.judged_to.is_(None))
    return now if devices is None else now.where(_JUDGED.c.device.in_(devices))


def _shared(connection: Connection, rows: Iterable[Any]) -> tuple[SharedVerdict, ...]:
    on = connection.execute(
        select(_ASSESSMENT.c.judged_on).order_by(_ASSESSMENT.c.id.desc()).limit(1)
    ).scalar()
    judged: dict[int, list[str]] = defaultdict(list)
    for row in rows:
        judged[row.judgement].append(row.device)
    by_ruling: dict[int, list[str]] = defaultdict(list)
    for part in chunks(judged):
        for row in connection.execute(select(_JUDGEMENT).where(_JUDGEMENT.c.id.in_(part))):
            for number in from_json(row.rulings):
                by_ruling[number] += judged[row.id]
    return tuple(
        SharedVerdict(
            **{name: getattr(row, name) for name in _SAID}
            | {
                "outcome": VerdictOutcome(row.outcome),
                "severity": Severity(row.severity),
                "because": tuple(from_json(row.because)),
                "judged_on": on,
                "devices": tuple(sorted(by_ruling[row.id])),
            }
        )
        for part in chunks(by_ruling)
        for row in connection.execute(select(_RULING).where(_RULING.c.id.in_(part)))
    )


def _judgements(connection: Connection, shared: Iterable[SharedVerdict]) -> Mapping[str, int]:
    """The number of the judgement on each device, those kept that were not."""
    every = tuple(shared)
    numbers = _numbers(connection, _RULING, [_ruling_values(one) for one in every])
    rulings: dict[str, list[int]] = defaultdict(list)
    for one, number in zip(every, numbers, strict=True):
        for device in one.devices:
            rulings[device].append(number)
    # Devices of which all the same is said share one tuple, and its text is made once.
    alike: dict[tuple[int, ...], list[str]] = defaultdict(list)
    for device, its in rulings.items():
        alike[tuple(its)].append(device)
    kept = _numbers(connection, _JUDGEMENT, [{"rulings": to_json(sorted(its))} for its in alike])
    return {
        device: number for number, several in zip(kept, alike.values(), strict=True) for device in several
    }


def _ruling_values(one: SharedVerdict) -> Values:
    return {name: getattr(one, name) for name in _SAID} | {
        "outcome": one.outcome.value,
        "severity": one.severity.value,
        "because": to_json(list(one.because)),
    }


def _numbers(connection: Connection, source: Table, rows: Sequence[Values]) -> list[int]:
    """The number of each row of the table, those added that are not there; a digest says which are equal."""
    digests = [hashlib.sha256("\x1f".join(map(str, values.values())).encode()).hexdigest() for values in rows]
    known = _known(connection, source, digests)
    added = {
        digest: {"digest": digest, **values}
        for digest, values in zip(digests, rows, strict=True)
        if digest not in known
    }
    if added:
        connection.execute(insert(source), list(added.values()))
        known |= _known(connection, source, added)
    return [known[digest] for digest in digests]


def _known(connection: Connection, source: Table, digests: Collection[str]) -> dict[str, int]:
    return {
        row.digest: row.id
        for part in chunks(digests)
        for row in connection.execute(select(source.c.digest, source.c.id).where(source.c.digest.in_(part)))
    }

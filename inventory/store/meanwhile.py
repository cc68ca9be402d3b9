"""Two people at once: a change of what another has changed since one looked is refused, both values told.

A moment of looking is the number of the newest entry in the audit log then. All that people change leaves
steps, so one comparison serves every change: of a device value by value, of any other record as a whole.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from inventory.language import _
from inventory.store.columns import table
from inventory.store.directory_tables import ContractRow, OwnerRow, PlaceRow, SupplierRow
from inventory.store.faults import Conflict
from inventory.store.judged_tables import AttestationRow, AuditRow, StepRow
from inventory.store.mapping import custom_name, from_json
from inventory.store.records import chunks
from inventory.store.steps import DEVICE
from inventory.types import CONFIRMATION

_AUDIT, _STEP = table(AuditRow), table(StepRow)
_DIRECTORY = frozenset(table(each).name for each in (OwnerRow, PlaceRow, SupplierRow, ContractRow))
_UNTOLD = frozenset({"id", "steps", "by", "valid_from", "valid_to", "added_at", "added_by"})

Parts = dict[str, Any]


def looked(connection: Connection, moment: datetime | None = None) -> int:
    """The number of the newest entry of the audit log, now or at a moment; 0 where there is none."""
    newest = connection.execute(select(func.max(_AUDIT.c.number))).scalar() or 0
    if moment is None:
        return int(newest)
    later = connection.execute(select(func.min(_AUDIT.c.number)).where(_AUDIT.c.at > moment)).scalar()
    return int(newest if later is None else later - 1)


class Watch:
    """Refuses, inside its transaction, a change of what others have changed after entry `since`."""

    def __init__(self, since: int) -> None:
        self._since = since
        self._own: set[int] = set()

    @contextmanager
    def __call__(self, connection: Connection, kept: bool) -> Iterator[None]:
        """Around a change, or (not `kept`) the trial of one; Conflict at its end."""
        first = looked(connection)
        yield
        if self._since < first:
            self._check_records(connection, first)
            self._check_confirmed(connection, first)
        if kept:
            self._own.update(range(first + 1, looked(connection) + 1))

    def _check_records(self, connection: Connection, first: int) -> None:
        mine, theirs = _STEP.alias("mine"), _STEP.alias("theirs")
        both = (mine.c.kind == theirs.c.kind) & (mine.c.subject == theirs.c.subject)
        found = connection.execute(
            select(
                *(mine.c.kind, mine.c.subject, mine.c.before, mine.c.after),
                *(theirs.c.before.label("seen"), theirs.c.after.label("left"), theirs.c.entry),
            )
            .join(theirs, both)
            .where(mine.c.entry > first, theirs.c.entry > self._since, theirs.c.entry <= first)
            .order_by(theirs.c.id)
        )
        seen: dict[tuple[str, str], Parts] = {}  # what they found, by what they changed
        last: dict[tuple[str, str], Any] = {}
        for row in found:
            if row.entry not in self._own:
                was, left = _parts(row.kind, row.seen), _parts(row.kind, row.left)
                changed = {name: was.get(name) for name in was | left if was.get(name) != left.get(name)}
                key = (row.kind, row.subject)
                seen[key] = changed | seen.get(key, {})
                last[key] = row
        for key, row in last.items():
            now, after = _parts(row.kind, row.before), _parts(row.kind, row.after)
            if row.kind in _DIRECTORY:
                after = _said_instead(connection, row, first)
            moved = [name for name, was in seen[key].items() if now.get(name) != was]
            if row.kind == DEVICE:
                moved = [name for name in moved if now.get(name) != after.get(name)]
            if moved and now != after:
                told = _("{name} is {theirs!r}, yours {mine!r}")
                values = [
                    told.format(name=name, theirs=now.get(name, ""), mine=after.get(name, ""))
                    for name in moved
                ]
                raise _conflict(connection, row.entry, row.subject, values)

    def _check_confirmed(self, connection: Connection, first: int) -> None:
        """Nobody confirms of a device what he has not seen."""
        made = select(_STEP.c.after).where(
            _STEP.c.entry > first,
            _STEP.c.kind == table(AttestationRow).name,
            _STEP.c.subject.startswith(CONFIRMATION),
        )
        signed = [after for text in connection.execute(made).scalars() if (after := from_json(text))]
        for some in chunks(sorted(after["device"] for after in signed)):
            theirs = connection.execute(
                select(_STEP)
                .where(_STEP.c.entry > self._since, _STEP.c.entry <= first)
                .where(_STEP.c.kind == DEVICE, _STEP.c.subject.in_(some))
                .order_by(_STEP.c.id.desc())
            )
            for row in theirs:
                was, now = _parts(DEVICE, row.before), _parts(DEVICE, row.after)
                values = [
                    f"{name} {now.get(name, '')!r}" for name in now | was if now.get(name) != was.get(name)
                ]
                if values and row.entry not in self._own:
                    raise _conflict(connection, row.entry, row.subject, values)


def _parts(kind: str, text: str) -> Parts:
    """What can be told apart of a thing before or after a step; nothing where it was not there."""
    said = from_json(text)
    if said is None:
        return {}
    if kind != DEVICE:
        return {name: value for name, value in said.items() if name not in _UNTOLD and value is not None}
    values = {name.removeprefix(custom_name("")): held[0] for name, held in said["values"].items()}
    return {"status": said["standing"], **values}


def _said_instead(connection: Connection, ended: Any, first: int) -> Parts:  # noqa: ANN401 - a row
    """What the directory says now in place of an entry that ended; nothing where it was taken out."""
    name = from_json(ended.before)["name"]
    made = select(_STEP.c.after).where(
        _STEP.c.entry > first, _STEP.c.kind == ended.kind, _STEP.c.before == "null"
    )
    entries = (_parts(ended.kind, text) for text in connection.execute(made).scalars())
    return next((parts for parts in entries if parts.get("name") == name), {})


def _conflict(connection: Connection, number: int, subject: str, values: list[str]) -> Conflict:
    entry = connection.execute(select(_AUDIT).where(_AUDIT.c.number == number)).one()
    reason = _("{who} changed {subject} on {when}: {values}; nothing was done, look again")
    when = entry.at.astimezone().isoformat(" ", "minutes")[:16]
    return Conflict(reason.format(who=entry.by, subject=subject, when=when, values=", ".join(values)))

"""Takes an entry of the audit log back: by its steps, or, where records were joined or parted, otherwise."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, exists, or_, select

from inventory.language import _
from inventory.record_names import action_called
from inventory.store import audit, steps
from inventory.store.columns import table
from inventory.store.faults import Conflict, NotFound
from inventory.store.judged_tables import AuditRow, StepRow
from inventory.store.mapping import from_json
from inventory.store.splitting import part
from inventory.store.uniting import unite

_AUDIT, _STEP = table(AuditRow), table(StepRow)


class _Union(NamedTuple):
    """Records an entry made one (`joined`) or parted."""

    joined: bool
    device: str
    others: tuple[str, ...]


def last_of(connection: Connection, by: str) -> int | None:
    """The newest entry of a person that can be undone and was not."""
    changed = or_(
        _AUDIT.c.action.in_(["join", "split", "undo"]), exists().where(_STEP.c.entry == _AUDIT.c.number)
    )
    entries = select(_AUDIT).where(_AUDIT.c.by == by, changed).order_by(_AUDIT.c.number.desc())
    undone = _undone(connection)
    for row in connection.execute(entries):
        if row.action != "undo" and row.number not in undone:
            return int(row.number)
    return None


def undo(connection: Connection, number: int, *, by: str, at: datetime) -> None:
    """Takes one entry's change back. Conflict, and nothing done, where something of it was changed since."""
    entry = _entry(connection, number)
    if number in _undone(connection):
        raise Conflict(_("entry {number} is undone already").format(number=number))
    again = audit.record(
        connection, at=at, by=by, action="undo", subject=entry.subject, detail={"entry": str(number)}
    )
    if steps.note_undone(connection, number, again, by=by, at=at):
        return
    union = _union(connection, entry)
    if union is None:
        raise Conflict(
            _("entry {number} ({action}) has nothing to undo").format(
                number=number, action=action_called(entry.action)
            )
        )
    if union.joined:
        for other in reversed(union.others):
            part(connection, union.device, expected=other, apart=False, by=by, at=at)
    else:
        unite(connection, union.device, union.others, by=by, at=at)


def _undone(connection: Connection) -> set[int]:
    """Entries that are taken back now: one whose undo was itself undone is not."""
    undos = select(_AUDIT.c.number, _AUDIT.c.detail).where(_AUDIT.c.action == "undo")
    found: set[int] = set()
    for row in connection.execute(undos.order_by(_AUDIT.c.number.desc())):
        if row.number not in found:
            found.add(int(from_json(row.detail)["entry"]))
    return found


def _union(connection: Connection, entry: Any) -> _Union | None:  # noqa: ANN401 - a row
    detail = from_json(entry.detail)
    match entry.action:
        case "join":
            return _Union(True, entry.subject, tuple(detail["absorbed"].split()))
        case "split":
            return _Union(False, entry.subject, (detail["parted"],))
        case "undo":
            undone = _union(connection, _entry(connection, int(detail["entry"])))
            return undone._replace(joined=not undone.joined) if undone else None
        case _:
            return None


def _entry(connection: Connection, number: int) -> Any:  # noqa: ANN401 - a row
    entry = connection.execute(select(_AUDIT).where(_AUDIT.c.number == number)).first()
    if entry is None:
        raise NotFound(_("there is no entry {number} in the log").format(number=number))
    return entry

"""Changes of muster.toml beside the log's other steps, so that they are told of, and undone, as any other.

Of the file only the keys that were changed are kept, with what they said before and after: what else stands
there, a person's comments or another's change, is never put back to what it was.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert

from inventory.language import _
from inventory.record_names import ARROW
from inventory.settings import Settings
from inventory.settings_file import Value, change, held
from inventory.store.columns import table
from inventory.store.faults import Conflict
from inventory.store.judged_tables import StepRow
from inventory.store.mapping import from_json, to_json

SETTINGS = "settings"
_STEP = table(StepRow)


def told(file: Path, where: str, values: Mapping[str, Value]) -> dict[str, str]:
    """The change in words for the log: `schedule.scan` was → is."""
    before = held(file, where, values)
    return {
        f"{where}.{key}": f"{_text(before[key])}{ARROW}{_text(value)}"
        for key, value in values.items()
        if (before[key] or "") != (value or "")
    }


def carry_out(
    connection: Connection, entry: int, file: Path, where: str, values: Mapping[str, Value]
) -> Settings:
    """Changes the file and keeps what it said before; BadInput, and nothing changed, where that is wrong."""
    _keep(connection, entry, str(file.resolve()), where, held(file, where, values), values)
    return change(file, where, values)


def put_back(connection: Connection, step: Any, again: int) -> None:  # noqa: ANN401 - a row
    """Says again in the file what it said before; Conflict where it says something else by now."""
    file = Path(step.subject)
    where, before = _kept(step.before)
    _where, after = _kept(step.after)
    now = {key: value or "" for key, value in held(file, where, after).items()}
    if now != after:
        reason = _("{what} {subject} was changed since: undo that first")
        raise Conflict(reason.format(what=where, subject=file))
    _keep(connection, again, step.subject, where, after, before)
    change(file, where, before)


def _keep(  # noqa: PLR0917 - the parts of one step
    connection: Connection,
    entry: int,
    file: str,
    where: str,
    before: Mapping[str, Value],
    after: Mapping[str, Value],
) -> None:
    was, now = ({f"{where}.{key}": value or "" for key, value in side.items()} for side in (before, after))
    connection.execute(
        insert(_STEP).values(
            entry=entry, kind=SETTINGS, subject=file, before=to_json(was), after=to_json(now)
        )
    )


def _kept(text: str) -> tuple[str, dict[str, Value]]:
    """The table, and what its keys say."""
    said = from_json(text)
    where = next(iter(said)).rpartition(".")[0]
    values = {
        name.rpartition(".")[2]: tuple(one) if isinstance(one, list) else one for name, one in said.items()
    }
    return where, values


def _text(value: Value) -> str:
    return ", ".join(value) if isinstance(value, tuple) else value

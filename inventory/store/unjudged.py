"""Which devices somebody wrote of since they were judged: those alone are judged again on the same day.

Whoever writes what a judge looks at says so here, in the same transaction: a device's record, a check's
result, what people signed. A note too many costs a millisecond; one too few would let a verdict stand that no
longer holds.
"""

from collections.abc import Collection
from datetime import date

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from inventory.store.columns import table
from inventory.store.judged_tables import AssessmentRow, UnjudgedRow
from inventory.types import ToJudge

_UNJUDGED, _ASSESSMENT = table(UnjudgedRow), table(AssessmentRow)
ALL = ""
_AT_ONCE = 400


def note(connection: Connection, devices: Collection[str]) -> None:
    """Something was written of these devices; `ALL` for what is said of every one."""
    every = sorted(set(devices))
    for start in range(0, len(every), _AT_ONCE):
        part = every[start : start + _AT_ONCE]
        mine = _UNJUDGED.c.device.in_(part)
        noted = set(connection.execute(select(_UNJUDGED.c.device).where(mine)).scalars())
        if noted:
            connection.execute(update(_UNJUDGED).where(mine).values(times=_UNJUDGED.c.times + 1))
        if rows := [{"device": device, "times": 1} for device in part if device not in noted]:
            connection.execute(insert(_UNJUDGED), rows)


def to_judge(connection: Connection, on: date, basis: str) -> ToJudge:
    """What must be judged for the last assessment to hold on `on` by these rules: all, where it never did."""
    noted = {row.device: row.times for row in connection.execute(select(_UNJUDGED))}
    last = connection.execute(select(_ASSESSMENT).order_by(_ASSESSMENT.c.id.desc()).limit(1)).first()
    holds = last is not None and (last.judged_on, last.basis) == (on, basis) and ALL not in noted
    return ToJudge(basis, tuple(sorted(noted)) if holds else None, noted, last.id if last else None)


def settle(connection: Connection, judged: ToJudge) -> None:
    """Takes away the notes that were there when these devices were read; later ones stay."""
    rows = [{"the_device": device, "the_times": times} for device, times in judged.noted.items()]
    if rows:
        same = (_UNJUDGED.c.device == bindparam("the_device")) & (_UNJUDGED.c.times == bindparam("the_times"))
        connection.execute(delete(_UNJUDGED).where(same), rows)

"""How many devices stand how under each article: counted at an assessment, read in one glance after it."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Connection, delete, func, insert, select

from inventory.store.columns import table
from inventory.store.judged_tables import AssessmentRow, FindingRow, StandingRow
from inventory.store.records import chunks
from inventory.types import (
    ArticleCount,
    FindingState,
    Posture,
    SharedVerdict,
    VerdictOutcome,
    count_devices,
)

_STANDING, _ASSESSMENT, _FINDING = table(StandingRow), table(AssessmentRow), table(FindingRow)
_OPEN = (FindingState.OPEN.value, FindingState.CONTINUING.value)


def keep(connection: Connection, number: int, verdicts: Iterable[SharedVerdict]) -> None:
    """Counts an assessment's devices by article and gravest outcome; earlier counts give way."""
    _write(connection, number, count_devices(verdicts))


def change(
    connection: Connection, number: int, before: Iterable[SharedVerdict], after: Iterable[SharedVerdict]
) -> None:
    """Counts anew the devices of which `before` was said and now is `after`."""
    rows = connection.execute(select(_STANDING).where(_STANDING.c.assessment == number))
    counted = Counter({(row.pack, row.article, VerdictOutcome(row.outcome)): row.devices for row in rows})
    counted.subtract(count_devices(before))
    counted.update(count_devices(after))
    _write(connection, number, counted)


def _write(connection: Connection, number: int, counted: Counter[tuple[str, str, VerdictOutcome]]) -> None:
    connection.execute(delete(_STANDING))
    rows = [
        {"assessment": number, "pack": pack, "article": article, "outcome": outcome.value, "devices": count}
        for (pack, article, outcome), count in counted.items()
        if count
    ]
    if rows:
        connection.execute(insert(_STANDING), rows)


def posture(connection: Connection) -> Posture | None:
    """The counts of the last assessment and its findings by state and due day; None before the first."""
    last = connection.execute(select(_ASSESSMENT).order_by(_ASSESSMENT.c.id.desc()).limit(1)).first()
    if last is None:
        return None
    articles = connection.execute(select(_STANDING).where(_STANDING.c.assessment == last.id))
    due = connection.execute(
        select(_FINDING.c.state, _FINDING.c.due, func.count())
        .where(_FINDING.c.state.in_(_OPEN))
        .group_by(_FINDING.c.state, _FINDING.c.due)
    )
    return Posture(
        on=last.judged_on,
        counts=tuple(
            ArticleCount(row.pack, row.article, VerdictOutcome(row.outcome), row.devices) for row in articles
        ),
        due={(FindingState(state), day): count for state, day, count in due},
    )


def open_findings(connection: Connection, devices: Collection[str]) -> dict[str, int]:
    """How many findings each of these devices has open; devices without any are left out."""
    found: dict[str, int] = {}
    wanted: Sequence[str] = sorted(devices)
    for part in chunks(wanted):
        rows = connection.execute(
            select(_FINDING.c.device, func.count())
            .where(_FINDING.c.device.in_(part), _FINDING.c.state.in_(_OPEN))
            .group_by(_FINDING.c.device)
        )
        found.update((device, count) for device, count in rows)
    return found

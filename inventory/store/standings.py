"""How many devices stand how under each article: counted at an assessment, read in one glance after it."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Connection, delete, func, insert, select

from inventory.store.columns import table
from inventory.store.judged_tables import AssessmentRow, FindingRow, StandingRow
from inventory.store.records import chunks
from inventory.types import WORST_FIRST, ArticleCount, FindingState, Posture, Verdict, VerdictOutcome

_STANDING, _ASSESSMENT, _FINDING = table(StandingRow), table(AssessmentRow), table(FindingRow)
_OPEN = (FindingState.OPEN.value, FindingState.CONTINUING.value)
_GRAVITY = {outcome: rank for rank, outcome in enumerate(WORST_FIRST)}


def keep(connection: Connection, number: int, verdicts: Iterable[Verdict]) -> None:
    """Counts an assessment's devices by article and gravest outcome; earlier counts give way."""
    worst: dict[tuple[str, str, str], VerdictOutcome] = {}
    for verdict in verdicts:
        key = (verdict.pack, verdict.article, verdict.device)
        known = worst.get(key)
        if known is None or _GRAVITY[verdict.outcome] < _GRAVITY[known]:
            worst[key] = verdict.outcome
    counted = Counter((pack, article, outcome) for (pack, article, _device), outcome in worst.items())
    connection.execute(delete(_STANDING))
    rows = [
        {"assessment": number, "pack": pack, "article": article, "outcome": outcome.value, "devices": count}
        for (pack, article, outcome), count in counted.items()
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

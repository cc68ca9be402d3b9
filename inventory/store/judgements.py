"""Check results, assessments, findings and the records people sign, each as long as it held."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, bindparam, insert, select, update

from inventory.language import _
from inventory.store import standings, unjudged, verdicts
from inventory.store.columns import table
from inventory.store.faults import Conflict
from inventory.store.judged_tables import (
    ArticleRow,
    AssessmentRow,
    FindingRow,
    ResultRow,
)
from inventory.store.mapping import Values, from_json, to_json, values_of
from inventory.store.records import chunks
from inventory.store.tables import ChangeRow, DeviceRow
from inventory.types import (
    Article,
    Assessment,
    CheckOutcome,
    CheckResult,
    Finding,
    FindingState,
    ObligationLevel,
    Severity,
    ToJudge,
    merge,
)

_RESULT, _ASSESSMENT, _ARTICLE = table(ResultRow), table(AssessmentRow), table(ArticleRow)
_FINDING, _CHANGE = table(FindingRow), table(ChangeRow)
_DEVICE = table(DeviceRow)

_ROWS_AT_ONCE = 2000
_TELLS_SUPPORT = "firmware"  # the check whose fact `ends` is the day
_CHECK_OUTCOMES = {outcome.value: outcome for outcome in CheckOutcome}
_KEPT_OF_FINDING = ("id", "assignee")  # an assessment does not touch them
_SAME_RESULT = ("outcome", "reason", "reason_zh", "facts", "evidence")


def save_results(connection: Connection, results: Iterable[CheckResult]) -> None:
    """Keeps the results; one that says what the last one said widens it."""
    fresh = {(result.device, result.check): _result_values(result) for result in results}
    latest = {
        (row.device, row.check): row
        for part in chunks({device for device, _check in fresh})
        for row in connection.execute(select(_RESULT).where(_RESULT.c.device.in_(part), _RESULT.c.latest))
    }
    added, widened, ended = [], [], []
    noted: set[str] = set()
    for key, values in fresh.items():
        row = latest.get(key)
        if row is None or not _holds_alike(row, values):
            noted.add(values["device"])
        if row is not None and _says_same(row, values, _SAME_RESULT):
            widened.append({"row": row.id, "at": values["at"], "expires": values["expires"]})
            continue
        if row is not None:
            ended.append({"row": row.id, "latest": False})
        added.append({**values, "first_at": values["at"], "latest": True})
    _update_rows(connection, _RESULT, widened)
    _update_rows(connection, _RESULT, ended)
    if added:
        connection.execute(insert(_RESULT), added)
        _keep_support_ends(connection, added)
    unjudged.note(connection, noted)


def _keep_support_ends(connection: Connection, added: Iterable[Values]) -> None:
    """The head rows say when support ends, so that lists can be asked for it."""
    ends = [
        {"the_id": values["device"], "ends": from_json(values["facts"]).get("ends", "")}
        for values in added
        if values["check"] == _TELLS_SUPPORT
    ]
    changed = (_DEVICE.c.id == bindparam("the_id")) & (_DEVICE.c.support_ends != bindparam("ends"))
    if ends:
        connection.execute(update(_DEVICE).where(changed).values(support_ends=bindparam("ends")), ends)


def results(connection: Connection, devices: Collection[str] | None) -> dict[str, tuple[CheckResult, ...]]:
    """The latest result of each check, by device; of all devices for None."""
    found: dict[str, list[CheckResult]] = defaultdict(list)
    once = _Once()
    for row in _of_devices(connection, _RESULT, devices, _RESULT.c.latest, order=(_RESULT.c.check,)):
        found[row.device].append(
            CheckResult(
                device=once.text(row.device),
                check=once.text(row.check),
                outcome=_CHECK_OUTCOMES[row.outcome],
                reason=once.text(row.reason),
                at=row.at,
                expires=row.expires,
                evidence=tuple(from_json(row.evidence)),
                facts=once.parsed(row.facts),
                reason_zh=once.text(row.reason_zh),
            )
        )
    return {device: tuple(every) for device, every in found.items()}


def save_assessment(connection: Connection, assessment: Assessment, judged: ToJudge, *, at: datetime) -> None:
    """Keeps an assessment: what stands as it stood is left alone, findings take their new state.

    One of some devices alone amends the last one; Conflict where that is the last one no more.
    """
    last = _last_number(connection)
    if judged.devices is None:
        number = _new_assessment(connection, assessment, judged.basis, at)
        standings.keep(connection, number, assessment.verdicts)
    elif last is None or last != judged.last:
        raise Conflict(_("the devices were judged by somebody else meanwhile: judge again"))
    else:
        before = verdicts.standing_on(connection, judged.devices)
        standings.change(connection, last, before, assessment.verdicts)
    verdicts.save(connection, assessment.verdicts, judged.devices, assessment.on)
    _save_findings(connection, assessment.findings, at)
    if judged.last == last:
        unjudged.settle(connection, judged)


def last_assessment(connection: Connection) -> Assessment | None:
    """The newest assessment with its articles and verdicts, and the findings as they stand now."""
    number = _last_number(connection)
    if number is None:
        return None
    judged_on = connection.execute(
        select(_ASSESSMENT.c.judged_on).where(_ASSESSMENT.c.id == number)
    ).scalar_one()
    every = merge(verdicts.shared(connection))
    return Assessment(judged_on, articles(connection), every, findings(connection))


def articles(connection: Connection) -> tuple[Article, ...]:
    """The articles of the last assessment, in the packs' order."""
    number = _last_number(connection)
    rows = connection.execute(
        select(_ARTICLE).where(_ARTICLE.c.assessment == number).order_by(_ARTICLE.c.position)
    )
    return tuple(
        Article(
            **{name: getattr(row, name) for name in Article.__dataclass_fields__ if name != "level"},
            level=ObligationLevel(row.level),
        )
        for row in rows
    )


def findings(
    connection: Connection,
    *,
    state: FindingState | None = None,
    article: str | None = None,
    devices: Collection[str] | None = None,
) -> tuple[Finding, ...]:
    """The findings of live records, soonest due first."""
    conditions = [
        *([_FINDING.c.state == state.value] if state else []),
        *([_FINDING.c.article == article] if article else []),
    ]
    rows = _of_devices(connection, _FINDING, devices, *conditions, order=())
    found = (_finding_of(row) for row in rows)
    return tuple(sorted(found, key=lambda each: (each.due, each.device, each.article, each.rule, each.id)))


def _new_assessment(connection: Connection, assessment: Assessment, basis: str, at: datetime) -> int:
    saved = connection.execute(insert(_ASSESSMENT).values(judged_on=assessment.on, saved_at=at, basis=basis))
    (number,) = saved.inserted_primary_key or (0,)
    articles = [
        {"assessment": number, "position": position, **values_of(article), "level": article.level.value}
        for position, article in enumerate(assessment.articles)
    ]
    if articles:
        connection.execute(insert(_ARTICLE), articles)
    return int(number)


def _last_number(connection: Connection) -> int | None:
    number: int | None = connection.execute(
        select(_ASSESSMENT.c.id).order_by(_ASSESSMENT.c.id.desc()).limit(1)
    ).scalar()
    return number


def _save_findings(connection: Connection, fresh: Sequence[Finding], at: datetime) -> None:
    known = {
        row.id: row
        for part in chunks({finding.id for finding in fresh})
        for row in connection.execute(select(_FINDING).where(_FINDING.c.id.in_(part)))
    }
    added, changed, log = [], [], []
    for finding in fresh:
        values = values_of(finding) | {"state": finding.state.value, "severity": finding.severity.value}
        row = known.get(finding.id)
        if row is None:
            added.append(values)
        else:
            changed.append(
                {"row": finding.id, **{k: v for k, v in values.items() if k not in _KEPT_OF_FINDING}}
            )
        if row is None or row.state != values["state"]:
            log.append(
                {
                    "device": finding.device,
                    "at": at,
                    "what": f"finding {finding.pack} {finding.article} {finding.rule}",
                    "before": row.state if row else "",
                    "after": values["state"],
                    "source": "assessment",
                }
            )
    _update_rows(connection, _FINDING, changed)
    for source, rows in ((_FINDING, added), (_CHANGE, log)):
        if rows:
            connection.execute(insert(source), rows)


def _of_devices(
    connection: Connection,
    source: Table,
    devices: Collection[str] | None,
    *conditions: Any,  # noqa: ANN401 - SQL expressions
    order: tuple[Any, ...],
    columns: Sequence[Any] = (),
) -> Iterable[Row[Any]]:
    """Rows of live records, ordered by device first; all their columns where none are named."""
    live = select(*(columns or [source])).select_from(source).join(_DEVICE, _DEVICE.c.id == source.c.device)
    live = live.where(_DEVICE.c.absorbed_by.is_(None), *conditions).order_by(source.c.device, *order)
    if devices is None:
        for rows in connection.execute(live).partitions(_ROWS_AT_ONCE):
            yield from rows
        return
    for part in chunks(sorted(devices)):
        yield from connection.execute(live.where(source.c.device.in_(part)))


def _says_same(row: Row[Any], values: Values, columns: Iterable[str]) -> bool:
    return all(getattr(row, column) == values[column] for column in columns)


def _holds_alike(row: Row[Any], values: Values) -> bool:
    """Whether a judge would see no difference on any day: a result counts until the day it expires."""
    until = [expires and expires.date() for expires in (row.expires, values["expires"])]
    return _says_same(row, values, _SAME_RESULT) and until[0] == until[1]


def _update_rows(connection: Connection, source: Table, rows: list[Values]) -> None:
    """Updates by `row`, the key; every mapping has the same further columns."""
    if rows:
        columns: Values = {name: bindparam(name) for name in rows[0] if name != "row"}
        connection.execute(update(source).where(source.c.id == bindparam("row")).values(columns), rows)


def _result_values(result: CheckResult) -> Values:
    return {
        "device": result.device,
        "check": result.check,
        "outcome": result.outcome.value,
        "reason": result.reason,
        "reason_zh": result.reason_zh,
        "facts": to_json(dict(result.facts)),
        "evidence": to_json(list(result.evidence)),
        "at": result.at,
        "expires": result.expires,
    }


class _Once:
    """Keeps what many rows say alike once: a rule says the same of thousands of devices."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._parsed: dict[str, Any] = {}

    def text(self, text: str) -> str:
        return self._texts.setdefault(text, text)

    def parsed(self, text: str) -> Any:  # noqa: ANN401 - any JSON value
        """A JSON value, shared by all rows that hold the same."""
        found = self._parsed.get(text)
        if found is None:
            found = self._parsed[text] = from_json(text)
        return found


def _finding_of(row: Row[Any]) -> Finding:
    return Finding(**row._asdict() | {"state": FindingState(row.state), "severity": Severity(row.severity)})

"""The rows of what people recorded: exceptions, plans and what they come to, signed answers."""

from collections.abc import Iterator
from datetime import date

from inventory.export.columns import SEPARATOR
from inventory.export.replacement import forecast
from inventory.export.wording import Term, article_name, recorded
from inventory.questions import ITEMS
from inventory.records import quarter
from inventory.snapshot.value import Snapshot
from inventory.types import ExceptionState, ReplacementPlan, Ticked, standing

Value = str | int | date | None
Row = tuple[Value, ...]


def exception_rows(snapshot: Snapshot, language: str) -> Iterator[Row]:
    """One row for each exception, in force or not."""
    for record in sorted(snapshot.exceptions, key=lambda record: record.id):
        stands = standing(record, snapshot.plans, snapshot.on)
        yield (
            record.id,
            record.device,
            SEPARATOR.join(article_name(number, language) for number in record.articles),
            recorded(record.cause, language),
            recorded(record.connection, language),
            record.reason,
            record.compensating_control,
            record.approver,
            record.start,
            record.expiry,
            (_IN_FORCE if stands.state is ExceptionState.IN_FORCE else _NOT_IN_FORCE).within(language),
            record.plan,
        )


def plan_rows(snapshot: Snapshot, language: str) -> Iterator[Row]:
    """One row for each replacement plan, with every slip of its day."""
    for plan in sorted(snapshot.plans, key=lambda plan: plan.id):
        yield (
            plan.id,
            SEPARATOR.join(plan.devices),
            plan.reason,
            plan.successor,
            quarter(plan.due),
            plan.due,
            SEPARATOR.join(slips(plan)),
            plan.budget,
            plan.owner,
            recorded(plan.state, language),
        )


def slips(plan: ReplacementPlan) -> Iterator[str]:
    """Each time the day was put off: `2026-12-31 → 2027-03-31 (Lin 2026-11-20)`."""
    for before, after in zip(plan.steps, plan.steps[1:], strict=False):
        if after.due > before.due:
            yield f"{before.due} → {after.due} ({after.by} {after.at.date()})"


def forecast_rows(snapshot: Snapshot, language: str) -> Iterator[Row]:
    """One row for each quarter in which something falls due, what is overdue first."""
    for one in forecast(snapshot, language):
        yield one.name, one.planned, one.unplanned, one.budget, one.without_budget


def attestation_rows(snapshot: Snapshot, language: str) -> Iterator[Row]:
    """One row for each signed answer."""
    for record in sorted(snapshot.attestations, key=lambda record: record.id):
        yield (
            record.id,
            article_name(record.article, language),
            record.device or Term("the firm", "公司").within(language),
            recorded("yes" if record.answer else "no", language),
            SEPARATOR.join(_ticked(tick, language) for tick in record.ticks),
            record.signer,
            record.signed,
            record.next_due,
            record.evidence,
        )


def _ticked(tick: Ticked, language: str) -> str:
    item = ITEMS.get(tick.item)
    name = Term(item.en, item.zh).within(language) if item else tick.item
    said = f"{name}: {recorded(tick.answer, language)}"
    return f"{said} ({tick.note})" if tick.note else said


_IN_FORCE = Term("in force", "有效")
_NOT_IN_FORCE = Term("not in force", "未生效或已失效")

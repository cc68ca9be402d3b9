"""What people record: signed answers, exceptions, plans, comments, and who sees to a finding."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import Connection, Table, insert, select, update

from inventory.exits import UsageFault
from inventory.language import _
from inventory.store import steps
from inventory.store.columns import table
from inventory.store.faults import Conflict, NotFound
from inventory.store.judged_tables import AttestationRow, CommentRow, ExceptionRow, FindingRow, PlanRow
from inventory.store.mapping import Values, from_json, to_json, values_of
from inventory.store.records import CHUNK
from inventory.types import Attestation, Comment, ExceptionRecord, PlanStep, ReplacementPlan, Tick, Ticked

_COMMENT, _FINDING = table(CommentRow), table(FindingRow)
_ATTESTATION, _EXCEPTION, _PLAN = table(AttestationRow), table(ExceptionRow), table(PlanRow)


def add_attestation(connection: Connection, attestation: Attestation, *, entry: int) -> None:
    """Keeps a signed answer; Conflict where its id is taken."""
    _put_record(connection, _ATTESTATION, attestation_values(attestation), entry, new=True)


def attestation_values(attestation: Attestation) -> Values:
    """A signed answer as a row's columns."""
    ticks = [[tick.item, tick.answer.value, tick.note] for tick in attestation.ticks]
    return values_of(attestation) | {"ticks": to_json(ticks)}


def follow_up(
    connection: Connection, finding: str, changed: Values, *, entry: int, comment: Comment | None = None
) -> None:
    """Says who sees to a finding (`assignee`) or until when (`due`), and keeps what was said of it."""
    own = select(_FINDING).where(_FINDING.c.id == finding)
    before = connection.execute(own).first()
    if before is None:
        raise NotFound(_("there is no finding {id}").format(id=finding))
    if changed:
        connection.execute(update(_FINDING).where(_FINDING.c.id == finding).values(changed))
        steps.note_row(connection, entry, _FINDING, before, connection.execute(own).first())
    if comment is not None:
        connection.execute(insert(_COMMENT).values(values_of(comment)))


def comments(connection: Connection, finding: str | None = None) -> tuple[Comment, ...]:
    """What was said of a finding (of all where none is named), in order."""
    said = select(_COMMENT) if finding is None else select(_COMMENT).where(_COMMENT.c.finding == finding)
    rows = connection.execute(said.order_by(_COMMENT.c.id))
    return tuple(Comment(row.finding, row.at, row.by, row.text) for row in rows)


def put_exception(connection: Connection, exception: ExceptionRecord, *, entry: int, new: bool) -> None:
    """Keeps an exception, new or changed; Conflict where a new one's id is taken."""
    if not exception.articles or exception.expiry < exception.start:
        raise UsageFault(_("an exception needs an article, and an expiry after its start"))
    values = values_of(exception) | {"articles": to_json(list(exception.articles))}
    _put_record(connection, _EXCEPTION, values, entry, new=new)


def put_plan(
    connection: Connection, plan: ReplacementPlan, *, entry: int, new: bool, by: str, at: datetime
) -> ReplacementPlan:
    """Keeps a plan, new or changed, and the step it takes; Conflict where a new one's id is taken.

    The way a plan has come is the register's to keep: the steps that `plan` brings are not looked at.
    """
    held = connection.execute(select(_PLAN.c.steps).where(_PLAN.c.id == plan.id)).scalar()
    way = _plan_steps(held) if held and not new else ()
    if not way or (way[-1].state, way[-1].due) != (plan.state, plan.due):
        way = (*way, PlanStep(at, by, plan.state, plan.due))
    kept = replace(plan, steps=way)
    steps = [[step.at.isoformat(), step.by, step.state, step.due.isoformat()] for step in way]
    values = values_of(kept) | {"devices": to_json(list(kept.devices)), "steps": to_json(steps)}
    _put_record(connection, _PLAN, values, entry, new=new)
    return kept


def _put_record(connection: Connection, source: Table, values: Values, entry: int, *, new: bool) -> None:
    """Writes one record people made, so that it can be undone."""
    own = select(source).where(source.c.id == values["id"])
    before = connection.execute(own).first()
    if new:
        _add(connection, source, values)
    elif before is None:
        raise NotFound(_("there is no {what} {id}").format(what=source.name, id=values["id"]))
    else:
        connection.execute(update(source).where(source.c.id == values["id"]).values(values))
    steps.note_row(connection, entry, source, before, connection.execute(own).first())


def attestations(connection: Connection, about: Collection[str] | None = None) -> tuple[Attestation, ...]:
    """Every signed answer, in order of signing; or those about the firm and these devices."""
    wanted = select(_ATTESTATION).order_by(_ATTESTATION.c.signed, _ATTESTATION.c.id)
    if about is not None and len(about) < CHUNK:
        wanted = wanted.where(_ATTESTATION.c.device.in_(["", *about]))
    rows = connection.execute(wanted)
    return tuple(Attestation(**row._asdict() | {"ticks": _ticks(row.ticks)}) for row in rows)


def exceptions(connection: Connection) -> tuple[ExceptionRecord, ...]:
    """Every exception, in force or lapsed, in order of start."""
    rows = connection.execute(select(_EXCEPTION).order_by(_EXCEPTION.c.start, _EXCEPTION.c.id))
    return tuple(
        ExceptionRecord(**row._asdict() | {"articles": tuple(from_json(row.articles))}) for row in rows
    )


def plans(connection: Connection) -> tuple[ReplacementPlan, ...]:
    """Every replacement plan, in order of due date."""
    rows = connection.execute(select(_PLAN).order_by(_PLAN.c.due, _PLAN.c.id))
    return tuple(
        ReplacementPlan(
            **row._asdict() | {"devices": tuple(from_json(row.devices)), "steps": _plan_steps(row.steps)}
        )
        for row in rows
    )


def _plan_steps(text: str) -> tuple[PlanStep, ...]:
    return tuple(
        PlanStep(datetime.fromisoformat(at), by, state, date.fromisoformat(due))
        for at, by, state, due in from_json(text)
    )


def _ticks(text: str) -> tuple[Ticked, ...]:
    return tuple(Ticked(item, Tick(answer), note) for item, answer, note in from_json(text))


def _add(connection: Connection, source: Table, values: Values) -> None:
    if connection.execute(select(source.c.id).where(source.c.id == values["id"])).first():
        raise Conflict(_("there is a record {id} already").format(id=values["id"]))
    connection.execute(insert(source).values(values))

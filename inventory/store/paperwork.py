"""What people record: signed answers, exceptions, plans, comments, and who sees to a finding."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, false, insert, or_, select, update

from inventory.exits import UsageFault
from inventory.language import _
from inventory.records import next_id
from inventory.store import steps
from inventory.store.columns import table
from inventory.store.faults import Conflict, NotFound
from inventory.store.judged_tables import AttestationRow, CommentRow, ExceptionRow, FindingRow, PlanRow
from inventory.store.mapping import Values, from_json, to_json, values_of
from inventory.store.records import CHUNK
from inventory.types import (
    PLAN_DONE,
    Attestation,
    Comment,
    ExceptionRecord,
    PlanStep,
    ReplacementPlan,
    Tick,
    Ticked,
    can_except,
)

_COMMENT, _FINDING = table(CommentRow), table(FindingRow)
_ATTESTATION, _EXCEPTION, _PLAN = table(AttestationRow), table(ExceptionRow), table(PlanRow)
_KINDS: dict[type, tuple[str, Table]] = {
    Attestation: ("attest", _ATTESTATION),
    ExceptionRecord: ("exception", _EXCEPTION),
    ReplacementPlan: ("plan", _PLAN),
}
_FEW = 50


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
    """Says who sees to a finding (`assignee`) or until when (`due`), and keeps what was said of it.

    NotFound where there is no such finding; UsageFault for a day before the one it was opened on.
    """
    own = select(_FINDING).where(_FINDING.c.id == finding)
    before = connection.execute(own).first()
    if before is None:
        raise NotFound(_("there is no finding {id}").format(id=finding))
    if changed.get("due") and changed["due"] < before.opened:
        reason = _("{finding} was opened on {day}: it cannot be due before")
        raise UsageFault(reason.format(finding=finding, day=before.opened))
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


def put_exception(connection: Connection, said: ExceptionRecord, *, entry: int, new: bool) -> None:
    """Keeps an exception, new or changed; Conflict where a new one's id is taken.

    UsageFault where it names no article, ends before it starts, or rests on a plan for other devices; and
    where a new one outlasts its plan, names an article that knows no exceptions, or does not say why, what
    compensates for it and who approved it.
    """
    if not said.articles or said.expiry < said.start:
        raise UsageFault(_("an exception needs an article, and an expiry after its start"))
    if new and not (said.reason.strip() and said.compensating_control.strip() and said.approver.strip()):
        raise UsageFault(_("an exception needs a reason, a compensating control and who approved it"))
    for article in said.articles if new else ():
        if not can_except(article):
            reason = _("nothing is excepted from {article}: only from software, access and connections")
            raise UsageFault(reason.format(article=article))
    rested_on = connection.execute(select(_EXCEPTION.c.plan).where(_EXCEPTION.c.id == said.id)).scalar()
    if said.plan != rested_on:
        _check_carried(said, plan(connection, said.plan))
    values = values_of(said) | {"articles": to_json(list(said.articles))}
    _put_record(connection, _EXCEPTION, values, entry, new=new)


def put_plan(
    connection: Connection, said: ReplacementPlan, *, entry: int, new: bool, by: str, at: datetime
) -> ReplacementPlan:
    """Keeps a plan, new or changed, and the step it takes; Conflict where a new one's id is taken.

    The way a plan has come is the register's to keep: the steps that `said` brings are not looked at.
    UsageFault where it has come to its end: only undoing takes that back.
    """
    held = connection.execute(select(_PLAN.c.steps).where(_PLAN.c.id == said.id)).scalar()
    way = _plan_steps(held) if held and not new else ()
    if way and way[-1].state == PLAN_DONE:
        raise UsageFault(_("the plan has come to its end"))
    if not way or (way[-1].state, way[-1].due) != (said.state, said.due):
        way = (*way, PlanStep(at, by, said.state, said.due))
    kept = replace(said, steps=way)
    steps = [[step.at.isoformat(), step.by, step.state, step.due.isoformat()] for step in way]
    values = values_of(kept) | {"devices": to_json(list(kept.devices)), "steps": to_json(steps)}
    _put_record(connection, _PLAN, values, entry, new=new)
    return kept


def _check_carried(said: ExceptionRecord, by: ReplacementPlan) -> None:
    """UsageFault where the plan does not end the exception: it is for other devices, or done, or later."""
    if said.device not in by.devices:
        reason = _("{plan} does not replace {device}: an exception needs a plan that does")
        raise UsageFault(reason.format(plan=by.id, device=said.device))
    if said.expiry > by.due:
        reason = _("{plan} is due {due}: an exception does not outlast the plan that ends it")
        raise UsageFault(reason.format(plan=by.id, due=by.due))


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


def exceptions(connection: Connection, about: Collection[str] | None = None) -> tuple[ExceptionRecord, ...]:
    """Every exception, in force or lapsed, in order of start; or those of these devices."""
    wanted = select(_EXCEPTION).order_by(_EXCEPTION.c.start, _EXCEPTION.c.id)
    if about is not None and len(about) < CHUNK:
        wanted = wanted.where(_EXCEPTION.c.device.in_(about))
    found, named = map(_exception, connection.execute(wanted)), set(about or ())
    return tuple(one for one in found if about is None or one.device in named)


def plans(connection: Connection, about: Collection[str] | None = None) -> tuple[ReplacementPlan, ...]:
    """Every replacement plan, in order of due date; or those for any of these devices."""
    wanted = select(_PLAN).order_by(_PLAN.c.due, _PLAN.c.id)
    if about is not None and len(about) < _FEW:
        wanted = wanted.where(or_(false(), *(_PLAN.c.devices.contains(to_json(each)) for each in about)))
    found, named = map(_plan, connection.execute(wanted)), set(about or ())
    return tuple(one for one in found if about is None or not named.isdisjoint(one.devices))


def exception(connection: Connection, exception_id: str) -> ExceptionRecord:
    """The exception of this id; NotFound where there is none."""
    row = connection.execute(select(_EXCEPTION).where(_EXCEPTION.c.id == exception_id)).first()
    if row is None:
        raise NotFound(_("there is no exception {id}").format(id=exception_id))
    return _exception(row)


def plan(connection: Connection, plan_id: str) -> ReplacementPlan:
    """The replacement plan of this id; NotFound where there is none."""
    row = connection.execute(select(_PLAN).where(_PLAN.c.id == plan_id)).first()
    if row is None:
        raise NotFound(_("there is no plan {plan}: make one with `muster plan new`").format(plan=plan_id))
    return _plan(row)


def free_id(connection: Connection, record: Attestation | ExceptionRecord | ReplacementPlan, on: date) -> str:
    """The next free id of a kind of record: `plan-2026-004`."""
    kind, source = _KINDS[type(record)]
    taken = select(source.c.id).where(source.c.id.startswith(f"{kind}-{on.year}-"))
    return next_id(kind, on, set(connection.execute(taken).scalars()))


def _exception(row: Row[Any]) -> ExceptionRecord:
    return ExceptionRecord(**row._asdict() | {"articles": tuple(from_json(row.articles))})


def _plan(row: Row[Any]) -> ReplacementPlan:
    devices, steps = tuple(from_json(row.devices)), _plan_steps(row.steps)
    return ReplacementPlan(**row._asdict() | {"devices": devices, "steps": steps})


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

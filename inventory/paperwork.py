"""The register's part that keeps what people record: who sees to what, answers, exceptions, plans."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from inventory.judged import Judged
from inventory.store import audit, paperwork, retiring
from inventory.types import Attestation, Comment, ExceptionRecord, ReplacementPlan, today

_Record = TypeVar("_Record", Attestation, ExceptionRecord, ReplacementPlan)


class Paperwork(Judged):
    """What people record of findings and devices; each change has an entry in the log and can be undone."""

    def follow_up(
        self,
        finding: str,
        by: str,
        *,
        assignee: str | None = None,
        due: date | None = None,
        comment: str = "",
    ) -> None:
        """Says who sees to a finding, until when, or something of it; NotFound where there is none."""
        said = {"assignee": assignee, "due": due}
        changed = {name: value for name, value in said.items() if value is not None}
        detail = {name: str(value) for name, value in changed.items()} | (
            {"comment": comment} if comment else {}
        )
        with self._recorded("follow up", finding, by, detail) as (connection, entry):
            remark = Comment(finding, self._clock.now(), by, comment) if comment else None
            paperwork.follow_up(connection, finding, changed, entry=entry, comment=remark)

    def comments(self, finding: str | None = None) -> tuple[Comment, ...]:
        """What was said of a finding (of all where none is named), in order."""
        with self._database.read() as connection:
            return paperwork.comments(connection, finding)

    def attestations(self, about: Collection[str] | None = None) -> tuple[Attestation, ...]:
        """Every signed answer; or those about the firm and the devices with these whole ids."""
        with self._database.read() as connection:
            return paperwork.attestations(connection, about)

    def exceptions(self, about: Collection[str] | None = None) -> tuple[ExceptionRecord, ...]:
        """Every exception, in force or lapsed; or those of the devices with these whole ids."""
        with self._database.read() as connection:
            return paperwork.exceptions(connection, about)

    def plans(self, about: Collection[str] | None = None) -> tuple[ReplacementPlan, ...]:
        """Every replacement plan; or those for any of the devices with these whole ids."""
        with self._database.read() as connection:
            return paperwork.plans(connection, about)

    def exception(self, exception_id: str) -> ExceptionRecord:
        """The exception of this id; NotFound where there is none."""
        with self._database.read() as connection:
            return paperwork.exception(connection, exception_id)

    def plan(self, plan_id: str) -> ReplacementPlan:
        """The replacement plan of this id; NotFound where there is none."""
        with self._database.read() as connection:
            return paperwork.plan(connection, plan_id)

    def add_attestation(self, attestation: Attestation, by: str) -> Attestation:
        """Keeps a signed answer, under the next free id where it has none; Conflict where its id is taken."""
        with self._adding("attest", attestation, by) as (connection, entry, named):
            paperwork.add_attestation(connection, named, entry=entry)
            return named

    def add_exception(self, exception: ExceptionRecord, by: str) -> ExceptionRecord:
        """Keeps an exception, named as an answer is; UsageFault where its plan is not for its device."""
        with self._adding("except", exception, by) as (connection, entry, named):
            paperwork.put_exception(connection, named, entry=entry, new=True)
            return named

    def change_exception(self, exception: ExceptionRecord, by: str) -> None:
        """Says an exception anew, above all its end; NotFound where there is none of its id."""
        detail = {"expiry": str(exception.expiry)}
        with self._recorded("except change", exception.id, by, detail) as (connection, entry):
            paperwork.put_exception(connection, exception, entry=entry, new=False)

    def add_plan(self, plan: ReplacementPlan, by: str) -> ReplacementPlan:
        """Keeps a replacement plan, named as an answer is; Conflict where its id is taken."""
        with self._adding("plan", plan, by) as (connection, entry, named):
            return paperwork.put_plan(connection, named, entry=entry, new=True, by=by, at=self._clock.now())

    def change_plan(self, plan: ReplacementPlan, by: str) -> None:
        """Says a plan anew: its state, its day; NotFound where there is none of its id."""
        detail = {"state": plan.state, "due": str(plan.due)}
        with self._recorded("plan change", plan.id, by, detail) as (connection, entry):
            paperwork.put_plan(connection, plan, entry=entry, new=False, by=by, at=self._clock.now())

    def retire_plan(self, plan_id: str, by: str, proof: str = "") -> ReplacementPlan:
        """Carries a plan out: its devices are retired, their findings resolved, with `proof` named at each.

        One change, undone as one; NotFound where there is no such plan.
        """
        plan = self.plan(plan_id)
        detail = {"devices": " ".join(plan.devices), "proof": proof}
        with self._recorded("plan retire", plan_id, by, detail) as (connection, entry):
            return retiring.retire(connection, plan, proof, entry=entry, by=by, at=self._clock.now())

    @contextmanager
    def _adding(self, action: str, record: _Record, by: str) -> Iterator[tuple[Any, int, _Record]]:
        """A transaction with an entry in the log, and the record with the id it is kept under."""
        at, on = self._clock.now(), today(self._clock)
        with self._database.write() as connection:
            named = record if record.id else replace(record, id=paperwork.free_id(connection, record, on))
            entry = audit.record(connection, at=at, by=by, action=action, subject=named.id, detail={})
            yield connection, entry, named

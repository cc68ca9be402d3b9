"""One dossier opened on one date, with what several facts share worked out once."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cached_property

from inventory.types import (
    Attestation,
    CheckResult,
    Device,
    Dossier,
    ExceptionRecord,
    ExceptionStanding,
    ReplacementPlan,
    plans_on,
    standing,
)
from policies.duties import Answer, answers, confirmation, exceptions_of
from policies.scope_of_law import ScopeRuling, rule_scope


def by_then(at: datetime, on: date) -> bool:
    """Whether what was learned at this moment was known on that day (of UTC, as all days judged on are)."""
    return at.date() <= on


class OpenDossier:
    """A dossier, the date it is judged on, the results and records in force on that date."""

    def __init__(self, dossier: Dossier, on: date, answers: Mapping[str, Answer] | None = None) -> None:
        """`answers` are handed in where somebody has read the same records already."""
        self.dossier = dossier
        self.on = on
        if answers is not None:
            self.answers = answers

    @property
    def device(self) -> Device:
        """The device the dossier is about."""
        return self.dossier.device

    @cached_property
    def results(self) -> Mapping[str, CheckResult]:
        """The latest result of each check by the day judged on, unless it has expired."""
        latest: dict[str, CheckResult] = {}
        for result in self.dossier.results:
            if not by_then(result.at, self.on):
                continue
            standing = latest.get(result.check)
            if standing is None or result.at >= standing.at:
                latest[result.check] = result
        return {
            check: result
            for check, result in latest.items()
            if result.expires is None or result.expires.date() >= self.on
        }

    @cached_property
    def answers(self) -> Mapping[str, Answer]:
        """What people have put on record, duty by duty."""
        return answers(self.dossier.attestations, self.device, self.on)

    @cached_property
    def confirmation(self) -> Attestation | None:
        """The last record by which somebody signed that the register is right about the device."""
        return confirmation(self.dossier.attestations, self.device.id, self.on)

    @cached_property
    def plans(self) -> tuple[ReplacementPlan, ...]:
        """The replacement plans for the device, as they stood that day."""
        return tuple(plans_on(self.dossier.plans, self.on))

    @cached_property
    def exceptions(self) -> tuple[tuple[ExceptionRecord, ExceptionStanding], ...]:
        """The device's exceptions, and how they stand."""
        return tuple(
            (record, standing(record, self.plans, self.on)) for record in exceptions_of(self.dossier)
        )

    @cached_property
    def scope(self) -> ScopeRuling:
        """The ruling of Art. 21."""
        return rule_scope(self.device)

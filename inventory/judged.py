"""The register's part that keeps what was tested, judged and found."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date

from inventory.store import judgements, raw_rows, rulings, standings, unjudged, verdicts
from inventory.store.devices import full_id
from inventory.surroundings import Surroundings
from inventory.types import (
    Article,
    Assessment,
    Attribute,
    CheckResult,
    Device,
    Finding,
    FindingState,
    Posture,
    ToJudge,
    Verdict,
    VerdictOutcome,
)


class Judged(Surroundings):
    """What the register can be told and asked of check results, assessments and findings."""

    def save_results(self, results: Iterable[CheckResult]) -> None:
        """Keeps check results; an equal one widens the last."""
        with self._database.write() as connection:
            judgements.save_results(connection, results)

    def results(self, ids: Collection[str] | None = None) -> Mapping[str, tuple[CheckResult, ...]]:
        """The latest result of each check, by device id."""
        with self._database.read() as connection:
            return judgements.results(connection, ids)

    def checked(self, ids: Collection[str] | None = None) -> Iterator[tuple[Device, tuple[CheckResult, ...]]]:
        """Each of these devices (None: every one) with its latest results, a few hundred at a time."""
        with self._database.read() as connection:
            yield from raw_rows.checked(connection, ids)

    def to_judge(self, on: date, basis: str) -> ToJudge:
        """What must be judged for the last assessment to hold on `on` by the rules named `basis`."""
        with self._database.read() as connection:
            return unjudged.to_judge(connection, on, basis)

    def save_assessment(self, assessment: Assessment, judged: ToJudge | None = None) -> None:
        """Keeps articles, verdicts and findings of one assessment: of all devices, or those to judge anew.

        Conflict where it amends one that somebody else's has followed.
        """
        with self._database.write() as connection:
            judgements.save_assessment(connection, assessment, judged or ToJudge(), at=self._clock.now())

    def keep_ruling(self, attribute: Attribute, said: Mapping[str, str], rule: str) -> None:
        """Keeps what a rule derived, by device id, as a value of source `rule:NAME`; a person's stays."""
        with self._database.write() as connection:
            rulings.keep(connection, attribute, said, rule=rule, at=self._clock.now())

    def last_assessment(self) -> Assessment | None:
        """The newest assessment; its findings as they stand now."""
        with self._database.read() as connection:
            return judgements.last_assessment(connection)

    def posture(self) -> Posture | None:
        """The last assessment in counts, however many devices there are; None before the first."""
        with self._database.read() as connection:
            return standings.posture(connection)

    def open_findings(self, ids: Collection[str]) -> Mapping[str, int]:
        """How many findings each of these devices has open; devices without any are left out."""
        with self._database.read() as connection:
            return standings.open_findings(connection, ids)

    def articles(self) -> tuple[Article, ...]:
        """The articles of the last assessment, in the packs' order."""
        with self._database.read() as connection:
            return judgements.articles(connection)

    def verdicts(
        self, device: str | None = None, outcome: VerdictOutcome | None = None
    ) -> tuple[Verdict, ...]:
        """The last assessment's verdicts, of one device or of all; of that outcome where one is named."""
        with self._database.read() as connection:
            only = None if device is None else [full_id(connection, device)]
            return verdicts.alone(connection, only, outcome)

    def findings(
        self,
        *,
        state: FindingState | None = None,
        article: str | None = None,
        device: str | None = None,
        devices: Collection[str] | None = None,
    ) -> tuple[Finding, ...]:
        """Findings (of one device, or of those with these whole ids), soonest due first."""
        with self._database.read() as connection:
            only = devices if device is None else [full_id(connection, device)]
            return judgements.findings(connection, state=state, article=article, devices=only)

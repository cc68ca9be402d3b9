"""Five years of one office, frozen each November: each change is followed from the diff to its evidence."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from random import Random

import pytest

from agent.service.assess import assess
from agent.service.rejudge import differing, explained_in, rejudge
from inventory.register import Register
from inventory.snapshot.canonical import from_bytes, to_bytes
from inventory.snapshot.causes import CauseKind
from inventory.snapshot.comparison import Comparison, VerdictChange, compare
from inventory.snapshot.freezing import build
from inventory.snapshot.value import Snapshot
from inventory.types import (
    Attestation,
    Attribute,
    CheckOutcome,
    CheckResult,
    Duty,
    ExceptionRecord,
    FindingState,
    ReplacementPlan,
    VerdictOutcome,
)
from policies.pack import chosen_packs
from tests.inventory.heard import MAC_1, MAC_2, MAC_3, heard

YEARS = range(2022, 2027)
NOTICE = "https://vendor.example/end-of-support"


class Calendar:
    """A clock that is set."""

    def __init__(self) -> None:
        self.at = datetime(2022, 11, 1, 2, 0, tzinfo=UTC)

    def now(self) -> datetime:
        """The moment it is set to."""
        return self.at


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Mapping[int, Snapshot]]:
    """The camera's id, and the snapshot of each year."""
    clock = Calendar()
    place = str(tmp_path_factory.mktemp("years") / "register.sqlite")
    with Register.open(place, clock, entropy=Random(5).randbytes) as register:
        return _lived(register, clock)


def _lived(register: Register, clock: Calendar) -> tuple[str, Mapping[int, Snapshot]]:
    camera, printer = register.ingest(
        [
            heard("10.0.0.5", MAC_1, at=clock.at, device_class="camera", vendor="Acme", model="C1"),
            heard("10.0.0.6", MAC_2, at=clock.at, device_class="printer", vendor="Ricoh", model="P1"),
        ]
    ).new
    register.edit([camera, printer], {Attribute.OWNER: "王小明", Attribute.LOCATION: "3F"}, "lin")
    frozen = {}
    for year in YEARS:
        if year in _IN_SPRING:
            clock.at = datetime(year, 5, 20, 2, 0, tzinfo=UTC)
            _IN_SPRING[year](register)
        clock.at = datetime(year, 11, 20, 2, 0, tzinfo=UTC)
        if year not in (2024, 2026):
            register.ingest([heard("10.0.0.5", MAC_1, run=f"{year}", at=clock.at, model="C1")])
        register.ingest([heard("10.0.0.6", MAC_2, run=f"{year}", at=clock.at, model="P1")])
        register.confirm([printer], Duty.YEARLY, "lin", "lin")
        _NEWS.get(year, lambda *_: None)(register, clock, camera)
        pack = "guideline-2022" if year < 2025 else "guideline-2024"
        assess(register, chosen_packs((pack,)), clock.at.date())
        frozen[year] = build(register, label=str(year), on=clock.at.date(), version="test")
    return camera, frozen


def _supported(register: Register, clock: Calendar, camera: str) -> None:
    register.save_results([_firmware(camera, clock.at, "supported", "2023-06-30")])
    register.add_attestation(
        Attestation("attest-1", "guideline-2022/28", camera, True, "lin", date(2022, 11, 2), "c.pdf"), "lin"
    )


def _left_by_its_vendor(register: Register, clock: Calendar, camera: str) -> None:
    register.save_results([_firmware(camera, clock.at, "ended", "2023-06-30")])
    plan = ReplacementPlan("plan-1", (camera,), NOTICE, "C2", date(2024, 6, 30), "lin", "approved", 9000)
    register.add_plan(plan, "lin")
    register.add_exception(
        ExceptionRecord(
            *("exception-1", camera, ("guideline-2024/23",), "no update", "own segment", "wu"),
            *(date(2023, 11, 1), date(2024, 6, 30), "plan-1", "weakness", "when-necessary"),
        ),
        "wu",
    )


def _put_off(register: Register) -> None:
    (plan,) = register.plans()
    register.change_plan(replace(plan, due=date(2026, 6, 30)), "lin")


def _handed_on(register: Register, clock: Calendar, camera: str) -> None:
    finding = next(one for one in register.findings(device=camera) if one.rule == "product-supported")
    register.follow_up(finding.id, "lin", assignee="王小明", comment="the supplier delivers in 2026")


def _replaced(register: Register, clock: Calendar, camera: str) -> None:
    register.ingest([heard("10.0.0.7", MAC_3, at=clock.at, device_class="camera", vendor="Acme", model="C2")])
    register.retire_plan("plan-1", "lin", "scrap note 7")


_IN_SPRING = {2024: _put_off}
_NEWS = {2022: _supported, 2023: _left_by_its_vendor, 2024: _handed_on, 2026: _replaced}


def _firmware(device: str, at: datetime, state: str, ends: str) -> CheckResult:
    outcome = CheckOutcome.PASS if state == "supported" else CheckOutcome.FAIL
    return CheckResult(device, "firmware", outcome, "", at, None, (NOTICE,), {"state": state, "ends": ends})


def diff(
    history: tuple[str, Mapping[int, Snapshot]], year: int
) -> tuple[Comparison, dict[str, VerdictChange]]:
    """What differs in that year's snapshot, and of it the camera's verdicts by rule."""
    camera, frozen = history
    found = compare(frozen[year - 1], frozen[year])
    return found, {change.rule: change for change in found.verdicts if change.device == camera}


def turned(change: VerdictChange) -> tuple[str, str]:
    return (str(change.before), str(change.after))


def test_2023_the_vendor_leaves_and_the_breach_is_excepted(history) -> None:
    _found, changes = diff(history, 2023)
    left = changes["product-supported"]
    assert turned(left) == ("compliant", "excepted")
    causes = {(cause.kind, cause.what): (cause.before, cause.after) for cause in left.causes}
    assert causes[CauseKind.EVIDENCE, "firmware state"] == ("supported", "ended")
    assert (CauseKind.RECORD, "exception exception-1") in causes
    camera, frozen = history
    (evidence,) = (one for one in frozen[2023].results if one.device == camera and one.check == "firmware")
    assert evidence.evidence == (NOTICE,)


def test_2024_the_exception_has_lapsed_by_itself_and_the_camera_was_not_met(history) -> None:
    found, changes = diff(history, 2024)
    lapsed = changes["product-supported"]
    assert turned(lapsed) == ("excepted", "breach")
    assert [(cause.kind, cause.after.endswith("(not in force)")) for cause in lapsed.causes] == [
        (CauseKind.RECORD, True)
    ]
    camera, frozen = history
    assert camera in {device.id for device in found.not_confirmed}
    (plan,) = frozen[2024].plans
    assert [step.due.year for step in plan.steps] == [2024, 2026], "the slip is kept"
    finding = next(
        one for one in frozen[2024].findings if (one.device, one.rule) == (camera, "product-supported")
    )
    assert (finding.opened.year, finding.assignee) == (2023, "王小明")
    assert [said.text for said in frozen[2024].comments] == ["the supplier delivers in 2026"]


def test_2025_a_new_edition_renumbers_the_article_and_the_breach_stays_a_breach(history) -> None:
    _found, changes = diff(history, 2025)
    assert "product-supported" not in changes, "24 of one edition is 23 of the next: no change"
    new = changes["registration-fields"]
    assert new.before is None
    assert [cause.kind for cause in new.causes][:1] == [CauseKind.EDITION]


def test_2026_the_camera_is_gone_and_its_finding_closed_with_the_proof(history) -> None:
    found, changes = diff(history, 2026)
    camera, frozen = history
    assert [device.id for device in found.gone] == [camera]
    assert [device.text(Attribute.MODEL) for device in found.added] == ["C2"]
    assert changes["product-supported"].after is VerdictOutcome.NOT_APPLICABLE
    assert {cause.kind for cause in changes["product-supported"].causes} == {CauseKind.DEVICE}
    closed = [one for one in frozen[2026].findings if one.device == camera]
    assert {one.state for one in closed} == {FindingState.RESOLVED}
    said = {one.finding: one.text for one in frozen[2026].comments if one.text.startswith("plan-1")}
    of_2025 = {one.id for one in closed if one.resolved == frozen[2026].on}
    assert of_2025
    assert all(said[finding] == "plan-1 · scrap note 7" for finding in of_2025)


@pytest.mark.parametrize("year", [*YEARS][1:])
def test_whatever_a_changed_verdict_rests_on_lies_in_the_snapshot(history, year: int) -> None:
    found, _changes = diff(history, year)
    later = history[1][year]
    assert found.verdicts
    lost = [
        (change.rule, name)
        for change in found.verdicts
        if change.after
        for name in change.because
        if not any(True for _each in evidence_of(name, change.device, later))
    ]
    assert lost == []
    assert [change.rule for change in found.verdicts if not change.causes] == []


@pytest.mark.parametrize("year", YEARS)
def test_each_year_judged_again_comes_out_as_it_was_frozen(history, year: int) -> None:
    frozen = from_bytes(to_bytes(history[1][year]), "again")
    packs = chosen_packs((frozen.articles[0].pack,))
    anew = rejudge(frozen, packs, frozen.on)
    assert differing(frozen, anew) == 0
    assert anew.verdicts == frozen.verdicts
    assert anew.findings == frozen.findings, "judging again on the day opens and closes nothing"


def test_an_old_year_is_judged_by_the_edition_after_it_too(history) -> None:
    camera, frozen = history
    (edition,) = chosen_packs(("guideline-2024",))
    anew = rejudge(frozen[2022], (edition,), frozen[2022].on)
    assert {verdict.article for verdict in anew.verdicts} == {str(number) for number in range(21, 31)}
    (told, *_rest) = explained_in(frozen[2022], (edition,), camera[:6], "23", frozen[2022].on)
    assert (told.verdict.rule, told.verdict.outcome) == ("product-supported", VerdictOutcome.COMPLIANT)


def evidence_of(name: str, device: str, snapshot: Snapshot) -> Iterator[object]:
    """What a verdict's `because` points at in the snapshot it stands in."""
    kind, _dot, rest = name.partition(".")
    (held,) = (one for one in snapshot.devices if one.id == device)
    match kind:
        case "check" | "checks":
            yield from (one for one in snapshot.results if one.device == device and rest in ("", one.check))
        case "attribute":
            yield from (value for each, value in held.attributes.items() if each == rest)
        case "device":
            yield held
        case "article":
            yield from (one for one in snapshot.verdicts if device in one.devices and one.article == rest)
        case "attestation":
            yield from (one for one in snapshot.attestations if one.id == rest)
        case "exception" | "exceptions":
            yield from (one for one in snapshot.exceptions if one.device == device and rest in ("", one.id))
        case "plans":
            yield from (one for one in snapshot.plans if device in one.devices)

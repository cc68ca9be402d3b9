"""What the report's newer plots count: replacements by quarter, isolation by class and segment, the trend."""

from dataclasses import replace
from datetime import date

import pytest

from inventory.export import as_html
from inventory.export.isolation_matrix import Apart, isolation_matrix
from inventory.export.replacement import replacement_quarters
from inventory.export.standing import standing
from inventory.types import CheckOutcome, CheckResult, DeviceStatus, ReplacementPlan, VerdictOutcome
from tests.inventory.frozen_office import ACCESS_POINT, CAMERA, OFFICE, PRINTER, SCANNED, rendered

# OFFICE was frozen on 2026-11-20, in the fourth quarter of its year; its plan p-1 replaces the printer.


def ends(device: str, state: str, day: str = "") -> CheckResult:
    return CheckResult(
        device, "firmware", CheckOutcome.FAIL, "said", SCANNED, facts={"state": state, "ends": day}
    )


def plan(device: str, due: date, state: str = "approved") -> ReplacementPlan:
    return ReplacementPlan(f"p-{due}", (device,), "end of updates", "new", due, "林美玲", state)


def counted(snapshot) -> dict[str, tuple[int, int]]:
    quarters = replacement_quarters(snapshot, "en")
    return {one.name: (one.planned, one.unplanned) for one in quarters if one.planned or one.unplanned}


@pytest.mark.parametrize(
    ("plans", "results", "expected"),
    [
        ((plan(PRINTER.id, date(2027, 3, 31)),), (), {"2027 Q1": (1, 0)}),
        ((plan(PRINTER.id, date(2026, 11, 19)),), (), {"Overdue": (1, 0)}),
        ((plan(PRINTER.id, date(2040, 1, 1)),), (), {"Later": (1, 0)}),
        ((), (ends(CAMERA.id, "ended"),), {"Overdue": (0, 1)}),
        ((), (ends(CAMERA.id, "ending", "2027-06-30"),), {"2027 Q2": (0, 1)}),
        ((), (ends(CAMERA.id, "supported"),), {}),
        (
            (plan(CAMERA.id, date(2027, 1, 5)),),
            (ends(CAMERA.id, "ended", "2020-01-01"),),
            {"2027 Q1": (1, 0)},
        ),
        ((plan(CAMERA.id, date(2026, 1, 5), "retired"),), (ends(CAMERA.id, "ended"),), {"Overdue": (0, 1)}),
        ((plan("d-gone", date(2027, 1, 5)),), (), {}),
    ],
)
def test_a_device_counts_by_its_plan_else_by_the_end_of_its_support(plans, results, expected) -> None:
    assert counted(replace(OFFICE, plans=plans, results=results)) == expected


def test_the_quarters_run_from_overdue_to_later() -> None:
    names = [one.name for one in replacement_quarters(OFFICE, "zh_TW")]
    assert (names[0], names[1], names[-2], names[-1]) == ("已逾期", "2026 Q4", "2028 Q3", "之後")


def isolation(device: str, outcome: CheckOutcome, **facts: str) -> CheckResult:
    return CheckResult(device, "isolation", outcome, "said", SCANNED, facts=facts)


def test_the_matrix_puts_the_worst_first_and_no_measurement_is_not_isolation() -> None:
    second = replace(CAMERA, id="d-0023")
    retired = replace(CAMERA, id="d-0024", status=DeviceStatus.RETIRED)
    results = (
        isolation(CAMERA.id, CheckOutcome.PASS, measured="isolated"),
        isolation(second.id, CheckOutcome.FAIL, measured="leaking"),
        isolation(PRINTER.id, CheckOutcome.FAIL, segment_allowed="no"),
        isolation(ACCESS_POINT.id, CheckOutcome.UNKNOWN),
    )
    office = replace(OFFICE, devices=(PRINTER, CAMERA, second, ACCESS_POINT, retired), results=results)
    segments, rows = isolation_matrix(office, "en")
    cells = {
        (row.name, segment): cell for row in rows for segment, cell in zip(segments, row.cells, strict=True)
    }
    assert cells["Camera", "iot"].counts == ((Apart.LEAKING, 1), (Apart.ISOLATED, 1))
    assert cells["Camera", "iot"].worst is Apart.LEAKING
    assert cells["Printer", "office"].worst is Apart.WRONG_SEGMENT
    assert cells["Access point", "iot"].worst is Apart.NOT_MEASURED
    assert cells["Printer", "iot"].worst is None


def test_a_device_without_a_result_is_not_measured() -> None:
    segments, rows = isolation_matrix(replace(OFFICE, results=()), "en")
    assert segments == ("iot", "office")
    assert {cell.worst for row in rows for cell in row.cells} == {None, Apart.NOT_MEASURED}


def test_the_trend_counts_each_device_once_by_its_worst_verdict() -> None:
    stood = standing(OFFICE)
    assert stood.by_worst[VerdictOutcome.BREACH] == 3
    assert (
        stood.by_worst[VerdictOutcome.UNDETERMINED] == 1
    )  # the printer: excepted, compliant and undetermined
    assert sum(stood.by_worst.values()) + stood.not_judged == stood.devices == 5


def test_the_report_tells_the_trend_of_the_snapshots_before() -> None:
    before = replace(standing(OFFICE), label="2025", on=date(2025, 11, 21), devices=4321)
    page = rendered(as_html, replace(OFFICE, trend=(before,)), "en").decode()
    assert "4,321" in page
    assert "2025 (2025-11-21)" in page
    assert "This is the first snapshot." in rendered(as_html, OFFICE, "en").decode()

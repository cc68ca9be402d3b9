"""The horizon of vendors' support, as reports plan replacements by it."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from inventory.export.lifecycle import Horizon, by_quarter, support_ends
from inventory.export.rows import lifecycle_rows
from inventory.types import CheckOutcome, CheckResult, DeviceStatus
from tests.inventory.frozen_office import CAMERA, OFFICE, PRINTER, SCANNED

# OFFICE was frozen on 2026-11-20, in the fourth quarter of its year.


def firmware(device: str, state: str, ends: str = "", expires: datetime | None = None) -> CheckResult:
    facts = {"state": state, "ends": ends}
    return CheckResult(
        device, "firmware", CheckOutcome.PASS, "said", SCANNED, expires, ("vendor.example",), facts
    )


@pytest.mark.parametrize(
    ("state", "ends", "horizon"),
    [
        ("ended", "2024-06-30", Horizon.ENDED),
        ("security-ended", "2026-01-31", Horizon.ENDED),
        ("ending", "2026-12-31", Horizon.ENDING),
        ("supported", "2027-09-30", Horizon.ENDING),
        ("supported", "2027-10-01", Horizon.LATER),
        ("supported", "", Horizon.NO_END_KNOWN),
        ("supported", "soon", Horizon.NO_END_KNOWN),
        ("supported", "2026-11-19", Horizon.ENDED),  # the check is older than the end
    ],
)
def test_each_device_lies_where_its_vendor_put_it(state: str, ends: str, horizon: Horizon) -> None:
    (found,) = support_ends(replace(OFFICE, results=(firmware(PRINTER.id, state, ends),)))
    assert found.horizon is horizon


def test_the_quarters_add_up_to_all_devices_and_the_unknown_are_counted() -> None:
    results = (
        firmware(PRINTER.id, "ended", "2024-06-30"),
        firmware(CAMERA.id, "ending", "2027-02-01"),
    )
    told = by_quarter(replace(OFFICE, results=results), "en")
    assert told == (
        ("Ended", 1),
        ("2026 Q4", 0),
        ("2027 Q1", 1),
        ("2027 Q2", 0),
        ("2027 Q3", 0),
        ("Ends later", 0),
        ("Supported, no end announced", 0),
        ("Not known", 3),
    )
    assert sum(count for _when, count in told) == len(OFFICE.devices)


def test_a_word_that_has_expired_is_not_known_any_more() -> None:
    stale = firmware(PRINTER.id, "supported", "2030-01-01", datetime(2026, 11, 1, tzinfo=UTC))
    assert support_ends(replace(OFFICE, results=(stale,))) == ()


def test_a_retired_device_needs_no_replacement() -> None:
    gone = replace(PRINTER, status=DeviceStatus.RETIRED)
    retired = replace(OFFICE, devices=(gone,), results=(firmware(PRINTER.id, "ended", "2024-06-30"),))
    assert support_ends(retired) == ()
    assert sum(count for _when, count in by_quarter(retired, "en")) == 0


def test_the_table_names_the_day_the_plan_and_the_source() -> None:
    results = (firmware(CAMERA.id, "ending", "2027-02-01"), firmware(PRINTER.id, "ended", "2024-06-30"))
    first, second = lifecycle_rows(replace(OFFICE, results=results), "zh_TW")
    assert first[0] == PRINTER.id
    assert first[4:] == ("已終止", date(2024, 6, 30), "said", "p-1", "vendor.example")
    assert second[4] == "四季內終止"

"""How a firmware stands: by the dates a vendor gives, by its own scheme of versions, by the data as it is."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from test_checks import FAIL, NOW, PASS, UNKNOWN, product, subject

from agent.checks import (
    CHECKS,
    firmware,
)
from agent.checks.lifecycle import VendorFile, standing
from agent.checks.notice import LifecycleRow, Support
from agent.checks.subject import Subject
from inventory.types import (
    CheckOutcome,
)


def row(**fields: object) -> LifecycleRow:
    plain = {
        "products": "X1",
        "models": "X1",
        "match": "exact",
        "source": "https://example.com/eol",
        "read": "2026-06-01",
    }
    return LifecycleRow.model_validate({**plain, **fields})


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ({"end_of_support": "2026-06-30"}, Support.ENDED),
        ({"end_of_support": "2026-07-01"}, Support.ENDING),
        ({"end_of_support": "2027-06-30"}, Support.ENDING),
        ({"end_of_support": "2028-01-01"}, Support.SUPPORTED),
        ({"end_of_security": "2026-01-01", "end_of_support": "2028-01-01"}, Support.SECURITY_ENDED),
        ({"end_of_security": "2026-12-01", "end_of_support": "2028-01-01"}, Support.ENDING),
        ({"end_of_sale": "2020-01-01"}, None),
        ({"end_of_software": "2020-01-01"}, None),
        ({"supported": "yes"}, Support.SUPPORTED),
        ({"supported": "yes", "read": "2025-01-01"}, None),
        ({"update_mechanism": "yes"}, None),
    ],
)
def test_support_follows_from_the_dates_a_vendor_gives(said: dict[str, str], state: Support | None) -> None:
    assert row(**said).support(date(2026, 7, 1), timedelta(days=365)) is state


@pytest.fixture
def one_vendor(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = (
        row(
            end_of_support="2024-12-31",
            latest={"version": "2.10", "released": "2026-05-20"},
            update_mechanism="yes",
        ),
        row(models="X2.*", match="series", end_of_support="2030-01-01"),
        row(models="X2.*", firmware=r"7\.0\..*", match="series", end_of_security="2025-09-30"),
        row(models="X3", end_of_sale="2020-01-01"),
        row(models="X4", fixed_in="5.1.7.2770"),
        row(models="X5", weak_through="8.10.0.13"),
        row(models="X6", unsupported_by="2024-06-04"),
        row(models="X7", end_of_support="2030-01-01", latest={"version": "4.2", "released": "2021-11-11"}),
        row(models="X8", end_of_support="2030-01-01", latest={"version": "4.2"}),
    )
    file = VendorFile(vendor="Acme", rows=rows)
    monkeypatch.setattr("agent.checks.lifecycle.vendor_files", lambda: {"Acme": file})


@pytest.mark.usefixtures("one_vendor")
@pytest.mark.parametrize(
    ("model", "version", "outcome", "state", "ends", "behind"),
    [
        ("X1", "2.9", FAIL, "ended", "2024-12-31", "yes"),
        ("x1", "2.10.1", FAIL, "ended", "2024-12-31", "no"),
        ("X1", "2", FAIL, "ended", "2024-12-31", None),
        ("X1000", "2.9", UNKNOWN, None, None, None),
        ("X2 pro", "7.2.1", PASS, "supported", "2030-01-01", None),
        ("X2 pro", "7.0.14", FAIL, "security-ended", "2025-09-30", None),
        ("X2 pro", "", PASS, "supported", "2030-01-01", None),
        ("X3", "1.0", UNKNOWN, None, None, None),
        ("ACME X6", "1.0", FAIL, "ended", "2024-06-04", None),
        ("X4", "5.1.3", FAIL, None, None, "yes"),
        ("X4", "5.2.0", UNKNOWN, None, None, None),
        ("X5", "8.10.0.13", FAIL, None, None, "yes"),
        ("X5", "8.10.0.14", UNKNOWN, None, None, None),
        ("X5", "8.10", UNKNOWN, None, None, None),
        ("X5", "8.9", FAIL, None, None, "yes"),
        ("X6", "1.0", FAIL, "ended", "2024-06-04", None),
        ("X7", "4.1", FAIL, "supported", "2030-01-01", "yes"),
        ("X7", "4.2", PASS, "supported", "2030-01-01", None),
        ("X7", "4.3", PASS, "supported", "2030-01-01", None),
        ("X8", "4.2", PASS, "supported", "2030-01-01", None),
    ],
)
def test_firmware_is_judged_by_the_gravest_row(  # noqa: PLR0917 - a table's columns
    model: str, version: str, outcome: CheckOutcome, state: str | None, ends: str | None, behind: str | None
) -> None:
    result = firmware.judge(subject(product("Acme", model, version)))
    facts = result.facts
    assert (result.outcome, facts.get("state"), facts.get("ends"), facts.get("behind")) == (
        outcome,
        state,
        ends,
        behind,
    )


@pytest.mark.usefixtures("one_vendor")
def test_a_result_expires_when_the_state_changes() -> None:
    nearly = Subject(product("Acme", "X2"), (), datetime(2029, 12, 20, tzinfo=UTC))
    seen = replace(nearly, device=replace(nearly.device, last_seen=nearly.at))
    result = firmware.judge(seen)
    assert (result.outcome, result.facts["state"]) == (PASS, "ending")
    assert result.expires is not None
    assert result.expires.date() == date(2030, 1, 1)


@pytest.mark.usefixtures("one_vendor")
@pytest.mark.parametrize(
    ("on", "behind", "until"),
    [(date(2027, 5, 21), False, date(2027, 5, 21)), (date(2027, 5, 22), None, None)],
)
def test_the_newest_release_is_taken_for_the_newest_a_year_long(
    on: date, behind: bool | None, until: date | None
) -> None:
    known = standing("Acme", "X1", "2.10", on, timedelta())
    assert known is not None
    assert (known.behind, known.holds_until) == (behind, until)


# -- the data ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("vendor", "model", "version", "state", "behind"),
    [
        ("D-Link", "DNS-320L", "1.11", "ended", None),
        ("Zyxel", "NAS326", "V5.21(AAZF.17)C0", "ended", None),
        ("Cisco", "WS-C2960X-24TS-L", "15.2(7)E3", None, None),
        ("Cisco", "WS-C2960-24TT-L", "12.2(55)SE12", None, None),
        ("Cisco", "N9K-C93180YC-EX", "10.4(3)M", None, None),
        ("Cisco", "N9K-C93180YC-EX", "10.2(5)", "ended", None),
        ("Fortinet", "FGT_60E", "v6.0.9", None, "yes"),
        ("QNAP", "VS-4116 Pro+", "5.1.0", None, None),
        ("Juniper", "SRX300", "15.1X49-D170", None, None),
        ("Cisco", "RV042", "4.2.3.14", "ended", None),
        ("Fortinet", "FortiGate-60E", "v6.0.9", None, "yes"),
        ("Fortinet", "FortiGate-60F", "v7.4.8", None, None),
        ("Synology", "DS920+", "DSM 6.2-25426", None, "yes"),
        ("QNAP", "TS-453D", "5.1.3", None, "yes"),
        ("Dell", "iDRAC9", "4.40.00.00", None, "yes"),
        ("Aruba", "AP-505", "8.10.0.6", None, "yes"),
        ("Aruba", "7010", "8.6.0.4", None, "yes"),
        ("Aruba", "7010", "8.10.0.6", None, None),
        ("APC", "AP9630", "v6.4.0", None, "yes"),
        ("APC", "AP9641", "2.0.0", None, None),
        ("Axis", "P3245-LV", "8.40.22", "security-ended", None),
        ("Axis", "P3245-LV", "10.12.257", None, None),
    ],
)
def test_what_vendors_say_of_products_in_offices(
    vendor: str, model: str, version: str, state: str | None, behind: str | None
) -> None:
    on = datetime(2026, 11, 21, tzinfo=UTC)
    seen = replace(product(vendor, model, version), last_seen=on)
    facts = firmware.judge(Subject(seen, (), on)).facts
    assert (facts.get("state"), facts.get("behind")) == (state, behind)


def test_checks_are_one_module_each_and_all_are_registered() -> None:
    folder = Path(firmware.__file__).parent
    judging = {path.stem for path in folder.glob("*.py") if "\ndef judge(" in path.read_text("utf-8")}
    assert judging == {check.name for check in CHECKS}


def test_an_unlisted_product_has_no_standing() -> None:
    assert standing("Nobody", "X", "1", NOW.date(), timedelta()) is None
    assert standing("", "X", "1", NOW.date(), timedelta()) is None

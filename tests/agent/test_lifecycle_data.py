"""Gates on data/lifecycle: enough vendors, every row sourced and dated, and no two rows that contradict."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from pathlib import Path

import pytest

from agent.checks.lifecycle import VendorFile, standing, vendor_files
from agent.checks.notice import AfterSale, LifecycleRow, Support
from inventory.vendors import canonical, is_listed

ON = date(2026, 11, 21)
DATED = ("end_of_sale", "end_of_software", "end_of_security", "end_of_support")
DOCUMENT = Path(__file__).parents[2] / "docs" / "lifecycle.md"
A_YEAR = timedelta(days=365)
A_DAY = timedelta(days=1)


@pytest.mark.parametrize("vendor", sorted(vendor_files()))
def test_no_row_stands_twice(vendor: str) -> None:
    told = Counter((row.products.casefold(), row.firmware, row.source) for row in vendor_files()[vendor].rows)
    assert [row for row, times in told.items() if times > 1] == []


def test_there_are_enough_rows_over_enough_vendors() -> None:
    files = vendor_files()
    assert len(files) >= 60
    assert sum(len(file.rows) for file in files.values()) >= 500


def test_the_document_counts_what_there_is() -> None:
    rows = [row for file in vendor_files().values() for row in file.rows]
    kinds = {kind: sum(row.match == kind for row in rows) for kind in ("exact", "series", "policy")}
    dated = sum(any(getattr(row, name) for name in DATED) for row in rows)
    left = sum(row.unsupported_by is not None for row in rows)
    silent = sum(not row.unsupported_by and not any(getattr(row, name) for name in DATED) for row in rows)
    said = DOCUMENT.read_text(encoding="utf-8").replace("\n", " ")
    assert f"{len(rows)} rows of {len(vendor_files())} vendors" in said
    assert f"{kinds['exact']} of exact products, {kinds['series']} of series" in said
    assert f"{kinds['policy']} of a vendor's policy" in said
    for count, what in (
        (dated, "support end"),
        (left, "`unsupported_by`)"),
        (silent - kinds["policy"], "updated"),
        (sum(row.latest is not None for row in rows), "(`latest`)"),
    ):
        assert f"{what} | {count} |" in said


@pytest.mark.parametrize("vendor", sorted(vendor_files()))
def test_every_row_is_sourced_dated_and_in_order(vendor: str) -> None:
    file = vendor_files()[vendor]
    assert file.vendor == canonical(file.vendor)
    for row in file.rows:
        assert row.source.startswith("https://")
        assert row.read <= datetime.now(UTC).date() + timedelta(days=1)
        known = [day for name in DATED if (day := getattr(row, name))]
        assert row.end_of_sale is None or row.end_of_sale == min(known), row.products
        assert row.end_of_support is None or row.end_of_support == max(known), row.products
        assert row.unsupported_by is None or row.unsupported_by <= row.read, row.products


@pytest.mark.parametrize("vendor", sorted(vendor_files()))
def test_no_two_rows_contradict(vendor: str) -> None:
    clashes = [
        f"{one.products} / {other.products}: {name}"
        for one, other in combinations(vendor_files()[vendor].rows, 2)
        if meet(one, other)
        for name in (*DATED, "update_mechanism")
        if getattr(one, name) and getattr(other, name) and getattr(one, name) != getattr(other, name)
    ]
    assert not clashes


def test_a_row_of_one_exact_model_speaks_of_that_model_only() -> None:
    for file in vendor_files().values():
        for row in file.rows:
            if row.match == "exact" and row.models != ".*":
                assert not row.speaks_of(f"{row.products} other", "1.0") or ".*" in row.models, row.products
                assert not row.speaks_of(f"{row.products}0", "1.0") or not row.products[-1].isdigit()


def meet(one: LifecycleRow, other: LifecycleRow) -> bool:
    """Whether two rows speak of one thing: the same patterns, or one names a product the other covers."""
    if (one.models, one.firmware) == (other.models, other.firmware):
        return True
    if one.firmware or other.firmware:
        return False
    return one.speaks_of(other.products, "") or other.speaks_of(one.products, "")


@pytest.mark.parametrize(
    ("vendor", "model", "version", "state", "behind"),
    [
        ("Aruba", "Aruba7010", "8.6.0.4", None, True),
        ("ACTi", "E32", "A1D-500-V6.04.15-AC", None, True),
        ("ACTi", "E32", "A1D-500-V6.17.02-AC", None, None),
        ("ACTi", "Z31", "A1D-900-A9.00.04-AC", None, None),
        ("ACTi", "GNR-3000", "3.0.02", None, True),
        ("Axis", "P3265-LV", "11.11.116", None, True),
        ("Axis", "P3265-LV", "11.11.248", None, False),
        ("Axis", "P3265-LV", "11.11.300", None, False),
        ("Asus", "DSL-N16U", "1.1.2.3_700", "ended", None),
        ("Asus", "RT-AC68U", "3.0.0.4.386_45987", None, True),
        ("Brother", "HL-L2370DN", "1.70", None, True),
        ("Canon", "MF754Cdw", "03.05", None, True),
        ("Cisco", "CP-8945", "SCCP8941_8945", "ended", None),
        ("Dahua", "IPC-HFW5442E-ZE", "2.800.0000000.29.R, Build Date: 2021-05-10", None, True),
        ("Draytek", "Vigor2962", "4.3.2.5", None, True),
        ("F5", "BIG-IP VE", "15.1.8", None, True),
        ("Fortinet", "FortiAP-231F", "7.2.5", None, None),
        ("Fortinet", "FortiSwitch-124E-POE", "7.0.7", None, True),
        ("Fujifilm", "DocuPrint P375 dw", "1.20", None, True),
        ("Grandstream", "UCM6202", "1.0.18.13", None, True),
        ("Hikvision", "DS-K1T671TM-3XF", "V3.2.30_build220101", None, True),
        ("Juniper", "EX4300-48P", "19.4R3-S9.2", "ended", True),
        ("Juniper", "EX4300-48P", "21.4R3-S11", None, None),
        ("Lexmark", "MX421ade", "MXTGM.081.233", None, True),
        ("Microsoft", "Lync Phone Edition", "4.0.7577.4487", "ended", None),
        ("MikroTik", "RB750Gr3", "6.48.6", None, True),
        ("Mitel", "6867i", "6.3.0.1020", None, True),
        ("Netgear", "GS724TPv2", "2.0.4.1", None, True),
        ("Netgear", "GS724TPv2", "2.0.5.0", None, None),
        ("Palo Alto Networks", "PA-440", "10.1.14-h6", None, True),
        ("QNAP", "TVS-871U-RP", "4.3.3.1432", None, True),
        ("Sony", "SNC-VB630", "2.7.0", None, True),
        ("Sophos", "XG 210", "SFOS 18.0.1 MR-1-Build396", "ended", True),
        ("TP-Link", "ER605 v2.0", "2.2.6 Build 20240718 Rel.82712", None, True),
        ("Ubiquiti", "U6-Pro", "6.0.21.13673", None, True),
        ("Xerox", "VersaLink C405", "68.75.20", None, True),
        ("Zyxel", "WAX655E", "V7.00(ACDO.1)", None, True),
        ("Zyxel", "WAX655E", "V7.10(ACDO.1)", None, None),
    ],
)
def test_what_vendors_say_of_products_in_offices(
    vendor: str, model: str, version: str, state: str | None, behind: bool | None
) -> None:
    known = standing(vendor, model, version, ON, timedelta(days=365))
    assert known is not None
    assert (known.state, known.behind) == (state, behind)


@pytest.mark.parametrize(
    ("vendor", "model", "state", "ends"),
    [
        ("Meraki", "MX64W", Support.ENDING, date(2027, 7, 26)),
        ("Meraki", "Cisco Meraki MR18", Support.ENDED, date(2024, 3, 31)),
        ("Palo Alto Networks", "PA-220", Support.SUPPORTED, date(2028, 1, 31)),
        ("Palo Alto Networks", "PA-3050", Support.ENDED, date(2024, 10, 31)),
        ("SonicWall", "TZ 300 wireless-AC", Support.ENDED, date(2025, 1, 23)),
        ("SonicWall", "TZ270", None, None),
        ("Sophos", "XG210_XN02_SFOS", Support.ENDED, date(2025, 3, 31)),
        ("WatchGuard", "Firebox T35-W", Support.ENDED, date(2025, 12, 31)),
        ("WatchGuard", "AP420", Support.ENDING, date(2026, 12, 31)),
        ("Eaton", "Gigabit Network Card", Support.ENDED, date(2025, 2, 24)),
    ],
)
def test_the_days_vendors_name(vendor: str, model: str, state: Support | None, ends: date | None) -> None:
    known = standing(vendor, model, "", ON, timedelta(days=366))
    assert known is not None
    assert (known.state, known.ends) == (state, ends)


@pytest.mark.parametrize(
    ("policy", "on", "state", "ends", "holds_until"),
    [
        (AfterSale(at_most=5), date(2027, 1, 1), None, None, date(2029, 2, 28)),
        (AfterSale(at_most=5), date(2029, 3, 1), Support.ENDED, date(2029, 2, 28), None),
        (AfterSale(at_least=3), date(2027, 1, 1), Support.SUPPORTED, None, date(2027, 2, 28)),
        (AfterSale(at_least=3), date(2027, 3, 1), None, None, None),
        (
            AfterSale(at_least=5, at_most=5),
            date(2027, 1, 1),
            Support.SUPPORTED,
            date(2029, 2, 28),
            date(2029, 2, 28),
        ),
        (
            AfterSale(at_least=5, at_most=5),
            date(2028, 6, 1),
            Support.ENDING,
            date(2029, 2, 28),
            date(2029, 2, 28),
        ),
    ],
)
def test_a_policy_judges_where_only_the_end_of_sale_is_known(
    policy: AfterSale, on: date, state: Support | None, ends: date | None, holds_until: date | None
) -> None:
    told = {"source": "https://acme.example/eol", "read": date(2026, 11, 21)}
    sold = LifecycleRow(products="X9", models="X9", match="exact", end_of_sale=date(2024, 2, 29), **told)
    rule = LifecycleRow(products="all", match="policy", after_sale=policy, **told)
    file = VendorFile(vendor="Acme", rows=(sold, rule))
    known = file.standing("X9", "", on, A_YEAR)
    assert known is not None
    assert (known.state, known.ends, known.holds_until) == (state, ends, holds_until)
    assert file.standing("Y1", "", on, A_YEAR) is None


@pytest.mark.parametrize(
    ("days", "state", "ends", "holds_until"),
    [
        ({"end_of_support": ON}, Support.ENDING, ON, ON),
        ({"end_of_support": ON - A_DAY}, Support.ENDED, ON - A_DAY, None),
        ({"end_of_security": ON, "end_of_support": ON + A_YEAR}, Support.ENDING, ON, ON),
        ({"end_of_security": ON - A_DAY, "end_of_support": ON}, Support.SECURITY_ENDED, ON - A_DAY, ON),
        (
            {"end_of_support": ON + A_YEAR + A_DAY},
            Support.SUPPORTED,
            ON + A_YEAR + A_DAY,
            ON + A_YEAR + A_DAY,
        ),
        ({"end_of_software": ON, "end_of_support": ON + A_YEAR}, Support.ENDING, ON + A_YEAR, ON),
        ({"end_of_software": ON - A_DAY, "end_of_support": ON + A_YEAR}, None, ON + A_YEAR, ON + A_YEAR),
        (
            {"end_of_software": ON - A_DAY, "end_of_security": ON, "end_of_support": ON + A_YEAR},
            Support.ENDING,
            ON,
            ON,
        ),
        ({"end_of_sale": ON - A_DAY}, None, None, None),
    ],
)
def test_a_state_lasts_through_its_last_day_and_wants_updates(
    days: dict[str, date], state: Support | None, ends: date | None, holds_until: date | None
) -> None:
    told = {"source": "https://acme.example/eol", "read": ON}
    row = LifecycleRow.model_validate({"products": "X9", "models": "X9", "match": "exact", **told, **days})
    known = VendorFile(vendor="Acme", rows=(row,)).standing("X9", "", ON, A_YEAR)
    assert known is not None
    assert (known.state, known.ends, known.holds_until) == (state, ends, holds_until)


def test_what_a_network_asks_does_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.checks.lifecycle.REMEMBERED", 8)
    told = {"source": "https://acme.example/eol", "read": date(2026, 11, 21)}
    sold = LifecycleRow(
        products="X series", models=r"X\d+", match="series", end_of_support=date(2024, 2, 29), **told
    )
    file = VendorFile(vendor="Acme", rows=(sold,))
    known = [file.standing(f"X{number}", "", ON, A_YEAR) for number in range(50)]
    assert {standing.state for standing in known if standing} == {Support.ENDED}
    assert None not in known
    assert len(file._asked) <= 8


@pytest.mark.parametrize(
    "wrong",
    [
        {"match": "exact", "after_sale": {"at_most": 5}},
        {"match": "policy", "end_of_sale": "2024-01-01", "after_sale": {"at_most": 5}},
        {"match": "policy", "update_mechanism": "yes"},
        {"match": "policy", "after_sale": {}},
        {"match": "policy", "after_sale": {"at_least": 6, "at_most": 5}},
    ],
)
def test_a_policy_names_years_and_a_product_days(wrong: dict[str, object]) -> None:
    told = {"products": "all", "source": "https://acme.example/eol", "read": "2026-11-21"}
    with pytest.raises(ValueError, match="polic"):
        LifecycleRow.model_validate({**told, **wrong})


def test_of_several_releases_the_newest_is_named() -> None:
    known = standing("Canon", "MF754Cdw", "03.05", ON, timedelta(days=365))
    assert known is not None
    assert known.latest == "> 06.02"
    assert len(known.cves) == 2


def test_vendors_are_those_the_register_knows() -> None:
    assert [name for name in vendor_files() if not is_listed(name)] == []

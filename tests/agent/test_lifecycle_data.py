"""Gates on data/lifecycle: enough vendors, every row sourced and dated, and no two rows that contradict."""

from datetime import UTC, date, datetime, timedelta
from itertools import combinations

import pytest

from agent.checks.lifecycle import LifecycleRow, standing, vendor_files
from inventory.vendors import canonical, is_listed

ON = date(2026, 11, 21)
DATED = ("end_of_sale", "end_of_software", "end_of_security", "end_of_support")


def test_there_are_enough_rows_over_enough_vendors() -> None:
    files = vendor_files()
    assert len(files) >= 60
    assert sum(len(file.rows) for file in files.values()) >= 500


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
        ("Asus", "DSL-N16U", "1.1.2.3_700", "ended", None),
        ("Asus", "RT-AC68U", "3.0.0.4.386_45987", None, True),
        ("Brother", "HL-L2370DN", "1.70", None, True),
        ("Canon", "MF754Cdw", "03.05", None, True),
        ("Cisco", "CP-8945", "SCCP8941_8945", "ended", None),
        ("Dahua", "IPC-HFW5442E-ZE", "2.800.0000000.29.R, Build Date: 2021-05-10", None, True),
        ("Draytek", "Vigor2962", "4.3.2.5", None, True),
        ("F5", "BIG-IP VE", "15.1.8", None, True),
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


def test_of_several_releases_the_newest_is_named() -> None:
    known = standing("Canon", "MF754Cdw", "03.05", ON, timedelta(days=365))
    assert known is not None
    assert known.latest == "> 06.02"
    assert len(known.cves) == 2


def test_vendors_are_those_the_register_knows() -> None:
    assert [name for name in vendor_files() if not is_listed(name)] == []

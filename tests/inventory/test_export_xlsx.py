"""The workbook: one an auditor can file, in which no text of a device is a formula."""

import io
import re
import unicodedata
import zipfile
from dataclasses import replace

import openpyxl
from hypothesis import given, settings

from inventory.export import as_xlsx
from inventory.export.columns import COLUMNS
from inventory.export.harmless import looks_like_formula, visible
from inventory.export.sheets import SHEETS
from inventory.types import each_alone, share
from tests.inventory.frozen_office import (
    ANY_TEXT,
    CAMERA,
    OFFICE,
    ON,
    SCANNED,
    one_device,
    rendered,
)


@settings(max_examples=25, deadline=None)
@given(ANY_TEXT)
def test_no_xlsx_cell_is_a_formula_and_excel_may_open_it(text: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(rendered(as_xlsx, one_device(text), "en")))
    cell = book["Register"].cell(2, [column.key for column in COLUMNS].index("model") + 1)
    assert cell.data_type in ("s", "n")  # n: the empty cell
    assert cell.quotePrefix == looks_like_formula(visible(text))
    assert cell.value is None or all(unicodedata.category(c) not in ("Cc", "Cf", "Cs") for c in cell.value)


def test_a_text_that_excel_would_decode_is_shown_as_it_was() -> None:
    book = openpyxl.load_workbook(io.BytesIO(rendered(as_xlsx, one_device("_x003D_cmd"), "en")))
    cell = book["Register"].cell(2, [column.key for column in COLUMNS].index("model") + 1)
    assert cell.value == "_x005F_x003D_cmd"


def test_the_workbook_is_one_an_auditor_can_file() -> None:
    book = openpyxl.load_workbook(io.BytesIO(rendered(as_xlsx, OFFICE, "zh_TW")))
    assert book.sheetnames == [sheet.title.zh for sheet in SHEETS]
    register = book["設備清冊"]
    headings = [cell.value for cell in register[1]]
    for asked in (
        "設備編號",
        "設備類別",
        "廠牌",
        "型號",
        "韌體版本",
        "序號",
        "IP 位址",
        "MAC 位址",
        "連線方式",
    ):
        assert asked in headings
    for asked in ("使用連接埠", "存放位置", "管理人員", "用途"):
        assert asked in headings
    assert register.freeze_panes == "B2"
    assert register.auto_filter.ref == register.dimensions  # every column and row can be filtered
    assert register.max_row == len(OFFICE.devices) + 1
    printer = dict(zip(headings, (cell.value for cell in register[2]), strict=True))
    assert printer["設備類別"] == "印表機／事務機"
    assert printer["使用連接埠"] == "tcp/80 http; tcp/443 https; tcp/9100 jetdirect; udp/161 snmp"
    assert printer["最近發現"].date() == SCANNED.date()


def test_the_workbook_tells_of_networks_nobody_scanned_and_addresses_left_out() -> None:
    book = openpyxl.load_workbook(io.BytesIO(rendered(as_xlsx, OFFICE, "zh_TW")))
    rows = [[cell.value for cell in row] for row in book["盤點涵蓋範圍"].iter_rows(min_row=2)]
    assert any(row[2] == "192.168.30.0/24" and row[-1] == "從未掃描" for row in rows)
    assert any(row[3] == "192.168.20.250" and row[-1] == "do-not-probe: life-safety panel" for row in rows)


def test_an_overdue_finding_and_a_lapsed_exception_are_said_so() -> None:
    lapsed = replace(OFFICE, on=ON.replace(year=2027))
    book = openpyxl.load_workbook(io.BytesIO(rendered(as_xlsx, lapsed, "zh_TW")))
    assert "未生效或已失效" in [cell.value for cell in book["例外管理"][2]]
    overdue = [row[10].value for row in book["待改善事項"].iter_rows(min_row=2)]
    assert overdue.count("逾期") == 3


def test_a_register_without_judgement_is_exported_without_empty_judgement_sheets() -> None:
    book = openpyxl.load_workbook(io.BytesIO(rendered(as_xlsx, replace(OFFICE, assessed_on=None), "en")))
    assert book.sheetnames == ["Register"]


def test_xlsx_carries_no_moment_but_the_snapshots_day() -> None:
    with zipfile.ZipFile(io.BytesIO(rendered(as_xlsx, OFFICE, "zh_TW"))) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2026, 11, 20, 0, 0, 0)}
        core = archive.read("docProps/core.xml").decode()
    assert set(re.findall(r"W3CDTF\">([^<]*)<", core)) == {"2026-11-20T00:00:00Z"}


def test_the_register_tells_of_each_device_whether_the_law_means_it_and_why() -> None:
    ruling = replace(
        each_alone(OFFICE.verdicts)[0],
        device=CAMERA.id,
        article="21",
        reason_zh="已認定適用範圍（適用）：網路攝影機。",
    )
    older = replace(ruling, edition=ON.replace(year=2022), reason_zh="舊版之認定。")
    book = openpyxl.load_workbook(
        io.BytesIO(rendered(as_xlsx, replace(OFFICE, verdicts=share([older, ruling])), "zh_TW"))
    )
    rulings = {row[0].value: row[-1].value for row in book["設備清冊"].iter_rows(min_row=2)}
    assert rulings == dict.fromkeys(device.id for device in OFFICE.devices) | {
        CAMERA.id: "已認定適用範圍（適用）：網路攝影機。"
    }

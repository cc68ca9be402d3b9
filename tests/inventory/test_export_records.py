"""What people record stands in each form an auditor opens: who, until when, why, its cost, what was said."""

import io
import json
from datetime import date

import openpyxl
import pytest

from inventory.export import as_html, as_oscal_poam, as_oscal_results, as_xlsx
from inventory.snapshot.canonical import from_bytes, to_bytes
from tests.inventory.frozen_office import OFFICE, rendered

EXPECTED = {
    "待改善事項": {"負責人員": "陳志豪", "處理情形": "2026-11-18 陳志豪: 林美玲 asks the vendor"},
    "例外管理": {"原因類別": "無法更新的已知弱點", "連線狀態": "僅必要時"},
    "汰換計畫": {
        "季別": "2027Q1",
        "展延紀錄": "2026-12-31 → 2027-03-31 (Lin 2026-11-18)",
        "預算（新臺幣元）": 90_000,
        "進度": "已核准",
    },
    "各季汰換預估": {"季別": "2027 Q1", "已列計畫設備數": 1, "預算（新臺幣元）": 90_000},
    "人工佐證": {"檢核項目": "設備使用人員已受訓: 是; 設備管理人員已受訓: 不適用 (林美玲 is new)"},
}


@pytest.fixture(scope="module")
def book():
    return openpyxl.load_workbook(io.BytesIO(rendered(as_xlsx, OFFICE, "zh_TW")))


@pytest.mark.parametrize("sheet", EXPECTED)
def test_the_workbook_shows_it(book, sheet):
    headings, first = list(book[sheet].iter_rows(values_only=True))[:2]
    row = dict(zip(headings, first, strict=True))
    assert {name: row[name] for name in EXPECTED[sheet]} == EXPECTED[sheet]


def test_the_report_shows_it():
    page = rendered(as_html, OFFICE, "en").decode()
    for said in (
        "Assigned to 陳志豪",
        "林美玲 asks the vendor",
        "only when necessary",
        "90,000",
        "2027-03-31 (Lin",
    ):
        assert said in page, said


def test_the_plan_of_action_has_log_assignee_cause_and_budget():
    document = json.loads(rendered(as_oscal_poam, OFFICE, "en"))["plan-of-action-and-milestones"]
    props = {
        prop["name"]: prop["value"]
        for part in (*document["poam-items"], *walked(document["risks"]))
        for prop in part.get("props", ())
    }
    assert props["assignee"] == "陳志豪"
    assert (props["cause"], props["connection"]) == ("weakness", "when-necessary")
    assert (props["budget-twd"], props["slip"].startswith("2026-12-31")) == ("90000", True)
    (entry,) = [entry for risk in document["risks"] for entry in risk.get("risk-log", {}).get("entries", ())]
    assert (entry["title"], entry["description"]) == ("陳志豪", "林美玲 asks the vendor")


def test_the_results_hold_what_was_signed_item_by_item():
    (result,) = json.loads(rendered(as_oscal_results, OFFICE, "zh_TW"))["assessment-results"]["results"]
    ((answer,),) = (one["parts"] for one in result["attestations"])
    props = {prop["name"]: prop["value"] for prop in answer["props"]}
    assert (props["signer"], props["answer"], props["next-due"]) == ("張主任", "yes", "2027-03-02")
    assert [(item["title"], item["prose"]) for item in answer["parts"]] == [
        ("設備使用人員已受訓", "是"),
        ("設備管理人員已受訓", "林美玲 is new"),
    ]


def walked(node):
    """Every mapping within a JSON value."""
    if isinstance(node, dict):
        yield node
        node = list(node.values())
    if isinstance(node, list):
        for inner in node:
            yield from walked(inner)


def test_a_snapshot_of_before_there_were_comments_checklists_and_steps_is_read():
    plain = json.loads(to_bytes(OFFICE))
    del plain["comments"], plain["plans"][0]["steps"], plain["attestations"][0]["ticks"]
    read = from_bytes(json.dumps(plain).encode(), "older")
    assert (read.comments, read.plans[0].steps, read.attestations[0].ticks) == ((), (), ())
    assert read.plans[0].due == date(2027, 3, 31)

"""The sheets of the auditor's workbook, in order: title, headings with widths, and what fills them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from inventory.export.columns import COLUMNS, columns_of
from inventory.export.record_rows import Row, attestation_rows, exception_rows, forecast_rows, plan_rows
from inventory.export.rows import (
    coverage_rows,
    finding_rows,
    lifecycle_rows,
    posture_rows,
    sign_off_rows,
    summary_rows,
    wireless_rows,
)
from inventory.export.wording import Term
from inventory.snapshot.sketches import own_fields
from inventory.snapshot.value import Snapshot


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its name (31 characters at most), its headings and widths, and what fills it.

    `rows` is None for the register, whose rows are written while the devices go by.
    `frozen` is how many columns stay when the reader scrolls right. A sheet that is not `tabular` has no
    filter: it is read from top to bottom. One `for_signing` has high rows.
    """

    title: Term
    headings: tuple[tuple[Term, int], ...]
    rows: Callable[[Snapshot, str], Iterable[Row]] | None
    frozen: int = 0
    tabular: bool = True
    for_signing: bool = False


_RULING = (Term("Ruling on scope (Art. 21)", "適用範圍認定及理由（第21條）"), 44)
_REGISTER = Sheet(
    Term("Register", "設備清冊"),
    (*((column.heading, column.width) for column in COLUMNS), _RULING),
    None,
    frozen=1,
)

SHEETS: tuple[Sheet, ...] = (
    Sheet(
        Term("Summary", "摘要"),
        ((Term("Item", "項目"), 18), (Term("Content", "內容"), 110)),
        summary_rows,
        tabular=False,
    ),
    _REGISTER,
    Sheet(
        Term("Articles", "條文符合情形"),
        (
            (Term("Document", "規範"), 44),
            (Term("Edition", "版本日期"), 12),
            (Term("Article", "條文"), 16),
            (Term("Title", "名稱"), 34),
            (Term("Level", "應／宜"), 8),
            (Term("Breach", "不符合"), 10),
            (Term("Undetermined", "無法判定"), 12),
            (Term("Excepted", "例外"), 10),
            (Term("Compliant", "符合"), 10),
            (Term("Not applicable", "不適用"), 12),
            (Term("Not judged", "未評估"), 10),
        ),
        posture_rows,
    ),
    Sheet(
        Term("Findings", "待改善事項"),
        (
            (Term("Article", "條文"), 14),
            (Term("Device", "設備編號"), 14),
            (Term("Name", "設備名稱"), 26),
            (Term("Owner", "管理人員"), 14),
            (Term("Severity", "風險等級"), 10),
            (Term("State", "狀態"), 12),
            (Term("Reason", "不符合原因"), 50),
            (Term("Remedy", "改善建議"), 50),
            (Term("Opened", "發現日期"), 12),
            (Term("Due", "改善期限"), 12),
            (Term("Overdue", "逾期"), 8),
            (Term("Assigned to", "負責人員"), 14),
            (Term("Comments", "處理情形"), 44),
            (Term("Resolved", "改善日期"), 12),
            (Term("Document", "規範"), 44),
            (Term("Rule", "規則"), 20),
            (Term("Finding", "事項編號"), 18),
        ),
        finding_rows,
        frozen=2,
    ),
    Sheet(
        Term("Lifecycle", "支援期限"),
        (
            (Term("Device", "設備編號"), 14),
            (Term("Name", "設備名稱"), 26),
            (Term("Firmware", "韌體版本"), 16),
            (Term("Owner", "管理人員"), 14),
            (Term("Vendor's support", "原廠支援"), 18),
            (Term("Ends", "終止日"), 12),
            (Term("What is known", "說明"), 44),
            (Term("Replacement plan", "汰換計畫"), 14),
            (Term("Source", "資料來源"), 60),
        ),
        lifecycle_rows,
        frozen=2,
    ),
    Sheet(
        Term("Exceptions", "例外管理"),
        (
            (Term("Exception", "例外編號"), 14),
            (Term("Device", "設備編號"), 14),
            (Term("Articles", "條文"), 20),
            (Term("Cause", "原因類別"), 18),
            (Term("Connected", "連線狀態"), 16),
            (Term("Reason", "原因"), 40),
            (Term("Compensating control", "補償措施"), 40),
            (Term("Approver", "核准人"), 14),
            (Term("Start", "起日"), 12),
            (Term("Expiry", "到期日"), 12),
            (Term("On the day", "基準日效力"), 14),
            (Term("Replacement plan", "汰換計畫"), 16),
        ),
        exception_rows,
        frozen=1,
    ),
    Sheet(
        Term("Replacement plans", "汰換計畫"),
        (
            (Term("Plan", "計畫編號"), 14),
            (Term("Devices", "設備編號"), 30),
            (Term("Reason", "原因"), 40),
            (Term("Successor", "接替設備"), 24),
            (Term("Quarter", "季別"), 10),
            (Term("Due", "預定日期"), 12),
            (Term("Slips", "展延紀錄"), 40),
            (Term("Budget (NT$)", "預算（新臺幣元）"), 14),
            (Term("Owner", "負責人員"), 14),
            (Term("State", "進度"), 12),
        ),
        plan_rows,
        frozen=1,
    ),
    Sheet(
        Term("Replacement forecast", "各季汰換預估"),
        (
            (Term("Quarter", "季別"), 12),
            (Term("Devices in a plan", "已列計畫設備數"), 18),
            (Term("Support ends, in no plan", "支援終止未列計畫設備數"), 24),
            (Term("Budget (NT$)", "預算（新臺幣元）"), 16),
            (Term("Plans without a budget", "未編預算計畫數"), 20),
        ),
        forecast_rows,
    ),
    Sheet(
        Term("Wireless", "無線網路"),
        (
            (Term("Device", "設備編號"), 14),
            (Term("Name", "設備名稱"), 26),
            (Term("Class", "設備類別"), 16),
            (Term("SSID", "無線網路名稱 SSID"), 20),
            (Term("Wireless check", "無線安全檢測"), 14),
            (Term("Reason", "說明"), 60),
            (Term("Segment", "網段"), 14),
            (Term("Owner", "管理人員"), 14),
        ),
        wireless_rows,
        frozen=1,
    ),
    Sheet(
        Term("Coverage", "盤點涵蓋範圍"),
        (
            (Term("Site", "據點"), 12),
            (Term("Segment", "網段"), 14),
            (Term("Network", "網路"), 20),
            (Term("Address", "位址"), 18),
            (Term("Addresses", "位址數"), 10),
            (Term("Found", "有設備回應"), 12),
            (Term("Silent", "無回應"), 10),
            (Term("Unreachable", "無法到達"), 12),
            (Term("Not allowed", "未獲准探測"), 12),
            (Term("Not reached", "尚未探測"), 12),
            (Term("Scanned on", "掃描日期"), 12),
            (Term("Method or reason", "方法或原因"), 50),
        ),
        coverage_rows,
    ),
    Sheet(
        Term("Attestations", "人工佐證"),
        (
            (Term("Record", "紀錄編號"), 14),
            (Term("Article", "條文"), 14),
            (Term("Device", "設備編號"), 14),
            (Term("Answer", "答覆"), 8),
            (Term("Checklist", "檢核項目"), 50),
            (Term("Signer", "簽署人"), 14),
            (Term("Signed", "簽署日期"), 12),
            (Term("Next due", "下次期限"), 12),
            (Term("Evidence", "佐證"), 50),
        ),
        attestation_rows,
        frozen=1,
    ),
    Sheet(
        Term("Sign-off", "簽核"),
        (
            (Term("Role", "職務"), 26),
            (Term("Name", "姓名"), 24),
            (Term("Signature", "簽章"), 30),
            (Term("Date", "日期"), 16),
        ),
        sign_off_rows,
        tabular=False,
        for_signing=True,
    ),
)


def sheets_of(snapshot: Snapshot) -> tuple[Sheet, ...]:
    """The sheets of a workbook: the register alone where nothing was judged, with the firm's own fields."""
    own = tuple((column.heading, column.width) for column in columns_of(own_fields(snapshot)))
    register = replace(_REGISTER, headings=(*own, _RULING))
    if snapshot.assessed_on is None:
        return (register,)
    return tuple(register if sheet is _REGISTER else sheet for sheet in SHEETS)

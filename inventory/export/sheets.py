"""What stands on each sheet of the auditor's workbook: title, columns with widths, rows of plain values."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from inventory.export.columns import COLUMNS, SEPARATOR
from inventory.export.statement import coverage_statement, is_overdue, judgement_statement
from inventory.export.wording import Term, label
from inventory.snapshot.posture import WORST_FIRST, posture
from inventory.snapshot.value import Snapshot
from inventory.types import (
    AddressState,
    Article,
    Attribute,
    CheckResult,
    ConnectionMethod,
    Device,
    DeviceClass,
    DeviceStatus,
)

Value = str | int | date | None
Row = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its name (31 characters at most), its headings and widths, and what fills it.

    `frozen` is how many columns stay when the reader scrolls right. A sheet that is not `tabular` has no
    filter: it is read from top to bottom.
    """

    title: Term
    headings: tuple[tuple[Term, int], ...]
    rows: Callable[[Snapshot, str], Iterable[Row]]
    frozen: int = 0
    tabular: bool = True


def article_name(number: str, language: str) -> str:
    """`Art. 22` / `第22條` for `22`, `Art. 7(1)` / `第7條第1款` for `7-1`, `m(a)` for `m-a`; else as it is.

    An exception may name an article with its pack (`guideline-2024/22`); the pack is then kept in front.
    """
    pack, slash, bare = number.rpartition("/")
    if slash:
        return f"{pack} {article_name(bare, language)}"
    head, _dash, part = number.partition("-")
    if head.isdecimal() and not part:
        return Term(f"Art. {head}", f"第{head}條").within(language)
    if head.isdecimal() and part.isdecimal():
        return Term(f"Art. {head}({part})", f"第{head}條第{part}款").within(language)
    return f"{head}({part})" if len(head) == len(part) == 1 else number


def article_heading(article: Article, language: str) -> str:
    """Number and title: `Art. 22 Register of devices`.

    The title of an item (`7-1`: "Item 1: …") and of what has no numbered article names itself.
    """
    title = Term(article.title_en, article.title_zh).within(language)
    head = article.number.partition("-")[0]
    return f"{article_name(head, language)} {title}" if head.isdecimal() else title


def _summary(snapshot: Snapshot, language: str) -> Iterator[Row]:
    def say(en: str, zh: str) -> str:
        return Term(en, zh).within(language)

    yield say("Snapshot", "清冊快照"), snapshot.label
    yield say("As of", "基準日"), snapshot.on
    for sentence in coverage_statement(snapshot, language):
        yield say("Coverage", "盤點涵蓋範圍"), sentence
    for sentence in judgement_statement(snapshot, language):
        yield say("Judgement", "評估結果"), sentence
    if snapshot.previous:
        yield (
            say("Previous snapshot", "前次快照"),
            f"{snapshot.previous.label}  SHA-256 {snapshot.previous.digest}",
        )
    for name, version in sorted(snapshot.versions.items()):
        yield say("Version", "版本"), f"{name} {version}"
    yield say("Times", "時間"), say("All times are UTC.", "本檔時間均為世界協調時間（UTC）。")


def _register(snapshot: Snapshot, language: str) -> Iterator[Row]:
    for device in sorted(snapshot.devices, key=lambda device: device.id):
        yield tuple(column.shown(device, language) for column in COLUMNS)


def _posture(snapshot: Snapshot, language: str) -> Iterator[Row]:
    present = [device.id for device in snapshot.devices if device.status is not DeviceStatus.RETIRED]
    for row in posture(snapshot.articles, snapshot.verdicts, present):
        article = row.article
        yield (
            article.pack,
            article.edition,
            article_name(article.number, language),
            Term(article.title_en, article.title_zh).within(language),
            label(article.level, language),
            *(row.counts[outcome] for outcome in WORST_FIRST),
            row.not_judged,
        )


def _findings(snapshot: Snapshot, language: str) -> Iterator[Row]:
    devices = {device.id: device for device in snapshot.devices}
    order = {(article.pack, article.number): place for place, article in enumerate(snapshot.articles)}
    for finding in sorted(
        snapshot.findings, key=lambda f: (order.get((f.pack, f.article), len(order)), f.device, f.rule)
    ):
        device = devices.get(finding.device)
        yield (
            article_name(finding.article, language),
            finding.device,
            device.label if device else "",
            device.text(Attribute.OWNER) if device else "",
            label(finding.severity, language),
            label(finding.state, language),
            Term(finding.reason_en, finding.reason_zh).within(language),
            Term(finding.remedy_en, finding.remedy_zh).within(language),
            finding.opened,
            finding.due,
            Term("overdue", "逾期").within(language) if is_overdue(finding, snapshot) else "",
            finding.resolved,
            finding.pack,
            finding.rule,
            finding.id,
        )


def _exceptions(snapshot: Snapshot, language: str) -> Iterator[Row]:
    for record in sorted(snapshot.exceptions, key=lambda record: record.id):
        in_force = record.start <= snapshot.on <= record.expiry
        yield (
            record.id,
            record.device,
            SEPARATOR.join(article_name(number, language) for number in record.articles),
            record.reason,
            record.compensating_control,
            record.approver,
            record.start,
            record.expiry,
            (Term("in force", "有效") if in_force else Term("not in force", "未生效或已失效")).within(
                language
            ),
            record.plan,
        )


def _plans(snapshot: Snapshot, language: str) -> Iterator[Row]:  # noqa: ARG001 - one shape for every sheet
    for plan in sorted(snapshot.plans, key=lambda plan: plan.id):
        yield (
            plan.id,
            SEPARATOR.join(plan.devices),
            plan.reason,
            plan.successor,
            plan.due,
            plan.owner,
            plan.state,
        )


def _wireless(snapshot: Snapshot, language: str) -> Iterator[Row]:
    results = {result.device: result for result in snapshot.results if result.check == "wireless"}
    for device in sorted(snapshot.devices, key=lambda device: device.id):
        if _is_wireless(device):
            yield _wireless_row(device, results.get(device.id), language)


def _is_wireless(device: Device) -> bool:
    return (
        device.device_class in (DeviceClass.ACCESS_POINT, DeviceClass.WLAN_CONTROLLER)
        or device.text(Attribute.CONNECTION_METHOD) == ConnectionMethod.WIRELESS
        or bool(device.text(Attribute.SSID))
    )


def _wireless_row(device: Device, result: CheckResult | None, language: str) -> Row:
    unknown = Term("not checked", "未檢測").within(language)
    return (
        device.id,
        device.label,
        label(device.device_class, language),
        device.text(Attribute.SSID),
        _OUTCOMES[result.outcome].within(language) if result else unknown,
        result.reason if result else "",
        device.segment,
        device.text(Attribute.OWNER),
    )


_OUTCOMES = {
    "pass": Term("pass", "通過"),
    "fail": Term("fail", "未通過"),
    "not-applicable": Term("not applicable", "不適用"),
    "unknown": Term("unknown", "無法得知"),
    "error": Term("error", "檢測錯誤"),
}


def _coverage(snapshot: Snapshot, language: str) -> Iterator[Row]:
    for record in snapshot.coverage:
        segment = record.segment
        when = record.finished.date() if record.finished and not record.stopped else None
        head = (segment.site, segment.segment, segment.network)
        yield (
            *head,
            "",
            segment.addresses,
            *(segment.counts.get(state, 0) for state in AddressState),
            when,
            segment.method if when else Term("stopped before its end", "未執行完畢").within(language),
        )
        for one in segment.unsettled:
            yield (*head, one.ip, 1, *(int(one.state == state) for state in AddressState), when, one.reason)
    for scope in snapshot.never_scanned:
        never = Term("never scanned", "從未掃描").within(language)
        yield (scope.site, scope.segment, scope.network, "", None, *(None for _ in AddressState), None, never)


def _attestations(snapshot: Snapshot, language: str) -> Iterator[Row]:
    for record in sorted(snapshot.attestations, key=lambda record: record.id):
        yield (
            record.id,
            article_name(record.article, language),
            record.device or Term("the firm", "公司").within(language),
            (Term("yes", "是") if record.answer else Term("no", "否")).within(language),
            record.signer,
            record.signed,
            record.next_due,
            record.evidence,
        )


def _sign_off(snapshot: Snapshot, language: str) -> Iterator[Row]:  # noqa: ARG001 - one shape for every sheet
    for role in (
        Term("Manager of the equipment", "設備管理人員"),
        Term("Head of the unit", "單位主管"),
        Term("Information security officer", "資訊安全專責主管"),
        Term("Internal auditor", "內部稽核"),
    ):
        yield role.within(language), "", "", ""


REGISTER = Sheet(
    Term("Register", "設備清冊"),
    tuple((column.heading, column.width) for column in COLUMNS),
    _register,
    frozen=1,
)

SHEETS: tuple[Sheet, ...] = (
    Sheet(
        Term("Summary", "摘要"),
        ((Term("Item", "項目"), 18), (Term("Content", "內容"), 110)),
        _summary,
        tabular=False,
    ),
    REGISTER,
    Sheet(
        Term("Articles", "條文符合情形"),
        (
            (Term("Pack", "規範"), 18),
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
        _posture,
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
            (Term("Resolved", "改善日期"), 12),
            (Term("Pack", "規範"), 18),
            (Term("Rule", "規則"), 20),
            (Term("Finding", "事項編號"), 18),
        ),
        _findings,
        frozen=2,
    ),
    Sheet(
        Term("Exceptions", "例外管理"),
        (
            (Term("Exception", "例外編號"), 14),
            (Term("Device", "設備編號"), 14),
            (Term("Articles", "條文"), 20),
            (Term("Reason", "原因"), 40),
            (Term("Compensating control", "補償措施"), 40),
            (Term("Approver", "核准人"), 14),
            (Term("Start", "起日"), 12),
            (Term("Expiry", "到期日"), 12),
            (Term("On the day", "基準日效力"), 14),
            (Term("Replacement plan", "汰換計畫"), 16),
        ),
        _exceptions,
        frozen=1,
    ),
    Sheet(
        Term("Replacement plans", "汰換計畫"),
        (
            (Term("Plan", "計畫編號"), 14),
            (Term("Devices", "設備編號"), 30),
            (Term("Reason", "原因"), 40),
            (Term("Successor", "接替設備"), 24),
            (Term("Due", "預定日期"), 12),
            (Term("Owner", "負責人員"), 14),
            (Term("State", "進度"), 12),
        ),
        _plans,
        frozen=1,
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
        _wireless,
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
        _coverage,
    ),
    Sheet(
        Term("Attestations", "人工佐證"),
        (
            (Term("Record", "紀錄編號"), 14),
            (Term("Article", "條文"), 14),
            (Term("Device", "設備編號"), 14),
            (Term("Answer", "答覆"), 8),
            (Term("Signer", "簽署人"), 14),
            (Term("Signed", "簽署日期"), 12),
            (Term("Next due", "下次期限"), 12),
            (Term("Evidence", "佐證"), 50),
        ),
        _attestations,
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
        _sign_off,
        tabular=False,
    ),
)

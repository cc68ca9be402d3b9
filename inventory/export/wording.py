"""The words of the documents, in English and Traditional Chinese side by side.

A document is written in a fixed language whatever the operator's screen speaks, and an auditor compares the
two; so its words stand here in pairs, as the packs' do, and not in the catalogue of screen messages.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from inventory.types import (
    AddressState,
    Article,
    CheckOutcome,
    ConnectionMethod,
    DeviceClass,
    DeviceStatus,
    FindingState,
    InScope,
    ObligationLevel,
    Severity,
    Touch,
    VerdictOutcome,
)

CHINESE = "zh_TW"
ENGLISH = "en"


class Term(NamedTuple):
    """One thing said in both languages."""

    en: str
    zh: str

    def within(self, language: str) -> str:
        """The term in `language` (`en` or `zh_TW`)."""
        return self.zh if language == CHINESE else self.en


def label(word: StrEnum, language: str) -> str:
    """How a document calls a word of a closed vocabulary; the word itself where no name is kept."""
    term = _LABELS.get(type(word), {}).get(word)
    return term.within(language) if term else str(word)


def label_of(vocabulary: type[StrEnum], value: str, language: str) -> str:
    """Like `label`, for a held value that may be empty or a word of a newer version."""
    try:
        return label(vocabulary(value), language)
    except ValueError:
        return value


def recorded(word: str, language: str) -> str:
    """How a document calls a word that people's records are made of; the word itself where none is kept."""
    term = _RECORDED.get(word)
    return term.within(language) if term else word


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


def pack_title(article: Article, language: str) -> str:
    """The regulator's name of the document that the article stands in."""
    return Term(article.pack_title_en, article.pack_title_zh).within(language)


def pack_title_with_edition(article: Article, language: str) -> str:
    """The document's name with the day of its edition, once: many names say it themselves (113.12.27)."""
    title, day = pack_title(article, language), article.edition
    minguo = f"{day.year - _MINGUO}.{day.month:02}.{day.day:02}"
    if str(day) in title or minguo in title:
        return title
    return Term(f"{title} (edition {day})", f"{title}（版本日期 {day}）").within(language)


_MINGUO = 1911  # the year before the first of the Republic of China's calendar

_RECORDED: Mapping[str, Term] = {
    "yes": Term("yes", "是"),
    "no": Term("no", "否"),
    "not-applicable": Term("not applicable", "不適用"),
    "weakness": Term("known weakness that cannot be updated", "無法更新的已知弱點"),
    "limit": Term("limit of its functions", "功能限制"),
    "disconnected": Term("disconnected", "已斷網"),
    "when-necessary": Term("only when necessary", "僅必要時"),
    "draft": Term("draft", "草擬"),
    "approved": Term("approved", "已核准"),
    "ordered": Term("ordered", "已訂購"),
    "installed": Term("installed", "已安裝"),
    "retired": Term("retired", "已除役"),
}

_LABELS: Mapping[type[StrEnum], Mapping[StrEnum, Term]] = {
    DeviceClass: {
        DeviceClass.PRINTER: Term("Printer", "印表機／事務機"),
        DeviceClass.SCANNER: Term("Scanner", "掃描器"),
        DeviceClass.FAX: Term("Fax", "傳真機"),
        DeviceClass.CAMERA: Term("Camera", "網路攝影機"),
        DeviceClass.RECORDER: Term("Recorder", "錄影（音）主機"),
        DeviceClass.PBX: Term("PBX", "電話交換機"),
        DeviceClass.PHONE: Term("Phone", "網路電話機"),
        DeviceClass.ACCESS_POINT: Term("Access point", "無線基地臺"),
        DeviceClass.WLAN_CONTROLLER: Term("WLAN controller", "無線網路控制器"),
        DeviceClass.SWITCH: Term("Switch", "網路交換器"),
        DeviceClass.ROUTER: Term("Router", "路由器"),
        DeviceClass.FIREWALL: Term("Firewall", "防火牆"),
        DeviceClass.NAS: Term("NAS", "網路儲存設備"),
        DeviceClass.UPS: Term("UPS", "不斷電系統"),
        DeviceClass.PDU: Term("PDU", "電源分配器"),
        DeviceClass.ENVIRONMENTAL_SENSOR: Term("Environmental sensor", "環境感測器"),
        DeviceClass.ACCESS_CONTROL: Term("Access control", "門禁設備"),
        DeviceClass.INTERCOM: Term("Intercom", "對講機"),
        DeviceClass.AV: Term("Audio/video", "視聽會議設備"),
        DeviceClass.DISPLAY: Term("Display", "顯示看板"),
        DeviceClass.KVM_BMC: Term("KVM/BMC", "遠端管理模組"),
        DeviceClass.BUILDING_AUTOMATION: Term("Building automation", "建築自動化設備"),
        DeviceClass.MEDIA: Term("Media player", "媒體播放器"),
        DeviceClass.SERVER: Term("Server", "伺服器"),
        DeviceClass.WORKSTATION: Term("Workstation", "個人電腦"),
        DeviceClass.MOBILE: Term("Mobile", "行動裝置"),
        DeviceClass.OTHER: Term("Other", "其他"),
        DeviceClass.UNKNOWN: Term("Not identified", "未能辨識"),
    },
    ConnectionMethod: {
        ConnectionMethod.WIRED: Term("Wired", "有線"),
        ConnectionMethod.WIRELESS: Term("Wireless", "無線"),
        ConnectionMethod.NONE: Term("Not networked", "未連網"),
        ConnectionMethod.UNKNOWN: Term("Unknown", "未知"),
    },
    DeviceStatus: {
        DeviceStatus.DISCOVERED: Term("Discovered", "新發現"),
        DeviceStatus.CONFIRMED: Term("Confirmed", "已確認"),
        DeviceStatus.IN_SERVICE: Term("In service", "使用中"),
        DeviceStatus.UNSEEN: Term("Not seen lately", "近期未見"),
        DeviceStatus.RETIRED: Term("Retired", "已除役"),
    },
    InScope: {
        InScope.IN: Term("In scope", "適用"),
        InScope.OUT: Term("Out of scope", "不適用"),
        InScope.UNDETERMINED: Term("Undetermined", "無法判定"),
    },
    VerdictOutcome: {
        VerdictOutcome.COMPLIANT: Term("Compliant", "符合"),
        VerdictOutcome.BREACH: Term("Breach", "不符合"),
        VerdictOutcome.EXCEPTED: Term("Excepted", "例外"),
        VerdictOutcome.NOT_APPLICABLE: Term("Not applicable", "不適用"),
        VerdictOutcome.UNDETERMINED: Term("Undetermined", "無法判定"),
    },
    FindingState: {
        FindingState.OPEN: Term("Open", "新發現"),
        FindingState.CONTINUING: Term("Continuing", "持續中"),
        FindingState.EXCEPTED: Term("Excepted", "例外核准中"),
        FindingState.RESOLVED: Term("Resolved", "已改善"),
    },
    Severity: {
        Severity.HIGH: Term("High", "高"),
        Severity.MEDIUM: Term("Medium", "中"),
        Severity.LOW: Term("Low", "低"),
    },
    ObligationLevel: {
        ObligationLevel.MUST: Term("must", "應"),
        ObligationLevel.SHOULD: Term("should", "宜"),
    },
    Touch: {
        Touch.PASSIVE: Term("Passive", "被動聆聽"),
        Touch.QUERY: Term("Query", "查詢"),
        Touch.LOGIN: Term("Login", "登入測試"),
    },
    AddressState: {
        AddressState.FOUND: Term("Found", "有設備回應"),
        AddressState.SILENT: Term("Silent", "無回應"),
        AddressState.UNREACHABLE: Term("Unreachable", "無法到達"),
        AddressState.REFUSED: Term("Not allowed", "未獲准探測"),
        AddressState.NOT_REACHED: Term("Not reached", "尚未探測"),
    },
    CheckOutcome: {
        CheckOutcome.PASS: Term("Pass", "通過"),
        CheckOutcome.FAIL: Term("Fail", "未通過"),
        CheckOutcome.NOT_APPLICABLE: Term("Not applicable", "不適用"),
        CheckOutcome.UNKNOWN: Term("Unknown", "無法得知"),
        CheckOutcome.ERROR: Term("Error", "檢測錯誤"),
    },
}

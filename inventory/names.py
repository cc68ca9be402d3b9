"""What people call each word of the closed vocabularies, in English and in Traditional Chinese.

The one table: screens, lists of the command line and documents all take their words from here, so that what
facilities staff read on a screen is what an auditor reads in a report. Files for machines keep the words
themselves. What checks report has its words beside it, in `inventory.facts`.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from inventory.language import current
from inventory.types import (
    AddressState,
    Attribute,
    CheckOutcome,
    ConnectionMethod,
    CrossingState,
    DeviceClass,
    DeviceStatus,
    DueKind,
    ExceptionState,
    FindingState,
    InScope,
    ObligationLevel,
    Severity,
    Touch,
    TryOutcome,
    VerdictOutcome,
)

CHINESE = "zh_TW"


class Term(NamedTuple):
    """One thing said in both languages."""

    en: str
    zh: str

    def within(self, language: str) -> str:
        """The term in `language` (`en` or `zh_TW`)."""
        return self.zh if language == CHINESE else self.en

    @property
    def told(self) -> str:
        """The term in the language in force."""
        return self.within(current())


def term(word: StrEnum) -> Term:
    """What the word is called; the word itself, in both languages, where it has no name."""
    return NAMES.get(type(word), {}).get(word) or Term(word.value, word.value)


def called(word: StrEnum) -> str:
    """The word's name in the language in force; the word itself where it has none."""
    return term(word).told


def called_of(vocabulary: type[StrEnum], held: str) -> str:
    """Like `called`, for a held value that may be empty or a word of a newer version."""
    found = NAMES[vocabulary].get(held)
    return found.told if found else held


NAMES: Mapping[type[StrEnum], Mapping[str, Term]] = {
    DueKind: {
        DueKind.FINDING: Term("finding", "缺失"),
        DueKind.EXCEPTION: Term("exception ends", "例外到期"),
        DueKind.PLAN: Term("plan", "汰換計畫"),
        DueKind.ANSWER: Term("answer again", "應再回答"),
        DueKind.NEVER: Term("never answered", "從未答覆"),
        DueKind.CONFIRMATION: Term("confirm again", "再次確認"),
    },
    DeviceClass: {
        DeviceClass.PRINTER: Term("printer", "印表機／事務機"),
        DeviceClass.SCANNER: Term("scanner", "掃描器"),
        DeviceClass.FAX: Term("fax", "傳真機"),
        DeviceClass.CAMERA: Term("camera", "網路攝影機"),
        DeviceClass.RECORDER: Term("recorder", "錄影（音）主機"),
        DeviceClass.PBX: Term("PBX", "電話交換機"),
        DeviceClass.PHONE: Term("phone", "網路電話機"),
        DeviceClass.ACCESS_POINT: Term("access point", "無線基地臺"),
        DeviceClass.WLAN_CONTROLLER: Term("WLAN controller", "無線網路控制器"),
        DeviceClass.SWITCH: Term("switch", "網路交換器"),
        DeviceClass.ROUTER: Term("router", "路由器"),
        DeviceClass.FIREWALL: Term("firewall", "防火牆"),
        DeviceClass.NAS: Term("NAS", "網路儲存設備"),
        DeviceClass.UPS: Term("UPS", "不斷電系統"),
        DeviceClass.PDU: Term("PDU", "電源分配器"),
        DeviceClass.ENVIRONMENTAL_SENSOR: Term("environmental sensor", "環境感測器"),
        DeviceClass.ACCESS_CONTROL: Term("access control", "門禁設備"),
        DeviceClass.INTERCOM: Term("intercom", "對講機"),
        DeviceClass.AV: Term("audio/video", "視聽會議設備"),
        DeviceClass.DISPLAY: Term("display", "顯示看板"),
        DeviceClass.KVM_BMC: Term("KVM/BMC", "遠端管理模組"),
        DeviceClass.BUILDING_AUTOMATION: Term("building automation", "建築自動化設備"),
        DeviceClass.MEDIA: Term("media player", "媒體播放器"),
        DeviceClass.SERVER: Term("server", "伺服器"),
        DeviceClass.WORKSTATION: Term("workstation", "個人電腦"),
        DeviceClass.MOBILE: Term("mobile", "行動裝置"),
        DeviceClass.OTHER: Term("other", "其他"),
        DeviceClass.UNKNOWN: Term("not identified", "未能辨識"),
    },
    ConnectionMethod: {
        ConnectionMethod.WIRED: Term("wired", "有線"),
        ConnectionMethod.WIRELESS: Term("wireless", "無線"),
        ConnectionMethod.NONE: Term("not networked", "未連網"),
        ConnectionMethod.UNKNOWN: Term("unknown", "未知"),
    },
    DeviceStatus: {
        DeviceStatus.DISCOVERED: Term("discovered", "新發現"),
        DeviceStatus.CONFIRMED: Term("confirmed", "已確認"),
        DeviceStatus.IN_SERVICE: Term("in service", "使用中"),
        DeviceStatus.UNSEEN: Term("not seen lately", "近期未見"),
        DeviceStatus.RETIRED: Term("retired", "已除役"),
    },
    InScope: {
        InScope.IN: Term("in scope", "適用"),
        InScope.OUT: Term("out of scope", "不適用"),
        InScope.UNDETERMINED: Term("undetermined", "無法判定"),
    },
    CheckOutcome: {
        CheckOutcome.PASS: Term("pass", "通過"),
        CheckOutcome.FAIL: Term("fail", "未通過"),
        CheckOutcome.NOT_APPLICABLE: Term("not applicable", "不適用"),
        CheckOutcome.UNKNOWN: Term("unknown", "無法得知"),
        CheckOutcome.ERROR: Term("error", "檢測錯誤"),
    },
    VerdictOutcome: {
        VerdictOutcome.COMPLIANT: Term("compliant", "符合"),
        VerdictOutcome.BREACH: Term("breach", "不符合"),
        VerdictOutcome.EXCEPTED: Term("excepted", "例外"),
        VerdictOutcome.NOT_APPLICABLE: Term("not applicable", "不適用"),
        VerdictOutcome.UNDETERMINED: Term("undetermined", "無法判定"),
    },
    FindingState: {
        FindingState.OPEN: Term("new", "新發現"),
        FindingState.CONTINUING: Term("continuing", "持續中"),
        FindingState.EXCEPTED: Term("excepted", "例外核准中"),
        FindingState.RESOLVED: Term("resolved", "已改善"),
    },
    ExceptionState: {
        ExceptionState.IN_FORCE: Term("in force", "有效"),
        ExceptionState.INCOMPLETE: Term("incomplete", "不完備"),
        ExceptionState.LAPSED: Term("lapsed", "已失效"),
        ExceptionState.AHEAD: Term("not begun yet", "尚未生效"),
    },
    Severity: {
        Severity.HIGH: Term("high", "高"),
        Severity.MEDIUM: Term("medium", "中"),
        Severity.LOW: Term("low", "低"),
    },
    ObligationLevel: {
        ObligationLevel.MUST: Term("must", "應"),
        ObligationLevel.SHOULD: Term("should", "宜"),
    },
    Touch: {
        Touch.PASSIVE: Term("passive", "被動聆聽"),
        Touch.QUERY: Term("query", "查詢"),
        Touch.LOGIN: Term("login", "登入測試"),
    },
    AddressState: {
        AddressState.FOUND: Term("found", "有設備回應"),
        AddressState.SILENT: Term("silent", "無回應"),
        AddressState.UNREACHABLE: Term("unreachable", "無法到達"),
        AddressState.REFUSED: Term("not allowed", "未獲准探測"),
        AddressState.NOT_REACHED: Term("not reached", "尚未探測"),
    },
    CrossingState: {
        CrossingState.OPEN: Term("open", "可連通"),
        CrossingState.MIDDLEBOX: Term("somebody else answered", "由他人代答"),
        CrossingState.NOT_TESTED: Term("not tested", "未測試"),
        CrossingState.BLOCKED: Term("blocked", "已阻擋"),
    },
    TryOutcome: {
        TryOutcome.BEGUN: Term("begun", "已開始"),
        TryOutcome.ACCEPTED: Term("accepted", "登入成功"),
        TryOutcome.REFUSED: Term("refused", "遭拒"),
        TryOutcome.WARNED: Term("refused, lock-out near", "遭拒且即將鎖定"),
        TryOutcome.OPEN: Term("no login asked for", "未要求登入"),
        TryOutcome.LOCKED: Term("locked out", "已鎖定"),
        TryOutcome.UNCLEAR: Term("unclear", "無法判讀"),
    },
    Attribute: {
        Attribute.DEVICE_CLASS: Term("Class", "類別"),
        Attribute.VENDOR: Term("Vendor", "廠牌"),
        Attribute.MODEL: Term("Model", "型號"),
        Attribute.FIRMWARE: Term("Firmware", "韌體版本"),
        Attribute.SERIAL: Term("Serial number", "序號"),
        Attribute.HOSTNAME: Term("Host name", "主機名稱"),
        Attribute.OS: Term("Operating system", "作業系統"),
        Attribute.CONNECTION_METHOD: Term("Connection method", "連線方式"),
        Attribute.SWITCH_PORT: Term("Switch port", "交換器埠"),
        Attribute.VLAN: Term("VLAN", "VLAN"),
        Attribute.SSID: Term("SSID", "SSID"),
        Attribute.MAC: Term("MAC address", "MAC 位址"),
        Attribute.UUID: Term("UUID", "UUID"),
        Attribute.ENGINE_ID: Term("SNMP engine id", "SNMP 引擎碼"),
        Attribute.SSH_KEY: Term("SSH key", "SSH 金鑰"),
        Attribute.TLS_KEY: Term("TLS key", "TLS 金鑰"),
        Attribute.SERVICE_NAME: Term("Service", "服務"),
        Attribute.SERVICE_PRODUCT: Term("Product", "產品"),
        Attribute.SERVICE_VERSION: Term("Version", "版本"),
        Attribute.OWNER: Term("Owner", "管理人員"),
        Attribute.LOCATION: Term("Location", "存放位置"),
        Attribute.PURPOSE: Term("Purpose", "用途"),
        Attribute.IN_SCOPE: Term("In scope", "適用指引"),
        Attribute.ASSET_TAG: Term("Asset tag", "財產編號"),
        Attribute.SUPPLIER: Term("Supplier", "供應商"),
        Attribute.CONTRACT: Term("Contract", "合約"),
        Attribute.PURCHASE_DATE: Term("Purchase date", "採購日期"),
        Attribute.SECURITY_MARK: Term("Security mark", "資安標章"),
        Attribute.PHYSICAL_CONTROL: Term("Physical control", "實體環境控管"),
        Attribute.ACCESS_RIGHT: Term("Access rights", "存取權限"),
        Attribute.NETWORK_ZONE: Term("Network zone", "網路區域"),
        Attribute.DECLARED_PORTS: Term("Declared ports", "申報連接埠"),
        Attribute.NOTES: Term("Notes", "備註"),
    },
}

"""What checks, rulings and records report of a device: each fact's name, kind and words, in both languages.

`data/facts.yaml` is the one table. A rule of a pack may ask for no other fact, a check may report no other,
and wherever a fact is shown it is called as here.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

from inventory.names import NAMES, Term
from inventory.questions import ITEMS
from inventory.strict_yaml import read
from inventory.types import (
    Attribute,
    ConnectionMethod,
    DeviceClass,
    DeviceStatus,
    ExceptionState,
    InScope,
)

PLACE = files("inventory") / "data" / "facts.yaml"


class FactLine(BaseModel):
    """One line of facts.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["word", "words", "text", "number", "date", "sentence"]
    en: str
    zh: str
    words: tuple[str, ...] = ()


@cache
def fact_lines() -> Mapping[str, FactLine]:
    """Every fact by its name (`check.wireless.grade`); BadInput naming the line where the table is wrong."""
    return read(PLACE, TypeAdapter(dict[str, FactLine]))


def fact_called(name: str) -> str:
    """What people call the fact, or a whole check (`check.wireless`), in the language in force."""
    line = fact_lines().get(name) or fact_lines().get(f"{name}.outcome")
    return Term(line.en, line.zh).told if line else name


def fact_told(name: str, written: str) -> str:
    """What a check wrote down under that name, as people read it: `no-mfp,tkip` word by word."""
    line = fact_lines().get(name)
    if line is None or not line.words:
        return written.replace(",", ", ") if line and line.kind == "words" else written
    return words_told(written.split(",") if line.kind == "words" else [written])


def words_told(words: Iterable[str]) -> str:
    """Words of closed sets in a sentence, each by its name, in the order of the words."""
    return Term(", ", "、").told.join(word_called(word) for word in sorted(words))


def word_called(word: str) -> str:
    """What people call a word of a closed set that has no fact of its own; the word itself where unknown."""
    return WORDS[word].told if word in WORDS else word


def neighbour_called(name: str) -> str:
    """What people call what a switch, LLDP or CDP says of a neighbour (`lldp.port-description`)."""
    room, _dot, rest = name.partition(".")
    return _NEIGHBOUR[rest].told if room in {"lldp", "cdp", "fdb", "arp"} and rest in _NEIGHBOUR else name


_NEIGHBOUR: Mapping[str, Term] = {
    "switch": Term("Switch", "交換器"),
    "port": Term("Port there", "對方連接埠"),
    "port-description": Term("Port's description", "連接埠說明"),
    "vlan": Term("VLAN", "VLAN"),
    "mac": Term("MAC address", "MAC 位址"),
    "bridge": Term("Bridge", "橋接器"),
    "rule": Term("Told by", "認定依據"),
    "neighbour": Term("Neighbour", "鄰接設備"),
    "chassis": Term("Chassis", "機箱識別碼"),
    "device-id": Term("Device id", "設備識別碼"),
    "sysname": Term("System name", "系統名稱"),
    "sysdesc": Term("System", "系統說明"),
    "system-description": Term("System", "系統說明"),
    "capabilities": Term("Capabilities", "功能"),
    "management": Term("Management address", "管理位址"),
    "platform": Term("Platform", "平台"),
    "manufacturer": Term("Vendor", "廠牌"),
    "model": Term("Model", "型號"),
    "serial": Term("Serial number", "序號"),
    "hardware": Term("Hardware", "硬體版本"),
    "firmware": Term("Firmware", "韌體版本"),
    "software": Term("Software", "軟體版本"),
    "version": Term("Version", "版本"),
}

WORDS: Mapping[str, Term] = {
    **{item.name: Term(item.en, item.zh) for item in ITEMS.values()},
    **{
        word: term
        for vocabulary in (Attribute, DeviceClass, DeviceStatus, InScope, ConnectionMethod, ExceptionState)
        for word, term in NAMES[vocabulary].items()
    },
    # why an exception does not count, in full
    "incomplete": Term(
        "without an approver or a replacement plan that is approved and not yet done",
        "缺核准人，或無經核准而尚待執行之汰換計畫",
    ),
    # fields of the register (Art. 22)
    "purpose": Term("purpose", "設備用途"),
    "address": Term("IP address", "網路位址（IP）"),
    "connection_method": Term("connection method", "連線方式"),
    "ports": Term("ports in use", "使用之通訊埠"),
    "location": Term("storage location", "存放位置"),
    "owner": Term("manager", "管理人員"),
    "device_class": Term("kind of device", "設備種類"),
    "vendor": Term("vendor", "廠牌"),
    "model": Term("model", "型號"),
    "firmware": Term("firmware version", "韌體版本"),
    # answers
    "yes": Term("yes", "是"),
    "no": Term("no", "否"),
    "overdue": Term("overdue", "逾期"),
    "checklist-open": Term("checklist not answered", "檢核表未逐項作答"),
    "pass": Term("pass", "通過"),
    "fail": Term("fail", "未通過"),
    "not-applicable": Term("not applicable", "不適用"),
    "undeclared": Term("not declared", "未申報"),
    "draft": Term("draft, not approved", "草擬，尚未核准"),
    "on-schedule": Term("on schedule", "如期"),
    "done": Term("done", "已完成"),
    # lifecycle
    "supported": Term("supported", "原廠支援中"),
    "ending": Term("support ending soon", "即將終止支援"),
    "security-ended": Term("security updates ended", "已終止安全性更新"),
    "ended": Term("support ended", "已終止支援"),
    # services and openings
    "telnet": Term("Telnet", "Telnet"),
    "ftp": Term("FTP", "FTP"),
    "tftp": Term("TFTP", "TFTP"),
    "rsh": Term("rsh/rlogin", "rsh/rlogin"),
    "smbv1": Term("SMBv1", "SMBv1"),
    "upnp": Term("UPnP", "UPnP"),
    "snmp-plaintext": Term("SNMP v1/v2c", "SNMP v1/v2c"),
    "snmp-public": Term("SNMP community “public” answers", "SNMP 以預設社群字串 public 回應"),
    "snmp-default": Term("a default SNMP community answers", "SNMP 以預設社群字串回應"),
    "telnet-shell": Term("Telnet gives a shell without login", "Telnet 未經登入即提供命令列"),
    "http-admin": Term("the web administration page asks for no login", "網頁管理介面未要求登入"),
    "rtsp-open": Term("the video stream asks for no login", "影像串流（RTSP）未要求登入"),
    "mqtt-open": Term("the MQTT broker asks for no login", "MQTT 服務未要求登入"),
    "ftp-anonymous": Term("FTP accepts anonymous login", "FTP 允許匿名登入"),
    "default-password": Term("the initial password still works", "初始密碼仍可登入"),
    "no-login-asked": Term("no login is asked for", "未要求登入"),
    # encryption
    "sslv2": Term("SSL 2.0", "SSL 2.0"),
    "sslv3": Term("SSL 3.0", "SSL 3.0"),
    "tls1.0": Term("TLS 1.0", "TLS 1.0"),
    "tls1.1": Term("TLS 1.1", "TLS 1.1"),
    "rc4": Term("RC4", "RC4"),
    "3des": Term("DES or 3DES", "DES／3DES"),
    "export": Term("export-grade cipher", "出口等級加密"),
    "null": Term("no encryption at all", "未加密"),
    "anonymous": Term("no authentication of the server", "未驗證伺服器身分"),
    # wireless and isolation
    "sound": Term("no known weakness", "無已知弱點"),
    "weak": Term("weak", "有弱點"),
    "isolated": Term("isolated", "已隔離"),
    "leaking": Term("not isolated", "未隔離"),
    "open": Term("open network", "開放網路"),
    "wep": Term("WEP", "WEP"),
    "tkip": Term("TKIP", "TKIP"),
    "wpa1": Term("WPA (first version)", "第一代 WPA"),
    "wps": Term("WPS", "WPS"),
    "no-mfp": Term("no management frame protection", "未啟用管理訊框保護"),
    "mfp-optional": Term("optional management frame protection", "管理訊框保護僅為選用"),
    # what of wireless networks is not as declared
    "unregistered": Term("bears the firm's name, not declared", "使用公司名稱但未申報"),
    "own-undeclared": Term("sent by a known device, not declared", "由已登錄設備發送但未申報"),
    "missing": Term("declared, heard by nobody", "已申報但未偵測到"),
    "station-off-list": Term("station not on the MAC list", "用戶端不在 MAC 白名單"),
    "approval-lapsed": Term("approval lapsed", "核准已逾期"),
    "not-approved": Term("not approved", "未經核准"),
    "no-access-point": Term("sent by no known access point", "非由已知無線基地臺發送"),
    "other-vlan": Term("in another VLAN than declared", "VLAN 與申報不符"),
    # what is meant of a way between segments
    "allowed": Term("may pass", "應可通行"),
    "denied": Term("must not pass", "不得通行"),
    "unsaid": Term("nothing said", "未規定"),
}

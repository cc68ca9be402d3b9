"""Which column is what: our own headings in both languages, field names, and what firms commonly write."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from inventory.export.columns import COLUMNS, CUSTOM
from inventory.types import EDITABLE, Attribute

PLACES = ("id", "status", "site", "segment", "ip", "mac")
_KNOWN = frozenset({*PLACES, *(attribute.value for attribute in EDITABLE)})
_LEFT_OUT = frozenset({"ports", "empty_fields", "confirmed", "first_seen", "last_seen"})
_ALSO: Mapping[str, tuple[str, ...]] = {
    "id": ("device id", "設備代號"),
    "ip": ("ip", "ip address", "ip addr", "ipv4", "ip位址", "ip地址", "ip位置", "設備ip", "網路位址"),
    "mac": ("mac", "mac address", "mac addr", "mac位址", "mac地址", "網卡位址", "網卡卡號", "實體位址"),
    "owner": (
        *("manager", "custodian", "keeper", "responsible person", "person in charge"),
        *("管理人", "管理者", "負責人", "負責人員", "保管人", "保管人員", "使用人", "使用者", "財產保管人"),
    ),
    "location": (
        *("place", "room", "installed at", "位置", "放置位置", "地點", "放置地點", "存放地點", "所在位置"),
        *("安裝位置", "裝設地點", "擺放位置"),
    ),
    "purpose": ("usage", "use", "功能", "設備用途"),
    "vendor": ("brand", "manufacturer", "maker", "廠商", "品牌", "製造商"),
    "model": ("model no", "model number", "型號規格", "機型", "設備型號", "產品型號", "廠牌型號"),
    "device_class": (
        "type",
        "category",
        "kind",
        "device type",
        "類別",
        "種類",
        "設備種類",
        "設備類型",
        "設備類別",
    ),
    "hostname": ("name", "host", "設備名稱", "名稱", "主機名"),
    "serial": ("serial number", "serial no", "s/n", "sn", "產品序號", "機身序號", "設備序號", "製造序號"),
    "firmware": ("firmware version", "firmware ver", "fw", "version", "版本", "韌體"),
    "asset_tag": (
        "asset number",
        "asset no",
        "asset id",
        "資產編號",
        "財編",
        "財產號碼",
        "設備編號",
        "資產代號",
    ),
    "connection_method": ("connection", "連線", "連接方式"),
    "declared_ports": ("allowed ports", "使用port", "通訊埠", "連接埠", "開放埠"),
    "supplier": ("vendor contact", "供應廠商", "維護廠商"),
    "contract": ("contract number", "合約", "合約編號", "維護合約"),
    "purchase_date": (
        "purchased",
        "bought",
        "bought on",
        "購買日期",
        "採購日期",
        "購置日期",
        "購入日期",
        "取得日期",
    ),
    "security_mark": ("security label", "資安標章", "認驗證標章"),
    "physical_control": ("physical access", "實體管控", "實體控管"),
    "access_right": ("access rights", "存取權限", "權限管控"),
    "network_zone": ("zone", "網路區域", "區域"),
    "segment": ("subnet", "子網路"),
    "site": ("branch", "office", "分公司", "營業據點", "單位"),
    "notes": ("remark", "remarks", "comment", "說明", "註記", "備註欄", "附註", "備考"),
    "status": ("state", "使用狀態"),
}
_IN_BRACKETS = re.compile(r"[(（\[【].*?[)）\]】]")  # 購買日期（年/月/日）


@dataclass(frozen=True, slots=True)
class Mapped:
    """One column of the file: its heading, and what it is taken for ("" = left out)."""

    heading: str
    field: str


def map_headings(
    headings: Sequence[str], custom: Iterable[str] = (), said: Mapping[str, str] | None = None
) -> tuple[Mapped, ...]:
    """What each column is; `said` maps headings as the user does. Each field is taken once, first come."""
    own = {_plain(each): CUSTOM + name for name in custom for each in (name, CUSTOM + name)}
    by_name = own | _names()
    told = {_plain(heading): field for heading, field in (said or {}).items()}
    taken: set[str] = set()
    mapped = []
    for heading in headings:
        plain, bare = _plain(heading), _plain(_IN_BRACKETS.sub("", heading))
        field = told.get(plain, by_name.get(plain, by_name.get(bare, "")))
        if field in taken or field in _LEFT_OUT:
            field = ""
        taken |= {field} - {""}
        mapped.append(Mapped(heading, field))
    return tuple(mapped)


def is_field(name: str) -> bool:
    """May a column be told to be this?"""
    return name in _KNOWN or name.startswith(CUSTOM) or not name


def _names() -> dict[str, str]:
    names = {_plain(name): name for name in _KNOWN}
    for column in COLUMNS:
        if column.key in _KNOWN or column.key in _LEFT_OUT:
            names |= {_plain(each): column.key for each in (column.key, *column.heading)}
    for field, others in _ALSO.items():
        for other in others:
            names.setdefault(_plain(other), field)
    return names


def _plain(text: str) -> str:
    narrow = unicodedata.normalize("NFKC", text)  # ＩＰ位址 is typed so as often as IP位址
    return "".join(character for character in narrow.casefold() if character.isalnum())


ATTRIBUTE_FIELDS = {attribute.value: attribute for attribute in Attribute if attribute in EDITABLE}

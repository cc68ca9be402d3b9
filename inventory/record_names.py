"""What people call what histories and the audit log speak of: articles, actions, what changed into what."""

from collections.abc import Mapping
from enum import StrEnum

from inventory.language import current
from inventory.names import NAMES, Term, called, called_of
from inventory.types import (
    Attribute,
    ConnectionMethod,
    DeviceClass,
    DeviceStatus,
    FindingState,
    InScope,
    Touch,
)

ARROW = " → "
"""Stands between what was and what is, in one text of the log."""


def article_name(number: str, language: str) -> str:
    """`Art. 22` / `第22條` for `22`, `Art. 7(1)` / `第7條第1款` for `7-1`, `m(a)` for `m-a`; else as it is.

    Where the article stands with its pack (`guideline-2024/22`), the pack's short name is put in front.
    """
    pack, slash, bare = number.rpartition("/")
    if slash:
        return f"{PACKS.get(pack, Term(pack, pack)).within(language)} {article_name(bare, language)}"
    head, _dash, part = number.partition("-")
    if head.isdecimal() and not part:
        return Term(f"Art. {head}", f"第{head}條").within(language)
    if head.isdecimal() and part.isdecimal():
        return Term(f"Art. {head}({part})", f"第{head}條第{part}款").within(language)
    return f"{head}({part})" if len(head) == len(part) == 1 else number


def action_called(action: str) -> str:
    """What was done, as the audit log has it, in the language in force."""
    return Term(action, ACTIONS.get(action, action)).told


def what_called(what: str) -> str:
    """What a change is about, in the language in force: an attribute, or `finding PACK ARTICLE RULE`."""
    if what in NAMES[Attribute]:
        return called(Attribute(what))
    kind, _space, rest = what.partition(" ")
    if kind == "finding":
        pack, _space, named = rest.partition(" ")
        article = article_name(f"{pack}/{named.partition(' ')[0]}", current())
        return Term(f"Finding, {article}", f"{article}缺失").told
    return f"{_ABOUT[kind].told} {rest}".rstrip() if kind in _ABOUT else what


def value_called(what: str, held: str) -> str:
    """A value of what a change is about (or two, `was → is`), in the language in force; free text as is."""
    vocabulary = _WORDED.get(what.partition(" ")[0])
    return ARROW.join(called_of(vocabulary, one) for one in held.split(ARROW)) if vocabulary else held


PACKS: Mapping[str, Term] = {
    "guideline-2024": Term("Guideline 2024", "113年指引"),
    "guideline-2022": Term("Guideline 2022", "111年指引"),
    "tsa-2022": Term("TSA 2022", "公會自律規範"),
    "twse": Term("TWSE", "證交所查核"),
    "supply-chain": Term("Supply chain", "供應鏈指引"),
}
"""What the packs that come with Muster are called where their whole title has no room."""

ACTIONS: Mapping[str, str] = {
    "accept": "採用所見值",
    "attest": "簽署答覆",
    "clock is right": "校正時鐘",
    "confirm": "確認",
    "edit": "編輯",
    "enter": "登錄",
    "except": "新增例外",
    "except change": "變更例外",
    "follow up": "追蹤缺失",
    "import": "匯入清單",
    "join": "合併紀錄",
    "keep apart": "認定為不同設備",
    "note contract": "登記合約",
    "note owner": "登記人員",
    "note place": "登記地點",
    "note supplier": "登記供應商",
    "plan": "新增計畫",
    "plan change": "變更計畫",
    "plan retire": "計畫除役",
    "scope add": "納入範圍",
    "scope change": "變更範圍",
    "scope exempt": "範圍豁免",
    "scope remove": "移出範圍",
    "settings": "變更設定",
    "split": "拆分紀錄",
    "status": "變更狀態",
    "undo": "復原",
}
"""Everything the audit log may say was done; English keeps the log's own word."""

_ABOUT: Mapping[str, Term] = {
    "device": Term("Record", "紀錄"),
    "devices": Term("Devices", "設備"),
    "status": Term("Status", "狀態"),
    "address": Term("Address", "IP 位址"),
    "addresses": Term("Addresses", "IP 位址"),
    "service": Term("Port", "連接埠"),
    "services": Term("Ports", "連接埠"),
    "site": Term("Site", "據點"),
    "segment": Term("Segment", "網段"),
    "touch": Term("How far", "接觸程度"),
    "do_not_probe": Term("Do not probe", "不探測"),
    "reason": Term("Why", "理由"),
    "until": Term("Until", "期限"),
    "subject": Term("About", "對象"),
    "state": Term("State", "狀態"),
    "due": Term("Due", "期限"),
    "expiry": Term("Until", "到期日"),
    "proof": Term("Proof", "佐證"),
    "article": Term("Article", "條次"),
    "signer": Term("Signed by", "簽署人"),
    "assignee": Term("Assigned to", "負責人"),
    "comment": Term("Comment", "備註"),
    "entry": Term("Entry", "編號"),
    "entered": Term("Entered", "新增"),
    "changed": Term("Changed", "變更"),
    "absorbed": Term("Made one with", "併入"),
    "joined": Term("Made one with", "併入"),
    "split": Term("Parted", "拆出"),
    "parted": Term("Parted", "拆出"),
    "other": Term("The other", "另一筆"),
    "department": Term("Department", "部門"),
    "contact": Term("Contact", "聯絡方式"),
    "kind": Term("Kind", "種類"),
    "starts": Term("Starts", "起日"),
    "ends": Term("Ends", "迄日"),
}
"""What else may change of a record, and what else the log may tell, beside attributes."""

_WORDED: Mapping[str, type[StrEnum]] = {
    "device": DeviceStatus,
    "status": DeviceStatus,
    "finding": FindingState,
    "touch": Touch,
    Attribute.DEVICE_CLASS: DeviceClass,
    Attribute.CONNECTION_METHOD: ConnectionMethod,
    Attribute.IN_SCOPE: InScope,
}
"""What has the words of a vocabulary for its values."""

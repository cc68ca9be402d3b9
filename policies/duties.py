"""What only people can answer: the duties attestations speak of, and how a record names its duty.

An attestation's `article` may be the duty's own word (`training`), `PACK/NUMBER` (`twse/m-b`), or a bare
number, which means the guideline's edition in force. A record without signer or date counts for nothing.
"""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from inventory.types import Attestation
from policies.values import Bilingual

CURRENT_GUIDELINE = "guideline-2024"


class Duty(NamedTuple):
    """One question put to people, and the articles whose attestation answers it."""

    name: str
    words: Bilingual
    articles: tuple[str, ...]


class Answer(NamedTuple):
    """The record that answers a duty on a date: `state` is yes, no or overdue."""

    state: str
    record: Attestation


DUTIES: tuple[Duty, ...] = (
    Duty(
        "assessment",
        Bilingual("assessment of physical environment and access rights", "實體環境及存取權限評估"),
        ("guideline-2024/22", "guideline-2022/23", "tsa-2022/7-1"),
    ),
    Duty(
        "privileges",
        Bilingual("review of user privileges", "使用者權限檢視"),
        ("guideline-2024/24", "guideline-2022/25", "tsa-2022/7-3"),
    ),
    Duty(
        "internet_guard",
        Bilingual("firewall and allow-list before a public address", "公開網際網路位址之防火牆與白名單"),
        ("guideline-2024/25", "guideline-2022/26", "tsa-2022/7-4"),
    ),
    Duty(
        "purchase",
        Bilingual("evaluation and test before purchase", "採購前之評估測試"),
        ("guideline-2024/26", "guideline-2022/27"),
    ),
    Duty("security_mark", Bilingual("security mark", "資安標章"), ("guideline-2024/26.mark",)),
    Duty(
        "contract",
        Bilingual("security terms in the purchase contract", "採購合約資安條款"),
        ("guideline-2024/27", "guideline-2022/28", "tsa-2022/7-5"),
    ),
    Duty(
        "training",
        Bilingual("security awareness training", "資安認知教育訓練"),
        ("guideline-2024/28", "guideline-2022/29", "tsa-2022/training"),
    ),
    Duty(
        "no_management",
        Bilingual("statement that the sensor has no management function", "感測器不具備管理功能之確認"),
        ("guideline-2024/30", "guideline-2022/31", "tsa-2022/7-7"),
    ),
    Duty(
        "wireless_use",
        Bilingual("approval of who may use the wireless network", "無線網路使用之申請核准"),
        ("twse/m-b",),
    ),
    Duty(
        "segment_rules",
        Bilingual("review of firewall and device rules", "防火牆及設備規則檢視"),
        ("twse/b-f", "twse/b-g"),
    ),
    Duty("outside_rules", Bilingual("review of rules to the outside", "對外規則檢視"), ("twse/b-h",)),
    Duty("supplier", Bilingual("assessment of the supplier", "供應商能力評估"), ("supply-chain/4",)),
    Duty(
        "assurance",
        Bilingual("assurance of the cloud provider", "雲端服務業者之驗證"),
        ("supply-chain/4-2-2",),
    ),
    Duty("confidentiality", Bilingual("confidentiality agreement", "保密協議"), ("supply-chain/5",)),
    Duty("contract_items", Bilingual("checklist of contract items", "契約項目檢核"), ("supply-chain/7",)),
    Duty(
        "supplier_access", Bilingual("review of supplier access", "供應商存取權限檢視"), ("supply-chain/10",)
    ),
    Duty(
        "supplier_audit",
        Bilingual("audit of the supplier's services", "供應商服務稽核"),
        ("supply-chain/12",),
    ),
    Duty(
        "supplier_end",
        Bilingual("end of supply: access revoked, assets returned", "合作終止：權限撤銷及資產返還"),
        ("supply-chain/13",),
    ),
)
_DUTY_OF = {article: duty.name for duty in DUTIES for article in (duty.name, *duty.articles)}


def duty_of(attestation: Attestation) -> str | None:
    """The duty an attestation answers; None where its `article` names none."""
    named = attestation.article
    return _DUTY_OF.get(named) or _DUTY_OF.get(f"{CURRENT_GUIDELINE}/{named}")


def answers(attestations: Iterable[Attestation], device: str, on: date) -> dict[str, Answer]:
    """For each duty the answer in force on `on`; a record about the device outranks one about the whole firm.

    The latest signature wins; a record whose `next_due` has passed is `overdue`, whatever it said.
    """
    chosen: dict[str, Attestation] = {}
    for record in attestations:
        duty = duty_of(record)
        counts = record.device in ("", device) and record.signer.strip() and record.signed <= on
        if duty is None or not counts:
            continue
        standing = chosen.get(duty)
        if standing is None or _rank(record) > _rank(standing):
            chosen[duty] = record
    return {duty: Answer(_state(record, on), record) for duty, record in chosen.items()}


def _rank(record: Attestation) -> tuple[bool, date, bool, str]:
    # On the same day a "no" outranks a "yes": two answers that contradict each other prove nothing.
    return (record.device != "", record.signed, not record.answer, record.id)


def _state(record: Attestation, on: date) -> str:
    if not record.answer:
        return "no"
    return "overdue" if record.next_due is not None and record.next_due < on else "yes"

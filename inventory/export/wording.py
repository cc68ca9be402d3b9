"""The words of the documents, in English and Traditional Chinese side by side.

A document is written in a fixed language whatever the operator's screen speaks, and an auditor compares the
two; so its words stand here in pairs, as the packs' do, and not in the catalogue of screen messages. What the
words of the vocabularies are called is `inventory.names`'.
"""

from collections.abc import Mapping
from enum import StrEnum

from inventory.names import CHINESE, Term, term
from inventory.record_names import article_name
from inventory.types import Article

__all__ = ["CHINESE", "Term", "article_name"]


def label(word: StrEnum, language: str) -> str:
    """How a document calls a word of a closed vocabulary: its name, begun with a capital."""
    name = term(word).within(language)
    return f"{name[:1].upper()}{name[1:]}"


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

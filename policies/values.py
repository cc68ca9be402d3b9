"""The kinds of value a fact may have, how each is read from text and how each is shown in two languages."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from inventory.facts import WORDS
from inventory.language import _


class Bilingual(NamedTuple):
    """One sentence, name or phrase in English and in Traditional Chinese."""

    en: str
    zh: str


class Wording(BaseModel):
    """A bilingual text as a data file writes it: `{en: …, zh: …}`, neither empty."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    en: str
    zh: str


class Kind(StrEnum):
    """What kind of value a fact has; it decides which operators a rule may use on it."""

    WORD = "word"  # one word of a closed vocabulary
    WORDS = "words"  # a set of words, sorted
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    SENTENCE = "sentence"  # bilingual, only to be shown


_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
Value = str | int | date | tuple[str, ...] | Bilingual


def read_value(kind: Kind, written: str | tuple[str, ...], vocabulary: tuple[str, ...] = ()) -> Value:
    """The value that `written` stands for; ValueError, in words for the author of a data file, if it is none.

    WORDS may be written as a list or as `a,b`; the empty text is the empty set.
    """
    if kind is Kind.WORDS:
        parts = written.split(",") if isinstance(written, str) else written
        words = tuple(sorted({part.strip() for part in parts if part.strip()}))
        for word in words:
            _in_vocabulary(word, vocabulary)
        return words
    if not isinstance(written, str):
        raise ValueError(_("takes one value, not a list ({words})").format(words=", ".join(written)))
    return _READERS[kind](written, vocabulary)


def show(value: Value | None, *, translated: bool = True) -> Bilingual:
    """The value in words for a sentence in either language; `translated` for words of a vocabulary."""
    if value is None:
        return Bilingual("not known", "不明")
    if isinstance(value, Bilingual):
        return value
    if isinstance(value, tuple):
        if not value:
            return Bilingual("none", "無")
        pairs = [_word(word, translated=translated) for word in value]
        return Bilingual(", ".join(pair.en for pair in pairs), "、".join(pair.zh for pair in pairs))
    if isinstance(value, str):
        return _word(value, translated=translated)
    text = value.isoformat() if isinstance(value, date) else str(value)
    return Bilingual(text, text)


def fill(template: Bilingual, facts: Mapping[str, Bilingual]) -> Bilingual:
    """The template with every `{fact.name}` replaced by that fact's words; nothing else is interpreted."""
    return Bilingual(
        _PLACEHOLDER.sub(lambda found: facts[found[1]].en, template.en),
        _PLACEHOLDER.sub(lambda found: facts[found[1]].zh, template.zh),
    )


def placeholders(text: str) -> tuple[str, ...]:
    """The names in braces, in order, each once."""
    return tuple(dict.fromkeys(_PLACEHOLDER.findall(text)))


def _word(word: str, *, translated: bool) -> Bilingual:
    en, zh = WORDS.get(word, (word, word)) if translated else (word, word)
    return Bilingual(en, zh)


def _in_vocabulary(word: str, vocabulary: tuple[str, ...]) -> str:
    if vocabulary and word not in vocabulary:
        raise ValueError(_("{word!r} is not one of {known}").format(word=word, known=", ".join(vocabulary)))
    return word


def _read_number(written: str, _vocabulary: tuple[str, ...]) -> int:
    try:
        return int(written)
    except ValueError:
        raise ValueError(_("{text!r} is not a whole number").format(text=written)) from None


def _read_date(written: str, _vocabulary: tuple[str, ...]) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise ValueError(_("{text!r} is not a date like 2026-12-31").format(text=written)) from None


def _read_sentence(written: str, _vocabulary: tuple[str, ...]) -> Bilingual:
    return Bilingual(written, written)


_READERS: Mapping[Kind, Callable[[str, tuple[str, ...]], Value]] = {
    Kind.WORD: _in_vocabulary,
    Kind.TEXT: lambda written, _vocabulary: written,
    Kind.NUMBER: _read_number,
    Kind.DATE: _read_date,
    Kind.SENTENCE: _read_sentence,
}

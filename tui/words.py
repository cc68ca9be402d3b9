"""What the screens call things: a name for every word of the vocabularies, and a symbol beside the colour."""

import re
from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from enum import StrEnum

from inventory.exits import UsageFault
from inventory.language import N_, _, current, is_chinese
from inventory.names import called
from inventory.record_names import action_called, article_name, value_called, what_called
from inventory.types import (
    Attribute,
    CheckOutcome,
    DeviceStatus,
    FindingState,
    Severity,
    VerdictOutcome,
)

# Symbol, and what stands for it where the terminal is not UTF-8.
SYMBOLS: Mapping[type[StrEnum], Mapping[str, tuple[str, str]]] = {
    VerdictOutcome: {
        VerdictOutcome.COMPLIANT: ("✔", "+"),
        VerdictOutcome.BREACH: ("✘", "x"),
        VerdictOutcome.EXCEPTED: ("⊘", "o"),
        VerdictOutcome.NOT_APPLICABLE: ("–", "-"),
        VerdictOutcome.UNDETERMINED: ("?", "?"),
    },
    CheckOutcome: {
        CheckOutcome.PASS: ("✔", "+"),
        CheckOutcome.FAIL: ("✘", "x"),
        CheckOutcome.NOT_APPLICABLE: ("–", "-"),
        CheckOutcome.UNKNOWN: ("?", "?"),
        CheckOutcome.ERROR: ("!", "!"),
    },
    FindingState: {
        FindingState.OPEN: ("✘", "x"),
        FindingState.CONTINUING: ("✘", "x"),
        FindingState.EXCEPTED: ("⊘", "o"),
        FindingState.RESOLVED: ("✔", "+"),
    },
}

_SIGNS: Mapping[str, str] = {
    "…": "~", "·": "-", "▲": "^", "▼": "v", "●": "*", "◆": "@", "≠": "!=", "✎": "(p)", "✔": "+", "✘": "x",
    "←": "<-", "→": "->", "‹": "<", "›": ">", "▸": ">", "↵": "Enter", "↑": "^", "↓": "v", "–": "-", "⊘": "o",
}  # fmt: skip

_TONES: Mapping[str, str] = {
    VerdictOutcome.COMPLIANT: "good",
    VerdictOutcome.BREACH: "bad",
    VerdictOutcome.UNDETERMINED: "warn",
    VerdictOutcome.EXCEPTED: "quiet",
    VerdictOutcome.NOT_APPLICABLE: "quiet",
    FindingState.OPEN: "bad",
    FindingState.CONTINUING: "bad",
    FindingState.RESOLVED: "good",
    Severity.HIGH: "bad",
    Severity.MEDIUM: "warn",
    Severity.LOW: "quiet",
    DeviceStatus.UNSEEN: "warn",
    DeviceStatus.RETIRED: "quiet",
}

_SOURCES: Mapping[str, str] = {"assessment": N_("assessment"), "scan": N_("scan")}

_ascii_only = False
_roc_years = False
_ROC_BEGAN = 1911  # the year before 民國 1
_ROC_YEARS_END = 1000
_DAY = re.compile(r"(?:民國)?\s*(\d{2,4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")


def use_ascii(only: bool) -> None:
    """Sets whether signs outside ASCII are replaced (a terminal that is not UTF-8)."""
    global _ascii_only  # noqa: PLW0603 - one terminal per process, as with the language
    _ascii_only = only


def use_roc_years(wanted: bool) -> None:
    """Sets whether years are counted from the Republic's first (民國)."""
    global _roc_years  # noqa: PLW0603 - one person per process
    _roc_years = wanted


def name(word: StrEnum) -> str:
    """What people call this word of a vocabulary, in the language in force."""
    return called(word)


def title(word: StrEnum) -> str:
    """The name as it stands over or before something: begun with a capital."""
    called_so = called(word)
    return f"{called_so[:1].upper()}{called_so[1:]}"


def symbol(word: StrEnum) -> str:
    """One character that tells this outcome from the others without any colour."""
    return SYMBOLS[type(word)][word][1 if _ascii_only else 0]


def marked(word: StrEnum) -> str:
    """Symbol and name: `✘ breach`."""
    return f"{symbol(word)} {name(word)}"


def tone(word: str) -> str:
    """How loud a word is: `good`, `bad`, `warn`, `quiet`, or nothing; colour only repeats what words say."""
    return _TONES.get(word, "")


def sign(character: str) -> str:
    """A sign of the screens' own, or its ASCII stand-in."""
    return _SIGNS.get(character, character) if _ascii_only else character


def value(attribute: Attribute, held: str) -> str:
    """A held value as people read it: a vocabulary's words by name, in the rest controls made visible."""
    return printable(value_called(attribute, held))


def source(held_source: str) -> str:
    """Where a value came from: a person's name with a pen, else the fingerprint's id."""
    kind, _colon, who = held_source.partition(":")
    if kind == "person":
        return f"{sign('✎')} {printable(who)}"
    return _(_SOURCES[kind]) if kind in _SOURCES else printable(held_source)


def article(number: str) -> str:
    """An article by its name: `Art. 22`, with its pack's short name where that stands before it."""
    return printable(article_name(number, current()))


def action(done: str) -> str:
    """What the audit log says was done."""
    return printable(action_called(done))


def told(english: str, chinese: str) -> str:
    """A sentence that the packs carry in both languages, in the one in force."""
    return printable(chinese if is_chinese() and chinese else english)


def empty_register() -> str:
    """What to do first."""
    return _("The register is empty. P puts a network in scope, 5 scans it.")


def missing() -> str:
    """Stands where a value ought to be and none is known."""
    return _("missing")


def changed(what: str) -> str:
    """What a DeviceChange is about."""
    return printable(what_called(what))


def changed_value(what: str, held: str) -> str:
    """A value of a DeviceChange as people read it; nothing is shown as a dash."""
    return printable(value_called(what, held)) if held else sign("–")


def moment(at: datetime, zone: tzinfo | None) -> str:
    """Date and minute in `zone` (None: this machine's): `2026-11-20 23:05`, or `115/11/20 23:05`."""
    here = at.astimezone(zone)
    return f"{day(here.date())} {here:%H:%M}"


def day(on: date | datetime, zone: tzinfo | None = None) -> str:
    """The date, ISO or with years of the Republic (民國); a moment is first taken to `zone`."""
    on = on.astimezone(zone).date() if isinstance(on, datetime) else on
    return f"{on.year - _ROC_BEGAN}/{on:%m/%d}" if _roc_years and on.year > _ROC_BEGAN else on.isoformat()


def day_typed(text: str) -> date:
    """A date as people write it: `2026-11-20`, `115/11/20`, `民國115年11月20日`; UsageFault for any other."""
    numbers = _DAY.fullmatch(text.strip())
    try:
        if numbers:
            year, month, day_of_month = (int(number) for number in numbers.groups())
            return date(year + _ROC_BEGAN if year < _ROC_YEARS_END else year, month, day_of_month)
    except ValueError:
        pass
    raise UsageFault(_("{text!r} is no date: write 2026-11-20 or 115/11/20").format(text=text))


def titles(known: Mapping[str, str]) -> tuple[str, ...]:
    """What people call the words of `known` (word → its name in English), in the language in force."""
    return tuple(_(name) for name in known.values())


def word_typed(known: Mapping[str, str], text: str) -> str:
    """The word of `known` that has this title, or is it; UsageFault for any other text."""
    for word, title in known.items():
        if text.strip().casefold() in {word, _(title).casefold()}:
            return word
    raise UsageFault(_("{text!r} is none of: {known}").format(text=text, known=", ".join(titles(known))))


def printable(text: str) -> str:
    """The text on one line; what a terminal might obey instead of show becomes `·`."""
    return "".join(character if character.isprintable() else "·" for character in text)

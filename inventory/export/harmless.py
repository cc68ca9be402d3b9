"""Text from devices, made harmless for the eye, the spreadsheet and the browser.

What a device says of itself is an attacker's text. Markup is the template's duty (autoescape); this file
takes what no escaping helps against: characters that hide, reorder or end text, and cells that a spreadsheet
would calculate (OWASP, CSV injection).
"""

import re
import unicodedata

LONGEST_CELL = 2000

_FORMULA_STARTS = frozenset("=+-@\t\r\n＝＋－＠")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SUSPECT = re.compile(
    r"[^\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff\u3001-\u303f\u3105-\u312f\u4e00-\u9fff\uff01-\uff5e]"
)
# Cc control, Cf format (bidi, zero width, tags), Co private, Cn unassigned, Zl/Zp line and paragraph ends.
_UNSEEN = frozenset(("Cc", "Cf", "Co", "Cn", "Zl", "Zp"))


def visible(text: str, longest: int = LONGEST_CELL) -> str:
    """`text` with every character that hides or reorders shown as ⟨U+202E⟩, at most `longest` characters.

    What is cut off is counted: `…⟨+8000⟩`. Lone surrogates become U+FFFD, as in the JSON form.
    """
    shown = _SUSPECT.sub(_shown, text[:longest])
    return shown if len(text) <= longest else f"{shown}…⟨+{len(text) - longest}⟩"


def storable(text: str) -> str:
    """`text` as UTF-8 can carry it: lone surrogates become U+FFFD (RFC 8259, section 8.2), all else stays."""
    return _SURROGATE.sub("\ufffd", text)


def spreadsheet_cell(text: str) -> str:
    """`visible` text that no spreadsheet takes for a formula: a leading apostrophe where it might."""
    shown = visible(text)
    return f"'{shown}" if looks_like_formula(shown) else shown


def looks_like_formula(text: str) -> bool:
    """True where a spreadsheet could calculate the cell; leading blanks are no protection."""
    return text.lstrip(" \u00a0\u3000")[:1] in _FORMULA_STARTS


def _shown(match: re.Match[str]) -> str:
    character = match.group()
    category = unicodedata.category(character)
    if category == "Cs":
        return "\ufffd"
    return f"⟨U+{ord(character):04X}⟩" if category in _UNSEEN else character

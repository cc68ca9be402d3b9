"""What is shown of an SSID, which is octets (IEEE 802.11-2020, 9.4.2.2), so that no two are shown alike.

Plain text of UTF-8 is shown as it is. Any other name is shown as it most likely reads (Big5, GB18030,
Shift-JIS, Latin-1, else escaped) with its octets behind: `永豐 (hex a5c3c2d7)`. So is text that hides
something: letters that look like others, spaces at an end, characters without a shape.
"""

import re
import unicodedata
from typing import Final

_HEX: Final = re.compile(r"[0-9a-f]{2}(?::[0-9a-f]{2})*")
_WITH_OCTETS: Final = re.compile(r"\(hex [0-9a-f]*\)$")
_SCRIPTS: Final = ("CJK UNIFIED", "HIRAGANA", "KATAKANA", "BOPOMOFO", "HANGUL SYLLABLE")
# Letters of Cyrillic and Greek, and digits, that are read as Latin ones (Unicode Technical Standard 39).
_READ_AS: Final = str.maketrans(
    "авсеһіјкмнорѕтухζαβεηικμνορτυχ01i",
    "abcehljkmhopstyxzabehlkmnoptyxoll",
)
_LEAST_ASCII: Final = 2 / 3  # Latin-1 fits any octets: believed only of a name that is mostly ASCII


def readable(ssid: bytes) -> str:
    """The name as text that no other name has; empty for one that is hidden (no octets, or zeros)."""
    if not ssid.strip(b"\x00"):
        return ""
    try:
        text = ssid.decode()
    except UnicodeDecodeError:
        return _with_octets(_guessed(ssid), ssid)
    return text if _is_plain(text) else _with_octets(text, ssid)


def as_read(name: str) -> str:
    """The name as the eye reads it: names that come to the same are taken for one another."""
    folded = unicodedata.normalize("NFKC", _WITH_OCTETS.sub("", name)).casefold()
    decomposed = unicodedata.normalize("NFD", folded)
    return "".join(each for each in decomposed if each.isalnum()).translate(_READ_AS)


def octets(value: str) -> bytes:
    """The octets of a name given as agent.snmp_octets gives them (`6f:66`); else those of its text."""
    if _HEX.fullmatch(value):
        return bytes.fromhex(value.replace(":", ""))
    return value.encode("utf-8", "surrogateescape")


def _is_plain(text: str) -> bool:
    """Whether nothing else is shown like it: no spaces that nobody sees, no letters that look like others."""
    spaced = text != text.strip(" ") or "  " in text
    return not spaced and not _WITH_OCTETS.search(text) and all(map(_is_distinct, text))


def _is_distinct(letter: str) -> bool:
    if letter.isascii():
        return letter.isprintable()
    if not letter.isprintable() or unicodedata.normalize("NFKC", letter) != letter:
        return False
    name = unicodedata.name(letter, "")
    if name.startswith("LATIN"):
        return " WITH " in name
    return name.startswith(_SCRIPTS) or unicodedata.category(letter) == "So"


def _guessed(ssid: bytes) -> str:
    from agent.probes.charset import decoded  # with all the probes: most names are UTF-8

    text = decoded(ssid)
    is_latin = text.encode("latin-1", "replace") == ssid
    if is_latin and sum(map(str.isascii, text)) < _LEAST_ASCII * len(text):
        return ssid.decode("ascii", "backslashreplace")
    return text


def _with_octets(text: str, ssid: bytes) -> str:
    shown = "".join(each if each.isprintable() else f"\\x{ord(each):02x}" for each in text)
    return f"{shown} (hex {ssid.hex()})"

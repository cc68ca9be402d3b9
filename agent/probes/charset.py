"""Which encoding bytes of the network are in: UTF-8, as declared, Big5, GB18030, Shift-JIS, else Latin-1.

A double-byte encoding is believed only of bytes that come in runs of at least two characters, nearly all of
which are common ones of that encoding; so `25°C` stays what it is.
"""

import codecs
import re
from dataclasses import dataclass
from typing import Final

_SHARE: Final = 0.8
_DECLARED_WITHIN: Final = 1024  # bytes, as browsers look (HTML Standard, 13.2.3.2)


@dataclass(frozen=True)
class _DoubleByte:
    """An encoding, any of its double-byte characters, and the common ones."""

    codec: str
    character: re.Pattern[bytes]
    common: re.Pattern[bytes]


# The first is taken where two fit equally well. Common are level 1 of Big5 and GB 2312, kana and level 1 of
# JIS X 0208, and each one's punctuation.
_DOUBLE_BYTES: Final = (
    _DoubleByte(
        "big5",
        re.compile(rb"[\x81-\xfe][\x40-\x7e\xa1-\xfe]"),
        re.compile(rb"(?:[\xa4-\xc5][\x40-\x7e\xa1-\xfe]|\xc6[\x40-\x7e]|\xa1[\x40-\x7e\xa1-\xfe])"),
    ),
    _DoubleByte(
        "gb18030",
        re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]"),
        re.compile(rb"(?:[\xb0-\xd7][\xa1-\xfe]|[\xa1\xa3][\xa1-\xfe])"),
    ),
    _DoubleByte(
        "shift_jis",
        re.compile(rb"[\x81-\x9f\xe0-\xfc][\x40-\x7e\x80-\xfc]"),
        re.compile(
            rb"(?:\x82[\x4f-\xf1]|\x83[\x40-\x96]|[\x88-\x97][\x40-\x7e\x80-\xfc]|\x81[\x40-\x7e\x80-\xac])"
        ),
    ),
)
_HIGH: Final = re.compile(rb"[\x80-\xff]")
_DECLARED: Final = re.compile(r"(?:charset|encoding)\s*=\s*[\"']?([\w.:-]{2,30})", re.IGNORECASE)
_KNOWN: Final = frozenset(
    codecs.lookup(name).name
    for name in ("utf-8", "big5", "gb2312", "gbk", "gb18030", "shift_jis", "cp932", "iso8859-1", "cp1252",
                 "big5hkscs", "cp950", "euc_jp", "euc_kr", "iso8859-15")
)  # fmt: skip


def declared(text: str) -> str:
    """The encoding (as Python calls it) that a Content-Type or a document's head declares; empty for none."""
    found = _DECLARED.search(text)
    if not found:
        return ""
    try:
        name = codecs.lookup(found[1]).name
    except LookupError:
        return ""
    return name if name in _KNOWN else ""


def document(data: bytes, head: str = "") -> str:
    """A page or XML document as `head` (a Content-Type) or itself declares it, else as it most likely is."""
    beginning = data[:_DECLARED_WITHIN].decode("latin-1")
    return decoded(data, declared(head) or declared(beginning))


def decoded(data: bytes, encoding: str = "") -> str:
    """`data` as the text it most likely is; never raises. A character cut off at the end is left out."""
    for codec in ("utf-8", encoding):
        text = _whole_characters(data, codec) if codec else None
        if text is not None:
            return text
    guess = _double_byte(data)
    return (_whole_characters(data, guess) if guess else None) or data.decode("latin-1")


def _whole_characters(data: bytes, codec: str) -> str | None:
    """`data` without a last character cut off; None where nothing shows that `codec` is its encoding."""
    try:
        text = codecs.getincrementaldecoder(codec)().decode(data)
    except UnicodeDecodeError:
        return None
    return None if text.isascii() and not data.isascii() else text


def _double_byte(data: bytes) -> str:
    """The double-byte encoding whose common characters the bytes are, empty where there is none."""
    if not _HIGH.search(data):
        return ""
    best, most = "", 0.0
    for one in _DOUBLE_BYTES:
        share = _share(data, one)
        if share >= _SHARE and share > most:
            best, most = one.codec, share
    return best


def _share(data: bytes, one: _DoubleByte) -> float:
    """The share of common characters among those with a high byte; 0 without two in a row."""
    count = common = at = run = longest = 0
    while found := _HIGH.search(data, at):
        run = run + 1 if found.start() == at and count else 1
        longest = max(longest, run)
        character = one.character.match(data, found.start())
        if character is None:
            if found.start() == len(data) - 1:  # cut off
                break
            return 0.0
        count += 1
        common += one.common.match(data, found.start()) is not None
        at = character.end()
    return common / count if count and longest > 1 else 0.0

"""JSON that people also read: letters as they are, what hides text or steers a terminal escaped."""

import json
import re
from typing import Final

# Control, bidirectional, zero-width and tag characters, lone surrogates; every JSON parser gives them back.
_HIDDEN: Final = re.compile(
    "[\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)

# The bytes that UTF-8 begins these with: a text without any of them has nothing to escape.
HIDING: Final = (b"\x7f", b"\xc2", b"\xd8", b"\xe1", b"\xe2", b"\xef", b"\xf3")


def json_text(value: object, *, indent: int | None = None) -> str:
    """`value` as one JSON text; what JSON has no form for is written as its text."""
    return escaped(json.dumps(value, ensure_ascii=False, indent=indent, default=str))


def escaped(text: str) -> str:
    """JSON with its hidden characters as `\\uXXXX` (RFC 8259, section 7)."""
    return _HIDDEN.sub(lambda found: json.dumps(found[0])[1:-1], text)

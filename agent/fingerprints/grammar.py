"""Reads product texts the way most vendors write them: maker first, then the model, then the rest.

Knows no product. What it says is weak (see CERTAINTY): any pattern that knows the text better outweighs it.
"""

import re
from functools import cache
from typing import NamedTuple

from inventory.vendors import Vendor, all_vendors, key

AT_START = 0.6
WITHIN = 0.45
MODEL = 0.4
_LONGEST_NAME = 4  # words in the longest vendor name worth looking for
_FARTHEST = 25  # words into a text
_SHORTEST_WITHIN = 4
_WORD = re.compile(r"[^\s,;:/()\[\]|\"=_<>]+")
_CORPORATE = re.compile(
    r"[\s,.]*\b(?:inc|corp|corporation|co|ltd|llc|gmbh|ag|systems|networks|technologies|technology|company|"
    r"electronics|communications|international|s\.?r\.?o)\b\.?",
    re.IGNORECASE,
)
_MODEL = re.compile(
    r"^[\s,.:;_\-(/]{0,6}((?:(?!\b(?:version|ver|vers|firmware|fw|sw|s/w|software|release|rev|revision|build|"
    r"copyright|serial|kernel|running|ready|ftp|telnet|login|httpd?|web|snmp|agent|platform|operating)\b|v\d)"
    r"[^\s,;:|()<>\"]{1,40}[ ]?){1,5})",
    re.IGNORECASE,
)
_MODEL_LIKE = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[\w.+&/!#\- ]{3,40}|\d{3,5}", re.ASCII)


class Reading(NamedTuple):
    """A vendor found in a text, how sure that is, and the model that seems to follow ("" where none does)."""

    vendor: str
    certainty: float
    model: str


def read(text: str) -> Reading | None:
    """The first vendor a product text names; None where it names none."""
    line = next((part for part in text.splitlines() if part.strip()), "")
    words = list(_WORD.finditer(line))[:_FARTHEST]
    for position, word in enumerate(words):
        for length in range(min(_LONGEST_NAME, len(words) - position), 0, -1):
            end = words[position + length - 1].end()
            vendor = _names().get(key(line[word.start() : end]))
            if vendor and _plausible(vendor, position, line[word.start() : end]):
                rest = _CORPORATE.sub("", line[end : end + 20], count=3) + line[end + 20 :]
                return Reading(vendor.name, AT_START if position == 0 else WITHIN, _model(rest))
    return None


def _plausible(vendor: Vendor, position: int, name: str) -> bool:
    if position == 0:
        return vendor.spot or len(name) > _SHORTEST_WITHIN
    return vendor.spot and len(name) >= _SHORTEST_WITHIN and name[0].isupper()


def _model(rest: str) -> str:
    found = _MODEL.match(rest)
    model = found[1].strip(" .-_/") if found else ""
    return model if _MODEL_LIKE.fullmatch(model) else ""


@cache
def _names() -> dict[str, Vendor]:
    return {key(name): vendor for vendor in all_vendors() for name in (vendor.name, *vendor.also)}

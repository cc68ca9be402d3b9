"""Looks into a regular expression: the text it cannot do without, and whether it can run away."""

import re
from collections.abc import Iterator
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as sre  # type: ignore[attr-defined]
from typing import Any

SHORTEST_LITERAL = 2
MOST_OPEN_REPEATS = 8
FEW = 9
Parts = Any  # what sre_parse makes of a pattern: it has no public type
_REPEATS = {op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT}
_LOOKS = {op.ASSERT, op.ASSERT_NOT, op.GROUPREF, op.GROUPREF_EXISTS}


def required_literal(pattern: str) -> str:
    """The longest lower-cased text that stands in every match; "" where there is none worth looking for."""
    parts = sre.parse(pattern, re.IGNORECASE)
    longest = max(_runs(parts), key=len, default="")
    return longest if len(longest) >= SHORTEST_LITERAL else ""


def runaway(pattern: str) -> str:
    """Why a pattern might take more than quadratic time on a hostile text; "" where it cannot.

    Refused: an open repeat inside another open one or inside more than FEW turns, back references, and more
    than MOST_OPEN_REPEATS open repeats.
    """
    return _nested(sre.parse(pattern, re.IGNORECASE), inside=False) or (
        "too many open repeats" if _open_repeats(sre.parse(pattern)) > MOST_OPEN_REPEATS else ""
    )


def anchored(pattern: str) -> bool:
    """Whether every way into a pattern begins at a place it names: an edge, or a character that is given."""
    return _starts_somewhere(sre.parse(pattern, re.IGNORECASE))


def _starts_somewhere(parts: Parts) -> bool:
    for kind, value in parts:
        if kind is op.SUBPATTERN:
            return _starts_somewhere(value[3])
        if kind is op.BRANCH:
            return all(_starts_somewhere(branch) for branch in value[1])
        if kind in _REPEATS and value[0] == 0:
            if value[1] is op.MAXREPEAT or not _starts_somewhere(value[2]):
                return False
            continue
        return kind in {op.AT, op.LITERAL, op.ASSERT, op.ASSERT_NOT}
    return True


def _runs(parts: Parts) -> Iterator[str]:
    run = ""
    for kind, value in parts:
        if kind is op.LITERAL and value < 128:
            run += chr(value).lower()
            continue
        yield run
        run = ""
        if kind is op.SUBPATTERN:
            yield from _runs(value[3])
        elif kind in _REPEATS and value[0] > 0:
            yield from _runs(value[2])
    yield run


def _nested(parts: Parts, *, inside: bool) -> str:
    for kind, value in parts:
        if kind in _LOOKS and kind in {op.GROUPREF, op.GROUPREF_EXISTS}:
            return "back reference"
        if kind in _REPEATS:
            is_open = value[1] is op.MAXREPEAT
            if is_open and inside:
                return "an open repeat inside a repeat"
            if found := _nested(value[2], inside=inside or value[1] > FEW):
                return found
        for child in _children(kind, value):
            if found := _nested(child, inside=inside):
                return found
    return ""


def _open_repeats(parts: Parts) -> int:
    count = 0
    for kind, value in parts:
        if kind in _REPEATS:
            count += (value[1] is op.MAXREPEAT) + _open_repeats(value[2])
        count += sum(_open_repeats(child) for child in _children(kind, value))
    return count


def _children(kind: object, value: Parts) -> Iterator[Parts]:
    if kind is op.SUBPATTERN:
        yield value[3]
    elif kind is op.BRANCH:
        yield from value[1]
    elif kind in {op.ASSERT, op.ASSERT_NOT}:
        yield value[1]

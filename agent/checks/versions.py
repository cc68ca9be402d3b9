"""Comparing firmware versions by a vendor's own scheme; what cannot be read as a version is not compared.

Two versions (readings.py) are compared where both are of one train and the first is at least as deep as the
second: `7.4` says nothing about `7.4.8`.
"""

import re
from collections.abc import Callable, Mapping

from agent.checks.readings import (
    Read,
    read_brother,
    read_cisco,
    read_dotted,
    read_embedded,
    read_hp,
    read_junos,
    read_lettered,
    read_panos,
    read_release,
    read_routeros,
    read_sharp,
    read_sonicos,
    read_sophos,
    read_synology,
    read_underscored,
    read_zyxel,
)

Compare = Callable[[str, str], bool | None]

_BUILD_DAY = re.compile(r"build[ _]?(?:date[: ]*)?(20\d\d-\d\d-\d\d|\d{8}|\d{6})(?!\d)", re.IGNORECASE)


def comparing(read: Read) -> Compare:
    """A scheme's comparison: whether the first is older than the second; None where it cannot tell."""

    def behind(version: str, latest: str) -> bool | None:
        mine, newest = read(version.strip()), read(latest.strip())
        if mine is None or newest is None or mine.train != newest.train:
            return None
        depth = len(newest.numbers)
        if len(mine.numbers) < depth and mine.numbers == newest.numbers[: len(mine.numbers)]:
            return None
        return mine.numbers[:depth] < newest.numbers

    return behind


def same(version: str, other: str, behind: Compare) -> bool:
    """Whether neither version is older than the other by that comparison."""
    return behind(version, other) is False and behind(other, version) is False


dotted_behind = comparing(read_dotted)
_within_train = comparing(read_cisco)
synology_behind = comparing(read_synology)
_within_line = comparing(read_zyxel)


def build_behind(version: str, latest: str) -> bool | None:
    """By number, and between equal numbers by the day of the build: `V5.5.800 build 210628`."""
    mine, newest = _build_day(version), _build_day(latest)
    by_day = mine < newest if mine and newest else None
    numbered = read_dotted(_BUILD_DAY.sub("", latest)) is not None
    by_number = dotted_behind(_BUILD_DAY.sub("", version), _BUILD_DAY.sub("", latest)) if numbered else None
    if not numbered or (by_number is False and newest and _same_number(version, latest)):
        return by_day
    return by_number


def cisco_ios_behind(version: str, latest: str) -> bool | None:
    """Within a train; IOS XE 3 is older than any later IOS XE."""
    mine, newest = read_cisco(version), read_cisco(latest)
    if mine and newest and {mine.train[0], newest.train[0]} == {"ios-xe"}:
        majors = mine.numbers[0], newest.numbers[0]
        if 3 in majors and majors != (3, 3):
            return majors[0] < majors[1]
    return _within_train(version, latest)


def zyxel_behind(version: str, latest: str) -> bool | None:
    """By number within a model line; where one names no line, as CPE names do, by its first two numbers."""
    by_line = _within_line(version, latest)
    if by_line is not None or (read_zyxel(version) and read_zyxel(latest)):
        return by_line
    mine, newest = (read_dotted(text.partition("(")[0]) for text in (version, latest))
    if mine is None or newest is None or mine.numbers[:2] == newest.numbers[:2]:
        return None
    return mine.numbers[:2] < newest.numbers[:2]


def never(version: str, latest: str) -> bool | None:  # noqa: ARG001 - the scheme's signature
    """For vendors whose versions have no published order."""
    return None


SCHEMES: Mapping[str, Compare] = {
    "dotted": dotted_behind,
    "underscored": comparing(read_underscored),
    "build": build_behind,
    "routeros": comparing(read_routeros),
    "cisco-ios": cisco_ios_behind,
    "junos": comparing(read_junos),
    "panos": comparing(read_panos),
    "sonicwall": comparing(read_sonicos),
    "sophos": comparing(read_sophos),
    "synology": synology_behind,
    "zyxel": zyxel_behind,
    "embedded": comparing(read_embedded),
    "lettered": comparing(read_lettered),
    "brother": comparing(read_brother),
    "hp": comparing(read_hp),
    "sharp": comparing(read_sharp),
    "ale": comparing(read_release),
    "none": never,
}


def _build_day(text: str) -> str:
    """The day of the build as yyyymmdd; "" where none is named."""
    found = _BUILD_DAY.search(text)
    if found is None:
        return ""
    digits = found[1].replace("-", "")
    return digits if len(digits) == 8 else f"20{digits}"


def _same_number(version: str, latest: str) -> bool:
    return same(_BUILD_DAY.sub("", version), _BUILD_DAY.sub("", latest), dotted_behind)

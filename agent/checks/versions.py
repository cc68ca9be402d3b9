"""Comparing firmware versions by a vendor's own scheme; what cannot be read as a version is not compared."""

import re
from collections.abc import Callable, Mapping

Compare = Callable[[str, str], bool | None]

_DOTTED = re.compile(r"[Vv]?\.?(\d+(?:\.\d+)*)")
_DSM = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?-(\d+)(?:(?:-| Update )(\d+))?")
_CISCO_IOS = re.compile(r"(\d+)\.(\d+)\((\d+)([a-z]*)\)([A-Z]+)(\d*)([a-z]*)")


def dotted_behind(version: str, latest: str) -> bool | None:
    """Whether `version` is older than `latest`, both numbers with dots; None where either is not.

    Only versions of the same depth or deeper than `latest` are compared: `7.4` says nothing about `7.4.8`.
    """
    mine, newest = _dotted(version), _dotted(latest)
    if mine is None or newest is None:
        return None
    if len(mine) < len(newest) and mine == newest[: len(mine)]:
        return None
    return mine[: len(newest)] < newest


def cisco_ios_behind(version: str, latest: str) -> bool | None:
    """Whether one IOS release is older than another of the same train (`15.2(7)E4`); None across trains."""
    mine, newest = _CISCO_IOS.search(version), _CISCO_IOS.search(latest)
    if mine is None or newest is None or _train(mine) != _train(newest):
        return None
    return _release(mine) < _release(newest)


def synology_behind(version: str, latest: str) -> bool | None:
    """Whether one DSM release is older than another (`7.2.1-69057 Update 6`); None where one is no DSM."""
    mine, newest = _DSM.search(version), _DSM.search(latest)
    if mine is None or newest is None:
        return None
    return _numbers(mine) < _numbers(newest)


def never(version: str, latest: str) -> bool | None:  # noqa: ARG001 - the scheme's signature
    """For vendors whose versions have no published order."""
    return None


SCHEMES: Mapping[str, Compare] = {
    "dotted": dotted_behind,
    "cisco-ios": cisco_ios_behind,
    "synology": synology_behind,
    "none": never,
}


def _dotted(text: str) -> tuple[int, ...] | None:
    found = _DOTTED.match(text.strip())
    return tuple(int(part) for part in found[1].split(".")) if found else None


def _numbers(found: re.Match[str]) -> tuple[int, ...]:
    return tuple(int(part or 0) for part in found.groups())


def _train(found: re.Match[str]) -> tuple[str, str, str]:
    return found[1], found[2], found[5]


def _release(found: re.Match[str]) -> tuple[int, str, int, str]:
    return int(found[3]), found[4], int(found[6] or 0), found[7]

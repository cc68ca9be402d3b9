"""Comparing firmware versions by a vendor's own scheme; what cannot be read as a version is not compared.

A scheme reads a version as a train and numbers. Two versions are compared where both are of one train and the
first is at least as deep as the second: `7.4` says nothing about `7.4.8`.
"""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

Compare = Callable[[str, str], bool | None]


class Reading(NamedTuple):
    """A version as its vendor orders it: `numbers` grow with time within one `train`."""

    train: tuple[str, ...]
    numbers: tuple[int, ...]


Read = Callable[[str], Reading | None]

_SYSTEM = r"(?:FortiOS|RouterOS|SFOS|BIG-IP|Fireware|AXIS OS|ADM|AOS|QTS|QuTS hero|Firmware|Software)?"
_DOTTED = re.compile(rf"{_SYSTEM}\W*(?:version|ver|rev|[VRhc])?[ .]*(\d+(?:\.\d+)*)", re.IGNORECASE)
_ROUTEROS = re.compile(r"(?:RouterOS )?[vV]?(\d+)\.(\d+)(?:\.(\d+))?(?:(beta|rc)(\d+))?")
_DSM = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?-(\d+)(?:(?:-| Update )(\d+))?")
_CISCO_IOS = re.compile(r"(\d+)\.(\d+)\((\d+)([a-z]*)\)([A-Z]+)(\d*)([a-z]*)")
_CISCO_XE = re.compile(r"(?<![\d.(])(1[67]|3)\.(\d{1,2})\.(\d{1,2})([a-z]?)(?![\d.(])")
_CISCO_NX = re.compile(r"(?<![\d.])(\d{1,2})\.(\d)\((\d+)([a-z]?)\)(?![A-Z])")
_JUNOS = re.compile(r"(\d+)\.(\d+)R(\d+)(?:-S(\d+))?(?:\.\d+)?", re.IGNORECASE)
_PANOS = re.compile(r"(?<![\d.])(\d+)\.(\d+)\.(\d+)(?:-h(\d+))?(?![\d.])")
_SONICOS = re.compile(r"(?<![\d.])(\d+(?:\.\d+)+)(?:-(\d+)[a-z]?(?![\w.]))?")
_SOPHOS = re.compile(r"(?<![\d.])(\d+)\.(\d+)(?:\.(\d+))?(?:\s*MR-?(\d+))?", re.IGNORECASE)
_ZYXEL = re.compile(r"[vV]?(\d+)\.(\d+)\(([A-Z]{4})\.(\d+)\)")
_EMBEDDED = re.compile(r"(?<![\w.])(\d+)\.(\d+)\.(\d+)(?=[.+\s]|$)")
_LETTERED = re.compile(r"[vV]?((?:[A-Za-z][\w.\-]*)?\d[\w.\-]*)")
_BUILD_DAY = re.compile(r"build[ _]?(?:date[: ]*)?(20\d\d-\d\d-\d\d|\d{8}|\d{6})(?!\d)", re.IGNORECASE)
_BROTHER = re.compile(r"(?:^|\()([A-Z]{1,2})(?:\)|$)|VER\.([A-Z]{1,2})$|^(Z[A-Z])\d{6,}$")
_HP_WEEK = re.compile(r"(?:^|[._])(\d{4})([A-Z])(?:[._]|$)")
_RELEASE = re.compile(r"R(\d+(?:\.\d+)+)")


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


def read_dotted(text: str) -> Reading | None:
    """Numbers with dots, with a system and V, Ver. or Rev. before them: `FortiOS v7.4.8,build2795`."""
    found = _DOTTED.match(text)
    return Reading((), tuple(int(part) for part in found[1].split("."))) if found else None


def read_underscored(text: str) -> Reading | None:
    """ASUSWRT: the build follows an underscore, `3.0.0.4.388_24609`."""
    return read_dotted(re.sub(r"(?<=\d)[_-](?=\d)", ".", text))


def read_routeros(text: str) -> Reading | None:
    """RouterOS: `7.12beta3` comes before `7.12rc1`, that before `7.12`."""
    found = _ROUTEROS.match(text)
    if found is None:
        return None
    stage = {"beta": 0, "rc": 1, None: 2}[found[4]]
    return Reading((), (int(found[1]), int(found[2]), int(found[3] or 0), stage, int(found[5] or 0)))


def read_cisco(text: str) -> Reading | None:
    """IOS `15.2(7)E4` and NX-OS `9.3(10)` within their train, IOS XE `17.09.04a` over all."""
    if found := _CISCO_IOS.search(text):
        rest = (int(found[3]), _letters(found[4]), int(found[6] or 0), _letters(found[7]))
        return Reading(("ios", found[1], found[2], found[5]), rest)
    if found := _CISCO_NX.search(text):
        return Reading(("nx-os", found[1], found[2]), (int(found[3]), _letters(found[4])))
    if found := _CISCO_XE.search(text):
        return Reading(("ios-xe",), (int(found[1]), int(found[2]), int(found[3]), _letters(found[4])))
    return None


def read_junos(text: str) -> Reading | None:
    """Junos: `21.2R3-S7.2` is service release 7 of 21.2R3; what follows the last dot is its respin."""
    return _numbered(_JUNOS.search(text))


def read_panos(text: str) -> Reading | None:
    """PAN-OS: `10.2.9-h1` is the first hotfix of 10.2.9."""
    return _numbered(_PANOS.search(text))


def read_sonicos(text: str) -> Reading | None:
    """SonicOS: the build follows a hyphen, `6.5.4.15-117n`; an R number is counted otherwise and not read."""
    found = _SONICOS.search(text)
    if found is None:
        return None
    build = (int(found[2]),) if found[2] else ()
    return Reading((), (*(int(part) for part in found[1].split(".")), *build))


def read_sophos(text: str) -> Reading | None:
    """Sophos Firewall: `18.5 MR3`, `18.5.3` and `SFOS 18.5.3 MR-3-Build408` are one release."""
    found = _SOPHOS.search(text)
    return Reading((), (int(found[1]), int(found[2]), int(found[3] or found[4] or 0))) if found else None


def read_synology(text: str) -> Reading | None:
    """DSM: `7.2.1-69057 Update 6`, also written `7.2.1-69057-6`."""
    return _numbered(_DSM.search(text))


def read_zyxel(text: str) -> Reading | None:
    """Zyxel: `V5.38(ABFW.1)C0`, the letters name the model line and are its train."""
    found = _ZYXEL.match(text)
    return Reading((found[3],), (int(found[1]), int(found[2]), int(found[4]))) if found else None


def read_embedded(text: str) -> Reading | None:
    """UniFi: the release stands inside, `BZ.qca956x.v6.5.28.14491` is 6.5.28."""
    return _numbered(_EMBEDDED.search(re.sub(r"(?<=[vV])(?=\d)|_", " ", text)))


def read_lettered(text: str) -> Reading | None:
    """Numbers between letters that stay the same: `CXTLS.240.206`, `2.305b240719`, `10.6r2`."""
    found = _LETTERED.match(text)
    if found is None:
        return None
    numbers = tuple(int(part) for part in re.findall(r"\d+", found[1]))
    return Reading(tuple(re.findall(r"[A-Za-z]+", found[1])), numbers) if numbers else None


def read_brother(text: str) -> Reading | None:
    """Brother: `1.74(ZE)` by its number, `ZK` and `U1307022128VER.J` by their letters."""
    if found := re.match(r"(\d+)\.(\d+)", text):
        return Reading(("number",), (int(found[1]), int(found[2])))
    if found := _BROTHER.search(text):
        letters = next(group for group in found.groups() if group)
        return Reading(("letters",), (len(letters), *map(ord, letters)))
    return None


def read_hp(text: str) -> Reading | None:
    """HP: lasers by day, `20130211`; ink by year, week and letter of the build, `MAVEDWPP1N001.1708D.00`."""
    if re.fullmatch(r"20\d{6}", text):
        return Reading(("day",), (int(text),))
    found = _HP_WEEK.search(text)
    return Reading(("week",), (int(found[1]), ord(found[2]))) if found else None


def read_sharp(text: str) -> Reading | None:
    """Sharp MFPs: notices name the second to fourth digit, `202`, of a firmware such as `0202Q100`."""
    found = re.match(r"[0-9A-Z]?(\d{3})(?!\d)", text)
    return Reading((), (int(found[1]),)) if found else None


def read_release(text: str) -> Reading | None:
    """ALE deskphones: `86x8_NOE-R300.1.40.12.4180` is release 300.1.40.12.4180."""
    found = _RELEASE.search(text)
    return Reading((), tuple(int(part) for part in found[1].split("."))) if found else None


dotted_behind = comparing(read_dotted)
cisco_ios_behind = comparing(read_cisco)
synology_behind = comparing(read_synology)


def build_behind(version: str, latest: str) -> bool | None:
    """By number, and between equal numbers by the day of the build: `V5.5.800 build 210628`."""
    mine, newest = _build_day(version), _build_day(latest)
    by_day = mine < newest if mine and newest else None
    numbered = read_dotted(_BUILD_DAY.sub("", latest)) is not None
    by_number = dotted_behind(_BUILD_DAY.sub("", version), _BUILD_DAY.sub("", latest)) if numbered else None
    if not numbered or (by_number is False and newest and _same_number(version, latest)):
        return by_day
    return by_number


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
    "zyxel": comparing(read_zyxel),
    "embedded": comparing(read_embedded),
    "lettered": comparing(read_lettered),
    "brother": comparing(read_brother),
    "hp": comparing(read_hp),
    "sharp": comparing(read_sharp),
    "ale": comparing(read_release),
    "none": never,
}


def _numbered(found: re.Match[str] | None) -> Reading | None:
    return Reading((), tuple(int(part or 0) for part in found.groups())) if found else None


def _letters(text: str) -> int:
    """Letters of a rebuild as a number: none, a, b, … z, aa."""
    number = 0
    for letter in text:
        number = number * 27 + ord(letter) - ord("a") + 1
    return number


def _build_day(text: str) -> str:
    """The day of the build as yyyymmdd; "" where none is named."""
    found = _BUILD_DAY.search(text)
    if found is None:
        return ""
    digits = found[1].replace("-", "")
    return digits if len(digits) == 8 else f"20{digits}"


def _same_number(version: str, latest: str) -> bool:
    return same(_BUILD_DAY.sub("", version), _BUILD_DAY.sub("", latest), dotted_behind)

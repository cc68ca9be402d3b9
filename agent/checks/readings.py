"""Reading firmware versions as each vendor writes them: a train, and numbers that grow with time within it.

What cannot be read as a version of the vendor's is None, and is compared with nothing (versions.py).
"""

import re
from collections.abc import Callable
from typing import NamedTuple


class Reading(NamedTuple):
    """A version as its vendor orders it: `numbers` grow with time within one `train`."""

    train: tuple[str, ...]
    numbers: tuple[int, ...]


Read = Callable[[str], Reading | None]

_SYSTEM = r"(?:FortiOS|RouterOS|SFOS|BIG-IP|Fireware|AXIS OS|ADM|AOS|QTS|QVR|QuTS hero|Firmware|Software)?"
_DOTTED = re.compile(rf"{_SYSTEM}\W*(?:version|ver|rev|[VRhc])?[ .]*(\d+(?:\.\d+)*)", re.IGNORECASE)
_ROUTEROS = re.compile(r"(?:RouterOS )?[vV]?(\d+)\.(\d+)(?:\.(\d+))?(?:(beta|rc)(\d+))?")
_DSM = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?-(\d+)(?:(?:-|[- ]Update[ _]?)(\d+))?", re.IGNORECASE)
_CISCO_IOS = re.compile(r"(\d+)\.(\d+)\((\d+)([a-z]*)\)([A-Z]+)(\d*)([a-z]*)", re.IGNORECASE)
_CISCO_XE = re.compile(r"(?<![\d.(])(1[67])\.(\d{1,2})\.(\d{1,2})([a-z]?)(?![\d.(])", re.IGNORECASE)
_CISCO_XE_3 = re.compile(r"(?<![\d.(])0?3\.(\d{1,2})\.(\d{1,2})(?:\.(\d+))?([A-Z]*)(?![\d.(])", re.IGNORECASE)
_CISCO_NX_10 = re.compile(r"(?<![\d.])(10\.\d\(\d+\))[FM](?!\w)", re.IGNORECASE)
_CISCO_NX = re.compile(
    r"(?<![\d.])(\d{1,2})\.(\d)\((\d+)([a-z]?)\)(?:([A-Z])(\d+)\((\d+)([a-z]?)\))?(?![A-Z(])", re.IGNORECASE
)
_JUNOS = re.compile(r"(\d+)\.(\d+)R(\d+)(?:-S(\d+))?(?:\.\d+)?", re.IGNORECASE)
_PANOS = re.compile(r"(?<![\d.])(\d+)\.(\d+)\.(\d+)(?:-h(\d+))?(?![\d.])")
_SONICOS = re.compile(r"(?<![\d.])(\d+(?:\.\d+)+)(?:-(\d+)[a-z]?(?![\w.]))?")
_SOPHOS = re.compile(r"(?<![\d.])(\d+)\.(\d+)(?:\.(\d+))?(?:\s*MR-?(\d+))?", re.IGNORECASE)
_ZYXEL = re.compile(r"V?(\d+)\.(\d+)\(([A-Z]{4})\.(\d+)\)", re.IGNORECASE)
_EMBEDDED = re.compile(r"(?<![\w.])(\d+)\.(\d+)\.(\d+)(?=[.+\s]|$)")
_LETTERED = re.compile(r"[vV]?((?:[A-Za-z][\w.\-]*)?\d[\w.\-]*)")
_BROTHER = re.compile(r"(?:^|\()([A-Z]{1,2})(?:\)|$)|VER\.([A-Z]{1,2})$|^(Z[A-Z])\d{6,}$")
_HP_WEEK = re.compile(r"(?:^|[._])(\d{4})([A-Z])(?:[._]|$)")
_RELEASE = re.compile(r"R(\d+(?:\.\d+)+)")


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
    """IOS `15.2(7)E4`, NX-OS `9.3(10)`, `10.4(3)M` and `7.0(3)I7(9)`, IOS XE `3.6.5E` and `17.09.04a`.

    Small letters are read like capitals: the names of CPE have no others.
    """
    if found := _CISCO_NX.search(_CISCO_NX_10.sub(r"\1", text)):
        rest = (
            int(found[3]),
            _letters(found[4]),
            int(found[6] or 0),
            int(found[7] or 0),
            _letters(found[8] or ""),
        )
        return Reading(("nx-os", found[1], found[2], (found[5] or "").upper()), rest)
    if found := _CISCO_IOS.search(text):
        rest = (int(found[3]), _letters(found[4]), int(found[6] or 0), _letters(found[7]), 0)
        return Reading(("ios", found[1], found[2], found[5].upper()), rest)
    if found := _CISCO_XE.search(text):
        return Reading(("ios-xe",), (int(found[1]), int(found[2]), int(found[3]), _letters(found[4])))
    if found := _CISCO_XE_3.search(text):
        return Reading(("ios-xe", found[4].upper()), (3, *(int(part or 0) for part in found.groups()[:3])))
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
    return Reading((found[3].upper(),), (int(found[1]), int(found[2]), int(found[4]))) if found else None


def read_embedded(text: str) -> Reading | None:
    """UniFi: the release stands inside, `BZ.qca956x.v6.5.28.14491` is 6.5.28."""
    return _numbered(_EMBEDDED.search(re.sub(r"(?<=[vV])(?=\d)|_", " ", text)))


def read_lettered(text: str) -> Reading | None:
    """Numbers between letters that stay the same: `CXTLS.240.206`, `2.305b240719`, `10.6r2`."""
    found = _LETTERED.match(text)
    if found is None:
        return None
    numbers = tuple(int(part) for part in re.findall(r"\d+", found[1]))
    return Reading(tuple(re.findall(r"[A-Z]+", found[1].upper())), numbers) if numbers else None


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


def _numbered(found: re.Match[str] | None) -> Reading | None:
    return Reading((), tuple(int(part or 0) for part in found.groups())) if found else None


def _letters(text: str) -> int:
    """Letters of a rebuild as a number: none, a, b, … z, aa."""
    number = 0
    for letter in text.lower():
        number = number * 27 + ord(letter) - ord("a") + 1
    return number

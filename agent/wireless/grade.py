"""A BSS's protection as one label, and what is known to be weak about it (data/weaknesses.yaml)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final

from pydantic import BaseModel, ConfigDict, TypeAdapter

from agent.wireless.advertisement import Advertisement
from agent.wireless.elements import UNKNOWN, Suites
from inventory import strict_yaml
from inventory.types import CheckOutcome

UNTOLD: Final = "UNKNOWN"
_PSK = {"PSK", "FT-PSK", "PSK-SHA256", "PSK-SHA384", "FT-PSK-SHA384"}
_SAE = {"SAE", "FT-SAE", "SAE-EXT", "FT-SAE-EXT"}
_SUITE_B_192 = {"802.1X-SUITE-B-192", "FT-802.1X-SHA384"}
_SHA256_EAP = {"802.1X-SHA256", "802.1X-SHA384"}
_EAP = {
    *("802.1X", "FT-802.1X", "802.1X-SUITE-B"),
    *("FILS-SHA256", "FILS-SHA384", "FT-FILS-SHA256", "FT-FILS-SHA384"),
    *_SUITE_B_192,
    *_SHA256_EAP,
}


class Weakness(BaseModel):
    """One known weakness: whether it alone fails TWSE m(a), since when it is known, and by what source."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fails: bool
    known_since: date
    source: str
    reason_en: str
    reason_zh: str


@dataclass(frozen=True, slots=True)
class Grade:
    """The label (`WPA2-PERSONAL`), weak points in the table's order, PMF (`required`, `optional`, `off`)."""

    security: str
    weak: tuple[str, ...]
    pmf: str


@cache
def weaknesses() -> Mapping[str, Weakness]:
    """The table of known weaknesses."""
    shape = TypeAdapter(dict[str, Weakness])
    return strict_yaml.read(files("agent.wireless") / "data" / "weaknesses.yaml", shape)


def known_by(on: date) -> Mapping[str, Weakness]:
    """The weaknesses of the table that were known on that day."""
    return {word: one for word, one in weaknesses().items() if one.known_since <= on}


def judged(labels: Collection[str], weak: Collection[str], on: date) -> tuple[CheckOutcome, tuple[str, ...]]:
    """The outcome under TWSE m(a) of networks so labelled, and the weak points that fail it on that day.

    Pass only where every label is known and every weak point stands in the table.
    """
    failing = tuple(sorted(word for word, one in known_by(on).items() if one.fails and word in weak))
    if failing:
        return CheckOutcome.FAIL, failing
    unclear = not labels or UNTOLD in labels or set(weak) - set(weaknesses())
    return (CheckOutcome.UNKNOWN if unclear else CheckOutcome.PASS), ()


def next_known(after: date) -> date | None:
    """The next day from which one more weakness counts."""
    return min((one.known_since for one in weaknesses().values() if one.known_since > after), default=None)


def grade(heard: Advertisement, variants: Iterable[Advertisement] = ()) -> Grade:
    """The grade of what a BSS advertises, or of what a station asked for.

    What is weak about a variant is weak about the BSS, and what cannot be read of one leaves it unknown.
    """
    own, *others = [_grade(each) for each in (heard, *variants)]
    weak = {word for each in (own, *others) for word in each.weak}
    unread = any(each.security == UNTOLD for each in others)
    return replace(
        own,
        security=UNTOLD if unread else own.security,
        weak=tuple(word for word in weaknesses() if word in weak),
    )


def _grade(heard: Advertisement) -> Grade:
    security = _label(heard)
    pmf = "" if heard.garbled and heard.rsn is None else _pmf(heard.rsn)
    suites = [each for each in (heard.rsn, heard.wpa) if each]
    ciphers = {name for each in suites for name in (each.group, *each.pairwise)}
    said = {
        "open": security in ("OPEN", "OWE-TRANSITION"),
        "wep": security == "WEP" or any(name.startswith("WEP") for name in ciphers),
        "tkip": "TKIP" in ciphers,
        "wpa1": heard.wpa is not None,
        "no-mfp": heard.rsn is not None and pmf == "off",
        "mfp-optional": heard.rsn is not None and pmf == "optional",
    }
    return Grade(security, tuple(word for word, is_so in said.items() if is_so), pmf)


def _label(heard: Advertisement) -> str:
    suites = [each for each in (heard.rsn, heard.wpa) if each]
    named = (name for each in suites for name in (each.group, *each.pairwise, *each.akm))
    untold = any(not each.pairwise and not set(each.akm) <= _SUITE_B_192 for each in suites)
    if heard.garbled or untold or any(name.startswith(UNKNOWN) for name in named):
        return UNTOLD
    if not suites:
        if heard.privacy:
            return "WEP"
        return "OWE-TRANSITION" if heard.owe_transition else "OPEN"
    if not heard.rsn:
        return f"WPA-{_kind(heard.wpa)}"
    if heard.wpa:
        return f"WPA/WPA2-MIXED-{_kind(heard.rsn)}"
    return _rsn_label(heard.rsn)


def _rsn_label(rsn: Suites) -> str:
    offered = set(rsn.akm)
    if offered == {"OWE"}:
        return "OWE"
    if offered & _SAE:
        return "WPA3-TRANSITION" if offered & _PSK else "WPA3-PERSONAL"
    if offered & _PSK:
        return "WPA2-PERSONAL"
    if offered and offered <= _SUITE_B_192:
        return "WPA3-ENTERPRISE-192"
    if offered and offered <= _SHA256_EAP and rsn.pmf_required:
        return "WPA3-ENTERPRISE"
    if offered & _EAP:
        return "WPA2-ENTERPRISE"
    return UNTOLD


def _kind(suites: Suites | None) -> str:
    offered = set(suites.akm) if suites else set()
    return "ENTERPRISE" if offered & _EAP and not offered & (_PSK | _SAE) else "PERSONAL"


def _pmf(rsn: Suites | None) -> str:
    if rsn is None or not (rsn.pmf_capable or rsn.pmf_required):
        return "off"
    return "required" if rsn.pmf_required else "optional"

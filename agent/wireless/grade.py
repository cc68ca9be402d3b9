"""A BSS's protection as one label, and what is known to be weak about it (data/weaknesses.yaml)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final

from pydantic import BaseModel, ConfigDict, TypeAdapter

from agent.wireless.advertisement import Advertisement
from agent.wireless.elements import Suites
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
    """The label (`WPA2-PERSONAL`), its weaknesses in fixed order, PMF `required`, `optional` or `off`."""

    security: str
    weak: tuple[str, ...]
    pmf: str

    @property
    def outcome(self) -> CheckOutcome:
        """Pass only for a known label without a weakness that fails TWSE m(a)."""
        if self.security == UNTOLD:
            return CheckOutcome.UNKNOWN
        failing = any(weaknesses()[name].fails for name in self.weak)
        return CheckOutcome.FAIL if failing else CheckOutcome.PASS


@cache
def weaknesses() -> Mapping[str, Weakness]:
    """The table of known weaknesses."""
    shape = TypeAdapter(dict[str, Weakness])
    return strict_yaml.read(files("agent.wireless") / "data" / "weaknesses.yaml", shape)


def grade(heard: Advertisement) -> Grade:
    """The grade of what a BSS advertises, or of what a station asked for."""
    security = _label(heard)
    pmf = _pmf(heard.rsn)
    weak = []
    suites = [each for each in (heard.rsn, heard.wpa) if each]
    ciphers = {name for each in suites for name in (each.group, *each.pairwise)}
    if security in ("OPEN", "OWE-TRANSITION"):
        weak.append("open")
    if security == "WEP" or any(name.startswith("WEP") for name in ciphers):
        weak.append("wep")
    if "TKIP" in ciphers:
        weak.append("tkip")
    if heard.wpa:
        weak.append("wpa1")
    if heard.rsn and pmf == "off":
        weak.append("no-mfp")
    if heard.rsn and pmf == "optional":
        weak.append("mfp-optional")
    return Grade(security, tuple(weak), pmf)


def _label(heard: Advertisement) -> str:
    if not heard.rsn and not heard.wpa:
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

"""The firm's own wireless networks, as its people declare them, and what was heard against that (pure).

```yaml
names: [FIRM, 永豐]            # an SSID that reads as if it held one of these bears the firm's name
mac_list: [aa:bb:cc:dd:ee:ff]  # stations that may join where a network has `guard: mac-list`
networks:
  - ssid: FIRM-OFFICE
    purpose: trading floor tablets
    users: staff on official business      # TWSE CC-17010 m(b)
    approved_by: Lin
    approved_until: 2027-03-31
    guard: mac-list                        # or 802.1x, other, none: Article 25's further protection
    vlan: "30"                             # where gear names another, that is told
```
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, field_validator

from agent.bars import canonical_mac
from agent.wireless.evidence import Told
from agent.wireless.names import as_read
from inventory import strict_yaml
from inventory.language import _
from inventory.types import WirelessNetwork


class Own(BaseModel):
    """One network of the firm's: what it is for, who may use it, who approved that and until when."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ssid: str = Field(min_length=1)
    purpose: str = Field(min_length=2)
    users: str = Field(min_length=2)
    approved_by: str = ""
    approved_until: date | None = None
    guard: Literal["mac-list", "802.1x", "other", "none", ""] = ""
    vlan: str = ""


class ExpectedNetworks(BaseModel):
    """All of the firm's networks, the names it goes by, and the stations on its MAC list."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    names: tuple[str, ...] = ()
    mac_list: tuple[str, ...] = ()
    networks: tuple[Own, ...] = ()

    @field_validator("mac_list")
    @classmethod
    def _macs(cls, texts: tuple[str, ...]) -> tuple[str, ...]:
        macs = tuple(canonical_mac(text) for text in texts)
        for text, mac in zip(texts, macs, strict=True):
            if not mac:
                raise ValueError(_("'{text}' is not a MAC address").format(text=text))
        return macs

    @field_validator("networks")
    @classmethod
    def _each_once(cls, networks: tuple[Own, ...]) -> tuple[Own, ...]:
        for at, one in enumerate(networks):
            if any(one.ssid == other.ssid for other in networks[:at]):
                raise ValueError(_("'{text}' is declared twice").format(text=one.ssid))
        return networks

    def of(self, ssid: str) -> Own | None:
        """The declared network of that name."""
        return next((one for one in self.networks if one.ssid == ssid), None)


class Matter(StrEnum):
    """What is not as declared."""

    UNREGISTERED = "unregistered"
    OWN_UNDECLARED = "own-undeclared"
    MISSING = "missing"
    STATION_OFF_LIST = "station-off-list"
    APPROVAL_LAPSED = "approval-lapsed"
    NOT_APPROVED = "not-approved"
    NO_ACCESS_POINT = "no-access-point"
    OTHER_VLAN = "other-vlan"


@dataclass(frozen=True, slots=True)
class Notice:
    """One matter, the network it is about, and the BSSID, station or VLAN that was heard."""

    matter: Matter
    ssid: str
    about: str = ""


def read(path: Path | None) -> ExpectedNetworks:
    """The declaration of a YAML file; nothing declared without one. BadInput naming file and line."""
    return ExpectedNetworks() if path is None else strict_yaml.read(path, TypeAdapter(ExpectedNetworks))


def notices(declared: ExpectedNetworks, heard: Sequence[WirelessNetwork], on: date) -> tuple[Notice, ...]:
    """What is heard and not declared though the firm's or of its name, and what is declared and not so."""
    found: list[Notice] = []
    firms = [as_read(name) for name in declared.names]
    for network in heard:
        own = declared.of(network.ssid)
        if own is None:
            if any(name in as_read(network.ssid) for name in firms if name):
                found.append(Notice(Matter.UNREGISTERED, network.ssid, network.bssid))
            elif network.device and declared.networks:
                found.append(Notice(Matter.OWN_UNDECLARED, network.ssid, network.bssid))
            continue
        if not network.device:
            found.append(Notice(Matter.NO_ACCESS_POINT, network.ssid, network.bssid))
        if own.vlan and network.vlan not in ("", own.vlan):
            found.append(Notice(Matter.OTHER_VLAN, network.ssid, network.vlan))
        found += [Notice(Matter.STATION_OFF_LIST, network.ssid, mac) for mac in off_list(declared, network)]
    names = {network.ssid for network in heard}
    for own in declared.networks:
        if own.ssid not in names:
            found.append(Notice(Matter.MISSING, own.ssid))
        if not own.approved_by:
            found.append(Notice(Matter.NOT_APPROVED, own.ssid))
        elif own.approved_until is not None and own.approved_until < on:
            found.append(Notice(Matter.APPROVAL_LAPSED, own.ssid, own.approved_until.isoformat()))
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Approval:
    """Whether the use of networks is approved (`yes`, `no`, `lapsed`, `undeclared`), and how long."""

    state: str
    networks: tuple[str, ...] = ()
    until: date | None = None


def approval(declared: ExpectedNetworks, ssids: Iterable[str], on: date) -> Approval:
    """The approval of these networks, the worst of them: TWSE m(b). One not declared leaves it open."""
    own = [declared.of(ssid) for ssid in sorted(set(ssids))]
    known = [one for one in own if one is not None]
    lapsed = tuple(one.ssid for one in known if one.approved_until is not None and one.approved_until < on)
    if lapsed:
        return Approval("lapsed", lapsed)
    lacking = tuple(one.ssid for one in known if not one.approved_by)
    if lacking:
        return Approval("no", lacking)
    if not known or len(known) < len(own):
        return Approval("undeclared")
    ends = [one.approved_until for one in known if one.approved_until is not None]
    return Approval("yes", tuple(one.ssid for one in known), min(ends, default=None))


def off_list(declared: ExpectedNetworks, network: WirelessNetwork | Told) -> tuple[str, ...]:
    """The stations heard on a network with a MAC list that are not on it."""
    own = declared.of(network.ssid)
    if own is None or own.guard != "mac-list":
        return ()
    return tuple(mac for mac in network.stations if mac not in declared.mac_list)


def second_guard(declared: ExpectedNetworks, networks: Iterable[WirelessNetwork | Told]) -> str:
    """Article 25's MAC list or other protection: `yes` for all, `no` for one, else empty (unknown)."""
    said = []
    for network in networks:
        own = declared.of(network.ssid)
        if off_list(declared, network) or (own is not None and own.guard == "none"):
            return "no"
        enterprise = "ENTERPRISE" in network.security
        said.append(enterprise or (own is not None and own.guard in ("mac-list", "802.1x", "other")))
    return "yes" if said and all(said) else ""

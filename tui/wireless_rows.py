"""The lists of the Wireless screen as rows: devices as graded, networks as heard, what is not as declared."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from inventory.facts import fact_told, word_called
from inventory.language import N_
from inventory.types import CheckOutcome, CheckResult, WirelessNetwork
from tui import words
from tui.widgets.columns import Column

if TYPE_CHECKING:
    from inventory.register import Register
    from inventory.settings import Settings

CHECK = "wireless"
WORST_FIRST = (
    CheckOutcome.FAIL,
    CheckOutcome.ERROR,
    CheckOutcome.UNKNOWN,
    CheckOutcome.PASS,
    CheckOutcome.NOT_APPLICABLE,
)
_TONES = {CheckOutcome.FAIL: "bad", CheckOutcome.PASS: "good", CheckOutcome.UNKNOWN: "warn"}


@dataclass(frozen=True, slots=True)
class GradeLine:
    """What the check said of one device, what the device is called and its address."""

    result: CheckResult
    label: str
    ip: str

    @property
    def device(self) -> str:
        """The device's id."""
        return self.result.device


@dataclass(frozen=True, slots=True)
class NetworkLine:
    """One network that was heard, and what its access point is called ("" where none is known)."""

    network: WirelessNetwork
    label: str

    @property
    def device(self) -> str:
        """The access point's id, or ""."""
        return self.network.device


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """One thing that is not as declared, of which network, and the BSSID, station or day it is about."""

    matter: str
    ssid: str
    about: str
    device: str


Line = GradeLine | NetworkLine | NoticeLine


def grade_rows(register: "Register") -> tuple[Sequence[GradeLine], Counter[CheckOutcome]]:
    """Every device of which the check says more than that it does not apply; all outcomes."""
    every = [each for results in register.results().values() for each in results if each.check == CHECK]
    shown = [each for each in every if each.outcome is not CheckOutcome.NOT_APPLICABLE]
    devices = register.by_id({each.device for each in shown})
    lines = [
        GradeLine(each, device.label, device.addresses[0].ip if device.addresses else "")
        for each in shown
        if (device := devices.get(each.device))
    ]
    lines.sort(key=lambda line: (WORST_FIRST.index(line.result.outcome), line.label))
    return lines, Counter(each.outcome for each in every)


def network_rows(register: "Register") -> Sequence[NetworkLine]:
    """Every network that was ever heard, the weak first."""
    networks = register.networks()
    devices = register.by_id({each.device for each in networks if each.device})
    lines = [NetworkLine(one, devices[one.device].label if one.device in devices else "") for one in networks]
    return sorted(lines, key=lambda line: (not line.network.weak, line.network.ssid, line.network.bssid))


def notice_rows(register: "Register", settings: "Settings", on: date) -> Sequence[NoticeLine]:
    """What was heard and is not as the firm declares its networks."""
    from agent.service.wireless import not_as_declared  # heavy, and only needed by those who look at it

    senders = {(one.ssid, one.bssid): one.device for one in register.networks()}
    return [
        NoticeLine(one.matter.value, one.ssid, one.about, senders.get((one.ssid, one.about), ""))
        for one in not_as_declared(register, settings, on)
    ]


def grade_columns() -> Sequence[Column[GradeLine]]:
    """Grade, device, networks, what is weak."""
    return (
        Column(
            "outcome", N_("Check"), lambda row: words.marked(row.result.outcome), 14,
            tone=lambda row: _TONES.get(row.result.outcome, "quiet"),
        ),
        Column("device", N_("Device"), lambda row: words.printable(row.label), 18, stretch=1),
        Column("ip", N_("Address"), lambda row: said(row.ip), 15, rank=1),
        Column("ssids", N_("Networks"), _fact("ssids"), 16, stretch=1),
        Column("weak", N_("Weak"), _fact("weak"), 14, stretch=1),
        Column("offered", N_("Offers one"), _fact("offered"), 10, rank=3),
        Column("used", N_("Uses one"), _fact("used"), 9, rank=2),
    )  # fmt: skip


def network_columns(day: Callable[[datetime], str]) -> Sequence[Column[NetworkLine]]:
    """Network by network; `day` shows a moment's day in the app's zone."""
    return (
        Column("ssid", "SSID", lambda row: said(row.network.ssid), 14, stretch=2),
        Column("bssid", "BSSID", lambda row: row.network.bssid, 17),
        Column("security", N_("Security"), lambda row: said(row.network.security), 15),
        Column(
            "weak", N_("Weak"), weak_points, 12, stretch=2,
            tone=lambda row: "bad" if row.network.weak else "quiet",
        ),
        Column("device", N_("Access point"), lambda row: said(row.label), 12, stretch=1),
        Column("vlan", "VLAN", lambda row: said(row.network.vlan), 5, rank=2),
        Column(
            "stations", N_("Stations"), lambda row: f"{len(row.network.stations):,}", 8, right=True, rank=3
        ),
        Column("last", N_("Last heard"), lambda row: day(row.network.last_at), 10, rank=1),
    )  # fmt: skip


def notice_columns() -> Sequence[Column[NoticeLine]]:
    """What is not as declared, of which network, about what."""
    return (
        Column("matter", N_("Not as declared"), matter, 30, stretch=1, tone=lambda _row: "warn"),
        Column("ssid", "SSID", lambda row: said(row.ssid), 20, stretch=1),
        Column("about", N_("About"), lambda row: said(row.about), 17),
    )


def matter(row: NoticeLine) -> str:
    """The matter in words."""
    return words.printable(word_called(row.matter))


def weak_points(row: NetworkLine) -> str:
    """What is weak in the network, in words."""
    return said(fact_told("check.wireless.weak", ",".join(row.network.weak)))


def said(text: str) -> str:
    """The text, or a dash where there is none."""
    return words.printable(text) or words.sign("–")


def _fact(name: str) -> Callable[[GradeLine], str]:
    return lambda row: said(fact_told(f"check.{CHECK}.{name}", row.result.facts.get(name, "")))

"""Wireless: who offers or uses a wireless network, how its protection is graded; every network ever heard."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType

from inventory.facts import fact_called, fact_told
from inventory.language import N_, _, is_chinese, ngettext
from inventory.types import CheckOutcome, CheckResult, WirelessNetwork
from tui import words
from tui.list_page import ListPage
from tui.widgets.columns import Column

if TYPE_CHECKING:
    from inventory.register import Register

_CHECK = "wireless"
_WORST_FIRST = (
    CheckOutcome.FAIL,
    CheckOutcome.ERROR,
    CheckOutcome.UNKNOWN,
    CheckOutcome.PASS,
    CheckOutcome.NOT_APPLICABLE,
)
_TONES = {CheckOutcome.FAIL: "bad", CheckOutcome.PASS: "good", CheckOutcome.UNKNOWN: "warn"}


@dataclass(frozen=True, slots=True)
class GradeLine:
    """What the check said of one device, and what the device is called."""

    result: CheckResult
    device: str


@dataclass(frozen=True, slots=True)
class NetworkLine:
    """One network that was heard, and what its access point is called ("" where none is known)."""

    network: WirelessNetwork
    device: str


Line = GradeLine | NetworkLine


class Wireless(ListPage[Line]):
    """The worst first; devices without any wireless part are only counted. `m` lists the networks heard."""

    NAME: ClassVar[str] = "wireless"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("m", "networks", N_("Devices or networks"))]

    def __init__(self) -> None:
        super().__init__()
        self._counts: Counter[CheckOutcome] = Counter()
        self._networks = False

    def rows(self, register: "Register") -> Sequence[Line]:
        """Every device of which the check says more than that it does not apply, or every network."""
        return _networks(register) if self._networks else self._grades(register)

    def key_of(self, row: Line) -> str:
        """By its device, or its BSSID and name."""
        if isinstance(row, GradeLine):
            return row.result.device
        return f"{row.network.site} {row.network.bssid} {row.network.ssid}"

    def columns(self) -> Sequence[Column[Line]]:
        """Grade, device, networks, what is weak; or network by network."""
        columns: Sequence[Column[Line]] = self._network_columns() if self._networks else _GRADES  # type: ignore[assignment]
        return columns

    def summary(self) -> Text:
        """How many devices have each outcome, or how many networks are weak."""
        if self._networks:
            count = len(self.listing)
            weak = sum(isinstance(row, NetworkLine) and bool(row.network.weak) for row in self.listing)
            said = [ngettext("{count:,} network", "{count:,} networks", count).format(count=count)]
            said += [ngettext("{count:,} weak", "{count:,} weak", weak).format(count=weak)] if weak else []
        else:
            said = [
                f"{words.marked(each)} {self._counts[each]:,}" for each in _WORST_FIRST if self._counts[each]
            ]
        return Text(f" {words.sign('·')} ".join(said), "bold")

    def explain(self, row: Line) -> Text:
        """The result in words and what it rests on; or all that was heard of the network."""
        if isinstance(row, NetworkLine):
            return self._explain_network(row)
        text = Text(f"{words.marked(row.result.outcome)} {words.printable(row.device)}\n", "bold")
        text.append(words.printable(row.result.told(chinese=is_chinese())), "not bold")
        for name, told in sorted(row.result.facts.items()):
            fact = f"check.{_CHECK}.{name}"
            text.append(f"\n{words.printable(fact_called(fact))}: ")
            text.append(_said(fact_told(fact, told)), "not bold")
        return text

    def nothing(self) -> str:
        """How to learn more."""
        if self._networks:
            return _("No network was heard. Networks come in with: muster wireless import")
        return _("No wireless device was judged. Networks come in with: muster wireless import")

    def action_networks(self) -> None:
        """Lists the networks, or the devices again."""
        self._networks = not self._networks
        self.read()

    def leads_on(self, row: Line) -> bool:
        """Not a network whose access point is not known."""
        return bool(_device(row))

    def open_row(self, row: Line) -> None:
        """Shows the device."""
        self.muster.show_device(_device(row))

    def _grades(self, register: "Register") -> Sequence[GradeLine]:
        every = [each for results in register.results().values() for each in results if each.check == _CHECK]
        self._counts = Counter(each.outcome for each in every)
        shown = [each for each in every if each.outcome is not CheckOutcome.NOT_APPLICABLE]
        devices = register.by_id({each.device for each in shown})
        lines = [GradeLine(each, devices[each.device].label) for each in shown if each.device in devices]
        return sorted(lines, key=lambda line: (_WORST_FIRST.index(line.result.outcome), line.device))

    def _network_columns(self) -> Sequence[Column[NetworkLine]]:
        def heard(row: NetworkLine) -> str:
            return words.day(row.network.last_at, self.muster.zone)

        def tone(row: NetworkLine) -> str:
            return "bad" if row.network.weak else "quiet"

        return (
            Column("ssid", "SSID", lambda row: _said(row.network.ssid), 14, stretch=2),
            Column("bssid", "BSSID", lambda row: row.network.bssid, 17),
            Column("security", N_("Security"), lambda row: _said(row.network.security), 15),
            Column("weak", N_("Weak"), _weak, 10, stretch=1, tone=tone),
            Column("device", N_("Access point"), lambda row: _said(row.device), 12, stretch=1),
            Column("vlan", "VLAN", lambda row: _said(row.network.vlan), 5, rank=2),
            Column("stations", N_("Stations"), _stations, 8, right=True, rank=3),
            Column("last", N_("Last heard"), heard, 10, rank=1),
        )

    def _explain_network(self, row: NetworkLine) -> Text:
        one = row.network
        text = Text(f"{words.printable(one.ssid) or words.sign('–')}  {one.bssid}\n", "bold")
        offered = ", ".join((*one.akm, *one.pairwise, *one.group, *([f"PMF {one.pmf}"] if one.pmf else [])))
        wps = "" if one.wps is None else "WPS" if one.wps else _("no WPS")
        for heading, said in (
            (_("Security"), " ".join(part for part in (one.security, offered, wps) if part)),
            (_("Weak"), _weak(row)),
            (_("Access point"), row.device or words.sign("–")),
            (_("Segment"), f"{one.site}/{one.segment}"),
            (_("Stations"), ", ".join(one.stations) or words.sign("–")),
            (
                _("Source"),
                f"{one.source}, {self.moment(one.first_at)} {words.sign('→')} {self.moment(one.last_at)}",
            ),
        ):
            text.append(f"{heading}: ", "bold").append(words.printable(said) + "\n", "not bold")
        return text


def _networks(register: "Register") -> Sequence[NetworkLine]:
    networks = register.networks()
    devices = register.by_id({each.device for each in networks if each.device})
    lines = [NetworkLine(one, devices[one.device].label if one.device in devices else "") for one in networks]
    return sorted(lines, key=lambda line: (not line.network.weak, line.network.ssid, line.network.bssid))


def _device(row: Line) -> str:
    return row.result.device if isinstance(row, GradeLine) else row.network.device


def _said(text: str) -> str:
    return words.printable(text) or words.sign("–")


def _weak(row: NetworkLine) -> str:
    return _said(fact_told("check.wireless.weak", ",".join(row.network.weak)))


def _stations(row: NetworkLine) -> str:
    return f"{len(row.network.stations):,}"


def _fact(name: str) -> Callable[[GradeLine], str]:
    return lambda row: _said(fact_told(f"check.{_CHECK}.{name}", row.result.facts.get(name, "")))


_GRADES: Sequence[Column[GradeLine]] = (
    Column(
        "outcome", N_("Check"), lambda row: words.marked(row.result.outcome), 14,
        tone=lambda row: _TONES.get(row.result.outcome, "quiet"),
    ),
    Column("device", N_("Device"), lambda row: words.printable(row.device), 18, stretch=1),
    Column("ssids", N_("Networks"), _fact("ssids"), 16, stretch=1),
    Column("weak", N_("Weak"), _fact("weak"), 14, stretch=1),
    Column("offered", N_("Offers one"), _fact("offered"), 10, rank=2),
    Column("used", N_("Uses one"), _fact("used"), 9, rank=1),
)  # fmt: skip

"""Wireless: who offers or uses a wireless network, how well it is protected; every network ever heard."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType

from inventory.facts import fact_called, fact_lines, fact_told
from inventory.language import N_, _, is_chinese, ngettext
from tui import words
from tui.list_page import ListPage
from tui.widgets.columns import Column
from tui.wireless_rows import (
    CHECK,
    WORST_FIRST,
    GradeLine,
    Line,
    NetworkLine,
    NoticeLine,
    grade_columns,
    grade_rows,
    matter,
    network_columns,
    network_rows,
    notice_columns,
    notice_rows,
    said,
    weak_points,
)

if TYPE_CHECKING:
    from inventory.register import Register
    from inventory.types import CheckOutcome

_GRADES, _NETWORKS, _NOTICES = range(3)


class Wireless(ListPage[Line]):
    """Devices, the worst first; `m` lists the networks heard, then what is not as the firm declares."""

    NAME: ClassVar[str] = "wireless"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("m", "networks", N_("Devices, networks, notices"))]

    def __init__(self) -> None:
        super().__init__()
        self._counts: Counter[CheckOutcome] = Counter()
        self._list = _GRADES

    def rows(self, register: "Register") -> Sequence[Line]:
        """The list chosen."""
        if self._list == _NETWORKS:
            return network_rows(register)
        if self._list == _NOTICES:
            return notice_rows(register, self.muster.settings, self.muster.today)
        lines, self._counts = grade_rows(register)
        return lines

    def key_of(self, row: Line) -> str:
        """By its device, its BSSID and name, or all that it says."""
        if isinstance(row, GradeLine):
            return row.device
        if isinstance(row, NetworkLine):
            return f"{row.network.site} {row.network.bssid} {row.network.ssid}"
        return repr(row)

    def columns(self) -> Sequence[Column[Line]]:
        """Those of the list chosen."""
        columns: Sequence[Column[Line]] = (  # type: ignore[assignment]
            grade_columns,
            lambda: network_columns(lambda at: words.day(at, self.muster.zone)),
            notice_columns,
        )[self._list]()
        return columns

    def summary(self) -> Text:
        """How many devices have each outcome, how many networks are weak, how much is not as declared."""
        count = len(self.listing)
        if self._list == _NOTICES:
            told = [ngettext("{count:,} notice", "{count:,} notices", count).format(count=count)]
        elif self._list == _NETWORKS:
            weak = sum(isinstance(row, NetworkLine) and bool(row.network.weak) for row in self.listing)
            told = [ngettext("{count:,} network", "{count:,} networks", count).format(count=count)]
            told += [ngettext("{count:,} weak", "{count:,} weak", weak).format(count=weak)] if weak else []
        else:
            told = [
                f"{words.marked(each)} {self._counts[each]:,}" for each in WORST_FIRST if self._counts[each]
            ]
        return Text(f" {words.sign('·')} ".join(told), "bold")

    def explain(self, row: Line) -> Text:
        """The result in words and what it rests on; or all that was heard of the network."""
        if isinstance(row, NetworkLine):
            return self._explain_network(row)
        if isinstance(row, NoticeLine):
            return Text(f"{matter(row)}\n", "bold").append(
                "  ".join(filter(None, map(words.printable, (row.ssid, row.about)))), "not bold"
            )
        text = Text(f"{words.marked(row.result.outcome)} {words.printable(row.label)}\n", "bold")
        text.append(words.printable(row.result.told(chinese=is_chinese())), "not bold")
        facts = {f"check.{CHECK}.{name}": told for name, told in row.result.facts.items() if told}
        for name in (name for name in fact_lines() if name in facts):
            text.append(f"\n{words.printable(fact_called(name))}: ")
            text.append(said(fact_told(name, facts[name])), "not bold")
        return text

    def nothing(self) -> str:
        """How to learn more."""
        if self._list == _NETWORKS:
            return _("No network was heard. Networks come in with: muster wireless import")
        if self._list == _NOTICES:
            return _("Nothing heard differs from what is declared (wireless.expected in muster.toml).")
        return _("No wireless device was judged. Networks come in with: muster wireless import")

    def action_networks(self) -> None:
        """Shows the next of the three lists."""
        self._list = (self._list + 1) % len((_GRADES, _NETWORKS, _NOTICES))
        self.read()

    def leads_on(self, row: Line) -> bool:
        """Not a network whose access point is not known."""
        return bool(row.device)

    def open_row(self, row: Line) -> None:
        """Shows the device."""
        self.muster.show_device(row.device)

    def _explain_network(self, row: NetworkLine) -> Text:
        one = row.network
        text = Text(f"{said(one.ssid)}  {one.bssid}\n", "bold")
        suites = (("AKM", one.akm), ("pairwise", one.pairwise), ("group", one.group))
        security = [
            one.security,
            *(f"{name} {', '.join(offered)}" for name, offered in suites if offered),
            f"PMF {one.pmf}" if one.pmf else "",
            "" if one.wps is None else "WPS" if one.wps else _("no WPS"),
        ]
        heard = f"{one.source}, {self.moment(one.first_at)} {words.sign('→')} {self.moment(one.last_at)}"
        for heading, told in (
            (_("Security"), f" {words.sign('·')} ".join(part for part in security if part)),
            (_("Weak"), weak_points(row)),
            (_("Access point"), row.label),
            (_("Segment"), f"{one.site}/{one.segment}".rstrip("/")),
            (_("Stations"), ", ".join(one.stations)),
            (_("Source"), heard),
        ):
            text.append(f"{heading}: ", "bold").append(f"{said(told)}\n", "not bold")
        return text

"""Isolation: kinds of devices against segments, and segments against segments: meant and measured."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType

from inventory.facts import word_called
from inventory.language import N_, _, ngettext
from inventory.types import CrossingState
from tui import words
from tui.isolation_rows import STANDINGS, KindRow, Line, SourceRow, Way, kind_rows, source_rows, totals
from tui.list_page import ListPage
from tui.widgets.columns import Column

if TYPE_CHECKING:
    from inventory.register import Register

_SEGMENTS_SHOWN = 12
_ADDRESSES_SHOWN = 24
_IPV6 = 6


class Isolation(ListPage[Line]):
    """Left and right choose the segment, Enter lists the devices of the cell, `m` shows the other matrix."""

    NAME: ClassVar[str] = "isolation"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "segment(-1)", N_("Segment before"), key_display="←"),
        Binding("right", "segment(1)", N_("Next segment"), key_display="→"),
        Binding("m", "matrix", N_("Devices or ways")),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._chosen: int | None = None  # at first the segment with the worst
        self._ways = False

    def rows(self, register: "Register") -> Sequence[Line]:
        """Kinds of devices by segment, or the ways from segment to segment."""
        settings = self.muster.settings
        if self._ways:
            return source_rows(register, settings, self.muster.clock.now())
        return kind_rows(register, settings.check.segments)

    def columns(self) -> Sequence[Column[Line]]:
        """The row's name and its segments, those from the chosen one on."""
        segments, chosen = self._segments, self._place
        shown = (segments[chosen:] + segments[:chosen])[:_SEGMENTS_SHOWN]
        heading = N_("From segment") if self._ways else N_("Class")
        return (
            Column("kind", heading, _title, 18),
            *(_cell_column(segment, chosen=not place) for place, segment in enumerate(shown)),
        )

    def key_of(self, row: Line) -> str:
        """By its class, or its segment."""
        return row.kind.value if isinstance(row, KindRow) else f"{row.site}/{row.segment}"

    def summary(self) -> Text:
        """How many stand how, the worst first."""
        said = (_counted(standing, count) for standing, count in totals(self.listing))
        return Text(f" {words.sign('·')} ".join(said))

    def explain(self, row: Line) -> Text:
        """The chosen cell in words: what is expected, what was measured."""
        segment, count = self._segment, len(self._segments)
        there = words.printable(segment) or words.sign("–")
        there = f"{there} ({self._place + 1}/{count})" if count > 1 else there
        if isinstance(row, SourceRow):
            return self._explain_ways(row, segment, f"{_title(row)} {words.sign('→')} {there}\n")
        text = Text(f"{words.name(row.kind)} {words.sign('·')} {there}\n", "bold")
        if row.allowed is None:
            expected = _("no segment is set for this kind (check.segments in muster.toml)")
        elif segment in row.allowed:
            expected = _("this kind is meant to stand here")
        else:
            expected = _("meant for {segments}, not here").format(segments=", ".join(row.allowed))
        text.append(_("Expected: ")).append(expected + "\n", "not bold")
        text.append(_("Measured: "))
        said = [
            ngettext("{count:,} device: {what}", "{count:,} devices: {what}", count).format(
                count=count, what=_(STANDINGS[each][2])
            )
            for each, count in row.cells.get(segment, ())
        ]
        return text.append("; ".join(said) or _("no device of this kind is here"), "not bold")

    def nothing(self) -> str:
        """What to do."""
        if self._ways:
            return _("No way between segments was measured. Type: muster isolation probe --help")
        return words.empty_register()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Another segment is chosen where there are two."""
        return (action != "segment" or len(self._segments) > 1) and super().check_action(action, parameters)

    def action_segment(self, by: int) -> None:
        """Chooses another segment."""
        self._chosen = self._place + by
        self.table.use_columns(self.columns())
        self._explain()

    def action_matrix(self) -> None:
        """Shows the other matrix."""
        self._ways = not self._ways
        self._chosen = None
        self.read()

    def open_row(self, row: Line) -> None:
        """Lists the devices of the cell."""
        segment = self._segment
        place = f'segment:"{segment}"' if segment else "segment:none"
        kind = f"class:{row.kind.value} " if isinstance(row, KindRow) else ""
        self.muster.show_devices(f"{kind}{place}")

    @property
    def _segments(self) -> tuple[str, ...]:
        return tuple(sorted({segment for row in self.listing for segment in row.cells}))

    @property
    def _place(self) -> int:
        if self._chosen is None:
            return max(range(len(self._segments)), key=self._gravity, default=0)
        return self._chosen % max(1, len(self._segments))

    def _gravity(self, place: int) -> tuple[int, ...]:
        """How much stands in the segment, from the worst on."""
        counts = Counter[str]()
        for row in self.listing[:1]:
            counts.update(dict(row.cells.get(self._segments[place], ())))
        return tuple(counts[standing] for standing in STANDINGS)

    @property
    def _segment(self) -> str:
        """The chosen one."""
        return self._segments[self._place] if self._segments else ""

    def _explain_ways(self, row: SourceRow, segment: str, title: str) -> Text:
        text = Text(title, "bold")
        ways = row.ways.get(segment, ())
        if not ways:
            return text.append(
                _("not tested") if segment != row.segment else _("the segment itself"), "not bold"
            )
        for way in ways:
            sign, _tone, said = STANDINGS[way.standing]
            asked = f"{way.service} IPv6" if way.family == _IPV6 else way.service
            text.append(f"{words.sign(sign)} {words.printable(asked)}: {_(said)}\n")
            text.append(f"  {self._measured(way)}\n", "not bold")
            if way.ips:
                text.append(f"  {_devices(way.ips)}\n", "not bold")
        return text

    def _measured(self, way: Way) -> str:
        """What was meant and what was found, when and by what sign."""
        found = words.name(CrossingState(way.measured))
        parts = [
            f"{word_called(way.expected)} {words.sign('→')} {found}",
            self.moment(way.at) if way.at else "",
            _(way.reason) if way.reason else "",
            way.hole,
            words.day(way.until) if way.until else "",
        ]
        return words.printable(f" {words.sign('·')} ".join(part for part in parts if part))


def _title(row: Line) -> str:
    return words.name(row.kind) if isinstance(row, KindRow) else words.printable(f"{row.site}/{row.segment}")


def _devices(ips: Sequence[str]) -> str:
    count = len(ips)
    said = ngettext("{count:,} device", "{count:,} devices", count).format(count=count)
    more = f" {words.sign('…')}" if count > _ADDRESSES_SHOWN else ""
    return words.printable(f"{said}: {', '.join(ips[:_ADDRESSES_SHOWN])}{more}")


def _counted(standing: str, count: int) -> str:
    sign, _tone, said = STANDINGS[standing]
    return f"{words.sign(sign)} {count:,} {_(said)}"


def _cell_column(segment: str, *, chosen: bool) -> Column[Line]:
    def text(row: Line) -> str:
        cell = row.cells.get(segment, ())
        return " ".join(
            f"{words.sign(STANDINGS[each][0])}{count:,}" for each, count in cell[:2]
        ) or words.sign("·")

    def tone(row: Line) -> str:
        cell = row.cells.get(segment, ())
        return STANDINGS[cell[0][0]][1] if cell else "quiet"

    heading = words.printable(segment) or words.sign("–")
    return Column(
        f"in {segment}", f"[{heading}]" if chosen else heading, text, 12, rank=0 if chosen else 1, tone=tone
    )

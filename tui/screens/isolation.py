"""Isolation: kinds of devices against segments: where they may be, and what was measured there."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType

from inventory.language import N_, _, ngettext
from inventory.types import CheckOutcome, CheckResult, Device, DeviceClass, DeviceStatus
from tui import words
from tui.list_page import ListPage
from tui.widgets.columns import Column
from tui.widgets.windowed_table import WindowedTable

if TYPE_CHECKING:
    from inventory.register import Register

_CHECK = "isolation"
_LEAKING, _WRONG, _UNKNOWN, _APART, _NOT_ASKED = "leaking", "wrong", "unknown", "apart", "not asked"
_STANDINGS = {  # the worst first: sign, tone, words
    _LEAKING: ("✘", "bad", N_("reach the internal network")),
    _WRONG: ("≠", "warn", N_("stand in a segment not meant for them")),
    _UNKNOWN: ("?", "warn", N_("were not measured")),
    _APART: ("✔", "good", N_("were measured isolated")),
    _NOT_ASKED: ("–", "quiet", N_("need not be kept apart")),
}


@dataclass(frozen=True, slots=True)
class KindRow:
    """One kind of device: how many stand how in each segment, the worst standing first."""

    kind: DeviceClass
    cells: Mapping[str, tuple[tuple[str, int], ...]]
    allowed: tuple[str, ...] | None


class Isolation(ListPage[KindRow]):
    """Left and right choose the segment, Enter lists the devices of the cell."""

    NAME: ClassVar[str] = "isolation"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "segment(-1)", N_("Segment before"), key_display="←"),
        Binding("right", "segment(1)", N_("Next segment"), key_display="→"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._segments: tuple[str, ...] = ()
        self._chosen = 0

    def rows(self, register: "Register") -> Sequence[KindRow]:
        """Every kind that has devices, with a cell for every segment that has any."""
        meant = self.muster.settings.check.segments
        results = register.results()
        counted: dict[DeviceClass, dict[str, Counter[str]]] = {}
        for device in register.iter_devices():
            if device.status is not DeviceStatus.RETIRED:
                cells = counted.setdefault(device.device_class, {})
                standing = _standing(device, results.get(device.id, ()), meant.get(device.device_class))
                cells.setdefault(device.segment, Counter())[standing] += 1
        return [
            KindRow(
                kind,
                {
                    segment: tuple((each, cell[each]) for each in _STANDINGS if cell[each])
                    for segment, cell in counted[kind].items()
                },
                meant.get(kind),
            )
            for kind in DeviceClass
            if kind in counted
        ]

    def columns(self) -> Sequence[Column[KindRow]]:
        """The kind and its segments, those from the chosen one on."""
        shown = (self._segments[self._chosen :] + self._segments[: self._chosen])[:12]
        return (
            Column("kind", N_("Class"), lambda row: words.name(row.kind), 18),
            *(_cell_column(segment, chosen=not place) for place, segment in enumerate(shown)),
        )

    def key_of(self, row: KindRow) -> str:
        """By its class."""
        return row.kind.value

    def summary(self) -> Text:
        """Which segments there are; how the worst stand. New segments make new columns."""
        segments = tuple(sorted({segment for row in self.listing for segment in row.cells}))
        if segments != self._segments:
            self._segments, self._chosen = segments, 0
            self.table.use_columns(self.columns())
        totals = Counter[str]()
        for row in self.listing:
            for cell in row.cells.values():
                totals.update(dict(cell))
        said = (
            f"{words.sign(_STANDINGS[each][0])} {totals[each]:,} {_(_STANDINGS[each][2])}"
            for each in _STANDINGS
            if totals[each]
        )
        return Text(f" {words.sign('·')} ".join(said))

    def explain(self, row: KindRow) -> Text:
        """The chosen cell in words: what is expected, what was measured."""
        segment = self._segments[self._chosen] if self._segments else ""
        text = Text(
            f"{words.name(row.kind)} {words.sign('·')} {words.printable(segment) or words.sign('–')}\n",
            "bold",
        )
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
                count=count, what=_(_STANDINGS[each][2])
            )
            for each, count in row.cells.get(segment, ())
        ]
        return text.append("; ".join(said) or _("no device of this kind is here"), "not bold")

    def nothing(self) -> str:
        """What to do."""
        return _("The register is empty. Type: muster scan")

    def action_segment(self, by: int) -> None:
        """Chooses another segment."""
        if self._segments:
            self._chosen = (self._chosen + by) % len(self._segments)
            self.table.use_columns(self.columns())
            self._explain()

    @on(WindowedTable.Opened, "#rows")
    def _open(self, opened: WindowedTable.Opened) -> None:
        if isinstance(opened.row, KindRow):
            segment = self._segments[self._chosen]
            place = f'segment:"{segment}"' if segment else "segment:none"
            self.muster.show_devices(f"class:{opened.row.kind.value} {place}")


def _cell_column(segment: str, *, chosen: bool) -> Column[KindRow]:
    def text(row: KindRow) -> str:
        cell = row.cells.get(segment, ())
        return " ".join(
            f"{words.sign(_STANDINGS[each][0])}{count:,}" for each, count in cell[:2]
        ) or words.sign("·")

    def tone(row: KindRow) -> str:
        cell = row.cells.get(segment, ())
        return _STANDINGS[cell[0][0]][1] if cell else "quiet"

    heading = words.printable(segment) or words.sign("–")
    return Column(
        f"in {segment}", f"[{heading}]" if chosen else heading, text, 12, rank=0 if chosen else 1, tone=tone
    )


def _standing(device: Device, results: Sequence[CheckResult], meant: Sequence[str] | None) -> str:
    result = next((each for each in results if each.check == _CHECK), None)
    if result is None:
        return _WRONG if meant is not None and device.segment not in meant else _UNKNOWN
    if result.outcome is CheckOutcome.NOT_APPLICABLE:
        return _NOT_ASKED
    if result.outcome is CheckOutcome.FAIL:
        return _LEAKING if result.facts.get("measured") == "leaking" else _WRONG
    return _APART if result.outcome is CheckOutcome.PASS else _UNKNOWN

"""Scan: what the last one covered, what a new one would send, and how it goes while it goes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import ContentSwitcher

from agent.events import PHASE_WORDS, FellSilent, Identified, Noted
from inventory.coverage_words import details_of, known_line, reason_of, size_of
from inventory.exits import MusterError
from inventory.language import N_, _, ngettext
from inventory.roles import may
from inventory.types import AddressState, Attribute, DeviceClass, ScanRun, SegmentCoverage, today
from inventory.vault import scan_settings
from tui import words
from tui.dialogs.confirm_scan import ConfirmScan
from tui.page import Page
from tui.widgets.columns import Column, nowhere
from tui.widgets.explained import Explained
from tui.widgets.live import Live
from tui.widgets.row_window import listed
from tui.widgets.windowed_table import WindowedTable

if TYPE_CHECKING:
    from datetime import date

    from textual.timer import Timer

    from agent.service.plan import ScanPlan
    from inventory.register import Register
    from inventory.settings import ScanSettings

_DRAWN_EVERY = 0.25
_BAR = 40
_MOST_REASONS = 50

Told = Identified | FellSilent | Noted


class ScanDesk(Page):
    """`n` shows the plan of a new scan and asks; while it runs, what it finds is listed as it comes."""

    NAME: ClassVar[str] = "scan"
    AUTO_FOCUS = "#coverage"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "begin(False)", N_("New scan")),
        Binding("c", "begin(True)", N_("New scan by TCP connections")),
        Binding("x", "stop", N_("Stop")),
    ]
    CSS = """
    ScanDesk #state { padding: 1 1; }
    ScanDesk ContentSwitcher { height: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._run: ScanRun | None = None
        self._ticking: Timer | None = None
        self._listed = 0

    def body(self) -> ComposeResult:
        """How it stands, then coverage by segment or what is being found, then the reasons."""
        yield Live(self._state, id="state")
        with ContentSwitcher(initial="coverage"):
            yield WindowedTable(_coverage_columns(), repr, empty=_never_scanned, opens=nowhere, id="coverage")
            yield WindowedTable(_told_columns(), repr, empty=_nothing_yet, opens=nowhere, id="told")
        yield Explained(self._explained)

    def on_mount(self) -> None:
        """A scan that was begun here is drawn a few times a second."""
        self._ticking = self.set_interval(_DRAWN_EVERY, self.tick, pause=not self.muster.scan_watch.running)

    def read(self) -> None:
        """Reads the last run."""
        self._read()

    @work(exclusive=True)
    async def _read(self) -> None:
        read = await self.ask(lambda register: (register.last_run(),))
        if read is not None:
            (self._run,) = read
            self.query_one("#coverage", WindowedTable).show(listed(self._run.coverage if self._run else ()))
            self._draw()

    # --- keys ---

    @work(exclusive=True, group="editing")
    async def action_begin(self, connect: bool) -> None:
        """Shows what would be sent; on Enter it begins."""
        settings = self.muster.settings
        on = today(self.muster.clock)
        plan = await self.ask(lambda register: _plan(register, scan_settings(settings), on, connect=connect))
        if plan is not None and await self.app.push_screen_wait(ConfirmScan(plan)):
            self.muster.scan_watch.start(plan)
            self._listed = 0
            self._show("told")
            if self._ticking:
                self._ticking.resume()
            self.tick()

    def action_stop(self) -> None:
        """Asks the scan to end."""
        self.muster.scan_watch.stop()
        self._draw()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """A scan is offered while none runs, stopping while one does."""
        if action in {"begin", "stop"}:
            allowed = may(self.muster.role, "begin_scan")
            return allowed and self.muster.scan_watch.running == (action == "stop")
        return True

    def tick(self) -> None:
        """Draws what the scan said since the last time; when it has ended, the coverage."""
        watch = self.muster.scan_watch
        told = watch.said[:]
        if len(told) != self._listed:
            self._listed = len(told)
            self.query_one("#told", WindowedTable).show(listed(told[::-1]))
        if not watch.running:
            self._end()
        self._draw()

    def _end(self) -> None:
        if self._ticking:
            self._ticking.pause()
        try:
            run = self.muster.scan_watch.result()
        except MusterError as error:
            self.trouble(str(error))
        else:
            if run is not None:
                self.news(
                    _("The scan is kept.") if not run.stopped else _("Stopped; what was learned is kept.")
                )
        self._show("coverage")
        self.read()
        if isinstance(self.app.screen, Page) and not self.is_current:
            self.app.screen.news(_("The scan has ended."))
            self.app.screen.read()

    @on(WindowedTable.Moved)
    def _explain(self) -> None:
        self.query_one(Explained).tell(from_top=False)

    # --- words ---

    def _show(self, table: str) -> None:
        self.query_one(ContentSwitcher).current = table
        self.query_one(f"#{table}", WindowedTable).focus()

    def _draw(self) -> None:
        self.query_one("#state", Live).refresh(layout=True)
        self.query_one(Explained).tell(from_top=False)
        self.refresh_bindings()

    def _state(self) -> Text:
        watch = self.muster.scan_watch
        if watch.running:
            return self._under_way()
        run = self._run
        if run is None:
            return Text(_("No scan yet. n shows what one would send, and asks before it begins."))
        when = self.moment(run.started)
        if run.finished is None:
            text = _("The last scan began {when} and did not finish.").format(when=when)
        elif run.stopped:
            text = _("The last scan, {when}, was stopped early.").format(when=when)
        else:
            text = _("The last scan, {when}, is complete.").format(when=when)
        packets = sum(run.packets.values())
        sent = ngettext("{count:,} packet sent", "{count:,} packets sent", packets).format(count=packets)
        return Text(f"{text} {sent}")

    def _under_way(self) -> Text:
        watch = self.muster.scan_watch
        progress = watch.progress
        if progress is None:
            return Text(_("Beginning..."))
        share = progress.done / progress.total if progress.total else 0.0
        filled = round(_BAR * min(1.0, share))
        text = Text(f"{_(PHASE_WORDS[progress.phase])} {words.printable(progress.place)}\n", style="bold")
        text.append("#" * filled + "." * (_BAR - filled), "not bold")
        text.append(f" {share:.0%}  {progress.done:,}/{progress.total:,}  ", "not bold")
        text.append(
            _("{found:,} found, {rate:,} packets/s").format(found=progress.found, rate=round(progress.rate)),
            "not bold",
        )
        if watch.stopping:
            text.append("\n" + _("Stopping..."))
        return text

    def _explained(self) -> Text:
        if not self.is_attached or self.query_one(ContentSwitcher).current != "coverage":
            return Text("")
        row = self.query_one("#coverage", WindowedTable).current
        if not isinstance(row, SegmentCoverage):
            return Text("")
        known = Text(style="not bold")
        if row.known:
            told = [known_line(row.network, row.known), *details_of(row.network, row.known)]
            known.append("".join(f"{words.printable(line)}\n" for line in told[:_MOST_REASONS]))
        if not row.unsettled:
            return known.append(_("Every address of {network} is settled.").format(network=row.network))
        counts = ", ".join(
            f"{row.counts[state]:,} {words.name(state)}" for state in row.counts if row.counts[state]
        )
        text = known.append(f"{counts}\n", "not bold")
        text.append(_("Not settled, and why:"), style="bold")
        for one in row.unsettled[:_MOST_REASONS]:
            text.append(f"\n{one.ip}  {words.name(one.state)}: {words.printable(reason_of(one))}", "not bold")
        if len(row.unsettled) > _MOST_REASONS:
            rest = len(row.unsettled) - _MOST_REASONS
            text.append("\n" + _("and {count:,} more").format(count=rest), "not bold")
        return text


def _plan(register: "Register", settings: "ScanSettings", on: "date", *, connect: bool) -> "ScanPlan":
    from agent.service.plan import plan  # heavy, and only needed by those who scan

    return plan(register.scopes(), register.iter_devices(), (), settings, connect=connect, on=on)


def _coverage_columns() -> Sequence[Column[SegmentCoverage]]:
    return (
        Column("segment", N_("Segment"), _place, 14, stretch=1),
        Column("network", N_("Network"), lambda row: row.network, 18),
        Column("addresses", N_("Addresses"), size_of, 9, right=True),
        _count_column("found", N_("found"), 6, (AddressState.FOUND,)),
        _count_column("silent", N_("silent"), 7, (AddressState.SILENT,)),
        _count_column("unsettled", N_("not settled"), 11, _UNSETTLED, tone="warn"),
        Column("method", N_("How"), lambda row: words.printable(row.method), 14, stretch=1, rank=1),
    )


_UNSETTLED = (AddressState.UNREACHABLE, AddressState.REFUSED, AddressState.NOT_REACHED)


def _count_column(
    key: str, heading: str, width: int, states: Sequence[AddressState], tone: str = ""
) -> Column[SegmentCoverage]:
    def count(row: SegmentCoverage) -> int:
        return sum(row.counts.get(state, 0) for state in states)

    def text(row: SegmentCoverage) -> str:
        return f"{count(row):,}" if count(row) else words.sign("·")

    return Column(key, heading, text, width, right=True, tone=lambda row: tone if count(row) else "quiet")


def _place(row: SegmentCoverage) -> str:
    return words.printable(f"{row.site}/{row.segment}")


def _told_columns() -> Sequence[Column[Told]]:
    return (
        Column("ip", N_("Address"), lambda told: "" if isinstance(told, Noted) else told.ip, 15),
        Column("class", N_("Class"), _class_told, 18, tone=_told_tone),
        Column("what", N_("Device"), _what_told, 30, stretch=1),
    )


def _class_told(told: Told) -> str:
    if not isinstance(told, Identified):
        return _("left alone") if isinstance(told, FellSilent) else _("note")
    return words.value(Attribute.DEVICE_CLASS, told.device_class or DeviceClass.UNKNOWN)


def _what_told(told: Told) -> str:
    if isinstance(told, Identified):
        return words.printable(told.label) or _("nothing known")
    return words.printable(told.reason if isinstance(told, FellSilent) else told.message)


def _told_tone(told: Told) -> str:
    return "" if isinstance(told, Identified) else "warn"


def _never_scanned() -> str:
    return _("No segment was covered yet.")


def _nothing_yet() -> str:
    return _("Nobody has answered yet.")

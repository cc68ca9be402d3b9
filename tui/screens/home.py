"""Home: how the office stands by article, what is new, and how far the last scan reached."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from inventory.language import N_, _, is_chinese, ngettext
from inventory.roles import may
from inventory.types import WORST_FIRST, AddressState, Clock, VerdictOutcome, today
from tui import words
from tui.page import Page
from tui.screens import SCREENS
from tui.standing import ArticleStanding, DueSoon, Judged, Roll, call_roll, coverage, due_soon, judged
from tui.widgets.columns import Column
from tui.widgets.live import Live
from tui.widgets.row_window import listed
from tui.widgets.windowed_table import WindowedTable

if TYPE_CHECKING:
    from inventory.register import Register
    from inventory.settings import Settings


class Home(Page):
    """The first screen; Enter on an article goes to its findings, `a` judges anew."""

    NAME: ClassVar[str] = "home"
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]  # noqa: RUF012 - Textual's declaration
    BINDINGS: ClassVar[list[BindingType]] = [Binding("a", "judge", N_("Judge now"))]
    CSS = """
    Home #standing { padding: 1 1; }
    Home #law { display: none; background: $background; border-top: solid $panel; min-height: 5; }
    Home.-tall #law { display: block; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._roll: Roll | None = None
        self._judged: Judged | None = None
        self._due: DueSoon = ()
        self._judging = False

    def body(self) -> ComposeResult:
        """The standing in words, then the articles."""
        yield Live(self._words, id="standing")
        yield WindowedTable(_columns(), lambda row: row.key, empty=_nothing_judged, id="posture")
        yield Live(self._law, id="law")

    def read(self) -> None:
        """Reads the register and shows what it says."""
        self._read()

    @work(exclusive=True)
    async def _read(self) -> None:
        """First what is quick to count, then what takes long, so that no other screen waits for it."""
        day = self.muster.clock.now().astimezone(self.muster.zone).date()
        looked = self.muster.drawer.looked
        self._roll = await self.ask(lambda register: call_roll(register, looked)) or self._roll
        self.query_one("#standing", Live).refresh(layout=True)
        self._judged = await self.ask(lambda register: judged(register, day), long=True) or self._judged
        self.query_one("#standing", Live).refresh(layout=True)
        if self._judged is not None:
            self.query_one("#posture", WindowedTable).show(listed(self._judged.articles))
        due = await self.ask(lambda register: due_soon(register, day), long=True)
        if due is not None:
            self._due = due
            self.query_one("#standing", Live).refresh(layout=True)

    @work(group="judging")
    async def action_judge(self) -> None:
        """Runs the checks on the evidence at hand and judges every device, in the background."""
        self._set_judging(True)
        settings, clock = self.muster.settings, self.muster.clock
        done = await self.change(lambda register: _judge(register, settings, clock), long=True)
        self._set_judging(False)
        if done:
            self.news(_("Every device is judged."))
            self.read()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Judging is offered while nobody judges."""
        return action != "judge" or (not self._judging and may(self.muster.role, "save_assessment"))

    def _set_judging(self, judging: bool) -> None:
        self._judging = judging
        self.query_one("#standing", Live).refresh(layout=True)
        self.refresh_bindings()

    def on_windowed_table_moved(self) -> None:
        """Says what the article under the cursor asks for."""
        self.query_one("#law", Live).refresh(layout=True)

    def on_windowed_table_opened(self, opened: WindowedTable.Opened) -> None:
        """Goes to the findings under the article."""
        if isinstance(opened.row, ArticleStanding):
            self.muster.show_article(opened.row.key)

    def _law(self) -> Text:
        row = self.query_one("#posture", WindowedTable).current if self.is_attached else None
        if not isinstance(row, ArticleStanding):
            return Text("")
        article = row.article
        pack = words.told(article.pack_title_en, article.pack_title_zh)
        text = Text(f"{article.number} {_title(row)}\n", style="bold")
        text.append(words.told(article.summary_en, article.summary_zh), "not bold")
        return text.append(f"\n{pack} {words.sign('·')} {words.name(article.level)}", "not bold")

    def _words(self) -> Text:
        lines = []
        if self._roll is not None:
            lines += [_devices_line(self._roll), self._scan_line(self._roll)]
        if self._judging:
            lines.append(_line(_("Findings"), _("Judging every device..."), "bold"))
        elif self._judged is not None:
            lines.append(_judged_line(self._judged))
        else:
            lines.append(Text(_("Reading the register...")))
        if self._due:
            lines.append(_due_line(self._due))
        return Text("\n").join(lines)

    def _scan_line(self, roll: Roll) -> Text:
        run = roll.run
        if run is None and not roll.devices:
            return _line(_("Coverage"), words.empty_register(), "bold")
        if run is None:
            return _line(_("Coverage"), _("No scan yet. 5 plans one."), "bold")
        whole = coverage(run)
        states = ", ".join(
            f"{count:,} {words.name(state)}"
            for state in AddressState
            if (count := whole.counts.get(state, 0))
        )
        reach = ngettext(
            "{addresses:,} addresses in {segments} segment", "{addresses:,} addresses in {segments} segments",
            whole.segments,
        ).format(addresses=whole.addresses, segments=whole.segments)  # fmt: skip
        when = self.moment(run.started)
        if run.finished is None:
            when = _("{when}, not finished").format(when=when)
        elif run.stopped:
            when = _("{when}, stopped early").format(when=when)
        text = _line(_("Coverage"), f"{when}: {reach}" + (f": {states}" if states else ""))
        if whole.reasons:
            reasons = f" {words.sign('·')} ".join(whole.reasons[:2])
            text.append(f" ({words.printable(reasons)})", style="italic")
        return text


def _judge(register: "Register", settings: "Settings", clock: Clock) -> None:
    from agent.service.assess import assess, check  # heavy, and only needed by those who judge
    from policies.pack import chosen_packs

    check(register, settings, clock)
    assess(register, chosen_packs((), settings.packs), today(clock))


def _devices_line(roll: Roll) -> Text:
    said = [
        ngettext("{count:,} device", "{count:,} devices", roll.devices).format(count=roll.devices),
        _("{count:,} new in the last scan").format(count=roll.new),
        _("{count:,} not seen").format(count=roll.unseen),
    ]
    if roll.changed is not None:
        said.append(_("{count:,} since you last looked").format(count=roll.changed))
    if roll.waiting:
        said.append(_("{count:,} to review (6)").format(count=roll.waiting))
    return _line(_("Register"), f" {words.sign('·')} ".join(said))


def _due_line(due: DueSoon) -> Text:
    titles = {row.name: f"{row.key} {_(row.title)}" for row in SCREENS}
    said = [f"{titles[name]}: {count:,}" for name, count in due]
    return _line(_("Due within 30 days"), f" {words.sign('·')} ".join(said))


def _judged_line(judged: Judged) -> Text:
    if judged.on is None:
        return _line(_("Findings"), _("Nothing judged yet. a judges what is in the register."), "bold")
    said = [
        ngettext("{count:,} open", "{count:,} open", judged.findings).format(count=judged.findings),
        _("{count:,} new").format(count=judged.new),
        _("{count:,} overdue").format(count=judged.overdue),
        _("judged {day}").format(day=words.day(judged.on)),
    ]
    return _line(_("Findings"), f" {words.sign('·')} ".join(said))


def _line(heading: str, said: str, style: str = "") -> Text:
    return Text.assemble((f"{heading}  ", "bold"), (said, style))


def _nothing_judged() -> str:
    return _("No article has been judged yet.")


def _columns() -> Sequence[Column[ArticleStanding]]:
    return (
        Column("article", N_("Article"), lambda row: row.article.number, 8),
        Column("title", N_("Title"), _title, 16, stretch=1),
        *(_count_column(outcome, _WIDTHS[outcome]) for outcome in WORST_FIRST),
    )


_WIDTHS = {
    VerdictOutcome.BREACH: 8,
    VerdictOutcome.UNDETERMINED: 12,
    VerdictOutcome.EXCEPTED: 8,
    VerdictOutcome.COMPLIANT: 9,
    VerdictOutcome.NOT_APPLICABLE: 8,
}


def _title(row: ArticleStanding) -> str:
    return words.told(row.article.title_en, row.article.title_zh)


def _count_column(outcome: VerdictOutcome, width: int) -> Column[ArticleStanding]:
    def text(row: ArticleStanding) -> str:
        count = row.counts.get(outcome, 0)
        return f"{words.symbol(outcome)} {count:,}" if count else words.sign("·")

    def tone(row: ArticleStanding) -> str:
        return words.tone(outcome) if row.counts.get(outcome) else "quiet"

    def heading() -> str:
        short = outcome is VerdictOutcome.NOT_APPLICABLE and not is_chinese()
        return "n/a" if short else words.name(outcome)

    return Column(outcome.value, heading, text, width, right=True, tone=tone)

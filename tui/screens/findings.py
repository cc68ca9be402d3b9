"""Findings: by article, then by device, each explained in words with its remedy and due date."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from inventory.language import N_, _
from inventory.types import (
    Article,
    Attribute,
    Comment,
    FindingState,
    VerdictOutcome,
)
from tui import words
from tui.dialogs.follow_up import follow_up_form
from tui.finding_rows import (
    EXCEPTED,
    OPEN,
    RESOLVED,
    UNDETERMINED,
    Line,
    Whereabouts,
    lines_of,
    whereabouts,
)
from tui.page import Page
from tui.widgets.choice_line import Choice, ChoiceLine
from tui.widgets.columns import Column
from tui.widgets.explained import Explained
from tui.widgets.row_window import Window
from tui.widgets.windowed_table import WindowedTable

ALL = "all"


class Findings(Page):
    """Left and right choose the article, `f` the state; the lower half explains the line under the cursor."""

    NAME: ClassVar[str] = "findings"
    CALLS: ClassVar[dict[str, str]] = {"follow_up": "follow_up"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "article(-1)", N_("Article before"), show=False, key_display="←"),
        Binding("right", "article(1)", N_("Next article"), key_display="→"),
        Binding("f", "state(1)", N_("State")),
        Binding("e", "follow_up", N_("Assign, due day, comment")),
    ]
    CSS = """
    Findings #lines { height: 3fr; }
    Findings Explained { height: 2fr; max-height: 100%; min-height: 7; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._lines: tuple[Line, ...] = ()
        self._articles: dict[str, Article] = {}
        self._where: dict[str, Whereabouts] = {}
        self._comments: dict[str, tuple[Comment, ...]] = {}
        self._table: WindowedTable[Line] = WindowedTable(
            self._columns(), lambda line: line.key, empty=_nothing, id="lines"
        )

    def body(self) -> ComposeResult:
        """States, articles, the list, and the words."""
        yield ChoiceLine([Choice(state, label) for state, label in _STATES.items()], id="states")
        yield ChoiceLine([Choice(ALL, partial(_all_label, 0))], id="articles")
        yield self._table
        yield Explained(self._explained)

    def read(self) -> None:
        """Reads the findings in the state chosen."""
        self._read()

    @work(exclusive=True)
    async def _read(self) -> None:
        state = self.query_one("#states", ChoiceLine).taken
        read = await self.ask(lambda register: (lines_of(register, state), register.articles()), long=True)
        if read is None:
            return
        self._lines, articles = read
        self._where, self._comments = {}, {}
        self._articles = {f"{article.pack}/{article.number}": article for article in articles}
        self._offer_articles()
        if self.muster.article_asked:
            self.query_one("#articles", ChoiceLine).take(self.muster.article_asked)
            self.muster.article_asked = ""
        self._table.show(self._fetch)

    # --- keys ---

    def action_article(self, by: int) -> None:
        """Shows the next article that has something."""
        self.query_one("#articles", ChoiceLine).step(by)

    def action_state(self, by: int) -> None:
        """Shows findings in another state."""
        self.query_one("#states", ChoiceLine).step(by)

    @work(exclusive=True, group="editing")
    async def action_follow_up(self) -> None:
        """Says who sees to the finding, until when, or something of it."""
        line = self._table.current
        people = await self.ask(lambda register: register.names(Attribute.OWNER))
        if line is None or line.due is None or people is None:
            return
        form = follow_up_form(line.finding, line.assignee, line.due, people, partial(self._follow_up, line))
        said = _("The finding is followed up.")
        await self.fill_in(form, lambda _lines: said, lines=lambda lines: lines)

    async def _follow_up(self, line: Line, said: Mapping[str, str]) -> int:
        """Keeps it; how many lines of the log `u` may take back: a comment stays said."""
        operator = self.muster.operator
        due = words.day_typed(said["due"]) if said.get("due") else None
        await self.muster.desk.ask(
            lambda register: register.follow_up(
                line.finding,
                operator,
                assignee=said.get("assignee"),
                due=due,
                comment=said.get("comment", ""),
            )
        )
        return int(due is not None or "assignee" in said)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Following up is offered on a finding, not on what could not be judged."""
        if action == "follow_up":
            line = self._table.current
            return line is not None and bool(line.finding) and super().check_action(action, parameters)
        return action != "article" or bool(self._lines)

    @on(ChoiceLine.Changed, "#articles")
    def _article_taken(self) -> None:
        self._table.show(self._fetch, from_top=True)

    @on(ChoiceLine.Changed, "#states")
    def _state_taken(self) -> None:
        self.read()

    @on(WindowedTable.Opened, "#lines")
    def _open(self, opened: WindowedTable.Opened) -> None:
        if isinstance(opened.row, Line):
            self.muster.show_device(opened.row.device, page="verdicts")

    @on(WindowedTable.Moved, "#lines")
    def _explain(self) -> None:
        self.query_one(Explained).tell()
        line = self._table.current
        if line is not None and line.finding and line.finding not in self._comments:
            self._hear(line.finding)

    @work(exclusive=True, group="hearing")
    async def _hear(self, finding: str) -> None:
        """Reads what was said of the finding under the cursor."""
        said = await self.ask(lambda register: register.comments(finding))
        if said is not None:
            self._comments[finding] = said
            self.query_one(Explained).tell(from_top=False)

    # --- rows ---

    async def _fetch(self, offset: int, limit: int) -> Window[Line]:
        taken = self.query_one("#articles", ChoiceLine).taken
        chosen = [line for line in self._lines if taken in (ALL, line.article_key)]
        rows = chosen[offset : offset + limit]
        unknown = {line.device for line in rows} - self._where.keys()
        self._where |= await self.muster.desk.ask(lambda register: whereabouts(register, unknown))
        return Window(rows, len(chosen))

    def _offer_articles(self) -> None:
        counts = Counter(line.article_key for line in self._lines)
        order = [*self._articles, *sorted(counts.keys() - self._articles.keys())]
        choices = [Choice(ALL, partial(_all_label, len(self._lines)))]
        choices += [Choice(key, partial(_article_label, key, counts[key])) for key in order if counts[key]]
        self.query_one("#articles", ChoiceLine).offer(choices)

    def _columns(self) -> Sequence[Column[Line]]:
        return (
            Column("state", N_("State"), lambda line: words.marked(line.state), 14, tone=_state_tone),
            Column("article", N_("Article"), lambda line: line.article, 8),
            Column("device", N_("Device"), lambda line: self._of(line).label, 18, ideal=28, stretch=2),
            Column("ip", N_("Address"), lambda line: self._of(line).ip, 15, rank=1),
            Column("severity", N_("Severity"), _severity, 9, tone=lambda line: words.tone(line.severity)),
            Column("due", N_("Due"), self._due, 12, tone=self._due_tone),
            Column("assignee", N_("Assigned to"), lambda line: words.printable(line.assignee), 12, rank=2),
            Column("rule", N_("Rule"), lambda line: line.rule, 22, stretch=1, rank=3),
            Column(
                "opened", N_("Opened"), lambda line: words.day(line.opened) if line.opened else "", 10, rank=4
            ),
        )

    def _of(self, line: Line) -> Whereabouts:
        known = self._where.get(line.device, Whereabouts(line.device))
        return Whereabouts(*map(words.printable, known))

    def _due(self, line: Line) -> str:
        if line.due is None:
            return words.sign("–")
        return f"{words.day(line.due)} !" if self._overdue(line) else words.day(line.due)

    def _due_tone(self, line: Line) -> str:
        return "bad" if self._overdue(line) else ""

    def _overdue(self, line: Line) -> bool:
        today = self.muster.clock.now().astimezone(self.muster.zone).date()
        return line.due is not None and line.due < today and line.state is not FindingState.RESOLVED

    # --- words ---

    def _explained(self) -> Text:
        line = self._table.current
        if line is None:
            return Text("")
        article = self._articles.get(line.article_key)
        title = words.told(article.title_en, article.title_zh) if article else ""
        text = Text(f"{line.article} {title}\n", style="bold")
        text.append(words.told(line.reason_en, line.reason_zh), "not bold")
        remedy = words.told(line.remedy_en, line.remedy_zh)
        if remedy:
            text.append("\n" + _("What to do: "))
            text.append(remedy, "not bold")
        if line.due:
            text.append("\n" + _("Due: "))
            day = words.day(line.due)
            text.append(_("{day} (overdue)").format(day=day) if self._overdue(line) else day, "not bold")
        if line.assignee:
            text.append("  " + _("Assigned to: ")).append(words.printable(line.assignee), "not bold")
        for remark in reversed(self._comments.get(line.finding, ())):
            text.append(f"\n{words.printable(remark.by)} {self.moment(remark.at)}: ")
            text.append(words.printable(remark.text), "not bold")
        dot = f" {words.sign('·')} "
        text.append(f"\n{dot.join(dict.fromkeys(filter(None, self._of(line))))}", "not bold")
        if article:
            pack = words.told(article.pack_title_en, article.pack_title_zh)
            text.append(f"\n{pack}{dot}{words.name(article.level)}", "not bold")
        return text


_STATES: Mapping[str, Callable[[], str]] = {
    OPEN: lambda: _("Open"),
    UNDETERMINED: partial(words.title, VerdictOutcome.UNDETERMINED),
    EXCEPTED: partial(words.title, FindingState.EXCEPTED),
    RESOLVED: partial(words.title, FindingState.RESOLVED),
}


def _all_label(count: int) -> str:
    return _("All articles {count:,}").format(count=count)


def _article_label(key: str, count: int) -> str:
    return f"{key.partition('/')[2]} {count:,}"


def _severity(line: Line) -> str:
    return words.name(line.severity)


def _state_tone(line: Line) -> str:
    return words.tone(line.state)


def _nothing() -> str:
    return _("Nothing in this state. f shows another; 1 goes Home, and a judges again.")

"""What every screen has in common: masthead, message line, key line, and a polite way to the register."""

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from inventory.exits import MusterError
from inventory.language import N_, ngettext
from inventory.roles import may
from tui import words
from tui.dialogs.form import Form
from tui.sitting import Sitting
from tui.widgets.explained import Explained
from tui.widgets.key_line import KeyLine
from tui.widgets.masthead import Masthead
from tui.widgets.message_line import MessageLine
from tui.widgets.windowed_table import WindowedTable

if TYPE_CHECKING:
    from collections.abc import Callable

    from inventory.register import Register

Answer = TypeVar("Answer")
Saved = TypeVar("Saved")


def _one_line(saved: object) -> int:  # noqa: ARG001
    return 1


class Page(Screen[None], inherit_bindings=False):
    """A screen of SCREENS: it names itself (`NAME`), composes its `body` and reads the register.

    `CALLS` maps the actions that change the register to the method they end in: a role that may not call it
    is not offered the key.
    """

    NAME: ClassVar[str] = ""
    CALLS: ClassVar[dict[str, str]] = {}
    AUTO_FOCUS = "WindowedTable"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.focus_next", N_("Next field"), show=False),
        Binding("shift+tab", "app.focus_previous", N_("Field before"), show=False),
        Binding("escape", "back", N_("Back"), show=False),
        Binding("r,f5", "read", N_("Read again"), show=False),
        Binding("u", "undo", N_("Undo"), show=False),
        Binding("J,shift+down", "turn_words(1)", N_("Words below: on"), show=False),
        Binding("K,shift+up", "turn_words(-1)", N_("Words below: back"), show=False),
    ]

    def compose(self) -> ComposeResult:
        """Masthead, body, message line, key line."""
        yield Masthead(self.NAME)
        yield from self.body()
        yield MessageLine()
        yield KeyLine()

    def body(self) -> ComposeResult:
        """What stands between the lines."""
        raise NotImplementedError

    def read(self) -> None:
        """Reads the register, in the background."""
        raise NotImplementedError

    def relabel(self) -> None:
        """Draws everything again, because the language or the terminal's signs changed."""
        for widget in self.walk_children():
            if isinstance(widget, WindowedTable):
                widget.relabel()
            widget.refresh(layout=True)

    @property
    def muster(self) -> Sitting:
        """The app, by its own type."""
        return cast("Sitting", self.app)

    async def ask(self, question: "Callable[[Register], Answer]", *, long: bool = False) -> Answer | None:
        """The register's answer, or None with the trouble on the message line."""
        try:
            return await self.muster.desk.ask(question, long=long)
        except MusterError as error:
            self.trouble(str(error))
            return None

    async def change(self, change: "Callable[[Register], object]", *, long: bool = False) -> bool:
        """True where the register took the change; else False, with the trouble on the message line."""
        try:
            await self.muster.desk.ask(change, long=long)
        except MusterError as error:
            self.trouble(str(error))
            return False
        return True

    async def fill_in(
        self, form: Form[Saved], said: "Callable[[Saved], str]", lines: "Callable[[Saved], int]" = _one_line
    ) -> None:
        """Opens a form; where something was saved says so and reads again.

        `lines` are how many lines of the audit log it wrote that `u` can take back.
        """
        saved = await self.app.push_screen_wait(form)
        if saved is not None:
            self.muster.undoing.note_lines(lines(saved))
            self.news(said(saved))
            self.read()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """What the operator's role may not do is not offered, nor what there is nothing of."""
        if action == "turn_words":
            return bool(self.query(Explained))
        return action not in self.CALLS or may(self.muster.role, self.CALLS[action])

    @work(exclusive=True, group="undoing")
    async def action_undo(self) -> None:
        """Takes back this person's last change."""
        undone = await self.ask(self.muster.undoing.last(self.muster.operator), long=True)
        if undone is not None:
            self.muster.reread_settings()
            self.news(
                ngettext("Undone: {count:,} entry.", "Undone: {count:,} entries.", undone).format(
                    count=undone
                )
            )
            self.read()

    def news(self, message: str) -> None:
        """Says what went well."""
        self.query_one(MessageLine).news(message)

    def trouble(self, message: str) -> None:
        """Says what did not."""
        self.query_one(MessageLine).trouble(message)

    def moment(self, at: datetime) -> str:
        """A time as this app shows it."""
        return words.moment(at, self.muster.zone)

    def action_read(self) -> None:
        """Reads the register again."""
        self.query_one(MessageLine).clear()
        self.read()

    def action_turn_words(self, by: int) -> None:
        """Scrolls the words below the list by as much as is seen of them."""
        for pane in self.query(Explained):
            pane.turn(by)

    def action_back(self) -> None:
        """Clears the message, else goes to the screen before."""
        line = self.query_one(MessageLine)
        if line.message:
            line.clear()
        else:
            self.muster.go_back()

    def on_screen_resume(self) -> None:
        """What happened on another screen may have changed what this one shows."""
        self.read()

    def on_windowed_table_failed(self, failed: WindowedTable.Failed) -> None:
        """The rows on screen stay; the message line says why no others came."""
        self.trouble(str(failed.error))

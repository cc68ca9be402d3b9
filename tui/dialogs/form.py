"""A form: one line a field, saved in the background, never losing what was typed."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Generic, TypeVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.screen import ModalScreen
from textual.suggester import SuggestFromList
from textual.widgets import Input

from inventory.exits import MusterError
from inventory.language import N_, _
from tui import words
from tui.widgets.key_line import KeyLine
from tui.widgets.live import Live

Saved = TypeVar("Saved")
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Field:
    """One line of a form: `before` is what stands in it at first, None where several values differ.

    `suggested` are texts it offers to complete.
    """

    key: str
    label: Callable[[], str]
    before: str | None = ""
    suggested: tuple[str, ...] = ()


class Form(ModalScreen[Saved | None], Generic[Saved]):
    """Gives what `save` gave for the texts that were touched, by key; None where the form was left.

    Enter goes to the next field and saves in the last, so that a barcode scanner can fill it. If saving
    fails, the form stays open with everything typed into it. Where nothing was touched nothing is saved.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", N_("Save"), key_display="Ctrl+S", priority=True),
        Binding("down", "app.focus_next", N_("Next field"), key_display="↓"),
        Binding("up", "app.focus_previous", N_("Field before"), show=False),
        Binding("escape", "leave", N_("Leave unsaved"), key_display="Esc"),
    ]
    CSS = """
    Form { align: center middle; background: $background 60%; }
    Form > VerticalScroll { width: 74; max-width: 100%; height: auto; max-height: 100%; background: $panel;
        padding: 1 2; scrollbar-size-vertical: 1; }
    Form Live { background: $panel; padding: 0; }
    Form Horizontal { height: 1; }
    Form Horizontal Live { width: 18; text-style: bold; }
    Form Input { width: 1fr; background: $surface; height: 1; border: none; padding: 0 1; }
    Form Input:focus { background: $primary 40%; background-tint: $foreground 0%; border: none; }
    Form #title { margin: 0 0 1 0; }
    Form #said { color: $text-error; }
    """

    def __init__(
        self,
        title: Callable[[], Text],
        fields: Sequence[Field],
        save: Callable[[Mapping[str, str]], Awaitable[Saved]],
    ) -> None:
        super().__init__()
        self._title = title
        self._fields = tuple(fields)
        self._save = save
        self._said = ""
        self._leaving = False
        self._saving = False

    def compose(self) -> ComposeResult:
        """One line per field."""
        with VerticalScroll(can_focus=False):
            yield Live(self._title, id="title")
            for field in self._fields:
                with Horizontal():
                    yield Live(partial(_heading, field))
                    yield _entry(field)
            yield Live(lambda: Text(self._said), id="said")
            yield KeyLine()

    def changes(self) -> dict[str, str]:
        """What was touched: the new text of each field; empty clears it."""
        typed = ((field, self.query_one(f"#{field.key}", Input).value.strip()) for field in self._fields)
        return {field.key: text for field, text in typed if text != (field.before or "")}

    def on_input_changed(self) -> None:
        """Typing on takes back the question whether to leave."""
        self._leaving = False
        self._say("")

    def on_input_submitted(self, submitted: Input.Submitted) -> None:
        """Enter goes to the next field; in the last one it saves."""
        if submitted.input.id == self._fields[-1].key:
            self.action_save()
        else:
            self.focus_next()

    def action_leave(self) -> None:
        """Closes; where something was typed, only at the second press."""
        if self.changes() and not self._leaving:
            self._leaving = True
            self._say(_("Not saved. Esc again throws it away, Ctrl+S saves it."))
        else:
            self.dismiss(None)

    def action_save(self) -> None:
        """Saves what was touched and closes."""
        if not self._saving:
            self._saving = True
            self._show(_("Saving..."))
            self._store()

    @work(exit_on_error=True)
    async def _store(self) -> None:
        changes = self.changes()
        try:
            saved = await self._save(changes) if changes else None
        except MusterError as error:
            self._say(str(error))
        else:
            self.dismiss(saved)
        finally:
            self._saving = False

    def _say(self, problem: str) -> None:
        self._show(f"{words.sign('✘')} {words.printable(problem)}" if problem else "")

    def _show(self, said: str) -> None:
        self._said = said
        self.query_one("#said", Live).refresh(layout=True)


def _heading(field: Field) -> Text:
    return Text(field.label())


def _entry(field: Field) -> Input:
    entry = Input(
        field.before or "",
        id=field.key,
        max_length=LONGEST,
        placeholder="" if field.before is not None else _("They differ; leave empty to keep them"),
        suggester=SuggestFromList(field.suggested, case_sensitive=False) if field.suggested else None,
        compact=True,
    )
    entry.cursor_blink = False  # over a slow line every blink is traffic
    return entry

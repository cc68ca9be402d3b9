"""A form: one line a field, saved in the background, never losing what was typed."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar, cast

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
from tui.drawer import Drawer
from tui.widgets.columns import fit
from tui.widgets.key_line import KeyLine
from tui.widgets.live import Live

if TYPE_CHECKING:
    from tui.sitting import Sitting

Saved = TypeVar("Saved")
LONGEST = 500
_OFFERED = 6
_HEADING = 17  # cells, and one between heading and entry


@dataclass(frozen=True, slots=True)
class Field:
    """One line of a form: `before` is what stands in it at first, None where several values differ.

    `suggested` are texts it offers; `open_list` says that others are as good, and become new ones. `check`
    raises UsageFault for a text that cannot be saved, and is asked while the text is typed.
    """

    key: str
    label: Callable[[], str]
    before: str | None = ""
    suggested: tuple[str, ...] = ()
    open_list: bool = False
    check: Callable[[str], object] | None = None


class Form(ModalScreen[Saved | None], Generic[Saved]):
    """Gives what `save` gave for the texts that were touched, by key; None where the form was left.

    Enter goes to the next field and saves in the last, so that a barcode scanner can fill it. If saving
    fails, the form stays open with everything typed into it. Where nothing was touched nothing is saved.
    What is typed is kept under `draft` until it is saved or thrown away, and stands in the form next time.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", N_("Save"), key_display="Ctrl+S", priority=True),
        Binding("down", "app.focus_next", N_("Next field"), key_display="↓"),
        Binding("up", "app.focus_previous", N_("Field before"), show=False),
        Binding("pagedown", "pick(1)", N_("Next on the list"), show=False),
        Binding("pageup", "pick(-1)", N_("The one before on the list"), show=False),
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
    Form #offered { color: $text-muted; min-height: 1; }
    """

    def __init__(
        self,
        title: Callable[[], Text],
        fields: Sequence[Field],
        save: Callable[[Mapping[str, str]], Awaitable[Saved]],
        *,
        draft: str = "",
    ) -> None:
        super().__init__()
        self._draft = draft
        self._typed = ""  # what was typed into the field before something was picked
        self._title = title
        self._fields = tuple(fields)
        self._save = save
        self._said = ""
        self._restored: dict[str, str] = {}  # what was typed before and is back
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
            yield Live(self._offer, id="offered")
            yield Live(lambda: Text(self._said), id="said")
            yield KeyLine()

    def on_mount(self) -> None:
        """Puts back what was typed before and never saved."""
        drafted = self._drawer.draft(self._draft) if self._draft else {}
        for field in self._fields:
            if field.key in drafted:
                with self.prevent(Input.Changed):
                    self.query_one(f"#{field.key}", Input).value = drafted[field.key]
        self._restored = dict(drafted)
        self._note()

    def changes(self) -> dict[str, str]:
        """What was touched: the new text of each field; empty clears it."""
        typed = ((field, self.query_one(f"#{field.key}", Input).value.strip()) for field in self._fields)
        return {field.key: text for field, text in typed if text != (field.before or "")}

    def on_input_changed(self, changed: Input.Changed) -> None:
        """Typing takes back the question whether to leave, keeps the draft, says what cannot be saved."""
        self._leaving = False
        self._typed = changed.value
        if self._draft:
            self._drawer.keep_draft(self._draft, self.changes())
        self._say(self._problem(changed.input.id or ""))
        self._note()
        self.query_one("#offered", Live).refresh(layout=True)

    def on_descendant_focus(self) -> None:
        """Another field has another list to pick from: all of it, until something is typed."""
        focused = self._focused
        held = self.query_one(f"#{focused.key}", Input).value if focused else ""
        self._typed = "" if focused and held == focused.before else held
        self.query_one("#offered", Live).refresh(layout=True)

    def on_input_submitted(self, submitted: Input.Submitted) -> None:
        """Enter goes to the next field; in the last one it saves."""
        if submitted.input.id == self._fields[-1].key:
            self.action_save()
        else:
            self.focus_next()

    def action_pick(self, by: int) -> None:
        """Puts the next text of the list into the field, among those that begin as what was typed."""
        field = self._focused
        found = self._found(field) if field else []
        if field and found:
            entry = self.query_one(f"#{field.key}", Input)
            here = found.index(entry.value) if entry.value in found else (-1 if by > 0 else 0)
            with self.prevent(Input.Changed):
                entry.value = found[(here + by) % len(found)]
            entry.cursor_position = len(entry.value)
            if self._draft:
                self._drawer.keep_draft(self._draft, self.changes())
            self.query_one("#offered", Live).refresh(layout=True)

    def action_leave(self) -> None:
        """Closes; where something was typed, only at the second press."""
        if self.changes() and not self._leaving:
            self._leaving = True
            self._say(_("Not saved. Esc again throws it away, Ctrl+S saves it."))
        else:
            self._forget()
            self.dismiss(None)

    def action_save(self) -> None:
        """Saves what was touched and closes."""
        problems = [(field, problem) for field in self._fields if (problem := self._problem(field.key))]
        if problems:
            self.query_one(f"#{problems[0][0].key}", Input).focus()
            self._say(problems[0][1])
        elif not self._saving:
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
            self._forget()
            self.dismiss(saved)
        finally:
            self._saving = False

    @property
    def _drawer(self) -> Drawer:
        return cast("Sitting", self.app).drawer

    def _forget(self) -> None:
        if self._draft:
            self._drawer.keep_draft(self._draft, {})

    @property
    def _focused(self) -> Field | None:
        here = self.focused
        return next((field for field in self._fields if here is not None and field.key == here.id), None)

    def _problem(self, key: str) -> str:
        """Why what stands in the field cannot be saved; nothing where it can."""
        field = next((each for each in self._fields if each.key == key), None)
        text = self.query_one(f"#{key}", Input).value.strip() if field else ""
        if field is None or field.check is None or not text:
            return ""
        try:
            field.check(text)
        except MusterError as error:
            return str(error)
        return ""

    def _found(self, field: Field) -> list[str]:
        begun = self._typed.strip().casefold()
        begins = [text for text in field.suggested if text.casefold().startswith(begun)]
        return begins or [text for text in field.suggested if begun in text.casefold()]

    def _offer(self) -> Text:
        field = self._focused if self.is_attached else None
        if field is None or not field.suggested:
            return Text("")
        text = self.query_one(f"#{field.key}", Input).value.strip()
        if field.open_list and text and text.casefold() not in {each.casefold() for each in field.suggested}:
            new = _("new: {text}").format(text=words.printable(text))
        else:
            new = ""
        found = self._found(field)
        dot = f" {words.sign('·')} "
        here = found.index(text) if text in found else 0
        first = max(0, min(here - _OFFERED // 2, len(found) - _OFFERED))
        listed = [
            f"[{each}]" if each == text else words.printable(each) for each in found[first : first + _OFFERED]
        ]
        more = words.sign("…")
        listing = dot.join(listed)
        listing = f"{more} {listing}" if first else listing
        listing = f"{listing} {more}" if first + _OFFERED < len(found) else listing
        keys = _("PgDn picks: {list}").format(list=listing) if found else ""
        return Text("  ".join(part for part in (new, keys) if part), no_wrap=True, overflow="ellipsis")

    def _note(self) -> None:
        """Says where all that stands in the form was typed before, until something else is."""
        if self._restored and not self._said and self.changes() == self._restored:
            self._show(_("What you typed before and did not save stands here again."))

    def _say(self, problem: str) -> None:
        self._show(f"{words.sign('✘')} {words.printable(problem)}" if problem else "")

    def _show(self, said: str) -> None:
        self._said = said
        self.query_one("#said", Live).refresh(layout=True)


def _heading(field: Field) -> Text:
    return Text(fit(field.label(), _HEADING))


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

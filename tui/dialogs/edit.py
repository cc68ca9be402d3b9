"""The form in which people say who owns a device, where it is and what it is for."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from inventory.exits import MusterError
from inventory.language import N_, _, ngettext
from inventory.types import Attribute, Device
from tui import words
from tui.widgets.key_line import KeyLine
from tui.widgets.live import Live

FIELDS = (Attribute.OWNER, Attribute.LOCATION, Attribute.PURPOSE)
LONGEST = 200
_NAMED = 5

Save = Callable[[Mapping[Attribute, str]], Awaitable[int]]


class EditForm(ModalScreen[int | None]):
    """Edits FIELDS of one or many devices; gives how many changes were saved, None where it was left.

    Only fields that were touched are saved. Where the devices differ a field starts empty and stays as it is
    unless something is typed. If saving fails, the form stays open with everything typed into it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", N_("Save"), key_display="Ctrl+S", priority=True),
        Binding("down", "app.focus_next", N_("Next field"), key_display="↓"),
        Binding("up", "app.focus_previous", N_("Field before"), show=False),
        Binding("escape", "leave", N_("Leave unsaved"), key_display="Esc"),
    ]
    CSS = """
    EditForm { align: center middle; background: $background 60%; }
    EditForm > Vertical { width: 72; max-width: 100%; height: auto; background: $panel; padding: 1 2; }
    EditForm Live { background: $panel; padding: 0; }
    EditForm Input { background: $surface; height: 1; border: none; padding: 0 1; margin: 0 0 1 0; }
    EditForm Input:focus { background: $surface; border: none; text-style: bold; }
    EditForm #title { margin: 0 0 1 0; }
    EditForm #problem { color: $text-error; }
    EditForm KeyLine { margin: 1 0 0 0; }
    """

    def __init__(self, devices: Sequence[Device], save: Save) -> None:
        super().__init__()
        self._devices = tuple(devices)
        self._save = save
        self._before = {attribute: _shared(devices, attribute) for attribute in FIELDS}
        self._problem = ""
        self._leaving = False
        self._saving = False

    def compose(self) -> ComposeResult:
        """One line per field."""
        with Vertical():
            yield Live(self._title, id="title")
            for attribute in FIELDS:
                yield Live(partial(_heading, attribute))
                yield self._field(attribute)
            yield Live(lambda: Text(self._problem), id="problem")
            yield KeyLine()

    def _field(self, attribute: Attribute) -> Input:
        before = self._before[attribute]
        field = Input(
            before or "",
            id=attribute.value,
            max_length=LONGEST,
            placeholder="" if before is not None else _("They differ; leave empty to keep them"),
            compact=True,
        )
        field.cursor_blink = False  # over a slow line every blink is traffic
        return field

    def changes(self) -> dict[Attribute, str]:
        """What was touched: the new text of each field; empty clears it."""
        typed = {
            attribute: self.query_one(f"#{attribute.value}", Input).value.strip() for attribute in FIELDS
        }
        return {
            attribute: text for attribute, text in typed.items() if text != (self._before[attribute] or "")
        }

    def on_input_changed(self) -> None:
        """Typing on takes back the question whether to leave."""
        self._leaving = False
        self._say("")

    def on_input_submitted(self, submitted: Input.Submitted) -> None:
        """Enter goes to the next field; in the last one it saves."""
        if submitted.input.id == FIELDS[-1].value:
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
            self._store()

    @work(exit_on_error=True)
    async def _store(self) -> None:
        try:
            changes = self.changes()
            saved = await self._save(changes) if changes else 0
        except MusterError as error:
            self._say(str(error))
        else:
            self.dismiss(saved)
        finally:
            self._saving = False

    def _title(self) -> Text:
        count = len(self._devices)
        if count == 1:
            return Text(words.printable(self._devices[0].label), style="bold")
        text = Text(ngettext("{count:,} device", "{count:,} devices", count).format(count=count), "bold")
        names = ", ".join(words.printable(device.label) for device in self._devices[:_NAMED])
        more = f" {words.sign('…')}" if count > _NAMED else ""
        return text.append(f"\n{names}{more}", "not bold")

    def _say(self, problem: str) -> None:
        self._problem = f"{words.sign('✘')} {problem}" if problem else ""
        self.query_one("#problem", Live).refresh(layout=True)


def _heading(attribute: Attribute) -> Text:
    return Text(words.name(attribute), style="bold")


def _shared(devices: Sequence[Device], attribute: Attribute) -> str | None:
    """The value all of them have, None where they differ."""
    values = {device.text(attribute) for device in devices}
    return values.pop() if len(values) == 1 else None

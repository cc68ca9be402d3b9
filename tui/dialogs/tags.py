"""Asset tags read with a barcode scanner, device after device, without a key between."""

from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input

from inventory.entered import checked
from inventory.exits import MusterError
from inventory.language import N_, _
from inventory.types import Attribute, Device
from tui import words
from tui.widgets.key_line import KeyLine
from tui.widgets.live import Live

Save = Callable[[Device, str], Awaitable[None]]


class TagReader(ModalScreen[int]):
    """Gives how many tags were saved. Enter saves and goes on to the next device; nothing typed skips one.

    It stays open from device to device, so that what a scanner types never reaches the keys of a screen.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "step(-1)", N_("Device before"), key_display="↑"),
        Binding("down", "step(1)", N_("Next device"), key_display="↓"),
        Binding("escape", "leave", N_("Done"), key_display="Esc"),
    ]
    CSS = """
    TagReader { align: center middle; background: $background 60%; }
    TagReader > VerticalScroll { width: 74; max-width: 100%; height: auto; background: $panel; padding: 1 2; }
    TagReader Live { background: $panel; padding: 0 0 1 0; }
    TagReader Input { background: $surface; height: 1; border: none; padding: 0 1; }
    TagReader Input:focus { background: $primary 40%; border: none; }
    TagReader #said { color: $text-error; padding: 0; min-height: 1; }
    """

    def __init__(self, devices: Sequence[Device], save: Save) -> None:
        super().__init__()
        self._devices = tuple(devices)
        self._save = save
        self._tags = {device.id: device.text(Attribute.ASSET_TAG) for device in devices}
        self._at = 0
        self._saved = 0
        self._last = ""  # what was saved last
        self._refused: dict[str, str] = {}  # what was refused and is not mended yet, by device

    def compose(self) -> ComposeResult:
        """Which device, its tag, what came of the last."""
        with VerticalScroll(can_focus=False):
            yield Live(self._title)
            entry = Input(id="tag", compact=True)
            entry.cursor_blink = False  # over a slow line every blink is traffic
            yield entry
            yield Live(self._came_of_it, id="said")
            yield KeyLine()

    def on_input_submitted(self, submitted: Input.Submitted) -> None:
        """A scanner ends with Enter; what it types next belongs to the next device at once."""
        device, tag = self._devices[self._at], submitted.value.strip()
        submitted.input.value = ""
        if not tag:
            self.action_step(1)
            return
        self._store(device, tag)
        if self._at + 1 < len(self._devices):
            self.action_step(1)

    def action_step(self, by: int) -> None:
        """Goes to another device."""
        self._at = max(0, min(self._at + by, len(self._devices) - 1))
        self._show()

    def action_leave(self) -> None:
        """Closes, once all is saved."""
        self._close()

    @work(group="tags")
    async def _store(self, device: Device, tag: str) -> None:
        name = words.printable(device.label)
        try:
            checked(Attribute.ASSET_TAG, tag)
            await self._save(device, tag)
        except MusterError as error:
            reason = words.printable(str(error))
            self._refused[device.id] = f"{words.sign('✘')} {name}, {words.printable(tag)}: {reason}"
        else:
            self._saved += self._tags[device.id] != tag
            self._tags[device.id] = tag
            self._refused.pop(device.id, None)
            self._last = f"{words.sign('✔')} {name}: {words.printable(tag)}"
        self._show()

    @work(group="leaving")
    async def _close(self) -> None:
        if saving := [each for each in self.workers if each.group == "tags"]:
            await self.workers.wait_for_complete(saving)
        self.dismiss(self._saved)

    def _title(self) -> Text:
        device = self._devices[self._at]
        text = Text(f"{self._at + 1:,}/{len(self._devices):,}  {words.printable(device.label)}\n", "bold")
        where = (
            device.addresses[0].ip if device.addresses else "",
            device.text(Attribute.LOCATION),
            device.text(Attribute.SERIAL),
        )
        dot = f" {words.sign('·')} "
        text.append(words.printable(dot.join(part for part in where if part)) + "\n", "not bold")
        tag = self._tags[device.id] or words.sign("–")
        return text.append(_("Asset tag now: {tag}").format(tag=words.printable(tag)), "not bold")

    def _came_of_it(self) -> Text:
        """The last tag that was saved, and every one that was refused, until it is mended."""
        return Text("\n".join(filter(None, (self._last, *self._refused.values()))))

    def _show(self) -> None:
        for widget in self.query(Live):
            widget.refresh(layout=True)

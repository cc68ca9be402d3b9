"""The form in which people say who owns a device, where it is and what it is for."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial

from rich.text import Text

from inventory.language import ngettext
from inventory.types import Attribute, Device
from tui import words
from tui.dialogs.form import Field, Form

FIELDS = (Attribute.OWNER, Attribute.LOCATION, Attribute.PURPOSE)
_NAMED = 5

Save = Callable[[Mapping[Attribute, str]], Awaitable[int]]


def edit_form(devices: Sequence[Device], save: Save) -> Form[int]:
    """A form over FIELDS of one or many devices; it gives how many changes were saved.

    Where the devices differ a field starts empty, and stays as it is unless something is typed.
    """
    fields = [
        Field(attribute.value, partial(words.name, attribute), _shared(devices, attribute))
        for attribute in FIELDS
    ]

    async def save_attributes(changes: Mapping[str, str]) -> int:
        return await save({Attribute(key): text for key, text in changes.items()})

    return Form(partial(_title, devices), fields, save_attributes)


def _title(devices: Sequence[Device]) -> Text:
    count = len(devices)
    if count == 1:
        return Text(words.printable(devices[0].label), style="bold")
    text = Text(ngettext("{count:,} device", "{count:,} devices", count).format(count=count), "bold")
    names = ", ".join(words.printable(device.label) for device in devices[:_NAMED])
    more = f" {words.sign('…')}" if count > _NAMED else ""
    return text.append(f"\n{names}{more}", "not bold")


def _shared(devices: Sequence[Device], attribute: Attribute) -> str | None:
    """The value all of them have, None where they differ."""
    values = {device.text(attribute) for device in devices}
    return values.pop() if len(values) == 1 else None

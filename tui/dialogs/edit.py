"""The form in which people say who owns a device, where it is and what it is for."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from rich.text import Text

from inventory.entered import checked
from inventory.language import ngettext
from inventory.roles import FACILITIES_SAY, Role
from inventory.types import Attribute, Device
from tui import words
from tui.dialogs.form import Field, Form

if TYPE_CHECKING:
    from inventory.register import Register

FIELDS = (
    Attribute.OWNER,
    Attribute.LOCATION,
    Attribute.PURPOSE,
    Attribute.ASSET_TAG,
    Attribute.DECLARED_PORTS,
)
PICKED = (Attribute.OWNER, Attribute.LOCATION, Attribute.PURPOSE)
_NAMED = 5
_LONGEST_NAME = 400

Save = Callable[[Mapping[Attribute, str]], Awaitable[int]]


def edit_form(
    devices: Sequence[Device],
    save: Save,
    known: Mapping[Attribute, tuple[str, ...]],
    fields: Sequence[Attribute] = FIELDS,
) -> Form[int]:
    """A form over `fields` of one or many devices; it gives how many changes were saved.

    Where the devices differ a field starts empty, and stays as it is unless something is typed. `known` are
    the people and places the register has already; any other is a new one.
    """
    lines = [
        Field(
            attribute.value,
            partial(words.name, attribute),
            _shared(devices, attribute),
            suggested=known.get(attribute, ()),
            open_list=attribute in PICKED,
            check=partial(checked, attribute),
        )
        for attribute in fields
    ]
    names = " ".join(sorted(device.id for device in devices))

    async def save_attributes(changes: Mapping[str, str]) -> int:
        return await save({Attribute(key): text for key, text in changes.items()})

    return Form(partial(_title, devices), lines, save_attributes, draft=f"edit {names}"[:_LONGEST_NAME])


def fields_for(role: Role) -> Sequence[Attribute]:
    """The fields the role may set."""
    return [each for each in FIELDS if role is Role.ADMIN or each in FACILITIES_SAY]


def known_names(register: "Register") -> dict[Attribute, tuple[str, ...]]:
    """The people and places the register has already."""
    return {attribute: register.names(attribute) for attribute in PICKED}


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

"""The form in which people enter a device no probe can see: a sensor, or what hangs behind something else."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from rich.text import Text

from inventory.language import N_, _
from inventory.types import Attribute, Device, DeviceClass
from tui import words
from tui.dialogs.form import Field, Form

ATTRIBUTES = (
    Attribute.DEVICE_CLASS,
    Attribute.VENDOR,
    Attribute.MODEL,
    Attribute.SERIAL,
    Attribute.OWNER,
    Attribute.LOCATION,
    Attribute.PURPOSE,
)
_PLACES = {"site": N_("Site"), "segment": N_("Segment"), "ip": N_("Address"), "mac": N_("MAC address")}


@dataclass(frozen=True, slots=True)
class Entry:
    """What was entered: values by attribute, and where the device is ("" where it was left open)."""

    site: str
    segment: str = ""
    ip: str = ""
    mac: str = ""
    values: Mapping[Attribute, str] = field(default_factory=dict)


def enter_form(site: str, segment: str, save: Callable[[Entry], Awaitable[Device]]) -> Form[Device]:
    """A form for a new device, which it gives; `site` and `segment` stand in it at first."""
    at_first = {"site": site, "segment": segment}
    classes = tuple(sorted(words.name(kind) for kind in DeviceClass if kind is not DeviceClass.UNKNOWN))
    fields = [
        *(
            Field(
                attribute.value,
                partial(words.name, attribute),
                suggested=classes if attribute is Attribute.DEVICE_CLASS else (),
            )
            for attribute in ATTRIBUTES
        ),
        *(Field(key, partial(_, label), at_first.get(key, "")) for key, label in _PLACES.items()),
    ]

    async def save_entry(changes: Mapping[str, str]) -> Device:
        said = {**at_first, **changes}
        return await save(
            Entry(
                **{key: said.get(key, "") for key in _PLACES},
                values={each: _word(each, said[each]) for each in ATTRIBUTES if said.get(each)},
            )
        )

    return Form(_title, fields, save_entry, draft="enter")


def _word(attribute: Attribute, text: str) -> str:
    """A class by the name it has on screen becomes the vocabulary's word; anything else stays as typed."""
    if attribute is Attribute.DEVICE_CLASS:
        for kind in DeviceClass:
            if words.name(kind).casefold() == text.casefold():
                return kind.value
    return text


def _title() -> Text:
    return Text(_("A device no probe can see"), style="bold")

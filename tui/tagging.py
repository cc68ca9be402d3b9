"""Asset tags with a barcode scanner: through the marked devices, or all of the list from the cursor on."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from inventory.language import _
from inventory.query import Condition, DeviceQuery, Field
from inventory.store.faults import Conflict
from inventory.types import Attribute, Device, DeviceChange
from tui.dialogs.tags import TagReader

if TYPE_CHECKING:
    from inventory.register import Register
    from tui.page import Page

MOST_TAGGED = 500  # devices one goes through with a scanner
_LOOKALIKES = 50


async def read_tags(page: "Page", query: DeviceQuery, marks: Collection[str], at: int) -> int:
    """Opens the reader over the devices; gives how many tags were saved."""
    operator = page.muster.operator

    async def save(device: Device, tag: str) -> None:
        saved = await page.muster.desk.ask(lambda register: keep_tag(register, device, tag, operator))
        page.muster.undoing.note(saved)

    devices = await page.ask(lambda register: _to_tag(register, query, marks, at), long=bool(marks))
    return await page.app.push_screen_wait(TagReader(devices, save)) if devices else 0


def keep_tag(register: "Register", device: Device, tag: str, by: str) -> tuple[DeviceChange, ...]:
    """Keeps a device's asset tag; Conflict where another device has it."""
    having = DeviceQuery((Condition(Field.ASSET_TAG, (tag.casefold(),)),))
    for other in register.page(having, 0, _LOOKALIKES).rows:
        if other.id != device.id and other.text(Attribute.ASSET_TAG).casefold() == tag.casefold():
            raise Conflict(_("{device} has this tag already").format(device=f"{other.label} {other.id}"))
    return register.edit([device.id], {Attribute.ASSET_TAG: tag}, by, seen=[device])


def _to_tag(register: "Register", query: DeviceQuery, marks: Collection[str], at: int) -> tuple[Device, ...]:
    """In the order of the list."""
    if marks:
        return tuple(device for device in register.iter_devices(query) if device.id in marks)
    return tuple(register.page(query, at, MOST_TAGGED).rows)

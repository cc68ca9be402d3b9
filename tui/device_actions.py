"""What is done with devices on more than one screen: edited, confirmed, moved through their life together."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import work

from inventory.exits import Conflict
from inventory.language import _, ngettext
from inventory.types import Attribute, Device, DeviceStatus
from tui.confirming import confirm
from tui.dialogs.edit import edit_form, fields_for, known_names
from tui.dialogs.status import status_form
from tui.page import Page

if TYPE_CHECKING:
    from inventory.register import Register

FEW = 50  # so many devices are read and written while nobody notices


class DeviceActions(Page):
    """A screen on which devices are `chosen`."""

    CALLS: ClassVar[dict[str, str]] = {
        "edit": "edit",
        "confirm": "set_status",
        "status": "set_status",
    }

    def chosen(self) -> Sequence[str]:
        """The ids of the devices that keys are about; () for none."""
        raise NotImplementedError

    def done(self) -> None:
        """Something was kept: the choice is over, and what is shown is read again."""
        self.read()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Neither is offered where no device is chosen, nor to who may not."""
        has_devices = action not in DeviceActions.CALLS or bool(self.chosen())
        return has_devices and super().check_action(action, parameters)

    @work(exclusive=True, group="editing")
    async def action_edit(self) -> None:
        """Edits the devices chosen."""
        names = sorted(self.chosen())
        devices = await self.ask(lambda register: _devices(register, names), long=len(names) > FEW)
        known = await self.ask(known_names)
        if not devices or known is None:
            return
        operator, seen = self.muster.operator, devices

        async def save(changes: Mapping[Attribute, str]) -> int:
            nonlocal seen
            try:
                saved = await self.muster.desk.ask(
                    lambda register: register.edit(names, changes, operator, seen=seen),
                    long=len(names) > FEW,
                )
            except Conflict as conflict:  # the form tells the other's word, and it is seen from now on
                read = await self.ask(lambda register: _devices(register, names), long=len(names) > FEW)
                seen = read or seen
                raise Conflict(_("{conflict}. Ctrl+S again saves yours.").format(conflict=conflict)) from None
            self.muster.undoing.note(saved)
            return len(saved)

        form = edit_form(devices, save, known, fields_for(self.muster.role))
        self.say_saved(await self.app.push_screen_wait(form))

    @work(exclusive=True, group="marking")
    async def action_confirm(self) -> None:
        """Records that the devices chosen are rightly in the register."""
        names, operator = sorted(self.chosen()), self.muster.operator
        if not names:
            return
        lines = await self.ask(lambda register: confirm(register, names, operator), long=len(names) > FEW)
        if lines is not None:
            self.muster.undoing.note_lines(lines)
            said = ngettext("{count:,} device confirmed", "{count:,} devices confirmed", len(names))
            self.done()
            self.news(said.format(count=len(names)))

    @work(exclusive=True, group="editing")
    async def action_status(self) -> None:
        """Says where the devices chosen stand."""
        names, operator = sorted(self.chosen()), self.muster.operator

        async def save(status: DeviceStatus) -> int:
            changes = await self.muster.desk.ask(
                lambda register: register.set_status(names, status, operator), long=len(names) > FEW
            )
            self.muster.undoing.note(changes)
            return len(changes)

        if names:
            self.say_saved(await self.app.push_screen_wait(status_form(names, self.muster.role, save)))

    def say_saved(self, saved: int | None) -> None:
        """Says how many changes were kept, if any."""
        if saved:
            self.done()
            self.news(
                ngettext("{count:,} change saved", "{count:,} changes saved", saved).format(count=saved)
            )


def _devices(register: "Register", names: Collection[str]) -> tuple[Device, ...]:
    """Few are asked for one by one; many are picked out of all, which the register reads much faster."""
    if len(names) <= FEW:
        return tuple(register.device(name) for name in names)
    wanted = set(names)
    return tuple(device for device in register.iter_devices() if device.id in wanted)

"""Reads all there is on one device."""

from typing import TYPE_CHECKING

from inventory.query import EVERYTHING, Condition, DeviceQuery, Field
from inventory.types import Attribute, Device
from tui.device_rows import Card

if TYPE_CHECKING:
    from inventory.register import Register

_MOST_PLUGGED = 200


def read_card(register: "Register", wanted: str) -> Card | None:
    """All there is on one device; where none is wanted on the first, None where the register is empty."""
    if not wanted:
        first = register.page(EVERYTHING, 0, 1).rows
        if not first:
            return None
        wanted = first[0].id
    device = register.device(wanted)
    macs = {address.mac for address in device.addresses if address.mac}
    return Card(
        device=device,
        verdicts=register.verdicts(device=wanted),
        findings=register.findings(device=wanted),
        history=register.history(wanted),
        observations=register.observations(wanted),
        exceptions=register.exceptions((device.id,)),
        plans=register.plans((device.id,)),
        attestations=tuple(one for one in register.attestations((device.id,)) if one.device),
        plugged=_plugged(register, device),
        networks=tuple(
            one for one in register.networks() if one.device == device.id or not macs.isdisjoint(one.stations)
        ),
    )


def _plugged(register: "Register", gear: Device) -> tuple[Device, ...]:
    """The devices whose switch port is one of this device's; a switch port begins with the switch's name."""
    name = gear.text(Attribute.HOSTNAME) or (gear.addresses[0].ip if gear.addresses else "")
    if not name:
        return ()
    at_it = DeviceQuery((Condition(Field.SWITCH_PORT, (name.casefold(),)),))
    begins = f"{name} ".casefold()
    return tuple(
        each
        for each in register.page(at_it, 0, _MOST_PLUGGED).rows
        if each.text(Attribute.SWITCH_PORT).casefold().startswith(begins)
    )

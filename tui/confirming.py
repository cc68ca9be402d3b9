"""Somebody looked, and the register is right about these devices: their status, and the word of Art. 22."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from inventory.types import DeviceStatus, Duty

if TYPE_CHECKING:
    from inventory.register import Register


def confirm(register: "Register", names: Sequence[str], by: str) -> int:
    """Confirms records that no person had yet, and signs for the year; gives the lines written."""
    known = register.by_id(names)
    unconfirmed = [
        name
        for name in names
        if name in known and known[name].status in (DeviceStatus.DISCOVERED, DeviceStatus.UNSEEN)
    ]
    if unconfirmed:
        register.set_status(unconfirmed, DeviceStatus.CONFIRMED, by)
    signed = register.confirm(names, Duty.YEARLY, by, by)
    return len(unconfirmed) + bool(signed)

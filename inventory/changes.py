"""What changed from one revision of a device to the next, as its history keeps it. Pure."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from inventory.types import Attribute, Device, DeviceChange


def changes_between(
    before: Device | None, after: Device, *, at: datetime, source: str
) -> tuple[DeviceChange, ...]:
    """What changed from one revision to the next; a new device is one change, not one for each value."""

    def change(what: str, was: str, now: str, by: str = source) -> DeviceChange:
        return DeviceChange(after.id, at, what, was, now, by)

    if before is None:
        return (change("device", "", after.status.value),)
    found: list[DeviceChange] = []
    if before.status is not after.status:
        found.append(change("status", before.status.value, after.status.value))
    for attribute in Attribute:
        old, new = before.attributes.get(attribute), after.attributes.get(attribute)
        if (old.value if old else "") != (new.value if new else ""):
            by = new.source if new else source
            found.append(change(attribute.value, old.value if old else "", new.value if new else "", by))
    for name in sorted({*before.custom, *after.custom}):
        was, is_now = before.custom.get(name), after.custom.get(name)
        if (was.value if was else "") != (is_now.value if is_now else ""):
            found.append(change(name, was.value if was else "", is_now.value if is_now else ""))
    found += _set_changes(change, "address", _by_ip(before), _by_ip(after))
    found += _set_changes(change, "service", _by_port(before), _by_port(after))
    return tuple(found)


def _by_ip(device: Device) -> dict[str, str]:
    return {f"{each.site} {each.ip}": each.ip for each in device.addresses}


def _by_port(device: Device) -> dict[str, str]:
    return {
        each.key: " ".join(filter(None, (each.key, each.product, each.version))) for each in device.services
    }


def _set_changes(
    change: Callable[[str, str, str], DeviceChange],
    what: str,
    before: Mapping[str, str],
    after: Mapping[str, str],
) -> Iterable[DeviceChange]:
    for key in sorted({*before, *after}):
        if before.get(key) != after.get(key):
            yield change(what, before.get(key, ""), after.get(key, ""))

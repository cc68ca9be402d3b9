"""One device on the command line: its values with their sources, its services, its history."""

from datetime import datetime

from inventory.language import _
from inventory.record_names import value_called, what_called
from inventory.types import Device, DeviceChange, Held


def attribute_rows(device: Device) -> list[dict[str, str]]:
    """The device row by row: standing, addresses, identifiers, each value with source, time and rivals."""
    rows = [
        _plain(_("id"), device.id),
        _plain(_("status"), device.status),
        _plain(_("site"), device.site),
        _plain(_("segment"), device.segment),
        _plain(_("first seen"), shown(device.first_seen)),
        _plain(_("last seen"), shown(device.last_seen)),
    ]
    for address in device.addresses:
        row = _plain(_("address"), f"{address.ip} {address.mac or ''}".strip())
        rows.append(row | {"at": shown(address.last_seen), "note": f"{address.site} {address.segment}"})
    rows += [_plain(_("identifier"), f"{each.kind.value} {each.value}") for each in device.identifiers]
    for attribute, held in device.attributes.items():
        rows.append(_held(attribute, held, _("entered by a person") if held.locked else _certainty(held)))
        rows += [
            _held("", other, _("disagrees; {certainty}").format(certainty=_certainty(other)))
            for other in held.disagreeing
        ]
    rows += [_held(name, held, _("entered by a person")) for name, held in device.custom.items()]
    return rows


def service_rows(device: Device) -> list[dict[str, str]]:
    """Its open ports."""
    return [
        {
            "port": service.key,
            "name": service.name,
            "product": service.product,
            "version": service.version,
            "last_seen": shown(service.last_seen),
        }
        for service in device.services
    ]


def change_row(change: DeviceChange, form: str) -> dict[str, str]:
    """One line of a history; people's forms have the names of things, JSON their words."""
    in_words = form != "json"
    return {
        "at": shown(change.at),
        "what": what_called(change.what) if in_words else change.what,
        "before": value_called(change.what, change.before) if in_words else change.before,
        "after": value_called(change.what, change.after) if in_words else change.after,
        "source": change.source,
        "device": change.device,
    }


def change_headings() -> dict[str, str]:
    """The columns of a history."""
    return {
        "at": _("When"),
        "what": _("What"),
        "before": _("Before"),
        "after": _("After"),
        "source": _("Source"),
    }


def shown(at: datetime) -> str:
    """A moment as a person at this machine reads it, to the minute."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M")


def moment(at: datetime, form: str) -> str:
    """The same in a list of this form: JSON has ISO 8601."""
    return at.isoformat(timespec="minutes") if form == "json" else shown(at)


def _plain(what: str, value: str) -> dict[str, str]:
    return {"what": what, "value": value, "source": "", "at": "", "note": ""}


def _held(what: str, held: Held, note: str) -> dict[str, str]:
    return {"what": what, "value": held.value, "source": held.source, "at": shown(held.at), "note": note}


def _certainty(held: Held) -> str:
    return _("certainty {percent} %").format(percent=round(held.certainty * 100))

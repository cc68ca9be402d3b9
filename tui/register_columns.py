"""The columns of the register: on 80 cells what Art. 22 asks for first, on wider screens the rest."""

from collections.abc import Callable, Sequence
from functools import partial

from inventory.language import N_
from inventory.query import CUSTOM
from inventory.types import Attribute, Device, FindingState
from tui import words
from tui.widgets.columns import Column


def register_columns(
    last_seen: Callable[[Device], str], open_findings: Callable[[Device], int], own: Sequence[str] = ()
) -> Sequence[Column[Device]]:
    """One row a device; `last_seen` is a date in the app's zone, `open_findings` how many are open now.

    `own` are the fields the firm declared for itself.
    """

    def findings(device: Device) -> str:
        count = open_findings(device)
        return f"{words.symbol(FindingState.OPEN)} {count:,}" if count else words.sign("·")

    def alarm(device: Device) -> str:
        return "bad" if open_findings(device) else "quiet"

    return (
        Column("class", N_("Class"), lambda device: words.name(device.device_class), 14, sort="class"),
        Column("device", N_("Device"), _label, 15, ideal=24, stretch=3, sort="vendor"),
        Column("ip", N_("Address"), _address, 15, sort="ip"),
        Column("owner", N_("Owner"), _owner, 9, ideal=12, stretch=1, sort="owner", tone=_owner_tone),
        Column("location", N_("Location"), _location, 11, ideal=13, stretch=1, sort="location"),
        Column("findings", N_("Findings"), findings, 8, right=True, tone=alarm),
        Column("segment", N_("Segment"), _segment, 9, rank=2, sort="segment"),
        Column("seen", N_("Last seen"), last_seen, 10, rank=3, sort="last_seen"),
        Column("firmware", N_("Firmware"), _firmware, 12, rank=4, sort="firmware"),
        Column("status", N_("Status"), _status, 11, rank=1, sort="status", tone=_status_tone),
        Column("purpose", N_("Purpose"), _purpose, 16, stretch=1, rank=5, sort="purpose"),
        Column("site", N_("Site"), lambda device: words.printable(device.site), 8, rank=6, sort="site"),
        Column("serial", N_("Serial number"), _serial, 16, rank=7),
        *(
            Column(
                f"{CUSTOM}{name}",
                partial(words.printable, name),
                _own_field(name),
                12,
                rank=8,
                sort=f"{CUSTOM}{name}",
            )
            for name in own
        ),
    )


def _own_field(name: str) -> Callable[[Device], str]:
    def text(device: Device) -> str:
        held = device.custom.get(name)
        return words.printable(held.value) if held else words.sign("–")

    return text


def _said(attribute: Attribute) -> Callable[[Device], str]:
    def text(device: Device) -> str:
        held = device.text(attribute)
        return words.value(attribute, held) if held else words.sign("–")

    return text


_owner = _said(Attribute.OWNER)
_location = _said(Attribute.LOCATION)
_purpose = _said(Attribute.PURPOSE)
_firmware = _said(Attribute.FIRMWARE)
_serial = _said(Attribute.SERIAL)


def _label(device: Device) -> str:
    return words.printable(device.label)


def _address(device: Device) -> str:
    return device.addresses[0].ip if device.addresses else words.sign("–")


def _segment(device: Device) -> str:
    return words.printable(device.segment)


def _owner_tone(device: Device) -> str:
    return "" if device.text(Attribute.OWNER) else "warn"


def _status(device: Device) -> str:
    return words.name(device.status)


def _status_tone(device: Device) -> str:
    return words.tone(device.status)

"""The register's stable public form in JSON (docs/register-export.md): a list of devices, sorted by id."""

from typing import Any

import orjson

from inventory.export.alike import NAMES, Alike, alike, encoded
from inventory.export.columns import timestamp
from inventory.export.form import Batch, Form
from inventory.json_text import HIDING, escaped
from inventory.snapshot.value import Snapshot
from inventory.types import Attribute, ConnectionMethod, Device, InScope

_PLAIN = (
    Attribute.VENDOR,
    Attribute.MODEL,
    Attribute.FIRMWARE,
    Attribute.SERIAL,
    Attribute.HOSTNAME,
    Attribute.OS,
    Attribute.VLAN,
    Attribute.SWITCH_PORT,
    Attribute.SSID,
    Attribute.LOCATION,
    Attribute.OWNER,
    Attribute.PURPOSE,
    Attribute.DECLARED_PORTS,
    Attribute.ASSET_TAG,
    Attribute.SUPPLIER,
    Attribute.CONTRACT,
    Attribute.PURCHASE_DATE,
    Attribute.SECURITY_MARK,
    Attribute.PHYSICAL_CONTROL,
    Attribute.ACCESS_RIGHT,
    Attribute.NETWORK_ZONE,
    Attribute.NOTES,
)
_UNKNOWN = {NAMES[attribute]: "" for attribute in _PLAIN}


def form(snapshot: Snapshot, language: str) -> Form:  # noqa: ARG001 - neither of them changes a device
    """UTF-8 JSON, a device on each line, ending in a newline; the same devices give the same bytes."""
    return Form(iter((b"[", None, b"\n]\n")), _lines, joint=b",")


def _lines(batch: Batch) -> bytes:
    return b",".join(b"\n" + line for line in map(_line, batch.devices, batch.alike))


def public_form(device: Device) -> dict[str, Any]:
    """One device as docs/register-export.md writes it; a text that is not known is the empty string."""
    form: dict[str, Any] = orjson.loads(_line(device, alike(device)))
    return form


def _line(device: Device, its: Alike) -> bytes:
    """One device as JSON; what hides or steers is escaped, and few devices say any such thing."""
    line = encoded(
        {
            "id": device.id,
            "status": device.status,
            "device_class": device.device_class,
            **_UNKNOWN,
            **{
                NAMES[each]: held.value for each, held in device.attributes.items() if NAMES[each] in _UNKNOWN
            },
            "connection_method": device.text(Attribute.CONNECTION_METHOD) or ConnectionMethod.UNKNOWN,
            "in_scope": device.text(Attribute.IN_SCOPE) or InScope.UNDETERMINED,
            "site": device.site,
            "segment": device.segment,
            "addresses": its.addresses,
            "services": its.services,
            "first_seen": timestamp(device.first_seen),
            "last_seen": timestamp(device.last_seen),
            "custom": {name: held.value for name, held in sorted(device.custom.items())},
            "sources": its.attributes,
        }
    )
    return escaped(line.decode()).encode() if any(mark in line for mark in HIDING) else line

"""The register's stable public form in JSON (docs/register-export.md): a list of devices, sorted by id."""

import json
from collections.abc import Mapping

import orjson

from inventory.export.columns import timestamp
from inventory.export.form import Batch, Form
from inventory.export.harmless import storable
from inventory.json_text import HIDING, escaped
from inventory.snapshot.value import Snapshot
from inventory.types import Attribute, ConnectionMethod, Device, Held, InScope

_NAMES = {attribute: str(attribute) for attribute in sorted(Attribute)}
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
_UNKNOWN = {_NAMES[attribute]: "" for attribute in _PLAIN}


def form(snapshot: Snapshot, language: str) -> Form:  # noqa: ARG001 - neither of them changes a device
    """UTF-8 JSON, a device on each line, ending in a newline; the same devices give the same bytes."""
    return Form(iter((b"[", None, b"\n]\n")), _lines, joint=b",")


def _lines(batch: Batch) -> bytes:
    return b",".join(b"\n" + _line(public_form(device)) for device in batch.devices)


def _line(device: Mapping[str, object]) -> bytes:
    """One device as JSON; what hides or steers is escaped, and few devices say any such thing."""
    try:
        line = orjson.dumps(device)
    except TypeError:  # a lone surrogate
        line = storable(json.dumps(device, ensure_ascii=False, separators=(",", ":"))).encode()
    if any(mark in line for mark in HIDING):
        return escaped(line.decode()).encode()
    return line


def public_form(device: Device) -> dict[str, object]:
    """One device as docs/register-export.md writes it; a text that is not known is the empty string."""
    return {
        "id": device.id,
        "status": str(device.status),
        "device_class": str(device.device_class),
        **_UNKNOWN,
        **{_NAMES[each]: held.value for each, held in device.attributes.items() if _NAMES[each] in _UNKNOWN},
        "connection_method": device.text(Attribute.CONNECTION_METHOD) or str(ConnectionMethod.UNKNOWN),
        "in_scope": device.text(Attribute.IN_SCOPE) or str(InScope.UNDETERMINED),
        "site": device.site,
        "segment": device.segment,
        "addresses": [
            {
                "ip": address.ip,
                "mac": address.mac,
                "site": address.site,
                "segment": address.segment,
                "first_seen": timestamp(address.first_seen),
                "last_seen": timestamp(address.last_seen),
            }
            for address in device.addresses
        ],
        "services": [
            {
                "proto": service.proto,
                "port": service.port,
                "name": service.name,
                "product": service.product,
                "version": service.version,
                "first_seen": timestamp(service.first_seen),
                "last_seen": timestamp(service.last_seen),
            }
            for service in sorted(device.services, key=lambda service: (service.proto, service.port))
        ],
        "first_seen": timestamp(device.first_seen),
        "last_seen": timestamp(device.last_seen),
        "custom": {name: held.value for name, held in sorted(device.custom.items())},
        "sources": _sources(device.attributes),
    }


def _sources(attributes: Mapping[Attribute, Held]) -> dict[str, object]:
    return {
        name: _source(attributes[attribute]) for attribute, name in _NAMES.items() if attribute in attributes
    }


def _source(held: Held) -> dict[str, object]:
    return {
        "source": held.source,
        "at": timestamp(held.at),
        "certainty": held.certainty,
        "locked": held.locked,
        "disagreeing": [_rival(other) for other in held.disagreeing] if held.disagreeing else [],
    }


def _rival(held: Held) -> dict[str, object]:
    return {
        "value": held.value,
        "source": held.source,
        "at": timestamp(held.at),
        "certainty": held.certainty,
    }

"""The register's stable public form in JSON (docs/register-export.md): a list of devices, sorted by id."""

import json
from collections.abc import Iterator, Mapping

from inventory.export.columns import timestamp
from inventory.export.harmless import storable
from inventory.json_text import escaped
from inventory.snapshot.value import Snapshot
from inventory.types import Attribute, ConnectionMethod, Device, Held, InScope

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


def pieces(snapshot: Snapshot, language: str) -> Iterator[bytes]:  # noqa: ARG001 - the form has no language
    """UTF-8 JSON, a device on each line, ending in a newline; the same devices give the same bytes."""
    devices = sorted(snapshot.devices, key=lambda device: device.id)
    yield b"[\n" if devices else b"["
    for place, device in enumerate(devices):
        line = storable(json.dumps(public_form(device), ensure_ascii=False))
        yield (",\n" if place else "").encode() + escaped(line).encode()
    yield b"\n]\n" if devices else b"]\n"


def public_form(device: Device) -> dict[str, object]:
    """One device as docs/register-export.md writes it; a text that is not known is the empty string."""
    return {
        "id": device.id,
        "status": str(device.status),
        "device_class": str(device.device_class),
        **{str(attribute): device.text(attribute) for attribute in _PLAIN},
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
        str(attribute): {
            **_source(held),
            "locked": held.locked,
            "disagreeing": [{"value": other.value, **_source(other)} for other in held.disagreeing],
        }
        for attribute, held in sorted(attributes.items())
    }


def _source(held: Held) -> dict[str, object]:
    return {"source": held.source, "at": timestamp(held.at), "certainty": held.certainty}

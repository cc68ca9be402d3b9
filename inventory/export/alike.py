"""What snapshot.json and register.json write alike of a device, as RFC 8785 JSON: made once for both."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
import rfc8785

from inventory.export.columns import timestamp
from inventory.export.harmless import storable
from inventory.types import Attribute, Device, Held


class Alike(NamedTuple):
    """A device's addresses, attributes by name, and services by protocol and number."""

    addresses: orjson.Fragment
    attributes: orjson.Fragment
    services: orjson.Fragment


def alike(device: Device) -> Alike:
    """These parts of the device; names stand in the RFC's order."""
    addresses = [
        {
            "first_seen": timestamp(each.first_seen),
            "ip": each.ip,
            "last_seen": timestamp(each.last_seen),
            "mac": each.mac,
            "segment": each.segment,
            "site": each.site,
        }
        for each in device.addresses
    ]
    attributes = {
        name: held_form(device.attributes[each]) for each, name in NAMES.items() if each in device.attributes
    }
    services = [
        {
            "first_seen": timestamp(each.first_seen),
            "last_seen": timestamp(each.last_seen),
            "name": each.name,
            "port": each.port,
            "product": each.product,
            "proto": each.proto,
            "version": each.version,
        }
        for each in device.services
    ]
    return Alike(*(orjson.Fragment(encoded(part)) for part in (addresses, attributes, services)))


def held_form(held: Held) -> dict[str, Any]:
    """A value with its source, its time, how certain it is and what disagrees with it."""
    return {
        "at": timestamp(held.at),
        "certainty": _number(held.certainty),
        "disagreeing": [held_form(other) for other in held.disagreeing] if held.disagreeing else [],
        "locked": held.locked,
        "source": held.source,
        "value": held.value,
    }


def encoded(plain: Any, option: int = 0) -> bytes:  # noqa: ANN401 - any JSON value
    """RFC 8785's texts and spacing; a lone surrogate, which UTF-8 cannot carry, becomes U+FFFD.

    The caller sees to numbers and to the order of names, or asks for it.
    """
    try:
        return orjson.dumps(plain, option=option)
    except TypeError:
        return orjson.dumps(_storable(plain), option=option)


@lru_cache(1 << 10)
def _number(certainty: float) -> float | orjson.Fragment:
    """A number as the RFC wants it, where the encoder would write it otherwise: `1.0` for `1`, small ones."""
    if certainty.is_integer():
        return int(certainty)
    return certainty if certainty >= _TINY else orjson.Fragment(rfc8785.dumps(certainty))


def _storable(plain: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(plain, str):
        return storable(plain)
    if isinstance(plain, Mapping):
        return {storable(name): _storable(value) for name, value in plain.items()}
    if isinstance(plain, (list, tuple)):
        return [_storable(each) for each in plain]
    return plain


NAMES: Mapping[Attribute, str] = {attribute: str(attribute) for attribute in sorted(Attribute)}
_TINY = 0.0001

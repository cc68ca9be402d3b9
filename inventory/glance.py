"""A glance at the register: what a gate must know, read with SQLite's own driver.

Opening the whole register loads the database library and every device; a sweep asks two questions of it. A
register that is not plainly a SQLite file of this version's schema is left to `Register.open`.
"""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from inventory.networks import bounds
from inventory.store.schema import SCHEMA
from inventory.types import DeviceClass, Exemption, Scope, Touch

_SCOPES = (
    "SELECT network, site, segment, touch, caps_lifted, do_not_probe, added_by, reason, exemptions FROM scope"
)
_ADDRESSES = (
    "SELECT device.id, device.device_class, address.site, address.ip, address.mac FROM address"
    " JOIN device ON device.id = address.device"
    " WHERE address.ended IS NULL AND device.absorbed_by IS NULL ORDER BY device.id, address.id"
)


@dataclass(frozen=True, slots=True)
class Spot:
    """One address of a device."""

    site: str
    ip: str
    mac: str | None


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What a device is and where it answers: as much of a `Device` as a gate asks for."""

    device_class: DeviceClass
    addresses: tuple[Spot, ...]


@dataclass(frozen=True, slots=True)
class Glance:
    """The networks in scope, in numeric order, and the whereabouts of every device."""

    scopes: tuple[Scope, ...]
    devices: tuple[Whereabouts, ...]


def glance(place: str) -> Glance | None:
    """The register at a path as it stands now; None where only `Register.open` can say what lies there."""
    if "://" in place or place == ":memory:":
        return None
    file = Path(place).expanduser()
    try:
        with closing(sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True)) as connection:
            connection.execute("BEGIN")
            found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            if found != (SCHEMA,):
                return None
            return Glance(_scopes(connection), _whereabouts(connection))
    except sqlite3.Error:
        return None


def _scopes(connection: sqlite3.Connection) -> tuple[Scope, ...]:
    scopes = [
        Scope(
            network,
            site,
            segment,
            Touch(touch),
            bool(lifted),
            tuple(json.loads(barred)),
            by,
            reason,
            tuple(Exemption.of_texts(one) for one in json.loads(exempt)),
        )
        for network, site, segment, touch, lifted, barred, by, reason, exempt in connection.execute(_SCOPES)
    ]
    return tuple(sorted(scopes, key=lambda scope: bounds(scope.network)))


def _whereabouts(connection: sqlite3.Connection) -> tuple[Whereabouts, ...]:
    classes: dict[str, DeviceClass] = {}
    spots: dict[str, list[Spot]] = {}
    for device, device_class, site, ip, mac in connection.execute(_ADDRESSES):
        classes[device] = DeviceClass(device_class or DeviceClass.UNKNOWN)
        spots.setdefault(device, []).append(Spot(site, ip, mac))
    return tuple(Whereabouts(classes[device], tuple(found)) for device, found in spots.items())

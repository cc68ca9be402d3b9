"""Which TCP ports are asked: `data/ports.yaml`, every one with its reason."""

from functools import cache
from importlib.resources import files
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from inventory import strict_yaml
from inventory.types import DeviceClass


class AskedPort(BaseModel):
    """One TCP port: IANA's or the vendor's name for it, and why an office device would have it open.

    Without `speaks_first` a connection that only listens would be in vain. `of` are the only kinds of device
    that have it; empty for all.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    port: Annotated[int, Field(ge=1, le=65_535)]
    name: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    why: Annotated[str, Field(min_length=3)]
    speaks_first: bool = True
    of: tuple[DeviceClass, ...] = ()


@cache
def asked_ports() -> tuple[AskedPort, ...]:
    """The default list, ascending by port."""
    place = files("agent.sweeps") / "data" / "ports.yaml"
    rows = strict_yaml.read(place, TypeAdapter(tuple[AskedPort, ...]))
    return tuple(sorted(rows, key=lambda row: row.port))


def port_numbers() -> tuple[int, ...]:
    """The default list as numbers."""
    return tuple(row.port for row in asked_ports())


@cache
def common_ports() -> frozenset[int]:
    """Those asked of every device."""
    return frozenset(row.port for row in asked_ports() if not row.of)


@cache
def ports_of(kind: DeviceClass) -> frozenset[int]:
    """Those asked further of one kind of device; of an unknown or unnamed kind, all."""
    everything = kind in (DeviceClass.UNKNOWN, DeviceClass.OTHER)
    return frozenset(row.port for row in asked_ports() if row.of and (everything or kind in row.of))


@cache
def port_names() -> dict[int, str]:
    """Port → customary name of what speaks there."""
    return {row.port: row.name for row in asked_ports()}


@cache
def quiet_ports() -> frozenset[int]:
    """Ports where a server waits to be spoken to."""
    return frozenset(row.port for row in asked_ports() if not row.speaks_first)

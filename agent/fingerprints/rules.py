"""What a fingerprint is: the shapes of the data files, and the frozen rules the matcher works with."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from inventory.types import Attribute

Oid = Annotated[str, Field(pattern=r"^\d+(\.\d+)*(\.\*)?$")]
Column = Annotated[str, Field(pattern=r"^(\d+|\*)(\.(\d+|\*))*$")]
Certainty = Annotated[float, Field(gt=0, le=1)]
_NAME = r"^[a-z0-9]+([.-][a-z0-9]+)*$"

CLAIMED = (
    Attribute.VENDOR,
    Attribute.MODEL,
    Attribute.FIRMWARE,
    Attribute.SERIAL,
    Attribute.DEVICE_CLASS,
    Attribute.OS,
    Attribute.HOSTNAME,
    Attribute.MAC,
    Attribute.UUID,
    Attribute.ENGINE_ID,
    Attribute.SSH_KEY,
    Attribute.TLS_KEY,
    Attribute.CONNECTION_METHOD,
    Attribute.SERVICE_NAME,
    Attribute.SERVICE_PRODUCT,
    Attribute.SERVICE_VERSION,
)
Claimable = Literal[
    "vendor", "model", "firmware", "serial", "device_class", "os", "hostname", "mac", "uuid", "engine_id",
    "ssh_key", "tls_key", "connection_method", "service_name", "service_product", "service_version",
]  # fmt: skip


def _one_or_many(value: object) -> object:
    return [value] if isinstance(value, str) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_one_or_many)]
Columns = Annotated[tuple[Column, ...], BeforeValidator(_one_or_many)]


class Example(BaseModel):
    """A text a rule is tested with and what the whole engine must make of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str
    gives: dict[Claimable, str]
    under: Oid | None = None


class Block(BaseModel):
    """One pattern of a data file.

    Named groups called like an attribute give that attribute; other groups may stand in the templates of
    `gives`. `under` limits the block to agents whose sysObjectID is below it. `less` are attributes that the
    text says less surely than the rest (a card's name in a UPS, a class that the vendor makes most).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=_NAME)]
    source: Texts
    pattern: str
    gives: dict[Claimable, str] = {}
    certainty: Certainty | None = None
    less: dict[Claimable, Certainty] = {}
    under: Oid | None = None
    cite: str = ""
    examples: Annotated[tuple[Example, ...], Field(min_length=1)]


class Mib(BaseModel):
    """What one vendor MIB says about identity: object below `under` (`2.0`, `3.1.4.*`) for each attribute.

    A list is tried in order. `trim` holds a pattern for an attribute: its first group is the value. Devices
    `behind_net_snmp` keep its sysObjectID, so that every such agent is worth asking.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    mib: str
    under: Oid
    vendor: str = ""
    device_class: str = ""
    certainty: Certainty = 0.9
    model: Columns = ()
    firmware: Columns = ()
    serial: Columns = ()
    hostname: Columns = ()
    mac: Columns = ()
    trim: dict[Claimable, str] = {}
    agents: Annotated[tuple[Oid, ...], BeforeValidator(_one_or_many)] = ()
    behind_net_snmp: bool = False
    cite: str = ""


class ObjectRow(BaseModel):
    """What an agent whose sysObjectID is `object` or below it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    object: Oid
    vendor: str = ""
    device_class: str = ""
    model: str = ""
    certainty: Certainty = 0.8


@dataclass(frozen=True)
class Rule:
    """A pattern ready to be tried: `literal` must stand in the lower-cased text before the pattern is run."""

    id: str
    sources: tuple[str, ...]
    pattern: str
    gives: Mapping[Attribute, str]
    certainty: float
    under: str = ""
    literal: str = ""
    behind_net_snmp: bool = False
    less: Mapping[Attribute, float] = field(default_factory=dict)
    examples: tuple[Example, ...] = field(default=(), compare=False, repr=False)

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The compiled pattern; case is ignored, the dot does not cross lines."""
        return re.compile(self.pattern, re.IGNORECASE | re.MULTILINE)

    def applies_under(self, sys_object_id: str) -> bool:
        """Whether an agent with this sysObjectID ("" where none is known) is one the rule speaks of."""
        return not self.under or (sys_object_id + ".").startswith(self.under + ".")

"""What the two processes say to each other: frozen values as JSON, each behind its length (4 bytes).

A message that cannot be read is Garbled: whoever is on the other side is not who we think.
"""

import struct
from dataclasses import dataclass, field
from typing import Annotated, BinaryIO, Final, Literal

from pydantic import Field, TypeAdapter, ValidationError

from agent.events import ScanEvent
from agent.service.plan import Resumed
from inventory.glance import Whereabouts
from inventory.settings import ScanSettings
from inventory.types import ScanRun, Scope, Sighting
from inventory.vault import SnmpUser

LARGEST: Final = 256 * 1024 * 1024
_LENGTH: Final = struct.Struct("!I")


class GarbledMessage(Exception):
    """Bytes that are no message of ours."""


@dataclass(frozen=True, slots=True)
class Order:
    """To the scanner, first: everything it needs to know, secrets included; it asks nobody else.

    `known` are (site, ip, services) of the register's devices. `communities` and `users` are those
    of the vault too; they stand apart because `settings` may hold well-known communities only.
    """

    scopes: tuple[Scope, ...]
    devices: tuple[Whereabouts, ...]
    known: tuple[tuple[str, str, tuple[str, ...]], ...]
    targets: tuple[str, ...]
    segments: tuple[str, ...]
    settings: ScanSettings
    communities: tuple[str, ...] = field(repr=False)
    connect: bool
    vantage: str
    language: str
    resumed: Resumed | None = None
    users: tuple[SnmpUser, ...] = field(default=(), repr=False)
    says: Literal["order"] = "order"


@dataclass(frozen=True, slots=True)
class Stop:
    """To the scanner: end within a second, keep what was learned."""

    says: Literal["stop"] = "stop"


@dataclass(frozen=True, slots=True)
class Began:
    """From the scanner: the run has begun."""

    run: ScanRun
    says: Literal["began"] = "began"


@dataclass(frozen=True, slots=True)
class Took:
    """From the scanner: a batch for the register, one transaction."""

    sightings: tuple[Sighting, ...]
    says: Literal["took"] = "took"


@dataclass(frozen=True, slots=True)
class Said:
    """From the scanner: something for whoever watches."""

    event: ScanEvent
    says: Literal["said"] = "said"


@dataclass(frozen=True, slots=True)
class Ended:
    """From the scanner, last: the run with its coverage."""

    run: ScanRun
    says: Literal["ended"] = "ended"


@dataclass(frozen=True, slots=True)
class Faulted:
    """From the scanner, last: an expected failure, by the name of its class."""

    kind: str
    message: str
    says: Literal["faulted"] = "faulted"


Message = Order | Stop | Began | Took | Said | Ended | Faulted

_MESSAGES: Final[TypeAdapter[Message]] = TypeAdapter(Annotated[Message, Field(discriminator="says")])


def written(message: Message) -> bytes:
    """The message as it goes through a pipe."""
    body = _MESSAGES.dump_json(message)
    return _LENGTH.pack(len(body)) + body


def length_of(head: bytes) -> int:
    """How many bytes follow the four of `head`; GarbledMessage for more than any message has."""
    (length,) = _LENGTH.unpack(head)
    if length > LARGEST:
        raise GarbledMessage(f"a message of {length} bytes")
    return int(length)


def understood(body: bytes) -> Message:
    """The message in `body`; GarbledMessage where it is none."""
    try:
        return _MESSAGES.validate_json(body)
    except ValidationError as error:
        raise GarbledMessage(str(error.errors(include_url=False, include_input=False)[0])) from error


def read_from(pipe: BinaryIO) -> Message | None:
    """The next message of a blocking pipe; None at its end."""
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    length = length_of(head)
    body = pipe.read(length)
    return understood(body) if len(body) == length else None

"""What both OSCAL documents are made of (NIST OSCAL 1.2.1, JSON): ids, texts, the devices, the frame.

https://pages.nist.gov/OSCAL-Reference/models/v1.2.1/ has the models. Ids are version 5 UUIDs of what they
name, so that the same snapshot gives the same bytes and both documents call a device by the same id.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid5

from inventory.export.columns import COLUMN, timestamp
from inventory.export.harmless import storable, visible
from inventory.export.wording import CHINESE
from inventory.snapshot.value import Snapshot
from inventory.types import Attribute, Device

Node = dict[str, Any]

OSCAL_VERSION = "1.2.1"
NAMESPACE = "https://muster.invalid/ns/oscal"
_IDS = UUID("5f0a9d3c-61b7-5f0e-9d0c-3a7f3c1c2b22")
_NOT_IN_A_TOKEN = re.compile(r"[^A-Za-z0-9_.-]+")
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|])")
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_BLANKS = re.compile(r"[ \t\r\n]+")

# The names that OSCAL gives to what an inventory item has; the rest is ours and stands in our namespace.
_ITEM_PROPERTIES: tuple[tuple[str, str], ...] = (
    ("asset-id", "id"),
    ("asset-tag", "asset_tag"),
    ("vendor-name", "vendor"),
    ("hardware-model", "model"),
    ("version", "firmware"),
    ("serial-number", "serial"),
    ("physical-location", "location"),
    ("function", "purpose"),
    ("vlan-id", "vlan"),
    ("network-id", "segment"),
)
_OUR_PROPERTIES = ("status", "device_class", "connection_method", "owner", "ports", "in_scope")


@dataclass(frozen=True, slots=True)
class Many:
    """A list of nodes that is written while it is made; `nested` where these hold such lists in turn."""

    nodes: Iterable[Node]
    nested: bool = False


def document(name: str, body: Node) -> Iterator[bytes]:
    """The document as UTF-8 JSON on one line, in pieces; `body` may hold `Many`, inside of mappings alone."""
    for piece in _pieces({name: body}):
        yield storable(piece).encode()
    yield b"\n"


def _pieces(value: object) -> Iterator[str]:
    if isinstance(value, Many):
        yield "["
        for place, node in enumerate(value.nodes):
            yield "," if place else ""
            yield from _pieces(node) if value.nested else (_ENCODER.encode(node),)
        yield "]"
    elif isinstance(value, dict):
        yield "{"
        for place, (name, inner) in enumerate(value.items()):
            yield f"{',' if place else ''}{_ENCODER.encode(name)}:"
            yield from _pieces(inner)
        yield "}"
    else:
        yield _ENCODER.encode(value)


def metadata(snapshot: Snapshot, title: str) -> Node:
    """Title, day and version of a document; the firm is its one party, because some duties are the firm's."""
    return {
        "title": title,
        "last-modified": moment(snapshot.on),
        "version": snapshot.label or str(snapshot.on),
        "oscal-version": OSCAL_VERSION,
        "parties": [{"uuid": identity("firm"), "type": "organization", "name": "The firm"}],
    }


def identity(*parts: object) -> str:
    """The UUID of whatever these words name; the same words always give the same."""
    return str(uuid5(_IDS, "\x1f".join(storable(str(part)) for part in parts)))


def moment(day: date) -> str:
    """The start of a day in UTC as OSCAL writes it."""
    return timestamp(datetime.combine(day, time(), UTC))


def token(text: str) -> str:
    """`text` as an OSCAL token: ASCII letters, digits, `.`, `_`, `-`, beginning with a letter."""
    made = _NOT_IN_A_TOKEN.sub("-", text).strip("-.")
    return made if made[:1].isalpha() else f"_{made}"


def control_id(pack: str, number: str) -> str:
    """The id under which these documents speak of an article: `guideline-2024.22`."""
    return token(f"{pack}.{number}")


def prose(text: str) -> str:
    """`text` for a field that readers render as Markdown: no markup in it takes effect."""
    return _MARKUP.sub(r"\\\1", plain(text)) or "-"


@lru_cache(1 << 14)
def plain(text: str) -> str:
    """`text` for a field that may hold no line ends, and no blanks at its ends."""
    return visible(_BLANKS.sub(" ", text).strip())


def properties(*named: tuple[str, str], ours: bool = True) -> list[Node]:
    """A property for each of the names that has a value."""
    made: list[Node] = []
    for name, value in named:
        text = plain(value)
        if text:
            made.append({"name": name, **({"ns": NAMESPACE} if ours else {}), "value": text})
    return made


@lru_cache(1 << 17)
def item_id(device: str) -> str:
    """The UUID of a device in both documents."""
    return identity("device", device)


def inventory_item(device: Device) -> Node:
    """One device as an OSCAL inventory item."""
    addresses = [
        ("ipv6-address" if ":" in address.ip else "ipv4-address", address.ip) for address in device.addresses
    ]
    macs = [("mac-address", address.mac) for address in device.addresses if address.mac]
    named = [(name, COLUMN[key].raw(device)) for name, key in _ITEM_PROPERTIES]
    hostname = [("fqdn", device.text(Attribute.HOSTNAME))] if "." in device.text(Attribute.HOSTNAME) else []
    return {
        "uuid": item_id(device.id),
        "description": prose(device.label),
        "props": [
            *properties(*named, *dict.fromkeys(addresses), *dict.fromkeys(macs), *hostname, ours=False),
            *properties(*((key.replace("_", "-"), COLUMN[key].raw(device)) for key in _OUR_PROPERTIES)),
        ],
    }


def subjects(devices: Iterable[str]) -> list[Node]:
    """References to devices; the empty id is the firm."""
    return [
        {"subject-uuid": item_id(device), "type": "inventory-item"}
        if device
        else {"subject-uuid": identity("firm"), "type": "party"}
        for device in devices
    ]


def in_language(language: str, en: str, zh: str) -> str:
    """The one of two texts that is in `language`."""
    return zh if language == CHINESE else en

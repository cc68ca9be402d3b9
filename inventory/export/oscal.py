"""What both OSCAL documents are made of (NIST OSCAL 1.2.1, JSON): ids, texts, the devices, the frame.

https://pages.nist.gov/OSCAL-Reference/models/v1.2.1/ has the models. Ids are version 5 UUIDs of what they
name, so that the same snapshot gives the same bytes and both documents call a device by the same id.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson

from inventory.export.alike import encoded
from inventory.export.columns import COLUMNS, Column, in_words, timestamp
from inventory.export.form import Batch, Form
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
_BLANKS = re.compile(r"[ \t\r\n]+")

# The names that OSCAL gives to what an inventory item has; the rest is ours and stands in our namespace.
_PLACES = {column.key: place for place, column in enumerate(COLUMNS)}
_ITEM_PROPERTIES: tuple[tuple[str, int], ...] = (
    ("asset-id", _PLACES["id"]),
    ("asset-tag", _PLACES["asset_tag"]),
    ("vendor-name", _PLACES["vendor"]),
    ("hardware-model", _PLACES["model"]),
    ("version", _PLACES["firmware"]),
    ("serial-number", _PLACES["serial"]),
    ("physical-location", _PLACES["location"]),
    ("function", _PLACES["purpose"]),
    ("vlan-id", _PLACES["vlan"]),
    ("network-id", _PLACES["segment"]),
)
_OUR_PROPERTIES = tuple(
    (key.replace("_", "-"), _PLACES[key])
    for key in ("status", "device_class", "connection_method", "owner", "ports", "in_scope")
)


class Many(NamedTuple):
    """A list of nodes that is written while it is made; `nested` where these hold such lists in turn."""

    nodes: Iterable[Node]
    nested: bool = False


class Later(NamedTuple):
    """A value that is asked for when it is written: it may speak of all devices that stand before it."""

    value: Callable[[], object]


DEVICES: Final = object()  # where their nodes stand


def document(name: str, body: Node, part: Callable[[Batch], bytes]) -> Form:
    """The document as UTF-8 JSON on one line; the devices' nodes, as `part` makes them, stand at DEVICES.

    `body` may hold `Many` and `Later`, inside of mappings alone.
    """
    return Form(_pieces({name: body}, b"\n"), part, joint=b",")


def _pieces(value: object, end: bytes = b"") -> Iterator[bytes | None]:
    if isinstance(value, Later):
        value = value.value()
    if value is DEVICES:
        yield from (b"[", None, b"]")
    elif isinstance(value, Many):
        yield b"["
        for place, node in enumerate(value.nodes):
            yield b"," if place else b""
            yield from _pieces(node) if value.nested else (encoded(node),)
        yield b"]"
    elif isinstance(value, dict):
        yield b"{"
        for place, (name, inner) in enumerate(value.items()):
            yield (b"," if place else b"") + encoded(name) + b":"
            yield from _pieces(inner)
        yield b"}"
    else:
        yield encoded(value)
    yield end


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
    words = "\x1f".join([storable(str(part)) for part in parts])
    digest = bytearray(hashlib.sha1(_IDS.bytes + words.encode(), usedforsecurity=False).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50  # RFC 9562, section 5.5: version 5
    digest[8] = digest[8] & 0x3F | 0x80
    said = digest.hex()
    return f"{said[:8]}-{said[8:12]}-{said[12:16]}-{said[16:20]}-{said[20:]}"


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


@lru_cache(1 << 13)
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


def item_id(device: str) -> str:
    """The UUID of a device in both documents."""
    return identity("device", device)


def items(batch: Batch, columns: tuple[Column, ...], among: Collection[str]) -> bytes:
    """The devices that are `among` these as inventory items, with commas between."""
    return b",".join(
        _item(device, cells)
        for device, cells in zip(batch.devices, batch.cells(columns), strict=True)
        if device.id in among
    )


def _item(device: Device, cells: Sequence[str | datetime]) -> bytes:
    addresses = dict.fromkeys(
        ("ipv6-address" if ":" in address.ip else "ipv4-address", address.ip) for address in device.addresses
    )
    macs = dict.fromkeys(("mac-address", address.mac) for address in device.addresses if address.mac)
    hostname = device.text(Attribute.HOSTNAME)
    made = [
        *[_property(name, cells[place]) for name, place in _ITEM_PROPERTIES],
        *[_property(name, value) for name, value in (*addresses, *macs)],
        _property("fqdn", hostname) if "." in hostname else b"",
        *[_own_property(name, cells[place]) for name, place in _OUR_PROPERTIES],
    ]
    return b'{"uuid":"%b","description":%b,"props":[%b]}' % (
        item_id(device.id).encode(),
        encoded(prose(device.label)),
        b",".join([each for each in made if each]),
    )


@lru_cache(1 << 13)
def _property(name: str, value: str | datetime) -> bytes:
    """A property as JSON, nothing without a value; most are alike for many devices."""
    return _encoded_property(properties((name, in_words(value)), ours=False))


@lru_cache(1 << 13)
def _own_property(name: str, value: str | datetime) -> bytes:
    return _encoded_property(properties((name, in_words(value))))


def _encoded_property(made: list[Node]) -> bytes:
    return bytes(memoryview(encoded(made[0]))) if made else b""  # a copy: the encoder's own has room to spare


def subjects(devices: Iterable[str]) -> orjson.Fragment:
    """References to devices; the empty id is the firm."""
    return orjson.Fragment(b"[" + b",".join(map(_subject, devices)) + b"]")


@lru_cache(1 << 17)
def _subject(device: str) -> bytes:
    referred = (item_id(device), "inventory-item") if device else (identity("firm"), "party")
    return b'{"subject-uuid":"%b","type":"%b"}' % tuple(word.encode() for word in referred)


def in_language(language: str, en: str, zh: str) -> str:
    """The one of two texts that is in `language`."""
    return zh if language == CHINESE else en

"""Vendors' own announcements: MikroTik's MNDP (UDP 5678) and Hikvision's SADP (UDP 37020)."""

from typing import Final

from agent.probes import charset
from agent.probes.reply import text_of
from agent.probes.xml_text import first_text

Pairs = list[tuple[str, str]]

MNDP_PORT: Final = 5678
SADP_PORT: Final = 37_020

_MNDP_HEADER: Final = 4
_MNDP_MAC: Final = 1
_MNDP_TEXTS: Final = {5: "identity", 7: "version", 8: "platform", 11: "software-id", 12: "board"}
_SADP: Final = {
    "DeviceDescription": "model",
    "DeviceSN": "serial",
    "SoftwareVersion": "version",
    "MAC": "mac",
    "OEMInfo": "oem",
}


def mndp(data: bytes) -> Pairs:
    """The fields of an announcement: four bytes of header, then type (2), length (2) and value of each."""
    facts: Pairs = []
    at = _MNDP_HEADER
    while at + 4 <= len(data):
        kind, size = int.from_bytes(data[at : at + 2], "big"), int.from_bytes(data[at + 2 : at + 4], "big")
        value = data[at + 4 : at + 4 + size]
        at += 4 + size
        if len(value) < size:
            break
        if kind in _MNDP_TEXTS:
            facts.append((f"mndp.{_MNDP_TEXTS[kind]}", text_of(value).strip(" \0")))
        elif kind == _MNDP_MAC and size == 6:
            facts.append(("mndp.mac", value.hex(":")))
    return [(name, value) for name, value in facts if value]


def sadp(data: bytes) -> Pairs:
    """The elements of a device's answer to an inquiry; the inquiry itself says nothing of its sender."""
    document = charset.document(data)
    if "<ProbeMatch>" not in document:
        return []
    found = [(f"sadp.{fact}", first_text(document, element)) for element, fact in _SADP.items()]
    return [(name, value) for name, value in found if value]

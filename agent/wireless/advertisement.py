"""Management frames to what they say of a network: beacons and probe responses, and what stations ask for."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from agent.wireless import elements
from agent.wireless.elements import Suites


class Said(StrEnum):
    """Who spoke: the access point of its BSS, or a station that wants to join it."""

    ADVERTISED = "advertised"
    ASKED = "asked"


@dataclass(frozen=True, slots=True)
class Advertisement:
    """One management frame's words about a BSS; `station` only where a station asked."""

    said: Said
    bssid: str
    ssid: bytes
    station: str | None
    privacy: bool
    rsn: Suites | None
    wpa: Suites | None
    channel: int | None = None
    mesh: bool = False
    owe_transition: bool = False
    wps: Mapping[str, str] | None = None

    @property
    def hidden(self) -> bool:
        """True where the name is left out or blanked."""
        return not self.ssid.strip(b"\x00")


# Subtypes of management frames (802.11-2020, table 9-1) and the length of their fixed fields.
_FIXED_FIELDS = {0: 4, 2: 10, 5: 12, 8: 12}
_ASKING = (0, 2)
_HEADER = 24
_PRIVACY = 0x10
_ORDER_HAS_HT_CONTROL = 0x80


def parse(frame: bytes) -> Advertisement | None:
    """The frame's advertisement; None for any other frame and for one that is cut short or malformed."""
    if len(frame) < _HEADER or frame[0] & 0x0F or frame[1] & 0x03:
        return None  # not a management frame of version 0, or with the distribution-system bits of data
    subtype = frame[0] >> 4
    fixed = _FIXED_FIELDS.get(subtype)
    header = _HEADER + (4 if frame[1] & _ORDER_HAS_HT_CONTROL else 0)
    if fixed is None or len(frame) < header + fixed or frame[1] & 0x40:
        return None
    bssid = frame[16:22]
    if bssid[0] & 1 or not any(bssid):
        return None
    found = elements.split(frame[header + fixed :])
    if found is None:
        return None
    at = header if subtype in _ASKING else header + 10
    (capability,) = struct.unpack_from("<H", frame, at)
    return _gather(
        found,
        said=Said.ASKED if subtype in _ASKING else Said.ADVERTISED,
        bssid=bssid.hex(":"),
        station=frame[10:16].hex(":") if subtype in _ASKING else None,
        privacy=bool(capability & _PRIVACY),
    )


def _gather(
    found: list[tuple[int, bytes]], *, said: Said, bssid: str, station: str | None, privacy: bool
) -> Advertisement | None:
    ssid = next((value for kind, value in found if kind == elements.SSID), None)
    if ssid is None or len(ssid) > 32:
        return None
    rsn_value = next((value for kind, value in found if kind == elements.RSN), None)
    rsn = elements.read_rsn(rsn_value) if rsn_value is not None else None
    if rsn_value is not None and rsn is None:
        return None  # protected, but by what we cannot say: no claim from a malformed element
    vendor = [value for kind, value in found if kind == elements.VENDOR]
    return Advertisement(
        said=said,
        bssid=bssid,
        ssid=ssid,
        station=station,
        privacy=privacy,
        rsn=rsn,
        wpa=next((suites for value in vendor if (suites := elements.read_wpa(value))), None),
        channel=_channel(found),
        mesh=any(kind == elements.MESH_ID for kind, _value in found),
        owe_transition=any(elements.is_owe_transition(value) for value in vendor),
        wps=next((texts for value in vendor if (texts := elements.read_wps(value)) is not None), None),
    )


def _channel(found: list[tuple[int, bytes]]) -> int | None:
    for wanted in (elements.DS_PARAMETER, elements.HT_OPERATION):
        for kind, value in found:
            if kind == wanted and value:
                return value[0]
    return None

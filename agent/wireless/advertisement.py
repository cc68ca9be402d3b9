"""Management frames to what they say of a network: beacons and probe responses, and what stations ask for."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from agent.wireless import elements
from agent.wireless.elements import Element, Suites
from agent.wireless.multiple import profiles


class Said(StrEnum):
    """Who spoke: the access point of its BSS, or a station that wants to join it."""

    ADVERTISED = "advertised"
    ASKED = "asked"


@dataclass(frozen=True, slots=True)
class Advertisement:
    """One management frame's words about a BSS; `station` only where a station asked.

    `garbled` where it offers a protection that cannot be read: which, nobody may say.
    """

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
    garbled: bool = False

    @property
    def hidden(self) -> bool:
        """True where the name is left out or blanked."""
        return not self.ssid.strip(b"\x00")


# Subtypes of management frames (802.11-2020, table 9-1) and the length of their fixed fields.
_FIXED_FIELDS = {0: 4, 2: 10, 5: 12, 8: 12}
_ASKING = (0, 2)
_HEADER = 24
_ORDER_HAS_HT_CONTROL = 0x80
_LONGEST_NAME = 32


def parse(frame: bytes) -> tuple[Advertisement, ...] | None:
    """What the frame advertises: a beacon may speak for several BSSs; empty for frames of other kinds.

    None for a frame of these kinds that is cut short or malformed.
    """
    if len(frame) < 2:
        return None
    if frame[0] & 0x0F or frame[1] & 0x43:
        return ()  # not a management frame of version 0, or with the bits of data, or encrypted
    fixed = _FIXED_FIELDS.get(frame[0] >> 4)
    if fixed is None:
        return ()
    asks = frame[0] >> 4 in _ASKING
    header = _HEADER + (4 if frame[1] & _ORDER_HAS_HT_CONTROL else 0)
    if len(frame) < header + fixed:
        return None
    bssid = frame[16:22]
    if bssid[0] & 1 or not any(bssid):
        return ()
    found = elements.split(frame[header + fixed :])
    if found is None:
        return None
    (capability,) = struct.unpack_from("<H", frame, header if asks else header + 10)
    own = advertised(
        found,
        bssid.hex(":"),
        privacy=bool(capability & elements.PRIVACY),
        said=Said.ASKED if asks else Said.ADVERTISED,
        station=frame[10:16].hex(":") if asks else None,
    )
    if own is None or asks:
        return None if own is None else (own,)
    others = (
        advertised(each.elements, each.bssid, privacy=bool(each.capability & elements.PRIVACY))
        for each in profiles(bssid, found)
    )
    return (own, *(each for each in others if each is not None))


def advertised(
    found: list[Element],
    bssid: str,
    *,
    privacy: bool,
    said: Said = Said.ADVERTISED,
    station: str | None = None,
) -> Advertisement | None:
    """What these elements say of a BSS; None where they give it no name, be it a hidden one."""
    ssid = next((value for kind, value in found if kind == elements.SSID), None)
    if ssid is None or len(ssid) > _LONGEST_NAME:
        return None
    vendor = [value for kind, value in found if kind == elements.VENDOR]
    rsn = [elements.read_rsn(value) for kind, value in found if kind == elements.RSN]
    wpa = [elements.read_wpa(value) for value in vendor if elements.is_wpa(value)]
    return Advertisement(
        said=said,
        bssid=bssid,
        ssid=ssid,
        station=station,
        privacy=privacy,
        rsn=rsn[0] if rsn else None,
        wpa=wpa[0] if wpa else None,
        channel=_channel(found),
        mesh=any(kind == elements.MESH_ID for kind, _value in found),
        owe_transition=any(elements.is_owe_transition(value) for value in vendor),
        wps=elements.read_wps(vendor),
        garbled=None in rsn or None in wpa,
    )


def _channel(found: list[Element]) -> int | None:
    for wanted in (elements.DS_PARAMETER, elements.HT_OPERATION):
        for kind, value in found:
            if kind == wanted and value:
                return value[0]
    return None

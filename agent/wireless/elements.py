"""Information elements of management frames (IEEE 802.11-2020, 9.4.2): None for what is cut short."""

import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from agent.wireless.names import readable

SSID = 0
DS_PARAMETER = 3
RSN = 48
HT_OPERATION = 61
MULTIPLE_BSSID = 71
MULTIPLE_BSSID_INDEX = 85
NONTRANSMITTED_CAPABILITY = 83
EXTENSION = 255
NON_INHERITANCE = 56  # an extension element's own number
MESH_ID = 114
VENDOR = 221

_WPA_PREFIX = bytes.fromhex("0050f201")
_WPS_PREFIX = bytes.fromhex("0050f204")
_OWE_TRANSITION_PREFIX = bytes.fromhex("506f9a1c")

# IEEE 802.11-2020, table 9-149 and its amendments: cipher suites of 00-0F-AC; WPA's 00-50-F2 share 0 to 5.
_CIPHERS = {
    0: "USE-GROUP",
    1: "WEP-40",
    2: "TKIP",
    4: "CCMP",
    5: "WEP-104",
    6: "BIP-CMAC-128",
    7: "GROUP-NOT-ALLOWED",
    8: "GCMP",
    9: "GCMP-256",
    10: "CCMP-256",
    11: "BIP-GMAC-128",
    12: "BIP-GMAC-256",
    13: "BIP-CMAC-256",
}
# IEEE 802.11-2020, table 9-151 and its amendments: authentication and key management suites of 00-0F-AC.
_AKMS = {
    1: "802.1X",
    2: "PSK",
    3: "FT-802.1X",
    4: "FT-PSK",
    5: "802.1X-SHA256",
    6: "PSK-SHA256",
    7: "TDLS",
    8: "SAE",
    9: "FT-SAE",
    10: "AP-PEER-KEY",
    11: "802.1X-SUITE-B",
    12: "802.1X-SUITE-B-192",
    13: "FT-802.1X-SHA384",
    14: "FILS-SHA256",
    15: "FILS-SHA384",
    16: "FT-FILS-SHA256",
    17: "FT-FILS-SHA384",
    18: "OWE",
    19: "FT-PSK-SHA384",
    20: "PSK-SHA384",
    21: "PASN",
    22: "FT-802.1X-SHA384",
    23: "802.1X-SHA384",
    24: "SAE-EXT",
    25: "FT-SAE-EXT",
}
_IEEE = b"\x00\x0f\xac"
_MICROSOFT = b"\x00\x50\xf2"
# What the Wi-Fi Alliance (DPP, Hotspot 2.0) and Cisco (CCX) number themselves.
_OTHER_AKMS = {
    bytes.fromhex("506f9a01"): "OSEN",
    bytes.fromhex("506f9a02"): "DPP",
    bytes.fromhex("00409600"): "CCKM",
}
PRIVACY = 0x10
"""The capability bit of a BSS that is not open (9.4.1.4)."""
UNKNOWN = "UNKNOWN-"
"""How the name of a suite begins that no table here explains."""

_VERSION = b"\x01\x00"
_SUITE = 4

# Wi-Fi Simple Configuration, section 12: the attributes that say what the access point is.
_WPS_TEXTS = {
    0x1011: "device_name",
    0x1021: "manufacturer",
    0x1023: "model_name",
    0x1024: "model_number",
    0x1042: "serial_number",
}

Element = tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class Suites:
    """What an RSN or WPA element offers; PMF is management frame protection (802.11w)."""

    group: str
    pairwise: tuple[str, ...]
    akm: tuple[str, ...]
    pmf_capable: bool = False
    pmf_required: bool = False


def split(body: bytes) -> list[Element] | None:
    """The elements in order; None where the last one is cut short, for then one behind it may be missing."""
    found, offset = [], 0
    while offset < len(body):
        if offset + 2 > len(body):
            return None
        kind, length = body[offset], body[offset + 1]
        if offset + 2 + length > len(body):
            return None
        found.append((kind, body[offset + 2 : offset + 2 + length]))
        offset += 2 + length
    return found


def read_rsn(value: bytes) -> Suites | None:
    """An RSN element; every field behind the version may be absent, and then has its default (9.4.2.24)."""
    return _read_suites(value, default="CCMP", akm="802.1X")


def is_wpa(value: bytes) -> bool:
    """True for the vendor element that is WPA version 1."""
    return value.startswith(_WPA_PREFIX)


def read_wpa(value: bytes) -> Suites | None:
    """What the vendor element of WPA version 1 says."""
    return _read_suites(value[len(_WPA_PREFIX) :], default="TKIP", akm="802.1X")


def read_wps(vendor: Iterable[bytes]) -> Mapping[str, str] | None:
    """What WPS says of the device, empty where only that it is there, None where it is not.

    What one element does not hold goes on in the next (Wi-Fi Simple Configuration 2.0.8, section 12).
    """
    parts = [value[len(_WPS_PREFIX) :] for value in vendor if value.startswith(_WPS_PREFIX)]
    if not parts:
        return None
    texts: dict[str, str] = {}
    for kind, text in _wps_attributes(b"".join(parts)):
        name = _WPS_TEXTS.get(kind)
        shown = readable(text.strip(b"\x00 "))
        if name and shown:
            texts[name] = shown
    return texts


def cipher_name(suite: bytes) -> str:
    """What a cipher suite is called, by its four octets; empty for none."""
    return _name(suite, _CIPHERS)


def akm_name(suite: bytes) -> str:
    """What a way to agree keys is called, by its four octets; empty for none."""
    return _name(suite, _AKMS)


def is_owe_transition(value: bytes) -> bool:
    """True for the Wi-Fi Alliance element by which an open BSS points at its OWE twin."""
    return value.startswith(_OWE_TRANSITION_PREFIX)


def _read_suites(value: bytes, *, default: str, akm: str) -> Suites | None:
    """Suites behind a version; None for another version, and for a list or suite that is not all there."""
    if not value.startswith(_VERSION):
        return None
    rest = value[len(_VERSION) :]
    if 0 < len(rest) < _SUITE:
        return None
    group = _name(rest[:_SUITE], _CIPHERS) if rest else default
    pairwise, rest = _read_list(rest[_SUITE:], _CIPHERS, default)
    akms, rest = _read_list(rest, _AKMS, akm)
    if pairwise is None or akms is None:
        return None
    capabilities = struct.unpack_from("<H", rest)[0] if len(rest) >= 2 else 0
    return Suites(
        group=group,
        pairwise=tuple(group if name == "USE-GROUP" else name for name in pairwise),
        akm=akms,
        pmf_capable=bool(capabilities & 0x80),
        pmf_required=bool(capabilities & 0x40),
    )


def _read_list(value: bytes, names: Mapping[int, str], default: str) -> tuple[tuple[str, ...] | None, bytes]:
    """A counted list of suites and what follows it; None for an empty one and one that is not all there."""
    if not value:
        return (default,), b""
    if len(value) < 2:
        return None, b""
    (count,) = struct.unpack_from("<H", value)
    end = 2 + _SUITE * count
    if not count or end > len(value):
        return None, b""
    return tuple(_name(value[at : at + _SUITE], names) for at in range(2, end, _SUITE)), value[end:]


def _name(suite: bytes, names: Mapping[int, str]) -> str:
    if not suite:
        return ""
    if suite[:3] in (_IEEE, _MICROSOFT) and suite[3] in names:
        return names[suite[3]]
    if names is _AKMS and suite in _OTHER_AKMS:
        return _OTHER_AKMS[suite]
    return f"{UNKNOWN}{suite.hex()}"


def _wps_attributes(value: bytes) -> Iterator[tuple[int, bytes]]:
    offset = 0
    while offset + 4 <= len(value):
        kind, length = struct.unpack_from(">HH", value, offset)
        if offset + 4 + length > len(value):
            return
        yield kind, value[offset + 4 : offset + 4 + length]
        offset += 4 + length

"""Information elements of management frames (IEEE 802.11-2020, 9.4.2): None for what is cut short."""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from agent.wireless.names import readable

SSID = 0
DS_PARAMETER = 3
RSN = 48
HT_OPERATION = 61
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

# Wi-Fi Simple Configuration, section 12: the attributes that say what the access point is.
_WPS_TEXTS = {
    0x1011: "device_name",
    0x1021: "manufacturer",
    0x1023: "model_name",
    0x1024: "model_number",
    0x1042: "serial_number",
}


@dataclass(frozen=True, slots=True)
class Suites:
    """What an RSN or WPA element offers; PMF is management frame protection (802.11w)."""

    group: str
    pairwise: tuple[str, ...]
    akm: tuple[str, ...]
    pmf_capable: bool = False
    pmf_required: bool = False


def split(body: bytes) -> list[tuple[int, bytes]] | None:
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
    if len(value) < 2:
        return None
    return _read_suites(value[2:], default="CCMP", akm="802.1X")


def read_wpa(value: bytes) -> Suites | None:
    """The vendor element that is WPA version 1; None where it is another one."""
    if not value.startswith(_WPA_PREFIX) or len(value) < 6:
        return None
    return _read_suites(value[6:], default="TKIP", akm="802.1X")


def read_wps(value: bytes) -> Mapping[str, str] | None:
    """What a WPS element says of the device; empty where only that WPS is there, None for another."""
    if not value.startswith(_WPS_PREFIX):
        return None
    texts: dict[str, str] = {}
    for kind, text in _wps_attributes(value[4:]):
        name = _WPS_TEXTS.get(kind)
        shown = readable(text.strip(b"\x00 "))
        if name and shown:
            texts[name] = shown
    return texts


def is_owe_transition(value: bytes) -> bool:
    """True for the Wi-Fi Alliance element by which an open BSS points at its OWE twin."""
    return value.startswith(_OWE_TRANSITION_PREFIX)


def _read_suites(value: bytes, *, default: str, akm: str) -> Suites | None:
    group = default
    if len(value) >= 4:
        group = _name(value[:4], _CIPHERS)
    rest = value[4:]
    pairwise, rest = _read_list(rest, _CIPHERS, default)
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
    """A counted list of suites and what follows it; None for a list that its count says is longer."""
    if len(value) < 2:
        return (default,), b""
    (count,) = struct.unpack_from("<H", value)
    end = 2 + 4 * count
    if end > len(value):
        return None, b""
    return tuple(_name(value[at : at + 4], names) for at in range(2, end, 4)), value[end:]


def _name(suite: bytes, names: Mapping[int, str]) -> str:
    if suite[:3] in (_IEEE, _MICROSOFT) and suite[3] in names:
        return names[suite[3]]
    return f"UNKNOWN-{suite.hex()}"


def _wps_attributes(value: bytes) -> Iterator[tuple[int, bytes]]:
    offset = 0
    while offset + 4 <= len(value):
        kind, length = struct.unpack_from(">HH", value, offset)
        if offset + 4 + length > len(value):
            return
        yield kind, value[offset + 4 : offset + 4 + length]
        offset += 4 + length

"""The words other programs use of a network: ciphers, keys, addresses and channels, as Muster names them."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from agent.bars import canonical_mac
from agent.wireless.elements import UNKNOWN, Suites, akm_name, cipher_name
from inventory.exits import BadInput
from inventory.language import _

KEY_AGREEMENTS: Final[Mapping[str, str]] = {
    "psk": "PSK", "sae": "SAE", "owe": "OWE", "mgt": "802.1X", "802.1x": "802.1X", "ft/psk": "FT-PSK",
    "ft/802.1x": "FT-802.1X", "psk/sha-256": "PSK-SHA256", "802.1x/sha-256": "802.1X-SHA256",
    "ft/sae": "FT-SAE", "802.1x/suite-b": "802.1X-SUITE-B", "802.1x/suite-b-192": "802.1X-SUITE-B-192",
    "cmac": "PSK-SHA256", "ft/802.1x/sha-384": "FT-802.1X-SHA384", "tdls/tpk": "TDLS",
    "fils/sha-256": "FILS-SHA256", "fils/sha-384": "FILS-SHA384",
    "ft/fils/sha-256": "FT-FILS-SHA256", "ft/fils/sha-384": "FT-FILS-SHA384",
    "wpa-eap-suite-b-192": "802.1X-SUITE-B-192",
}  # fmt: skip
CIPHERS: Final[Mapping[str, str]] = {
    "ccmp": "CCMP", "ccmp-128": "CCMP", "aes-ccm": "CCMP", "tkip": "TKIP",
    "wep-40": "WEP-40", "wep40": "WEP-40",
    "wep104": "WEP-104", "wep-104": "WEP-104", "wep": "WEP-104", "gcmp": "GCMP", "gcmp-128": "GCMP",
    "gcmp-256": "GCMP-256", "ccmp-256": "CCMP-256",
    "wpe40": "WEP-40", "wpe104": "WEP-104",  # as nmcli 1.42 spells it
    "use-group": "USE-GROUP", "no-group": "GROUP-NOT-ALLOWED", "aes-128-cmac": "BIP-CMAC-128",
}  # fmt: skip

UNHEARD: Final = "-"
"""How the highest rate begins of a network whose access point was not heard: then all is a guess."""
_NUMBERED: Final = re.compile(r"((?:[0-9a-f]{2}-){2}[0-9a-f]{2}):(\d{1,3})", re.ASCII)
_TIMES: Final = (
    "%Y-%m-%d %H:%M:%S",
    "%a %b %d %H:%M:%S %Y",
)  # airodump-ng's, and ctime's as Kismet writes it


def versions_in(text: str) -> list[str]:
    """The versions of protection a text names: `WPA2WPA` (airodump-ng before 1.6) → WPA2, WPA."""
    return re.findall(r"WPA[23]?|OWE|WEP|OPN", text.upper())


def suites_of(
    versions: Iterable[str], ciphers: Iterable[str], akm: Iterable[str]
) -> tuple[Suites | None, Suites | None]:
    """RSN and WPA as far as the words tell them apart: CCMP belongs to RSN, TKIP to both."""
    said = set(versions)
    names = tuple(cipher(word) for word in ciphers if word.upper() != "WEP")
    keys = tuple(key_agreement(word) for word in akm if word.upper() != "OPN")
    tkip = "TKIP" in names
    group = "TKIP" if tkip else (names[0] if names else "")
    modern = not said.isdisjoint(("WPA2", "WPA3", "OWE"))
    rsn = Suites(group, names, keys, pmf_capable=False, pmf_required=False) if modern else None
    wpa = Suites(group, names, keys, pmf_capable=False, pmf_required=False) if "WPA" in said else None
    return rsn, wpa


def cipher(word: str) -> str:
    """A cipher by its name in elements.py, where iw gives its number too; UNKNOWN-… for any other word."""
    return CIPHERS.get(word.lower()) or cipher_name(_numbered(word)) or f"{UNKNOWN}{word}"


def key_agreement(word: str) -> str:
    """A way to agree keys by its name in elements.py, as `cipher` does."""
    return KEY_AGREEMENTS.get(word.lower()) or akm_name(_numbered(word)) or f"{UNKNOWN}{word}"


def bssid_of(text: str, place: str) -> str:
    """A MAC address in the usual form; BadInput naming the place for anything else."""
    mac = canonical_mac(text.strip())
    if not mac:
        shown = text[:40].encode("utf-8", "backslashreplace").decode()
        raise BadInput(_("{place}: '{text}' is not a MAC address").format(place=place, text=shown))
    return mac


def _numbered(word: str) -> bytes:
    """The octets of a suite by its number (`00-0f-ac:9`); none for another word."""
    found = _NUMBERED.fullmatch(word.lower())
    return bytes.fromhex(found[1].replace("-", "")) + bytes([int(found[2]) & 0xFF]) if found else b""


def channel_of(text: str) -> int | None:
    """The number a channel is given by; None for anything else."""
    shown = text.strip()
    return int(shown) if shown.isdecimal() else None


def time_of(text: str) -> datetime | None:
    """A time as surveys write it, of no zone and so taken for UTC; None for anything else."""
    for form in _TIMES:
        try:
            return datetime.strptime(text.strip(), form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def octets_of(text: str) -> bytes:
    """The octets of a name as they stand in a file that was read as UTF-8."""
    return text.encode("utf-8", "surrogateescape")

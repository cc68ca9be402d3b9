"""Wireless captures of networks whose security is known; begun at one time, the same bytes every time.

Frames are IEEE 802.11-2020: management header 9.3.3.1, beacon body 9.3.3.2, RSN element 9.4.2.24;
the WPA and WPS vendor elements are Microsoft's 00:50:f2. The file is a classic pcap of radiotap
frames (LINKTYPE_IEEE802_11_RADIOTAP, 127).
"""

import json
import struct
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from lab.errors import BadFile

FORMAT = "muster-lab-wireless/1"

_LINKTYPE_RADIOTAP = 127
_BEGAN = 1_700_000_000
_BEACON_INTERVAL = 0x0064
_ESS, _PRIVACY, _SHORT_SLOT = 0x0001, 0x0010, 0x0400
_RSN_OUI, _WPA_OUI = b"\x00\x0f\xac", b"\x00\x50\xf2"
_CIPHERS = {"WEP40": 1, "TKIP": 2, "CCMP": 4, "BIP": 6, "GCMP-256": 9}
_AKMS = {"802.1X": 1, "PSK": 2, "802.1X-SHA256": 5, "PSK-SHA256": 6, "SAE": 8, "OWE": 18}
_MFP_REQUIRED, _MFP_CAPABLE = 0x0040, 0x0080
_BROADCAST = "ff:ff:ff:ff:ff:ff"
_STATION = "02:4d:55:57:00:01"


@dataclass(frozen=True)
class Suites:
    """What an RSN or WPA element offers."""

    group: str
    pairwise: tuple[str, ...]
    akm: tuple[str, ...]
    mfp: str = "off"
    """Protected management frames: `off`, `optional` or `required`."""


@dataclass(frozen=True)
class Network:
    """One BSS: what it advertises and what that is worth."""

    bssid: str
    ssid: str
    channel: int
    security: str
    weak: tuple[str, ...]
    why: str
    privacy: bool = True
    hidden: bool = False
    wps: bool = False
    rsn: Suites | None = None
    wpa: Suites | None = None


_CCMP_PSK = Suites("CCMP", ("CCMP",), ("PSK",))
_TKIP_PSK = Suites("TKIP", ("TKIP",), ("PSK",))

WEAK: tuple[Network, ...] = (
    Network("88:ac:c0:57:00:01", "GUEST-FREE", 1, "OPEN", ("open",), "open guest network", privacy=False),
    Network("88:ac:c0:57:00:02", "SCANNER-OLD", 6, "WEP", ("wep",), "kept for a label scanner"),
    Network(
        *("88:ac:c0:57:00:03", "WAREHOUSE", 6, "WPA-PERSONAL", ("tkip", "wpa1")),
        why="WPA with TKIP only",
        wpa=_TKIP_PSK,
    ),
    Network(
        *("88:ac:c0:57:00:04", "OFFICE-COMPAT", 11, "WPA/WPA2-MIXED-PERSONAL"),
        ("tkip", "wpa1", "no-mfp"),
        why="mixed mode, so that everything connects",
        wps=True,
        wpa=_TKIP_PSK,
        rsn=Suites("TKIP", ("CCMP", "TKIP"), ("PSK",)),
    ),
    Network(
        *("88:ac:c0:57:00:05", "OFFICE-PSK", 11, "WPA2-PERSONAL", ("no-mfp",)),
        why="WPA2 as it was sold for years, management frames unprotected",
        rsn=_CCMP_PSK,
    ),
)

STRONG: tuple[Network, ...] = (
    Network(
        *("8c:79:09:57:00:01", "BRANCH", 36, "WPA2-PERSONAL", ()),
        why="WPA2 with CCMP and protected management frames",
        rsn=Suites("CCMP", ("CCMP",), ("PSK-SHA256",), "required"),
    ),
    Network(
        *("8c:79:09:57:00:02", "BRANCH-SAE", 36, "WPA3-PERSONAL", ()),
        why="WPA3 only",
        rsn=Suites("CCMP", ("CCMP",), ("SAE",), "required"),
    ),
    Network(
        *("8c:79:09:57:00:03", "BRANCH-MOVING", 40, "WPA3-TRANSITION", ("mfp-optional",)),
        why="WPA3 beside WPA2 while the old tablets last",
        rsn=Suites("CCMP", ("CCMP",), ("PSK", "SAE"), "optional"),
    ),
    Network(
        *("8c:79:09:57:00:04", "TRADING", 44, "WPA3-ENTERPRISE", ()),
        why="802.1X with SHA-256 and protected management frames only, name hidden",
        hidden=True,
        rsn=Suites("CCMP", ("CCMP",), ("802.1X-SHA256",), "required"),
    ),
)

NETWORKS = {"all": (*WEAK, *STRONG), "weak": WEAK, "strong": STRONG}


def write_capture(output: Path, which: str = "all", began: int = _BEGAN) -> tuple[Path, Path]:
    """Writes a capture begun at that second since 1970 and, beside it, its truth (`.truth.json`)."""
    networks = NETWORKS[which]
    truth = output.with_suffix(".truth.json")
    try:
        output.write_bytes(capture(networks, began=began))
        truth.write_text(truth_of(networks, output.name), encoding="utf-8")
    except OSError as error:
        raise BadFile(f"{output}:1: cannot be written: {error.strerror}") from error
    return output, truth


def capture(networks: Iterable[Network], rounds: int = 3, began: int = _BEGAN) -> bytes:
    """A pcap of each network's beacons, and of a probe response from those that hide their name."""
    records = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, _LINKTYPE_RADIOTAP)]
    microseconds = 0
    for sequence in range(rounds):
        for network in networks:
            frames = [_frame(network, sequence, probe=False)]
            if network.hidden and sequence == rounds - 1:
                frames.append(_frame(network, sequence, probe=True))
            for frame in frames:
                microseconds += 10_240
                when = (began + microseconds // 1_000_000, microseconds % 1_000_000)
                records.append(struct.pack("<IIII", *when, len(frame), len(frame)) + frame)
    return b"".join(records)


def truth_of(networks: Iterable[Network], name: str) -> str:
    """What a survey of the capture ought to find, as JSON."""
    rows = []
    for network in networks:
        row = asdict(network)
        row["pmf"] = network.rsn.mfp if network.rsn else "off"
        rows.append(row)
    truth = {"format": FORMAT, "capture": name, "networks": rows}
    return json.dumps(truth, indent=2, ensure_ascii=False) + "\n"


def _frame(network: Network, sequence: int, *, probe: bool) -> bytes:
    radiotap = struct.pack("<BBHI", 0, 0, 8, 0)
    bssid = bytes.fromhex(network.bssid.replace(":", ""))
    target = bytes.fromhex((_STATION if probe else _BROADCAST).replace(":", ""))
    control = 0x0050 if probe else 0x0080
    header = struct.pack("<HH", control, 0) + target + bssid + bssid
    header += struct.pack("<H", sequence << 4)
    capabilities = _ESS | _SHORT_SLOT | (_PRIVACY if network.privacy else 0)
    fixed = struct.pack("<QHH", sequence * 102_400, _BEACON_INTERVAL, capabilities)
    ssid = b"" if network.hidden and not probe else network.ssid.encode()
    elements = [
        _element(0, ssid),
        _element(1, bytes((0x8C, 0x12, 0x98, 0x24, 0xB0, 0x48, 0x60, 0x6C))),
        _element(3, bytes((network.channel,))),
    ]
    if network.rsn:
        elements.append(_element(48, _rsn(network.rsn)))
    if network.wpa:
        elements.append(_element(221, _WPA_OUI + b"\x01" + _suites(network.wpa, _WPA_OUI)))
    if network.wps:
        # Version 1.0, state "configured" (Wi-Fi Simple Configuration 2.0.8, section 12).
        elements.append(_element(221, _WPA_OUI + b"\x04" + bytes.fromhex("104a0001101044000102")))
    return radiotap + header + fixed + b"".join(elements)


def _rsn(suites: Suites) -> bytes:
    mfp = {"off": 0, "optional": _MFP_CAPABLE, "required": _MFP_CAPABLE | _MFP_REQUIRED}[suites.mfp]
    body = _suites(suites, _RSN_OUI) + struct.pack("<H", mfp)
    if suites.mfp != "off":
        body += struct.pack("<H", 0) + _RSN_OUI + bytes((_CIPHERS["BIP"],))
    return body


def _suites(suites: Suites, oui: bytes) -> bytes:
    pairwise = b"".join(oui + bytes((_CIPHERS[name],)) for name in suites.pairwise)
    akm = b"".join(oui + bytes((_AKMS[name],)) for name in suites.akm)
    return (
        struct.pack("<H", 1)
        + oui
        + bytes((_CIPHERS[suites.group],))
        + struct.pack("<H", len(suites.pairwise))
        + pairwise
        + struct.pack("<H", len(suites.akm))
        + akm
    )


def _element(number: int, body: bytes) -> bytes:
    return bytes((number, len(body))) + body

"""What other programs heard: `iw dev … scan`, `nmcli -t`, airodump-ng and Kismet exports, snmpwalks of gear.

None of these but `iw` and some gear tells of protected management frames, so nothing is said of them. Every
reader takes the text and gives networks; a line that makes no sense is BadInput with its place.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from agent.bars import canonical_mac
from agent.wireless.elements import Suites
from agent.wireless.frames import last_frame_at
from agent.wireless.gear import networks_of
from agent.wireless.heard import Heard, graded, of_capture, told, untold
from agent.wireless.kismet import kismet_csv, netxml
from agent.wireless.words import (
    bssid_of,
    channel_of,
    cipher,
    key_agreement,
    octets_of,
    suites_of,
    versions_in,
)
from inventory.exits import BadInput
from inventory.language import _

_LARGEST: Final = 128 * 1024 * 1024
_IW_BSS: Final = re.compile(r"^BSS ([0-9a-fA-F:]{17})")
_IW_LINE: Final = re.compile(r"^\s*\*\s*([^:]+):\s*(.*)$")
_AIRODUMP_ESSID: Final = 13  # the column of the name, the last but one: it may hold commas
_NMCLI: Final = ("BSSID", "SSID", "CHAN", "SECURITY", "WPA-FLAGS", "RSN-FLAGS")


def read(path: Path) -> tuple[Heard, ...]:
    """The networks of a file, whichever kind it is; a capture where it is no text of a known form."""
    try:
        if path.stat().st_size > _LARGEST:
            raise BadInput(_("{path}: is larger than {size} MB").format(path=path, size=_LARGEST >> 20))
        raw = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}") from error
    text = raw.decode("utf-8", "surrogateescape")  # a name's octets come through whatever they are
    if _IW_BSS.match(text):
        return tuple(iw(text, str(path)))
    if "<detection-run" in text[:4096]:
        return tuple(netxml(raw, str(path)))
    head = text.lstrip("\ufeff\r\n ").split("\n", 1)[0]
    if head.startswith("BSSID, First time seen"):
        return tuple(airodump(text, str(path)))
    if head.startswith("Network;NetType;ESSID;BSSID"):
        return tuple(kismet_csv(text, str(path)))
    if re.match(r"^(?:[0-9A-F]{2}\\:){5}[0-9A-F]{2}:", head):
        return tuple(nmcli(text, str(path)))
    if re.match(r"^(?:iso|\.1)\.3\.6\.", head):
        from agent.cli.snmpwalk import read_walk

        return networks_of(read_walk(path))
    return of_capture(path)


def made_at(path: Path) -> datetime:
    """When the survey was made, as far as the file tells: no survey grows younger by being imported."""
    written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return min(written, last_frame_at(path) or written)


def iw(text: str, name: str) -> Iterator[Heard]:
    """`iw dev wlan0 scan`: every BSS with its RSN, WPA and WPS elements."""
    blocks: list[tuple[int, list[str]]] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if _IW_BSS.match(line):
            blocks.append((number, [line]))
        elif blocks:
            blocks[-1][1].append(line)
    for number, lines in blocks:
        yield _iw_bss(lines, f"{name}:{number}")


def _iw_bss(lines: list[str], place: str) -> Heard:
    found = _IW_BSS.match(lines[0])
    bssid = bssid_of(found[1] if found else "", place)
    ssid, privacy, channel, section = b"", False, None, ""
    elements: dict[str, dict[str, str]] = {}
    for line in lines[1:]:
        key, _colon, rest = line.strip().partition(":")
        if _is_head(line):
            section = key
            if key == "SSID":
                ssid = _unescaped(rest.removeprefix(" "))
            elif key == "capability":
                privacy = "Privacy" in rest
            elif key == "DS Parameter set":
                channel = channel_of(rest.rpartition(" ")[2])
            if key in ("RSN", "WPA", "WPS", "OWE Transition Mode"):
                elements.setdefault(key, {})
        said = _IW_LINE.match(rest if _is_head(line) else line)
        if said and section in elements:
            elements[section][said[1].strip()] = said[2].strip()
    rsn, wpa = (_iw_suites(elements.get(kind)) for kind in ("RSN", "WPA"))
    advertisement = replace(
        told(bssid, ssid, privacy, rsn, wpa, channel), owe_transition="OWE Transition Mode" in elements
    )
    return graded(advertisement, tells_pmf=True, wps="WPS" in elements)


def _is_head(line: str) -> bool:
    return line.startswith("\t") and not line.startswith("\t\t")


def _iw_suites(said: dict[str, str] | None) -> Suites | None:
    if said is None:
        return None
    akm = said.get("Authentication suites", "").replace("IEEE 802.1X", "802.1X")
    able = said.get("Capabilities", "")
    return Suites(
        cipher(said.get("Group cipher", "")),
        tuple(cipher(word) for word in said.get("Pairwise ciphers", "").split()),
        tuple(key_agreement(word) for word in akm.split()),
        pmf_capable="MFP-capable" in able,
        pmf_required="MFP-required" in able,
    )


def nmcli(text: str, name: str) -> Iterator[Heard]:
    """`nmcli -t -f BSSID,SSID,CHAN,SECURITY,WPA-FLAGS,RSN-FLAGS device wifi list`, in that order."""
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        fields = _nm_fields(line)
        if len(fields) != len(_NMCLI):
            raise BadInput(
                _("{place}: give nmcli -f {fields}").format(place=f"{name}:{number}", fields=",".join(_NMCLI))
            )
        bssid, ssid, channel, security, wpa, rsn = fields
        advertisement = told(
            bssid_of(bssid, f"{name}:{number}"),
            octets_of(ssid),
            security not in ("", "--"),
            _nm_suites(rsn),
            _nm_suites(wpa),
            channel_of(channel),
        )
        yield graded(advertisement, tells_pmf=False)


def _nm_fields(line: str) -> list[str]:
    """The fields of a terse line, in which colons and backslashes of a value have a backslash before them."""
    fields = [""]
    for letter in re.findall(r"\\.|[^\\]", line.removesuffix("\r")):
        if letter == ":":
            fields.append("")
        else:
            fields[-1] += letter[-1]
    return fields


def _nm_suites(flags: str) -> Suites | None:
    words = [word for word in flags.replace("(none)", "").split() if word != "--"]
    if not words:
        return None
    groups = [cipher(word[6:]) for word in words if word.startswith("group_")]
    pairs = tuple(cipher(word[5:]) for word in words if word.startswith("pair_"))
    akm = tuple(
        key_agreement(word.removesuffix("_tm")) for word in words if not word.startswith(("pair_", "group_"))
    )
    return Suites(groups[0] if groups else "", pairs, akm, pmf_capable=False, pmf_required=False)


def airodump(text: str, name: str) -> Iterator[Heard]:
    """airodump-ng's CSV: networks first, then stations with the BSSID they are associated with."""
    rows = [(number, line.split(",")) for number, line in enumerate(text.split("\n"), start=1)]
    start = next((number for number, row in rows if row[0] == "Station MAC"), len(rows) + 1)
    stations: dict[str, set[str]] = {}
    for number, row in rows:
        if number > start and len(row) > 5 and (joined := canonical_mac(row[5].strip())):
            stations.setdefault(joined, set()).add(bssid_of(row[0], f"{name}:{number}"))
    for number, row in rows:
        if number >= start or len(row) <= _AIRODUMP_ESSID or row[0].endswith("BSSID"):
            continue
        bssid = bssid_of(row[0], f"{name}:{number}")
        versions, ciphers, akm = versions_in(row[5]), row[6].split(), row[7].split()
        rsn, wpa = suites_of(versions, ciphers, akm)
        ssid = _airodump_name(",".join(row[_AIRODUMP_ESSID:-1]).removeprefix(" "))
        advertisement = told(bssid, ssid, "OPN" not in versions, rsn, wpa, channel_of(row[3]))
        heard = graded(advertisement, tells_pmf=False, stations=stations.get(bssid, ()))
        yield heard if versions else untold(heard)


def _airodump_name(text: str) -> bytes:
    """A name with commas stands in quotation marks, in older versions as it is."""
    is_quoted = len(text) > 1 and text[0] == text[-1] == '"'
    return octets_of(text[1:-1].replace('""', '"') if is_quoted else text)


def _unescaped(text: str) -> bytes:
    """iw writes every octet that is not printable ASCII as \\xNN."""
    return re.sub(rb"\\x([0-9a-f]{2})", lambda found: bytes([int(found[1], 16)]), octets_of(text))

"""What other programs heard: `iw dev … scan`, `nmcli -t`, airodump-ng and Kismet exports, snmpwalks of gear.

None of these but `iw`, Kismet's log and some gear tells of protected management frames, so nothing is said of
them. Every reader takes the text and gives networks; what of it cannot be read is LeftOut with its place, and
BadInput a file of which nothing can.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from agent.wireless.airodump import airodump
from agent.wireless.captures import last_frame_at
from agent.wireless.elements import Suites
from agent.wireless.gear import networks_of
from agent.wireless.heard import Heard, LeftOut, Reading, graded, left_out, of_capture, told, untold
from agent.wireless.kismet import kismet_csv, netxml
from agent.wireless.kismet_log import SQLITE, is_json, kismet_json, of_log
from agent.wireless.words import (
    bssid_of,
    channel_of,
    cipher,
    key_agreement,
    octets_of,
)
from inventory.exits import BadInput
from inventory.language import _

_LARGEST: Final = 128 * 1024 * 1024
_HEAD: Final = 64 * 1024
_IW_BSS: Final = re.compile(r"^BSS ([0-9a-fA-F:]{17})")
_IW_LINE: Final = re.compile(r"^\s*\*\s*([^:]+):\s*(.*)$")
_NMCLI: Final = ("BSSID", "SSID", "CHAN", "SECURITY", "WPA-FLAGS", "RSN-FLAGS")


def read(path: Path) -> Reading:
    """The networks of a file, whichever kind it is; a capture where it is no text of a known form."""
    try:
        with path.open("rb") as start:
            head = start.read(_HEAD)
        kind = _kind(head.decode("utf-8", "surrogateescape"))
        if head.startswith(SQLITE):
            return of_log(path)
        if not kind:
            return of_capture(path)
        if path.stat().st_size > _LARGEST:
            raise BadInput(_("{path}: is larger than {size} MB").format(path=path, size=_LARGEST >> 20))
        raw = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}") from error
    if kind == "walk":
        from agent.cli.snmpwalk import read_walk

        return Reading(networks_of(read_walk(path)))
    if kind == "netxml":
        return Reading.of(netxml(raw, str(path)))
    text = raw.decode("utf-8", "surrogateescape")  # a name's octets come through whatever they are
    readers = {
        "iw": iw,
        "airodump": airodump,
        "kismet": kismet_csv,
        "nmcli": nmcli,
        "json": kismet_json,
    }
    return Reading.of(readers[kind](text, str(path)))


def _kind(text: str) -> str:
    """Which of the known texts a file begins as; empty for none."""
    head = text.lstrip("\ufeff\r\n ").split("\n", 1)[0]
    begins = (
        ("iw", _IW_BSS.match(text)),
        ("netxml", "<detection-run" in text[:4096]),
        ("airodump", head.startswith("BSSID, First time seen")),
        ("kismet", head.startswith("Network;NetType;ESSID;BSSID")),
        ("nmcli", re.match(r"^(?:[0-9A-F]{2}\\:){5}[0-9A-F]{2}:", head)),
        ("walk", re.match(r"^(?:iso|\.1)\.3\.6\.", head)),
        ("json", is_json(text)),
    )
    return next((kind for kind, fits in begins if fits), "")


def made_at(path: Path) -> datetime:
    """When the survey was made, as far as the file tells: no survey grows younger by being imported."""
    written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return min(written, last_frame_at(path) or written)


def iw(text: str, name: str) -> Iterator[Heard | LeftOut]:
    """`iw dev wlan0 scan`: every BSS with its RSN, WPA and WPS elements."""
    blocks: list[tuple[int, list[str]]] = []
    lines = text.split("\n")
    for number, line in enumerate(lines, start=1):
        if _IW_BSS.match(line):
            blocks.append((number, [line]))
        elif blocks:
            blocks[-1][1].append(line)
    for at, (number, block) in enumerate(blocks, start=1):
        is_whole = at < len(blocks) or not lines[-1]
        heard = _iw_bss(block, f"{name}:{number}")
        yield heard if is_whole else untold(heard)
        if not is_whole:
            yield left_out(f"{name}:{len(lines)}")


def _iw_bss(lines: list[str], place: str) -> Heard:
    found = _IW_BSS.match(lines[0])
    bssid = bssid_of(found[1] if found else "", place)
    ssid, privacy, channel, section = b"", None, None, ""
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
        told(bssid, ssid, bool(privacy), rsn, wpa, channel), owe_transition="OWE Transition Mode" in elements
    )
    heard = graded(advertisement, tells_pmf=True, wps="WPS" in elements)
    return untold(heard) if privacy is None else heard


def _is_head(line: str) -> bool:
    return line.startswith("\t") and not line.startswith("\t\t")


def _iw_suites(said: dict[str, str] | None) -> Suites | None:
    if said is None:
        return None
    akm = said.get("Authentication suites", "").replace("IEEE 802.1X", "802.1X")
    able, group = said.get("Capabilities", ""), said.get("Group cipher", "")
    pairs = said.get("Pairwise ciphers", "").replace("Use group cipher suite", group)
    return Suites(
        cipher(group) if group else "",
        tuple(cipher(word) for word in pairs.split()),
        tuple(key_agreement(word) for word in akm.split()),
        pmf_capable="MFP-capable" in able,
        pmf_required="MFP-required" in able,
    )


def nmcli(text: str, name: str) -> Iterator[Heard | LeftOut]:
    """`nmcli -t -f BSSID,SSID,CHAN,SECURITY,WPA-FLAGS,RSN-FLAGS device wifi list`, in that order."""
    lines = text.split("\n")
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        place, fields = f"{name}:{number}", _nm_fields(line)
        if number == len(lines) > 1:  # without an end: the file is cut off here
            yield left_out(place)
            continue
        if len(fields) != len(_NMCLI):
            raise BadInput(_("{place}: give nmcli -f {fields}").format(place=place, fields=",".join(_NMCLI)))
        bssid, ssid, channel, security, wpa, rsn = fields
        # An open network that points at its encrypted twin, of which the flags say `owe` as of the twin.
        points = "OWE-TM" in security.split()
        advertisement = told(
            bssid_of(bssid, place),
            octets_of(ssid),
            not points and security not in ("", "--"),
            None if points else _nm_suites(rsn),
            _nm_suites(wpa),
            channel_of(channel),
        )
        yield graded(replace(advertisement, owe_transition=points), tells_pmf=False)


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
    akm = tuple(key_agreement(word) for word in words if not word.startswith(("pair_", "group_")))
    return Suites(groups[0] if groups else "", pairs, akm, pmf_capable=False, pmf_required=False)


def _unescaped(text: str) -> bytes:
    """iw writes every octet that is not printable ASCII as \\xNN."""
    return re.sub(rb"\\x([0-9a-f]{2})", lambda found: bytes([int(found[1], 16)]), octets_of(text))

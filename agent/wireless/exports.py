"""What other programs heard: `iw dev … scan`, `nmcli -t`, airodump-ng and Kismet exports, snmpwalks of gear.

None of these but `iw` and some gear tells of protected management frames, so nothing is said of them. Every
reader takes the text and gives networks; a line that makes no sense is BadInput with its place.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.parsers import expat

from agent.bars import canonical_mac
from agent.wireless.elements import Suites
from agent.wireless.gear import networks_of
from agent.wireless.heard import Heard, graded, of_capture, told
from inventory.exits import BadInput
from inventory.language import _

_LARGEST: Final = 128 * 1024 * 1024
_AKM: Final = {
    "psk": "PSK", "sae": "SAE", "owe": "OWE", "mgt": "802.1X", "802.1x": "802.1X", "ft/psk": "FT-PSK",
    "ft/802.1x": "FT-802.1X", "psk/sha-256": "PSK-SHA256", "802.1x/sha-256": "802.1X-SHA256",
    "ft/sae": "FT-SAE", "802.1x/suite-b": "802.1X-SUITE-B", "802.1x/suite-b-192": "802.1X-SUITE-B-192",
    "cmac": "PSK-SHA256",
}  # fmt: skip
_CIPHER: Final = {
    "ccmp": "CCMP", "ccmp-128": "CCMP", "aes-ccm": "CCMP", "tkip": "TKIP",
    "wep-40": "WEP-40", "wep40": "WEP-40",
    "wep104": "WEP-104", "wep-104": "WEP-104", "wep": "WEP-104", "gcmp": "GCMP", "gcmp-128": "GCMP",
    "gcmp-256": "GCMP-256", "ccmp-256": "CCMP-256",
}  # fmt: skip
_IW_BSS: Final = re.compile(r"^BSS ([0-9a-fA-F:]{17})")
_IW_LINE: Final = re.compile(r"^\s*\*\s*([^:]+):\s*(.*)$")
_NMCLI: Final = ("BSSID", "SSID", "CHAN", "SECURITY", "WPA-FLAGS", "RSN-FLAGS")


def read(path: Path) -> tuple[Heard, ...]:
    """The networks of a file, whichever kind it is; a capture where it is no text of a known form."""
    try:
        if path.stat().st_size > _LARGEST:
            raise BadInput(_("{path}: is larger than {size} MB").format(path=path, size=_LARGEST >> 20))
        raw = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}") from error
    text = raw.decode("utf-8", "replace")
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


def iw(text: str, name: str) -> Iterator[Heard]:
    """`iw dev wlan0 scan`: every BSS with its RSN, WPA and WPS elements."""
    blocks: list[tuple[int, list[str]]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if _IW_BSS.match(line):
            blocks.append((number, [line]))
        elif blocks:
            blocks[-1][1].append(line)
    for number, lines in blocks:
        yield _iw_bss(lines, f"{name}:{number}")


def _iw_bss(lines: list[str], place: str) -> Heard:
    found = _IW_BSS.match(lines[0])
    bssid = _bssid(found[1] if found else "", place)
    ssid, privacy, channel, section = "", False, None, ""
    elements: dict[str, dict[str, str]] = {}
    for line in lines[1:]:
        key, _colon, rest = line.strip().partition(":")
        if _is_head(line):
            section = key
            if key == "SSID":
                ssid = _unescaped(rest.strip())
            elif key == "capability":
                privacy = "Privacy" in rest
            elif key == "DS Parameter set":
                channel = _number(rest.rpartition(" ")[2])
            if key in ("RSN", "WPA", "WPS"):
                elements.setdefault(key, {})
        said = _IW_LINE.match(rest if _is_head(line) else line)
        if said and section in elements:
            elements[section][said[1].strip()] = said[2].strip()
    advertisement = told(
        bssid, ssid, privacy, _iw_suites(elements.get("RSN")), _iw_suites(elements.get("WPA")), channel
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
        _cipher(said.get("Group cipher", "")),
        tuple(_cipher(word) for word in said.get("Pairwise ciphers", "").split()),
        tuple(_akm(word) for word in akm.split()),
        pmf_capable="MFP-capable" in able,
        pmf_required="MFP-required" in able,
    )


def nmcli(text: str, name: str) -> Iterator[Heard]:
    """`nmcli -t -f BSSID,SSID,CHAN,SECURITY,WPA-FLAGS,RSN-FLAGS device wifi list`, in that order."""
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        fields = [field.replace("\\:", ":").replace("\\\\", "\\") for field in re.split(r"(?<!\\):", line)]
        if len(fields) != len(_NMCLI):
            raise BadInput(
                _("{place}: give nmcli -f {fields}").format(place=f"{name}:{number}", fields=",".join(_NMCLI))
            )
        bssid, ssid, channel, security, wpa, rsn = fields
        advertisement = told(
            _bssid(bssid, f"{name}:{number}"),
            ssid,
            security not in ("", "--"),
            _nm_suites(rsn),
            _nm_suites(wpa),
            _number(channel),
        )
        yield graded(advertisement, tells_pmf=False)


def _nm_suites(flags: str) -> Suites | None:
    words = [word for word in flags.replace("(none)", "").split() if word != "--"]
    if not words:
        return None
    groups = [_cipher(word[6:]) for word in words if word.startswith("group_")]
    pairs = tuple(_cipher(word[5:]) for word in words if word.startswith("pair_"))
    akm = tuple(_akm(word.removesuffix("_tm")) for word in words if not word.startswith(("pair_", "group_")))
    return Suites(groups[0] if groups else "", pairs, akm, pmf_capable=False, pmf_required=False)


def airodump(text: str, name: str) -> Iterator[Heard]:
    """airodump-ng's CSV: networks first, then stations with the BSSID they are associated with."""
    rows = list(enumerate(csv.reader(text.splitlines(), skipinitialspace=True), start=1))
    stations: dict[str, set[str]] = {}
    start = next((number for number, row in rows if row and row[0].strip() == "Station MAC"), len(rows) + 1)
    for number, row in rows:
        if number > start and len(row) >= 6 and canonical_mac(row[5].strip()):
            stations.setdefault(canonical_mac(row[5].strip()), set()).add(_bssid(row[0], f"{name}:{number}"))
    for number, row in rows:
        if number >= start or len(row) < 14 or row[0].strip() == "BSSID":
            continue
        bssid = _bssid(row[0], f"{name}:{number}")
        privacy, ciphers, akm = (row[place].split() for place in (5, 6, 7))
        rsn, wpa = _of_words(privacy, ciphers, akm)
        advertisement = told(bssid, row[13], "OPN" not in privacy, rsn, wpa, _number(row[3]))
        yield graded(advertisement, tells_pmf=False, stations=stations.get(bssid, ()))


def kismet_csv(text: str, name: str) -> Iterator[Heard]:
    """Kismet's semicolon-separated networks."""
    for number, row in enumerate(csv.DictReader(text.splitlines(), delimiter=";"), start=2):
        words = (row.get("Encryption") or "").replace("+", ",").split(",")
        yield _of_kismet(
            row.get("BSSID") or "",
            row.get("ESSID") or "",
            words,
            row.get("Channel") or "",
            (),
            f"{name}:{number}",
        )


def netxml(raw: bytes, name: str) -> Iterator[Heard]:
    """Kismet's netxml, as Kismet and airodump-ng write it."""
    found: list[Heard] = []
    here: dict[str, list[str]] = {}
    path: list[str] = []
    parser = expat.ParserCreate()

    def begin(tag: str, _attributes: dict[str, str]) -> None:
        path.append(tag)
        if tag == "wireless-network":
            here.clear()

    def words(data: str) -> None:
        if path[-1] in ("essid", "encryption", "BSSID", "channel", "client-mac"):
            if path[-1] == "channel" and path[-2:-1] != ["wireless-network"]:
                return
            here.setdefault(path[-1], []).append(data)

    def end(tag: str) -> None:
        path.pop()
        if tag == "wireless-network" and here.get("BSSID"):
            said = [part for text in here.get("encryption", []) for part in text.replace("+", " ").split()]
            place = f"{name}:{parser.CurrentLineNumber}"
            first = {key: (here.get(key) or [""])[0] for key in ("BSSID", "essid", "channel")}
            stations = tuple(mac for text in here.get("client-mac", []) if (mac := canonical_mac(text)))
            found.append(_of_kismet(first["BSSID"], first["essid"], said, first["channel"], stations, place))

    def refuse(*_words: object) -> None:
        raise BadInput(_("{path}: declares entities, which no survey needs").format(path=name))

    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = begin, end, words
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(raw, True)
    except expat.ExpatError as error:
        raise BadInput(f"{name}:{error.lineno}: {error}") from error
    except (LookupError, ValueError) as error:  # an encoding that expat does not read
        raise BadInput(f"{name}:1: {error}") from error
    yield from found


def _of_kismet(  # noqa: PLR0917 - the words of one network
    bssid: str, ssid: str, said: list[str], channel: str, stations: tuple[str, ...], place: str
) -> Heard:
    words = [word.strip() for word in said if word.strip()]
    privacy = [word for word in words if word.upper() in ("WEP", "WPA", "WPA2", "WPA3")]
    ciphers = [word for word in words if word.lower() in _CIPHER and word.upper() != "WEP"]
    akm = [word for word in words if word.lower() in _AKM]
    if (
        privacy
        and all(word == "WPA" for word in privacy)
        and any(_cipher(word) == "CCMP" for word in ciphers)
    ):
        privacy = ["WPA2"] if not any(_cipher(word) == "TKIP" for word in ciphers) else ["WPA", "WPA2"]
    rsn, wpa = _of_words(privacy, ciphers, akm)
    advertisement = told(_bssid(bssid, place), ssid, bool(privacy), rsn, wpa, _number(channel))
    return graded(advertisement, tells_pmf=False, stations=stations)


def _of_words(privacy: list[str], ciphers: list[str], akm: list[str]) -> tuple[Suites | None, Suites | None]:
    """RSN and WPA as far as the words tell them apart: CCMP belongs to RSN, TKIP to both."""
    names = tuple(_cipher(word) for word in ciphers if word.upper() != "WEP")
    keys = tuple(_akm(word) for word in akm if word.upper() != "OPN")
    tkip = "TKIP" in names
    group = "TKIP" if tkip else (names[0] if names else "")
    modern = {"WPA2", "WPA3", "OWE"} & {word.upper() for word in privacy}
    rsn = Suites(group, names, keys, pmf_capable=False, pmf_required=False) if modern else None
    old = "WPA" in {word.upper() for word in privacy}
    wpa = Suites(group, names, keys, pmf_capable=False, pmf_required=False) if old else None
    return rsn, wpa


def _cipher(word: str) -> str:
    return _CIPHER.get(word.strip().lower(), word.strip().upper())


def _akm(word: str) -> str:
    return _AKM.get(word.strip().lower(), word.strip().upper())


def _bssid(text: str, place: str) -> str:
    mac = canonical_mac(text.strip())
    if not mac:
        raise BadInput(_("{place}: '{text}' is not a MAC address").format(place=place, text=text[:40]))
    return mac


def _number(text: str) -> int | None:
    shown = text.strip()
    return int(shown) if shown.isdecimal() else None


def _unescaped(text: str) -> str:
    """iw writes bytes that are not printable as \\xNN."""
    raw = re.sub(rb"\\x([0-9a-f]{2})", lambda found: bytes([int(found[1], 16)]), text.encode())
    return raw.decode("utf-8", "replace")

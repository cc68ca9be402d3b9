"""Kismet's surveys before 2019: its semicolon CSV, and netxml; airodump-ng writes both."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final
from xml.parsers import expat

from agent.bars import canonical_mac
from agent.wireless.heard import Heard, LeftOut, graded, left_out, told, untold
from agent.wireless.words import (
    CIPHERS,
    KEY_AGREEMENTS,
    UNHEARD,
    bssid_of,
    channel_of,
    cipher,
    key_agreement,
    octets_of,
    suites_of,
    time_of,
    versions_in,
)
from inventory.exits import BadInput
from inventory.language import _

_LATIN: Final = ("ISO-8859-1", "LATIN1", "ISO8859-1")
# Where netxml says something of a network; a station tells under the same names what it looks for.
_NETWORK: Final = "wireless-network"
_CLIENT: Final = "wireless-client"
_LOOKING: Final = "probe"  # a station that looks for networks, listed as if it were one
_BEHIND: Final = ("fromds", "interds")  # a client that is not in the air: it stands behind the access point
_TOLD: Final = frozenset(
    {
        (_NETWORK, "BSSID"),
        (_NETWORK, "channel"),
        (_NETWORK, "SSID", "essid"),
        (_NETWORK, "SSID", "max-rate"),
        (_NETWORK, "SSID", "encryption"),
        (_NETWORK, _CLIENT, "client-mac"),
    }
)
# Control characters, which XML has no way to write, as airodump-ng writes them.
_NO_XML: Final = re.compile(rb"&#x00([01][0-9a-fA-F]|7[fF]);")


def kismet_csv(text: str, name: str) -> Iterator[Heard | LeftOut]:
    """Kismet's semicolon-separated networks."""
    columns, *lines = [line.removesuffix("\r").split(";") for line in text.lstrip("\ufeff\r\n ").split("\n")]
    if "ESSID" not in columns:
        raise BadInput(_("{path}: holds no {what}").format(path=name, what="ESSID"))
    at = columns.index("ESSID")
    for number, fields in enumerate(lines, start=2):
        if fields == [""]:
            continue
        place, more = f"{name}:{number}", len(fields) - len(columns)  # a name may hold the separator
        if more < 0:
            yield left_out(place)
            continue
        whole = [*fields[:at], ";".join(fields[at : at + 1 + more]), *fields[at + 1 + more :]]
        row = dict(zip(columns, whole, strict=False))
        words = row.get("Encryption", "").replace("+", ",").split(",")
        ssid = kismet_name(row.get("ESSID", ""))
        channel, rate = row.get("Channel", ""), row.get("MaxRate", "")
        heard = _of_kismet(row.get("BSSID", ""), ssid, words, channel, rate, (), place)
        yield replace(heard, last_at=time_of(row.get("LastTime", "")))


def netxml(raw: bytes, name: str) -> Iterator[Heard]:
    """Kismet's netxml, as Kismet and airodump-ng write it."""
    found: list[Heard] = []
    here: dict[str, list[str]] = {}
    path: list[str] = []
    encoding = "utf-8"
    parser = expat.ParserCreate()

    def declare(_version: str, named: str | None, _alone: int) -> None:
        nonlocal encoding
        encoding = named or encoding

    def begin(tag: str, attributes: dict[str, str]) -> None:
        path.append("" if tag == _CLIENT and attributes.get("type") in _BEHIND else tag)
        if tag == _NETWORK:
            here.clear()
            here["type"], here["last"] = [attributes.get("type", "")], [attributes.get("last-time", "")]

    def words(data: str) -> None:
        if tuple(path[1:]) in _TOLD:
            here.setdefault(path[-1], []).append(data)

    def end(tag: str) -> None:
        path.pop()
        if tag == _NETWORK and here.get("BSSID") and here["type"] != [_LOOKING]:
            said = [part for text in here.get("encryption", []) for part in text.replace("+", " ").split()]
            place = f"{name}:{parser.CurrentLineNumber}"
            first = {key: (here.get(key) or [""])[0] for key in ("BSSID", "essid", "channel", "max-rate")}
            ssid = kismet_name(first["essid"], encoding)
            stations = tuple(mac for text in here.get("client-mac", []) if (mac := canonical_mac(text)))
            channel, rate = first["channel"], first["max-rate"]
            heard = _of_kismet(first["BSSID"], ssid, said, channel, rate, stations, place)
            found.append(replace(heard, last_at=time_of(here["last"][0])))

    def refuse(*_words: object) -> None:
        raise BadInput(_("{path}: declares entities, which no survey needs").format(path=name))

    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = begin, end, words
    parser.EntityDeclHandler = refuse
    parser.XmlDeclHandler = declare
    try:
        parser.Parse(_NO_XML.sub(lambda found: b"\\%03o" % int(found[1], 16), raw), True)
    except expat.ExpatError as error:
        raise BadInput(f"{name}:{error.lineno}: {error}") from error
    except (LookupError, ValueError) as error:  # an encoding that expat does not read
        raise BadInput(f"{name}:1: {error}") from error
    yield from found


def _of_kismet(  # noqa: PLR0917 - the words of one network
    bssid: str, ssid: bytes, said: list[str], channel: str, rate: str, stations: tuple[str, ...], place: str
) -> Heard:
    words = [word.strip() for word in said if word.strip()]
    versions = set(versions_in(" ".join(words))) - {"OPN"}
    ciphers = [word for word in words if word.lower() in CIPHERS and word.upper() != "WEP"]
    akm = [word for word in words if word.lower() in KEY_AGREEMENTS]
    meant = _versions_meant(versions, {cipher(word) for word in ciphers}, set(map(key_agreement, akm)))
    rsn, wpa = suites_of(meant, ciphers, akm)
    advertisement = told(bssid_of(bssid, place), ssid, bool(versions), rsn, wpa, channel_of(channel))
    heard = graded(advertisement, tells_pmf=False, stations=stations)
    is_told = versions or "none" in map(str.lower, words)
    return heard if is_told and (meant or not versions) and not rate.startswith(UNHEARD) else untold(heard)


def _versions_meant(versions: set[str], offered: set[str], keys: set[str]) -> set[str]:
    """The versions where `WPA` stands for all of them (`WPA+AES-CCM`); none where it may be either."""
    if versions != {"WPA"} or "CCMP" not in offered:
        return versions
    if "TKIP" in offered:
        return {"WPA", "WPA2"}
    return {"WPA2"} if keys and keys <= {"SAE", "OWE"} else set()


def kismet_name(text: str, encoding: str = "utf-8") -> bytes:
    """The octets of a name, as Kismet (\\ooo for the unprintable) or airodump-ng (Latin-1) writes it."""
    latin = encoding.upper() in _LATIN and all(ord(letter) < 256 for letter in text)
    raw = text.encode("latin-1") if latin else octets_of(text)
    return re.sub(rb"\\([0-3][0-7]{2})", lambda found: bytes([int(found[1], 8)]), raw)

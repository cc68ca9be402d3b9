"""The networks that controllers and access points say they send: SNMP columns to Heard, by data/gear.yaml.

Pure. What the tables do not tell, or tell in a value no document explains, leaves the label `UNKNOWN`.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from agent.bars import canonical_mac
from agent.wireless.elements import Suites
from agent.wireless.grade import UNTOLD
from agent.wireless.heard import Heard, graded, told
from agent.wireless.names import octets
from inventory import strict_yaml

_UNREAD: Final = "unread"
_PLAIN: Final = frozenset({"open", "wep", "wpa", "rsn", "protected", _UNREAD})
_MAC_NUMBERS: Final = 6
_MOST_DIGITS: Final = 10  # of a number in an OID, and of any number here

Oid = Annotated[str, Field(pattern=r"^1(\.\d+)+$")]
Index = tuple[int, ...]
Columns = Mapping[str, Mapping[Index, str]]


class Saying(BaseModel):
    """One column about protection: what its values or bits mean, and which of its rows are a network's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    column: Oid
    values: Mapping[str, tuple[str, ...]] | None = None
    bits: Mapping[str, tuple[str, ...]] | None = None
    by: Literal["index", "ssid"] | Oid = "index"
    when: str = ""
    may_be_absent: bool = False


class Stations(BaseModel):
    """Columns indexed by a station's MAC that name the BSSID or the SSID it is associated with."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bssid: Oid | None = None
    ssid: Oid | None = None


class Gear(BaseModel):
    """One kind of gear: the MIBs it speaks, where its networks stand, and what is said of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    gear: str
    mib: str
    ssid: Oid
    says: tuple[Saying, ...]
    bssid: Literal["index"] | Oid | None = None
    channel: Oid | None = None
    vlan: Oid | None = None
    off: Mapping[Oid, str] = {}
    otherwise: Literal["open"] | None = None
    stations: Stations = Stations()

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column it is asked for once it names a network, the SSIDs left out."""
        own = [each for each in (self.bssid, self.channel, self.vlan) if each and each != "index"]
        of_stations = [each for each in (self.stations.bssid, self.stations.ssid) if each]
        said = [column for each in self.says for column in (each.column, each.by) if "." in column]
        return tuple(dict.fromkeys((*self.off, *own, *said, *of_stations)))


@cache
def kinds() -> tuple[Gear, ...]:
    """Every kind of gear there is data for."""
    shape = TypeAdapter(tuple[Gear, ...])
    return strict_yaml.read(files("agent.wireless") / "data" / "gear.yaml", shape)


def networks_of(variables: Iterable[tuple[str, str]]) -> tuple[Heard, ...]:
    """The networks in walked variables (numeric OID, text), sorted by SSID and BSSID, which may be empty."""
    columns: dict[str, dict[Index, str]] = defaultdict(dict)
    wanted = {column for kind in kinds() for column in (kind.ssid, *kind.columns)}
    for oid, value in variables:
        column = next((known for known in _prefixes(oid) if known in wanted), None)
        if column is not None:
            columns[column][_numbers(oid[len(column) + 1 :])] = value
    found = [network for kind in kinds() for network in _of(kind, columns)]
    return tuple(sorted(found, key=lambda one: (one.ssid, one.bssid)))


def _of(kind: Gear, columns: Columns) -> Iterator[Heard]:
    stations = _stations(kind.stations, columns)
    rows = [(index, ssid) for index, ssid in columns.get(kind.ssid, {}).items() if octets(ssid).strip(b"\0")]
    for index, ssid in rows:
        bssid = _bssid(kind, index, columns)
        if bssid is None or any(columns.get(at, {}).get(index) == value for at, value in kind.off.items()):
            continue
        words = tuple(_words(kind, index, ssid, columns))
        channel = _number(columns.get(kind.channel or "", {}).get(index, ""))
        heard = _heard(bssid, ssid, words, channel, open_else=bool(kind.otherwise))
        joined = stations.get(bssid, ()) if bssid else ()
        yield replace(
            heard,
            stations=tuple(sorted({*joined, *stations.get(f"ssid {ssid}", ())})),
            vlan=_vlan(columns.get(kind.vlan or "", {}).get(index, "")),
        )


def _words(kind: Gear, index: Index, ssid: str, columns: Columns) -> Iterator[str]:
    """What is said of a network, in the words of the data; `unread` for what the data does not explain."""
    said: set[str] = set()
    for saying in kind.says:
        if saying.when and saying.when not in said:
            continue
        value = _row(saying, index, ssid, columns)
        meant: tuple[str, ...]
        if value is None:
            meant = () if saying.may_be_absent else (_UNREAD,)
        elif saying.bits is not None:
            meant = tuple(word for bit in _bits(value) for word in saying.bits.get(str(bit), (_UNREAD,)))
        else:
            meant = (saying.values or {}).get(value, (_UNREAD,))
        said.update(meant)
        yield from meant
    if not kind.says:
        yield _UNREAD


def _heard(bssid: str, ssid: str, words: tuple[str, ...], channel: int | None, *, open_else: bool) -> Heard:
    said = set(words)
    ways = said & {"wep", "wpa", "rsn"}
    pmf = next((word.removeprefix("pmf ") for word in words if word.startswith("pmf ")), "")
    akm = tuple(dict.fromkeys(word for word in words if " " not in word and _is_akm(word)))
    old = _suites("wpa", words, akm, "") if "wpa" in said else None
    new = _suites("rsn", words, akm, pmf) if "rsn" in said else None
    whole = all(each is None or (each.pairwise and each.akm) for each in (old, new))
    settled = bool(ways) or "open" in said or open_else
    network = graded(told(bssid, octets(ssid), bool(ways), new, old, channel), tells_pmf=bool(pmf and new))
    if _UNREAD in said or not whole or not settled or (ways and "open" in said):
        # Of what is not fully told the weak points that are told still hold; only `open` may be a guess.
        return replace(network, security=UNTOLD, weak=tuple(w for w in network.weak if w != "open"))
    if "wep" in ways and network.security != "WEP":
        return replace(network, weak=("wep", *network.weak))
    return network


def _suites(kind: str, words: tuple[str, ...], akm: tuple[str, ...], pmf: str) -> Suites:
    own = [word.removeprefix(f"{kind} ") for word in words if word.startswith(f"{kind} ")]
    shared = [word for word in words if _is_cipher(word)]
    ciphers = tuple(dict.fromkeys((*own, *shared)))
    return Suites(
        "", ciphers, akm, pmf_capable=pmf in ("optional", "required"), pmf_required=pmf == "required"
    )


def _is_cipher(word: str) -> bool:
    return word in ("TKIP", "CCMP", "GCMP", "GCMP-256", "CCMP-256")


def _is_akm(word: str) -> bool:
    return word not in _PLAIN and not _is_cipher(word)


def _row(saying: Saying, index: Index, ssid: str, columns: Columns) -> str | None:
    rows = columns.get(saying.column, {})
    if saying.by == "index":
        return rows.get(index)
    if saying.by == "ssid":
        named = tuple(octets(ssid))
        return rows.get((len(named), *named), rows.get(named))
    names = columns.get(saying.by, {})
    said = {rows[at] for at, name in names.items() if name == ssid and at in rows}
    return said.pop() if len(said) == 1 else None


def _stations(where: Stations, columns: Columns) -> dict[str, tuple[str, ...]]:
    """MACs under the BSSID, else under `ssid NAME`, they are associated with."""
    found: dict[str, set[str]] = defaultdict(set)
    placed: set[str] = set()
    for index, value in columns.get(where.bssid or "", {}).items():
        mac, bssid = _mac_of(index), canonical_mac(value)
        if mac and bssid:
            found[bssid].add(mac)
            placed.add(mac)
    for index, ssid in columns.get(where.ssid or "", {}).items():
        mac = _mac_of(index)
        if mac and ssid and mac not in placed:
            found[f"ssid {ssid}"].add(mac)
    return {place: tuple(sorted(macs)) for place, macs in found.items()}


def _bssid(kind: Gear, index: Index, columns: Columns) -> str | None:
    """The BSSID of a row, empty where this gear names none; None for a radio that sends nothing."""
    if kind.bssid is None:
        return ""
    text = (
        _mac_of(index) if kind.bssid == "index" else canonical_mac(columns.get(kind.bssid, {}).get(index, ""))
    )
    return text if text and text != "00:00:00:00:00:00" else None


def _bits(value: str) -> Iterator[int]:
    """The bits set in a BITS value as the codec gives octets; bit 0 is the first octet's highest."""
    is_hex = re.fullmatch(r"[0-9a-f]{2}(:[0-9a-f]{2})*", value)
    whole = bytes.fromhex(value.replace(":", "")) if is_hex else value.encode("latin-1", "replace")
    for at, octet in enumerate(whole):
        yield from (8 * at + bit for bit in range(8) if octet & (0x80 >> bit))


def _mac_of(index: Index) -> str:
    last = index[-_MAC_NUMBERS:]
    fits = len(last) == _MAC_NUMBERS and all(number < 256 for number in last)
    return ":".join(f"{number:02x}" for number in last) if fits else ""


def _vlan(text: str) -> str:
    return text if 0 < (_number(text) or 0) < 4095 else ""


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else None


def _prefixes(oid: str) -> Iterator[str]:
    while "." in oid:
        oid = oid.rpartition(".")[0]
        yield oid


def _numbers(text: str) -> Index:
    numbers = [_number(part) for part in text.split(".")]
    return tuple(number for number in numbers if number is not None) if None not in numbers else ()

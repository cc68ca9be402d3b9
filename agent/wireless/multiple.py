"""The BSSs that one beacon speaks for besides its own (IEEE 802.11-2020, 9.4.2.45 and 11.1.3.8).

An access point of Wi-Fi 6 sends a beacon for one of its networks only; the others stand in it as profiles,
which say nothing of what is as in the network that is beaconed.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from agent.wireless import elements
from agent.wireless.elements import Element

_PROFILE = 0  # the subelement that holds one
_ADDRESS = 48  # bits of a BSSID


@dataclass(frozen=True, slots=True)
class Profile:
    """One BSS that is not beaconed itself: its BSSID, its capabilities, and all that holds for it."""

    bssid: str
    capability: int
    elements: list[Element]


def profiles(bssid: bytes, beacon: list[Element]) -> Iterator[Profile]:
    """The profiles in a beacon's elements; one that is cut short or lacks its number is left out."""
    for bits, whole in _whole_profiles(beacon):
        found = elements.split(whole)
        if not found or found[0][0] != elements.NONTRANSMITTED_CAPABILITY or len(found[0][1]) < 2:
            continue
        index = next((value for kind, value in found if kind == elements.MULTIPLE_BSSID_INDEX), b"")
        if not index or not 0 < index[0] < 1 << bits:
            continue
        (capability,) = struct.unpack_from("<H", found[0][1])
        whole_truth = [*found, *_inherited(capability, found, beacon)]
        yield Profile(_address(bssid, bits, index[0]), capability, whole_truth)


def _whole_profiles(beacon: list[Element]) -> Iterator[tuple[int, bytes]]:
    """Each profile with the bits in which its BSSID differs; one may go on in the next element."""
    open_bits, parts = 0, b""
    for kind, value in beacon:
        if kind != elements.MULTIPLE_BSSID or not value or not 0 < value[0] <= 8:
            continue
        for subkind, part in elements.split(value[1:]) or ():
            if subkind != _PROFILE:
                continue
            if part[:1] == bytes([elements.NONTRANSMITTED_CAPABILITY]):
                if parts:
                    yield open_bits, parts
                parts = b""
            open_bits, parts = value[0], parts + part
    if parts:
        yield open_bits, parts


def _address(bssid: bytes, bits: int, index: int) -> str:
    """The BSSID whose last `bits` are `index` further on, round and round (9.4.2.45)."""
    number, mask = int.from_bytes(bssid), (1 << bits) - 1
    return (number & ~mask | (number + index) & mask).to_bytes(_ADDRESS // 8).hex(":")


def _inherited(capability: int, profile: list[Element], beacon: list[Element]) -> Iterator[Element]:
    """What holds for the profile too: what it neither says itself nor disowns."""
    disowned = {elements.SSID, elements.MULTIPLE_BSSID, *_disowned(profile)}
    own = {_name(each) for each in profile}
    is_open = not capability & elements.PRIVACY
    for kind, value in beacon:
        protects = kind == elements.RSN or (kind == elements.VENDOR and elements.is_wpa(value))
        if kind not in disowned and _name((kind, value)) not in own and not (is_open and protects):
            yield kind, value


def _name(element: Element) -> tuple[int, bytes]:
    """What two elements share that say the same kind of thing: of vendors' the maker and its number too."""
    kind, value = element
    return kind, {elements.VENDOR: value[:4], elements.EXTENSION: value[:1]}.get(kind, b"")


def _disowned(profile: list[Element]) -> bytes:
    """The numbers of the elements that do not hold for it (9.4.2.240)."""
    listed = (value for kind, value in profile if kind == elements.EXTENSION and len(value) > 1)
    return b"".join(value[2 : 2 + value[1]] for value in listed if value[0] == elements.NON_INHERITANCE)

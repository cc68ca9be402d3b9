"""Whose radio a BSSID or a station's MAC is, among the devices of a site (pure)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from inventory.types import Device, DeviceClass

SENDS: Final = frozenset({DeviceClass.ACCESS_POINT, DeviceClass.WLAN_CONTROLLER, DeviceClass.ROUTER})
_BLOCK: Final = 64  # access points number their BSSIDs within a block of this size around their own MAC
_LOCAL: Final = 0x02 << 40


class Holders:
    """The devices of a site by the MACs they hold, and those that may send networks."""

    def __init__(self, devices: Iterable[Device], site: str) -> None:
        held: dict[str, set[str]] = defaultdict(set)
        self._senders: list[Device] = []
        for device in devices:
            here = [each for each in device.addresses if each.site == site]
            if here and device.device_class in SENDS:
                self._senders.append(device)
            for address in here:
                if address.mac:
                    held[address.mac].add(device.id)
        self.by_mac = {mac: min(ids) for mac, ids in held.items() if len(ids) == 1}

    def sender_of(self, bssid: str) -> str:
        """The id of who sends it: whose own MAC it is, its locally administered bit aside, or lies nearest.

        Any device may send under its own MAC (Wi-Fi Direct); within a block only those that are made to.
        """
        if not bssid:
            return ""
        own = (self.by_mac.get(mac, "") for mac in (bssid, _mac(_number(bssid) ^ _LOCAL)))
        return next(filter(None, own), "") or _nearest(bssid, self._senders)


def _nearest(bssid: str, points: Sequence[Device]) -> str:
    """The one access point whose MAC lies nearest in the BSSID's block; empty where two are as near."""
    number = _number(bssid) & ~_LOCAL
    near: dict[str, int] = {}
    for point in points:
        for address in point.addresses:
            if address.mac:
                far = abs((_number(address.mac) & ~_LOCAL) - number)
                if far < near.get(point.id, _BLOCK):
                    near[point.id] = far
    ranked = sorted((far, point) for point, far in near.items())
    if not ranked or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
        return ""
    return ranked[0][1]


def _number(mac: str) -> int:
    return int(mac.replace(":", ""), 16)


def _mac(number: int) -> str:
    return number.to_bytes(6).hex(":")

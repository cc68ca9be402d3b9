"""Wireless networks into the register: joined to their access points, and shown to the wireless check."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from agent.wireless.expected import ExpectedNetworks, second_guard
from agent.wireless.heard import Heard
from inventory.register import Register
from inventory.types import Clock, Device, DeviceClass, Fact, Observation, Target, WirelessNetwork

SOURCE: Final = "wifi"
_SENDS: Final = frozenset({DeviceClass.ACCESS_POINT, DeviceClass.WLAN_CONTROLLER, DeviceClass.ROUTER})
_BLOCK: Final = 64  # access points number their BSSIDs within a block of this size around their own MAC
_LOCAL: Final = 0x02 << 40


@dataclass(frozen=True, slots=True)
class Joined:
    """What an import came to: the networks kept, and how many of them have an access point here."""

    networks: tuple[WirelessNetwork, ...]
    with_device: int


def take_in(  # noqa: PLR0917 - the parts of one task
    register: Register,
    heard: Iterable[Heard],
    site: str,
    segment: str,
    source: str,
    declared: ExpectedNetworks,
    clock: Clock,
    *,
    run: str,
    vantage: str,
) -> Joined:
    """Keeps the networks, and what each access point of the register offers as an observation of it."""
    at = clock.now()
    points = [each for each in register.iter_devices() if each.device_class in _SENDS]
    networks = []
    for one in heard:
        device = _point(one.bssid, points)
        own = declared.of(one.ssid)
        networks.append(
            WirelessNetwork(
                site,
                segment,
                one.bssid,
                one.ssid,
                one.security,
                one.weak,
                source,
                at,
                at,
                one.akm,
                one.pairwise,
                one.group,
                one.pmf,
                one.wps,
                one.channel,
                own.vlan if own else "",
                device.id if device else "",
                one.stations,
            )
        )
    register.keep_networks(networks)
    by_device: dict[str, list[WirelessNetwork]] = defaultdict(list)
    for network in networks:
        if network.device:
            by_device[network.device].append(network)
    for point in points:
        if point.id in by_device and point.addresses:
            told = _observation(point, by_device[point.id], declared, run, vantage)
            register.observe(point.id, [told])
    return Joined(tuple(networks), sum(bool(network.device) for network in networks))


def _observation(
    point: Device, networks: Sequence[WirelessNetwork], declared: ExpectedNetworks, run: str, vantage: str
) -> Observation:
    address = point.addresses[0]
    facts = []
    for network in networks:
        facts += [
            Fact("wifi.bssid", network.bssid),
            Fact("wifi.ssid", network.ssid),
            Fact("wifi.security", network.security),
            Fact("wifi.weak", ",".join(network.weak)),
        ]
    guard = second_guard(declared, networks)
    if guard:
        facts.append(Fact("wifi.second_guard", guard))
    digest = hashlib.sha256("\n".join(f"{fact.name}={fact.value}" for fact in facts).encode()).hexdigest()
    target = Target(address.ip, address.mac, address.site, address.segment)
    return Observation(run, vantage, target, SOURCE, networks[0].last_at, tuple(facts), None, digest)


def _point(bssid: str, points: Sequence[Device]) -> Device | None:
    """The one access point whose MAC lies nearest in the BSSID's block; None where two are as near."""
    number = _number(bssid) & ~_LOCAL
    near: dict[str, tuple[int, Device]] = {}
    for point in points:
        for address in point.addresses:
            if address.mac:
                far = abs((_number(address.mac) & ~_LOCAL) - number)
                if far < _BLOCK and far < near.get(point.id, (_BLOCK, point))[0]:
                    near[point.id] = (far, point)
    ranked = sorted(near.values(), key=lambda pair: pair[0])
    if not ranked or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
        return None
    return ranked[0][1]


def _number(mac: str) -> int:
    return int(mac.replace(":", ""), 16)

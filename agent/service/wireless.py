"""Wireless networks into the register: joined to their access points, and shown to the wireless check."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Final

from agent.permit import Gate, Permit
from agent.probes.reply import Context
from agent.probes.snmp import SNMP
from agent.probes.walk import Walk
from agent.transport.door import Door
from agent.transport.talk import Failed
from agent.wireless.evidence import SOURCE, Told, latest, told_in
from agent.wireless.expected import Notice, notices, read
from agent.wireless.gear import kinds, networks_of
from agent.wireless.grade import UNTOLD
from agent.wireless.heard import Heard
from inventory.register import Register
from inventory.settings import Settings
from inventory.types import (
    Clock,
    Device,
    DeviceClass,
    Fact,
    Observation,
    ProbeOutcome,
    Target,
    Touch,
    WirelessNetwork,
)

_SENDS: Final = frozenset({DeviceClass.ACCESS_POINT, DeviceClass.WLAN_CONTROLLER, DeviceClass.ROUTER})
_MAY_NAME: Final = _SENDS | {DeviceClass.FIREWALL}
_BLOCK: Final = 64  # access points number their BSSIDs within a block of this size around their own MAC
_LOCAL: Final = 0x02 << 40


@dataclass(frozen=True, slots=True)
class Joined:
    """What an import came to: the networks kept, and how many of them have an access point here."""

    networks: tuple[WirelessNetwork, ...]
    with_device: int


def not_as_declared(register: Register, settings: Settings, on: date) -> tuple[Notice, ...]:
    """What of the register's networks is not as the file of the settings declares (docs/wireless.md)."""
    named = settings.wireless.expected
    return notices(read(Path(named) if named else None), register.networks(), on)


def take_in(  # noqa: PLR0917 - the parts of one task
    register: Register,
    heard: Iterable[Heard],
    site: str,
    segment: str,
    source: str,
    clock: Clock,
    *,
    run: str,
    vantage: str,
    sender: Device | None = None,
    heard_at: datetime | None = None,
) -> Joined:
    """Keeps the networks, and what each access point of the register offers as an observation of it.

    Each counts from when it was heard last, or `heard_at`, where that is earlier than now. `sender` is the
    gear that named them itself: they are its own where no access point's MAC is near. A source that does not
    tell how a network is protected leaves what was told before as it stands.
    """
    now = clock.now()
    at = min(now, heard_at or now)
    points = [each for each in register.iter_devices() if each.device_class in _SENDS]
    before = {(each.site, each.bssid, each.ssid): each for each in register.networks()}
    networks, told = [], []
    for one in heard:
        device = (_point(one.bssid, points) if one.bssid else None) or sender
        last_at = min(at, one.last_at or at)
        network = WirelessNetwork(
            site,
            segment,
            one.bssid,
            one.ssid,
            one.security,
            one.weak,
            source,
            last_at,
            last_at,
            one.akm,
            one.pairwise,
            one.group,
            one.pmf,
            one.wps,
            one.channel,
            one.vlan,
            device.id if device else "",
            one.stations,
        )
        told.append(network)
        networks.append(_with_what_was_told(network, before.get((site, one.bssid, one.ssid))))
    register.keep_networks(networks)
    by_device: dict[str, list[WirelessNetwork]] = defaultdict(list)
    for network in told:
        if network.device:
            by_device[network.device].append(network)
    senders = {sender.id: sender} if sender else {}
    for point in {**senders, **{each.id: each for each in points}}.values():
        if point.id in by_device and point.addresses:
            facts = _facts(register.observations(point.id), by_device[point.id])
            register.observe(point.id, [_observation(point, facts, now, run, vantage)])
    return Joined(tuple(networks), sum(bool(network.device) for network in networks))


def gear_of(
    devices: Iterable[Device], gate: Gate, site: str, addresses: Sequence[str] = ()
) -> list[tuple[Device, Permit]]:
    """The gear of a site that may be asked, each at the first of its addresses that allows it.

    All access points, controllers, routers and firewalls, or whatever stands at `addresses`.
    """
    found = []
    for device in devices:
        for address in device.addresses:
            wanted = address.ip in addresses if addresses else device.device_class in _MAY_NAME
            if not wanted or address.site != site:
                continue
            permit = gate.admit(address.ip, Touch.QUERY, mac=address.mac, device_class=device.device_class)
            if isinstance(permit, Permit):
                found.append((device, permit))
                break
    return found


async def ask(door: Door, permit: Permit, context: Context) -> tuple[Heard, ...] | Failed:
    """The networks that gear says it sends, read from its tables (GETBULK); Failed where nobody answers.

    Of each kind of gear the SSIDs are asked first, the rest only where there are some.
    """
    walk = Walk(door, permit, SNMP.ports[0], context)
    if not await walk.opens():
        return Failed(ProbeOutcome.SILENT, "no community and no user was answered")
    variables: list[tuple[str, str]] = []
    for kind in kinds():
        named = await walk.column(kind.ssid)
        variables += named
        for column in kind.columns if named else ():
            variables += await walk.column(column)
    return networks_of(variables)


def _with_what_was_told(network: WirelessNetwork, before: WirelessNetwork | None) -> WirelessNetwork:
    if before is None or network.security != UNTOLD or network.weak:
        return network
    return replace(
        network,
        security=before.security,
        weak=before.weak,
        akm=before.akm,
        pairwise=before.pairwise,
        group=before.group,
        pmf=before.pmf,
        wps=before.wps,
    )


def _facts(before: Iterable[Observation], networks: Sequence[WirelessNetwork]) -> tuple[Fact, ...]:
    """What is known of a device's networks now: what was told before, and what is told of these."""
    told = [one for each in before if each.source == SOURCE for one in told_in(each)]
    told += [Told(each.bssid, each.ssid, each.security, each.weak, each.last_at.date()) for each in networks]
    return tuple(fact for _key, one in sorted(latest(told).items()) for fact in one.facts())


def _observation(point: Device, facts: tuple[Fact, ...], at: datetime, run: str, vantage: str) -> Observation:
    address = point.addresses[0]
    digest = hashlib.sha256("\n".join(f"{fact.name}={fact.value}" for fact in facts).encode()).hexdigest()
    target = Target(address.ip, address.mac, address.site, address.segment)
    return Observation(run, vantage, target, SOURCE, at, facts, None, digest)


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

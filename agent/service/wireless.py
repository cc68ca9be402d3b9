"""Wireless networks into the register: joined to who sends and uses them, and shown to the check."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
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
from agent.wireless.holders import SENDS, Holders
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

_MAY_NAME: Final = SENDS | {DeviceClass.FIREWALL}


@dataclass(frozen=True, slots=True)
class Joined:
    """What an import came to: the networks kept, and how many of them have an access point here."""

    networks: tuple[WirelessNetwork, ...]
    with_device: int


def not_as_declared(register: Register, settings: Settings, on: date) -> tuple[Notice, ...]:
    """What is not as the file of the settings declares, by what was heard while evidence counts."""
    named = settings.wireless.expected
    oldest = on - timedelta(days=settings.evidence_days)
    heard = [
        replace(each, stations=each.stations_since(oldest))
        for each in register.networks()
        if each.last_at.date() >= oldest
    ]
    return notices(read(Path(named) if named else None), heard, on)


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
    evidence_days: int = 45,
) -> Joined:
    """Keeps the networks, and as observations what each device of the register sends, and has joined.

    Each counts from when it was heard last, or `heard_at`, where that is earlier than now. `sender` is the
    gear that named them itself: they are its own where no access point's MAC is near. What a source does not
    tell of a network stays as it was told before; a station that is not heard again, for `evidence_days`.
    """
    now = clock.now()
    at = min(now, heard_at or now)
    known = Holders(register.iter_devices(), site)
    before = {(each.site, each.bssid, each.ssid): each for each in register.networks()}
    networks, told = [], []
    for one in heard:
        device = known.sender_of(one.bssid) or (sender.id if sender else "")
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
            device,
            one.stations,
        )
        told.append(network)
        key = (site, one.bssid, one.ssid)
        before[key] = _merged(network, before.get(key), (now - timedelta(days=evidence_days)).date())
        networks.append(before[key])
    register.keep_networks(networks)
    said: dict[str, list[Told]] = defaultdict(list)
    for network in told:
        tells = Told(network.bssid, network.ssid, network.security, network.weak, network.last_at.date())
        if network.device:
            said[network.device].append(tells)
        for mac in network.stations:
            if mac in known.by_mac:
                said[known.by_mac[mac]].append(replace(tells, station=mac))
    for device_id in sorted(said):
        about = register.device(device_id)
        if about.addresses:
            facts = _facts(register.observations(device_id), said[device_id])
            register.observe(device_id, [_observation(about, facts, now, run, vantage)])
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


def _merged(network: WirelessNetwork, before: WirelessNetwork | None, oldest: date) -> WirelessNetwork:
    """The later word on a network, with what it leaves untold by the earlier, and the stations of both."""
    if before is None:
        return network
    earlier, later = sorted((before, network), key=lambda each: each.last_at)
    days = {mac: _day_of(mac, each) for each in (earlier, later) for mac in each.stations}
    days = {mac: day for mac, day in days.items() if day >= oldest}
    source = earlier if later.security == UNTOLD and not later.weak else later
    return replace(
        later,
        first_at=min(earlier.first_at, later.first_at),
        segment=later.segment or earlier.segment,
        security=source.security,
        weak=source.weak,
        akm=source.akm,
        pairwise=source.pairwise,
        group=source.group,
        pmf=source.pmf,
        wps=earlier.wps if later.wps is None else later.wps,
        channel=earlier.channel if later.channel is None else later.channel,
        vlan=later.vlan or earlier.vlan,
        device=later.device or earlier.device,
        stations=tuple(sorted(days)),
        station_days=tuple(sorted((mac, day) for mac, day in days.items() if day != later.last_at.date())),
    )


def _day_of(mac: str, network: WirelessNetwork) -> date:
    return dict(network.station_days).get(mac, network.last_at.date())


def _facts(before: Iterable[Observation], now: Sequence[Told]) -> tuple[Fact, ...]:
    """What is known of a device's networks now: what was told before, and what is told of these."""
    told = [one for each in before if each.source == SOURCE for one in told_in(each)]
    return tuple(fact for _key, one in sorted(latest([*told, *now]).items()) for fact in one.facts())


def _observation(point: Device, facts: tuple[Fact, ...], at: datetime, run: str, vantage: str) -> Observation:
    address = point.addresses[0]
    digest = hashlib.sha256("\n".join(f"{fact.name}={fact.value}" for fact in facts).encode()).hexdigest()
    target = Target(address.ip, address.mac, address.site, address.segment)
    return Observation(run, vantage, target, SOURCE, at, facts, None, digest)

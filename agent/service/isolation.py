"""Isolation over the register: what was measured so far, and asking known devices from another segment."""

import ipaddress
import random
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from agent.bars import Network
from agent.isolation import expected
from agent.isolation.asking import Vantage
from agent.isolation.devices import DeviceAsker, Known, Met
from agent.isolation.matrix import Measured
from agent.permit import Gate
from agent.sweeps.connect import ConnectSweeper
from agent.sweeps.raw import RawSweeper
from agent.transport.door import Door
from agent.transport.raw.patience import Patience
from agent.transport.raw.tempo import Caps
from inventory.exits import UsageFault
from inventory.language import _
from inventory.merge import says_closed
from inventory.register import Register
from inventory.settings import Settings
from inventory.types import Device, DeviceClass, Observation

PATIENCE: Final = 1.0
"""Seconds an answer across a border is waited for at least: silence is taken for a wall."""
_SEEN_WITHIN: Final = timedelta(days=1)
_UNTIL_GIVEN_UP: Final = Patience(3.5, 3.5)  # a router looks three seconds for a neighbour before it says so


def measured(register: Register, settings: Settings, at: datetime) -> Measured:
    """Every way as last measured, against the matrix the settings name."""
    path = settings.isolation.expected
    segments: dict[str, set[str]] = defaultdict(set)
    families: dict[tuple[str, str], set[int]] = defaultdict(set)
    for scope in register.scopes():
        segments[scope.site].add(scope.segment)
        version = ipaddress.ip_network(scope.network, strict=False).version
        families[scope.site, scope.segment].add(version)
    return Measured(
        register.crossings(),
        expected.read(Path(path) if path else None),
        {site: frozenset(names) for site, names in segments.items()},
        settings.isolation.days,
        at,
        {key: frozenset(versions) for key, versions in families.items()},
    )


def networks_of(register: Register, site: str) -> dict[str, list[Network]]:
    """The networks of each segment in scope; UsageFault where no site is named and there are several."""
    scopes = register.scopes()
    sites = sorted({scope.site for scope in scopes})
    if not site and len(sites) > 1:
        raise UsageFault(_("say which site: {sites}").format(sites=", ".join(sites)))
    found: dict[str, list[Network]] = defaultdict(list)
    for scope in scopes:
        if not site or scope.site == site:
            found[scope.segment].append(ipaddress.ip_network(scope.network, strict=False))
    return dict(found)


def known_elsewhere(register: Register, vantage: Vantage, at: datetime) -> tuple[Known, ...]:
    """The devices in other segments of the site, with the ports the last day's roll call met at each address.

    Routers and firewalls, and what stands in the vantage's segment as well, are left out: their addresses in
    other segments are their own, and no way across.
    """
    with register.reading() as now:
        heard = now.all_observations()
        return tuple(
            known
            for device in now.iter_devices()
            if not _stands_at_border(device, vantage)
            for known in _known(device, vantage, heard.get(device.id, ()), at - _SEEN_WITHIN)
        )


def _stands_at_border(device: Device, vantage: Vantage) -> bool:
    return device.device_class in (DeviceClass.ROUTER, DeviceClass.FIREWALL) or any(
        each.segment == vantage.segment for each in device.addresses
    )


def _known(
    device: Device, vantage: Vantage, heard: Iterable[Observation], since: datetime
) -> Iterator[Known]:
    open_now = {service.key for service in device.services}
    met: dict[tuple[str, str], dict[str, Met]] = defaultdict(dict)
    for one in heard:  # in order of time
        if one.service not in open_now or one.at < since:
            continue
        here = met[one.target.site, one.target.ip]
        if says_closed(one):
            here.pop(one.service, None)
            continue
        proto, _slash, port = one.service.partition("/")
        told = Met(proto, int(port), one.at, {fact.name: fact.value for fact in one.facts})
        if proto == "tcp" or (told.probe and told.probe.name == one.source):
            here[one.service] = told
    for address in device.addresses:
        if address.site == vantage.site and address.segment not in ("", vantage.segment):
            ports = met.get((address.site, address.ip), {})
            if ports:
                yield Known(address.segment, address.ip, tuple(ports[key] for key in sorted(ports)))


def device_asker(gate: Gate, door: Door, settings: Settings, *, raw: bool) -> DeviceAsker:
    """Who asks devices from here, at the rates of a scan; by connections without `raw`."""
    if not raw:
        return DeviceAsker(door, gate, None)
    stop = threading.Event()
    sweeper = RawSweeper(
        Caps(settings.scan.rate, settings.scan.per_host_rate),
        ConnectSweeper(door, gate, 1, stop, lambda _progress: None),
        2,
        door.tally,
        stop,
        lambda _progress: None,
        random.SystemRandom(),
        whole=door.pace.tempo,
        patience=_UNTIL_GIVEN_UP,
    )
    return DeviceAsker(door, gate, sweeper)

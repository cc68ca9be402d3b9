"""Isolation over the register: what was measured so far, and asking known devices from another segment."""

import asyncio
import ipaddress
import random
import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from agent.areas import Area
from agent.bars import Network
from agent.isolation import expected
from agent.isolation.asking import Vantage
from agent.isolation.matrix import Measured
from agent.permit import Gate, Permit
from agent.ranges import addresses
from agent.sweeps.asking import PATIENT
from agent.sweeps.connect import ConnectSweeper, together
from agent.sweeps.found import PortState
from agent.sweeps.raw import RawSweeper
from agent.transport.door import Door
from agent.transport.raw.route import ways
from agent.transport.raw.tempo import Caps
from inventory.exits import UsageFault
from inventory.language import N_, _
from inventory.register import Register
from inventory.settings import Settings
from inventory.types import Clock, Crossing, CrossingState, DeviceClass, ProbeOutcome, Touch

_SEEN_WITHIN: Final = timedelta(days=1)
_CONTROL: Final = 61_998  # nobody listens here: who accepts it answers for others


@dataclass(frozen=True, slots=True)
class Known:
    """A device to be asked from elsewhere: its segment, address, and the TCP ports known to be open."""

    segment: str
    ip: str
    ports: frozenset[int]


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
    """The devices in other segments of the site whose open TCP ports the last day's roll call saw.

    Routers and firewalls, and what stands in the vantage's segment as well, are left out: their addresses in
    other segments are their own, and no way across.
    """
    found: list[Known] = []
    for device in register.iter_devices():
        at_border = device.device_class in (DeviceClass.ROUTER, DeviceClass.FIREWALL)
        if at_border or any(each.segment == vantage.segment for each in device.addresses):
            continue
        ports = frozenset(
            service.port
            for service in device.services
            if service.proto == "tcp" and service.last_seen >= at - _SEEN_WITHIN
        )
        found += [
            Known(address.segment, address.ip, ports)
            for address in device.addresses
            if ports and address.site == vantage.site and address.segment not in ("", vantage.segment)
        ]
    return tuple(found)


async def ask_devices(  # noqa: PLR0917 - the parts of one task
    vantage: Vantage,
    devices: Sequence[Known],
    gate: Gate,
    door: Door,
    settings: Settings,
    clock: Clock,
    *,
    raw: bool,
) -> tuple[Crossing, ...]:
    """Asks each device's known open ports with a SYN (a connection without `raw`, IPv6 always).

    A port that answered the roll call within a day and is silent from here is blocked on the way. A device
    that also accepts a port nobody listens on has somebody who answers for it.
    """
    at = clock.now()
    admitted = [
        (each, permit)
        for each in devices
        if isinstance(permit := gate.admit(each.ip, Touch.QUERY), Permit)
        and permit.target.segment == each.segment
    ]
    if raw:
        older = [each for each, _permit in admitted if ipaddress.ip_address(each.ip).version == 4]
        states = await _by_syn(older, gate, door, settings)
    else:
        states = {}
    knocked = [(each, permit) for each, permit in admitted if each.ip not in states]
    for each, states_of in zip(
        (each for each, _permit in knocked),
        await asyncio.gather(*(_by_knocking(each, permit, door) for each, permit in knocked)),
        strict=True,
    ):
        states[each.ip] = states_of
    return tuple(
        crossing
        for each, _permit in admitted
        for crossing in _crossings(vantage, each, states.get(each.ip, {}), at)
    )


async def _by_syn(
    devices: Sequence[Known], gate: Gate, door: Door, settings: Settings
) -> dict[str, dict[int, PortState]]:
    if not devices:
        return {}
    own = {each.ip: frozenset({*each.ports, _CONTROL}) for each in devices}
    wanted = addresses([each.ip for each in devices])
    scopes = [scope for scope in gate.scopes if ipaddress.ip_network(scope.network).version == 4]
    areas = [area for scope in scopes if len((area := gate.area(wanted, scope)).addresses)]
    stop = threading.Event()
    rates = settings.scan
    sweeper = RawSweeper(
        Caps(rates.rate, rates.per_host_rate),
        ConnectSweeper(door, gate, 1, stop, lambda _progress: None),
        2,
        door.tally,
        stop,
        lambda _progress: None,
        random.SystemRandom(),
        whole=door.pace.tempo,
        patience=PATIENT,  # silence is taken for a wall: it is not for a setting to shorten
    )
    reached = await asyncio.to_thread(_within_reach, sweeper, areas)
    hosts, _dropped = await sweeper.sweep(areas, sorted(frozenset[int]().union(*own.values())), (), own)
    heard = {host.ip: dict(host.ports) for host in hosts}
    if sweeper.faults:
        return {each.ip: heard.get(each.ip, {}) for each in devices}
    silent = {ip: dict.fromkeys(wanted, PortState.FILTERED) for ip, wanted in own.items() if ip in reached}
    return {each.ip: silent.get(each.ip, {}) | heard.get(each.ip, {}) for each in devices}


def _within_reach(sweeper: RawSweeper, areas: Sequence[Area]) -> frozenset[str]:
    """The addresses whose router is there to pass questions on: only their silence says something."""
    return frozenset(
        ip
        for way, theirs in ways(together(areas)).groups
        if not way.is_loopback and way.gateway is not None and sweeper.asker.next_hop(way) is not None
        for ip in theirs.texts()
    )


async def _by_knocking(each: Known, permit: Permit, door: Door) -> dict[int, PortState]:
    states = {}
    for port in (*sorted(each.ports), _CONTROL):
        match await door.knock(permit, port):
            case ProbeOutcome.ANSWERED:
                states[port] = PortState.OPEN
            case ProbeOutcome.REFUSED | ProbeOutcome.UNREACHABLE:
                states[port] = PortState.CLOSED
            case ProbeOutcome.SILENT | ProbeOutcome.FORBIDDEN:
                states[port] = PortState.FILTERED
            case _:
                pass  # a raw print port: a connection is more than a question there
    return states


def _crossings(vantage: Vantage, device: Known, states: dict[int, PortState], at: datetime) -> list[Crossing]:
    doubtful = states.get(_CONTROL) is PortState.OPEN
    family = ipaddress.ip_address(device.ip).version
    made = []
    for port in sorted(device.ports | {port for port, state in states.items() if state is PortState.OPEN}):
        if port == _CONTROL:
            continue
        state, words = _state(states.get(port), doubtful=doubtful, asked=bool(states))
        made.append(
            Crossing(
                vantage.site,
                vantage.segment,
                device.segment,
                f"tcp/{port}",
                family,
                state,
                at,
                vantage.name,
                device.ip,
                words,
            )
        )
    return made


def _state(state: PortState | None, *, doubtful: bool, asked: bool) -> tuple[CrossingState, str]:
    if state is PortState.OPEN:
        if doubtful:
            return CrossingState.MIDDLEBOX, N_("a port nobody listens on accepts as well")
        return CrossingState.OPEN, N_("the device's port accepts")
    if state is PortState.CLOSED:
        return CrossingState.BLOCKED, N_("refused, though open where the roll was called")
    if state is PortState.FILTERED or (state is None and asked):
        return CrossingState.BLOCKED, N_("silent, though open where the roll was called")
    return CrossingState.NOT_TESTED, N_("nothing of the device answered")

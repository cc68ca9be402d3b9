"""What is known to be where: addresses declared, leased, in tables and answering, network by network.

Coverage needs a denominator that the sweep itself did not make: whoever is declared, leased or in a switch's
or router's table and does not answer is named, one by one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from agent.imports.leases import SOURCE as LEASE
from agent.permit import Gate
from agent.probes import PROBES
from agent.service.neighbourhood import ARP_TABLE, FDB, LLDP
from agent.sweeps import SWEEPS
from inventory.networks import contains, sort_key
from inventory.types import Device, DeviceStatus, Known, Observation, ScanRun, Scope, Unanswered

LEASED: Final = frozenset({LEASE, "dhcp"})
IN_TABLES: Final = frozenset({ARP_TABLE, FDB, LLDP, "arp-scan-file", "cdp"})
ANSWERED: Final = frozenset({*(sweep.name for sweep in SWEEPS), *(probe.name for probe in PROBES)})

_DECLARED: Final = frozenset({DeviceStatus.CONFIRMED, DeviceStatus.IN_SERVICE})
_WAYS: Final = (("leased", LEASED), ("in-tables", IN_TABLES), ("answering", ANSWERED))

Heard = Mapping[str, Iterable[Observation]]
"""The newest evidence of each device, by its id."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One network in scope, and what is known of its addresses."""

    scope: Scope
    known: Known


def standing(
    scopes: Iterable[Scope], devices: Iterable[Device], heard: Heard, on: date
) -> tuple[Standing, ...]:
    """Every network in scope with what is known there; exemptions are those in force `on` the day.

    Declared are the addresses of devices that a person confirmed or put in service. The retired do not count.
    """
    gate = Gate(scopes)
    ways = _ways(gate, devices, heard)
    return tuple(Standing(scope, _known(scope, ways.get(scope.network, {}), on)) for scope in gate.scopes)


def with_known(
    run: ScanRun, scopes: Iterable[Scope], devices: Iterable[Device], heard: Heard, on: date
) -> ScanRun:
    """The run with what is known of each network it looked at."""
    gate = Gate(scopes)
    ways = _ways(gate, devices, heard)
    parts = []
    for part in run.coverage:
        scope = gate.scope_of(part.network.partition("/")[0])
        if scope is not None:
            here = {ip: how for ip, how in ways.get(scope.network, {}).items() if contains(part.network, ip)}
            part = replace(part, known=_known(scope, here, on))  # noqa: PLW2901 - the same part, completed
        parts.append(part)
    return replace(run, coverage=tuple(parts))


def _ways(gate: Gate, devices: Iterable[Device], heard: Heard) -> dict[str, dict[str, set[str]]]:
    """By network and address: who knows of it."""
    known: dict[str, dict[str, set[str]]] = {}
    for device in devices:
        if device.status is DeviceStatus.RETIRED:
            continue
        current = {address.ip for address in device.addresses}
        for ip in current if device.status in _DECLARED else ():
            _note(known, gate, ip, "declared")
        for one in heard.get(device.id, ()):
            for name, sources in _WAYS:
                if one.source in sources and one.target.ip in current:
                    _note(known, gate, one.target.ip, name)
    return known


def _note(known: dict[str, dict[str, set[str]]], gate: Gate, ip: str, how: str) -> None:
    scope = gate.scope_of(ip)
    if scope is not None:
        known.setdefault(scope.network, {}).setdefault(ip, set()).add(how)


def _known(scope: Scope, ways: Mapping[str, set[str]], on: date) -> Known:
    def count(how: str) -> int:
        return sum(how in by for by in ways.values())

    silent = sorted((ip for ip, by in ways.items() if "answering" not in by), key=sort_key)
    return Known(
        known=len(ways),
        declared=count("declared"),
        leased=count("leased"),
        in_tables=count("in-tables"),
        answering=count("answering"),
        unanswered=tuple(Unanswered(ip, tuple(sorted(ways[ip]))) for ip in silent),
        left_alone=scope.do_not_probe,
        exempt=tuple(one for one in scope.exemptions if one.holds(on)),
    )

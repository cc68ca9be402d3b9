"""What is known to be where: addresses declared, leased, in tables and answering, network by network.

Coverage needs a denominator that the sweep itself did not make: whoever is declared, leased or in a switch's
or router's table and does not answer is named, one by one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from agent.imports.leases import SOURCE as LEASE
from agent.permit import Gate
from agent.probes import PROBES
from agent.service.neighbourhood import ARP_TABLE, FDB, LLDP
from agent.sweeps import SWEEPS
from inventory.networks import size, sort_key
from inventory.types import Device, DeviceStatus, Observation, Scope

LEASED: Final = frozenset({LEASE, "dhcp"})
IN_TABLES: Final = frozenset({ARP_TABLE, FDB, LLDP, "arp-scan-file", "cdp"})
ANSWERED: Final = frozenset({*(sweep.name for sweep in SWEEPS), *(probe.name for probe in PROBES)})

_DECLARED: Final = frozenset({DeviceStatus.CONFIRMED, DeviceStatus.IN_SERVICE})


@dataclass(frozen=True, slots=True)
class Unanswered:
    """An address somebody knows of and that did not answer; `known_by` is who knows (`leased` …)."""

    ip: str
    known_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """One network in scope: how many addresses it has, and how many of them are known in which way."""

    scope: Scope
    addresses: int
    declared: int
    leased: int
    in_tables: int
    answering: int
    known: int
    unanswered: tuple[Unanswered, ...]


def standing(
    scopes: Iterable[Scope], devices: Iterable[Device], heard: Mapping[str, Iterable[Observation]]
) -> tuple[Standing, ...]:
    """Every network in scope with its numbers; `heard` is the newest evidence of each device by its id.

    Declared are the addresses of devices that a person confirmed or put in service. The retired do not count.
    """
    gate = Gate(scopes)
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
    return tuple(_of(scope, known.get(scope.network, {})) for scope in gate.scopes)


_WAYS: Final = (("leased", LEASED), ("in-tables", IN_TABLES), ("answering", ANSWERED))


def _note(known: dict[str, dict[str, set[str]]], gate: Gate, ip: str, how: str) -> None:
    scope = gate.scope_of(ip)
    if scope is not None:
        known.setdefault(scope.network, {}).setdefault(ip, set()).add(how)


def _of(scope: Scope, known: Mapping[str, set[str]]) -> Standing:
    def count(how: str) -> int:
        return sum(how in ways for ways in known.values())

    silent = [ip for ip, ways in known.items() if "answering" not in ways]
    return Standing(
        scope,
        size(scope.network),
        count("declared"),
        count("leased"),
        count("in-tables"),
        count("answering"),
        len(known),
        tuple(Unanswered(ip, tuple(sorted(known[ip]))) for ip in sorted(silent, key=sort_key)),
    )

"""What one run settled and what not, network by network: the statement that stands on page one."""

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from agent.permit import Area
from agent.sweeps import ARP, CONNECT, ICMP, SWEEPS, TCP_SYN
from agent.sweeps.found import Host, Roll
from inventory.language import _
from inventory.types import AddressState, Scope, SegmentCoverage, Unsettled


@dataclass
class AreaRecord:
    """What became of the addresses of one area.

    `roll` may hold other areas too; `troubles` are hosts whose interview ended early,
    `hearsay` addresses that only network gear knows of.
    """

    area: Area
    roll: Roll = field(default_factory=Roll)
    method: str = ""
    swept: bool = False
    troubles: dict[str, tuple[AddressState, str]] = field(default_factory=dict)
    hearsay: dict[str, str] = field(default_factory=dict)

    @property
    def hosts(self) -> tuple[Host, ...]:
        """Those of the roll who are in this area."""
        return tuple(host for host in self.roll.hosts if self.area.covers(host.ip))

    def settle(self, roll: Roll, method: str) -> None:
        """Notes the end of the sweeps."""
        self.roll, self.method, self.swept = roll, method, True


def coverage_of(records: Iterable[AreaRecord], passive: Iterable[Scope] = ()) -> tuple[SegmentCoverage, ...]:
    """One statement per network looked at; every address is counted once."""
    stated = [_state(record, network) for record in records for network in record.area.networks]
    return (*stated, *(_untouched(scope) for scope in passive))


def method_of(roll: Roll, area: Area, *, connect: bool) -> str:
    """The sweeps that found somebody in the area; where nobody was found, those that were tried."""
    if connect:
        return CONNECT.name
    used = {name for host in roll.hosts if area.covers(host.ip) for name in host.answered}
    return "+".join(sweep.name for sweep in SWEEPS if sweep.name in used) or "+".join(
        sweep.name for sweep in (ARP, ICMP, TCP_SYN)
    )


def _state(record: AreaRecord, network: str) -> SegmentCoverage:
    inside = ipaddress.ip_network(network)
    low, high = int(inside.network_address), int(inside.broadcast_address)
    asked = record.area.addresses
    states: dict[str, AddressState] = {}
    reasons: dict[str, str] = {}
    for one in record.area.refused:
        states[one.ip], reasons[one.ip] = AddressState.REFUSED, one.reason
    for ip in record.roll.absent:
        states[ip] = AddressState.UNREACHABLE
    for ip in record.roll.forbidden:
        states[ip], reasons[ip] = AddressState.UNREACHABLE, _("something on the way forbids asking")
    for ip in record.roll.no_route:
        states[ip], reasons[ip] = AddressState.UNREACHABLE, _("no route, or the gateway does not answer")
    for ip in record.roll.own:
        states[ip], reasons[ip] = AddressState.REFUSED, _("this machine itself, which is not asked")
    for host in record.roll.hosts:
        states[host.ip] = AddressState.FOUND
    for ip, reason in record.hearsay.items():
        states[ip], reasons[ip] = AddressState.FOUND, reason
    for ip, (state, reason) in record.troubles.items():
        states[ip], reasons[ip] = state, reason
    here = {ip: state for ip, state in states.items() if low <= int(ipaddress.IPv4Address(ip)) <= high}
    total = int(np.count_nonzero((asked >= low) & (asked <= high)))
    total += sum(low <= int(ipaddress.IPv4Address(one.ip)) <= high for one in record.area.refused)
    counts = dict.fromkeys(AddressState, 0)
    for state in here.values():
        counts[state] += 1
    left = [ip for ip in record.roll.not_reached if low <= int(ipaddress.IPv4Address(ip)) <= high]
    counts[AddressState.NOT_REACHED] += len(left) if record.swept else total - len(here)
    counts[AddressState.SILENT] = total - sum(counts.values())
    unsettled = [Unsettled(ip, here[ip], reasons[ip]) for ip in sorted(here, key=_number) if ip in reasons]
    if counts[AddressState.NOT_REACHED]:
        text = _("the scan was stopped before {count} addresses were settled")
        reason = text.format(count=counts[AddressState.NOT_REACHED])
        unsettled.append(Unsettled(network, AddressState.NOT_REACHED, reason))
    scope = record.area.scope
    return SegmentCoverage(scope.site, scope.segment, network, total, counts, record.method, tuple(unsettled))


def _untouched(scope: Scope) -> SegmentCoverage:
    """A network where the scope allows listening only."""
    network = ipaddress.ip_network(scope.network, strict=False)
    size = network.num_addresses
    counts: Mapping[AddressState, int] = dict.fromkeys(AddressState, 0) | {AddressState.REFUSED: size}
    reason = Unsettled(str(network), AddressState.REFUSED, _("the scope allows listening only"))
    return SegmentCoverage(scope.site, scope.segment, str(network), size, counts, "passive", (reason,))


def _number(ip: str) -> int:
    return int(ipaddress.IPv4Address(ip))

"""What one run settled and what not, network by network: the statement that stands on page one."""

import ipaddress
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from agent.areas import Area, SixArea
from agent.sweeps import ARP, CONNECT, ICMP, ICMP6, SWEEPS, TCP_SYN
from agent.sweeps.found import Host, Roll
from inventory.networks import is_countable, size, sort_key
from inventory.types import AddressState, Scope, SegmentCoverage, Unsettled, Why


@dataclass
class AreaRecord:
    """What became of the addresses of one area.

    `roll` may hold other areas too; `troubles` are hosts whose interview ended early, and addresses that
    only network gear knows of.
    """

    area: Area | SixArea
    roll: Roll = field(default_factory=Roll)
    method: str = ""
    swept: bool = False
    troubles: dict[str, Unsettled] = field(default_factory=dict)

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


def method_of(roll: Roll, area: Area | SixArea, *, connect: bool) -> str:
    """The sweeps that found somebody in the area; where nobody was found, those that were tried."""
    if connect:
        return CONNECT.name
    used = {name for host in roll.hosts if area.covers(host.ip) for name in host.answered}
    tried = (ICMP6,) if isinstance(area, SixArea) else (ARP, ICMP, TCP_SYN)
    return "+".join(sweep.name for sweep in SWEEPS if sweep.name in used) or "+".join(
        sweep.name for sweep in tried
    )


def _state(record: AreaRecord, network: str) -> SegmentCoverage:
    inside = ipaddress.ip_network(network)
    states, notes = _told(record)
    here = {ip: state for ip, state in states.items() if ipaddress.ip_address(ip) in inside}
    left = [ip for ip in record.roll.not_reached if ipaddress.ip_address(ip) in inside]
    total = record.area.to_settle(network, {*here, *left})
    counts = dict.fromkeys(AddressState, 0)
    for state in here.values():
        counts[state] += 1
    missed = len(left) if record.swept else total - len(here)
    counts[AddressState.NOT_REACHED] += missed
    counts[AddressState.SILENT] = total - sum(counts.values())
    unsettled = [notes[ip] for ip in sorted(here, key=sort_key) if ip in notes]
    if missed:
        unsettled.append(Unsettled(network, AddressState.NOT_REACHED, str(missed), Why.STOPPED))
    elif network in record.roll.partly:
        unsettled.append(Unsettled(network, AddressState.NOT_REACHED, "", Why.ONLY_KNOWN_ASKED))
    proxies = Counter(
        mac for ip, mac in record.roll.answered_for.items() if ipaddress.ip_address(ip) in inside
    )
    for mac, count in sorted(proxies.items()):
        unsettled.append(Unsettled(network, AddressState.SILENT, f"{mac} ({count})", Why.ANSWERED_FOR))
    scope = record.area.scope
    return SegmentCoverage(scope.site, scope.segment, network, total, counts, record.method, tuple(unsettled))


def _told(record: AreaRecord) -> tuple[dict[str, AddressState], dict[str, Unsettled]]:
    """The state of every address of which something is known, and what needs a reason; later words count."""
    roll = record.roll
    notes = {one.ip: one.unsettled for one in record.area.refused}
    for ips, state, why in (
        (roll.forbidden, AddressState.UNREACHABLE, Why.FORBIDDEN),
        (roll.no_route, AddressState.UNREACHABLE, Why.NO_ROUTE),
        (roll.unsent, AddressState.NOT_REACHED, Why.SYSTEM_REFUSED),
        (roll.own, AddressState.REFUSED, Why.OWN_ADDRESS),
    ):
        notes |= {ip: Unsettled(ip, state, "", why) for ip in ips}
    for host in roll.hosts:
        notes.pop(host.ip, None)
        if host.other_macs:
            macs = ", ".join((str(host.mac), *host.other_macs))
            notes[host.ip] = Unsettled(host.ip, AddressState.FOUND, macs, Why.SEVERAL_MACS)
    notes |= record.troubles
    states = dict.fromkeys(roll.absent, AddressState.UNREACHABLE)
    states |= {host.ip: AddressState.FOUND for host in roll.hosts}
    return states | {ip: one.state for ip, one in notes.items()}, notes


def _untouched(scope: Scope) -> SegmentCoverage:
    """A network where the scope allows listening only; of a large IPv6 one nobody counts the addresses."""
    count = size(scope.network) if is_countable(scope.network) else 0
    counts: Mapping[AddressState, int] = dict.fromkeys(AddressState, 0) | {AddressState.REFUSED: count}
    note = Unsettled(scope.network, AddressState.REFUSED, "", Why.LISTENING_ONLY)
    return SegmentCoverage(scope.site, scope.segment, scope.network, count, counts, "passive", (note,))

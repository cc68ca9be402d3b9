"""What one run settled and what not, network by network: the statement that stands on page one."""

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from agent.areas import Area, SixArea
from agent.places import Places
from agent.sweeps import ARP, CONNECT, ICMP, ICMP6, SWEEPS, TCP_SYN
from agent.sweeps.found import Host, Roll
from inventory.networks import is_countable, size, sort_key
from inventory.types import AddressState, Scope, SegmentCoverage, Unsettled, Why

_MOST_NAMED: Final = 256  # addresses unsettled for the same reason; of more only how many


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
    roll = record.roll
    notes = _named(record, network)
    met = Places.of({*notes, *(host.ip for host in roll.hosts)}).within(network)
    counts = dict.fromkeys(AddressState, 0)
    counts[AddressState.FOUND] = len(met) - len(notes)
    for one in notes.values():
        counts[one.state] += 1
    groups = []
    for places, state, why in (
        (roll.own, AddressState.REFUSED, Why.OWN_ADDRESS),
        (roll.unsent, AddressState.NOT_REACHED, Why.SYSTEM_REFUSED),
        (roll.no_route, AddressState.UNREACHABLE, Why.NO_ROUTE),
        (roll.forbidden, AddressState.UNREACHABLE, Why.FORBIDDEN),
        (roll.absent, AddressState.UNREACHABLE, None),
    ):
        here = places.within(network) - met
        met |= here
        counts[state] += len(here)
        if why and len(here) <= _MOST_NAMED:
            notes |= {ip: Unsettled(ip, state, "", why) for ip in here}
        elif why:
            groups.append(Unsettled(network, state, str(len(here)), why))
    left = roll.not_reached.within(network) - met
    total = record.area.to_settle(network, (met | left).six)
    missed = len(left) if record.swept else total - len(met)
    counts[AddressState.NOT_REACHED] += missed
    counts[AddressState.SILENT] = total - sum(counts.values())
    unsettled = [notes[ip] for ip in sorted(notes, key=sort_key)] + groups
    if missed:
        unsettled.append(Unsettled(network, AddressState.NOT_REACHED, str(missed), Why.STOPPED))
    elif network in roll.partly:
        unsettled.append(Unsettled(network, AddressState.NOT_REACHED, "", Why.ONLY_KNOWN_ASKED))
    for mac, nobody in sorted(roll.answered_for.items()):
        if count := len(nobody.within(network)):
            unsettled.append(Unsettled(network, AddressState.SILENT, f"{mac} ({count})", Why.ANSWERED_FOR))
    scope = record.area.scope
    return SegmentCoverage(scope.site, scope.segment, network, total, counts, record.method, tuple(unsettled))


def _named(record: AreaRecord, network: str) -> dict[str, Unsettled]:
    """Those of the network that are refused, and devices of which there is more to say."""
    met = {host.ip for host in record.roll.hosts}
    notes = {one.ip: one.unsettled for one in record.area.refused if one.ip not in met}
    for host in record.roll.hosts:
        if host.other_macs:
            macs = ", ".join((str(host.mac), *host.other_macs))
            notes[host.ip] = Unsettled(host.ip, AddressState.FOUND, macs, Why.SEVERAL_MACS)
    notes |= record.troubles
    inside = ipaddress.ip_network(network)
    return {ip: one for ip, one in notes.items() if ipaddress.ip_address(ip) in inside}


def _untouched(scope: Scope) -> SegmentCoverage:
    """A network where the scope allows listening only; of a large IPv6 one nobody counts the addresses."""
    count = size(scope.network) if is_countable(scope.network) else 0
    counts: Mapping[AddressState, int] = dict.fromkeys(AddressState, 0) | {AddressState.REFUSED: count}
    note = Unsettled(scope.network, AddressState.REFUSED, "", Why.LISTENING_ONLY)
    return SegmentCoverage(scope.site, scope.segment, scope.network, count, counts, "passive", (note,))

"""What a scan would do, before it does anything: areas, ports, rates, every class of packet and how many."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from ipaddress import IPv4Address, IPv4Network
from typing import Final

from agent.areas import Area, SixArea
from agent.faults import BadTarget, OutOfScope
from agent.permit import Gate, Located
from agent.ranges import addresses, six_and_four, spans, written
from agent.sweeps.knocks import FIRST_KNOCKS, SECOND_KNOCKS
from agent.transport.guard import RAW_PRINT_PORTS
from agent.transport.raw.route import ways
from inventory.language import _
from inventory.networks import bounds, contains_all, first_overlap, size
from inventory.settings import ScanSettings
from inventory.types import ScanRun, Scope, Touch

_DATAGRAMS_A_DEVICE: Final = 16
# As the door counts them, at most: three pages, an icon, two status pages; with TLS also the eight questions
# of what else a server takes.
_PACKETS_A_PORT: Final = 30
_PACKETS_A_TLS_PORT: Final = 94


@dataclass(frozen=True, slots=True)
class PlannedPackets:
    """One class of packet: to how many addresses, which ports, and how many leave at most.

    `for_each` tells whether the number is for every address or for every device found; `seconds` is how long
    that takes at least at the rates.
    """

    kind: str
    ports: str
    addresses: int
    at_most: int
    per_host_rate: int
    for_each: str
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Resumed:
    """The run to go on with, and the (site, address) pairs whose interviews are in the register."""

    run: ScanRun
    met: frozenset[tuple[str, str]]


@dataclass(frozen=True)
class ScanPlan:
    """Everything a run needs to know; `gate` is the only source of permits.

    `targets` and `segments` are what was asked for, so that another process can come to the same plan.
    """

    gate: Gate
    areas: tuple[Area, ...]
    ports: tuple[int, ...]
    settings: ScanSettings
    connect: bool
    passive: tuple[Scope, ...] = ()
    targets: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    six: tuple[SixArea, ...] = ()

    @property
    def every_area(self) -> tuple[Area | SixArea, ...]:
        """Where IPv4 and where IPv6 is asked."""
        return (*self.areas, *self.six)

    @property
    def addresses(self) -> int:
        """How many addresses will be asked one by one."""
        return sum(len(area.addresses) for area in self.areas) + sum(len(area.named) for area in self.six)

    def by_segment(self) -> tuple["ScanPlan", ...]:
        """The same plan in parts that have no address in common: one for each segment of each site."""
        places = dict.fromkeys((one.scope.site, one.scope.segment) for one in self.every_area)
        return tuple(
            replace(
                self,
                areas=tuple(one for one in self.areas if (one.scope.site, one.scope.segment) == place),
                six=tuple(one for one in self.six if (one.scope.site, one.scope.segment) == place),
            )
            for place in places
        )

    def packets(self) -> tuple[PlannedPackets, ...]:
        """The dry run: every class of packet that may leave."""
        rate = self.settings.rate
        rows = (*self._sweep_packets(), *self._device_packets())
        return tuple(
            replace(
                row,
                seconds=round(row.at_most / (rate if row.addresses > 1 else min(rate, row.per_host_rate)), 1),
            )
            for row in rows
        )

    def _sweep_packets(self) -> Iterable[PlannedPackets]:
        tries, cap = 1 + self.settings.retries, self.settings.per_host_rate
        local = routed = 0
        for area in self.areas if not self.connect else ():
            for way, part in ways(area.addresses).groups:
                local += len(part) if way.gateway is None else 0
                routed += len(part) if way.gateway is not None else 0
        if local:
            yield PlannedPackets("arp", "", local, local * (1 + tries), cap, _("address"))
            yield PlannedPackets("multicast", "5353,1900,3702", 1, 3, cap, _("network"))
        if routed:
            first, second = len(FIRST_KNOCKS), len(SECOND_KNOCKS) * bool(self.settings.retries)
            echoes = 1 + bool(self.settings.retries) + self.settings.retries
            knocks = ",".join(str(port) for port in (*FIRST_KNOCKS, *SECOND_KNOCKS))
            yield PlannedPackets("icmp", "", routed, routed * echoes, cap, _("address"))
            yield PlannedPackets("syn", knocks, routed, routed * (first + second), cap, _("address"))
        if self.connect:
            knocks = ",".join(str(port) for port in (*FIRST_KNOCKS, *SECOND_KNOCKS))
            four = sum(len(area.addresses) for area in self.areas)
            most = four * (len(FIRST_KNOCKS) + len(SECOND_KNOCKS))
            yield PlannedPackets("connect", knocks, four, 3 * most, cap, _("address"))
        if self.six and not self.connect:
            asked = sum(area.asked_at_most for area in self.six)
            yield PlannedPackets("icmp6", "", asked, asked * max(2, tries), cap, _("address"))

    def _device_packets(self) -> Iterable[PlannedPackets]:
        from agent.probes import PROBES, probe_for  # only a dry run lists them: a sweep need not load them

        tries, cap = 1 + self.settings.retries, self.settings.per_host_rate
        asked = [port for port in self.ports if not (self.connect and port in RAW_PRINT_PORTS)]
        kind = "connect" if self.connect else "syn"
        listed = ",".join(str(port) for port in asked)
        again = 0 if self.connect else 1  # whoever left a question open is asked again as often as all others
        yield PlannedPackets(kind, listed, 1, len(asked) * (tries + again), cap, _("device found"))
        datagrams = ",".join(str(probe.ports[0]) for probe in PROBES if probe.transport == "udp")
        yield PlannedPackets("udp", datagrams, 1, _DATAGRAMS_A_DEVICE, cap, _("device found"))
        spoken = {port for probe in PROBES if probe.transport == "tcp" for port in probe.ports}
        encrypted = {port for port in spoken if probe_for(port).name in ("https", "tls")}
        for kind, ports, most in (
            ("tcp", spoken - encrypted, _PACKETS_A_PORT),
            ("tls", encrypted, _PACKETS_A_TLS_PORT),
        ):
            listed = ",".join(str(port) for port in sorted(ports))
            yield PlannedPackets(kind, listed, 1, most, cap, _("open port"))


def plan(
    scopes: Sequence[Scope],
    devices: Iterable[Located],
    targets: Sequence[str],
    settings: ScanSettings,
    *,
    segments: Sequence[str] = (),
    connect: bool = False,
    ports: Sequence[int] | None = None,
    on: date | None = None,
) -> ScanPlan:
    """What `targets` (all scopes when none are named) come to.

    OutOfScope, with the command that would help, where nothing is in scope or a target lies outside;
    UsageFault for a target that makes no sense. Nothing is sent. `ports` are the TCP ports to
    ask of whoever is found, those of `agent/sweeps/data/ports.yaml` when None; `on` is the day, for
    exemptions that end.
    """
    gate = Gate(scopes, devices, on)
    targets = written(targets, lambda ip: gate.scope_of(ip) is not None)
    if not scopes:
        raise OutOfScope(
            _(
                "no network is in scope, so no packet leaves; say which may be looked at, for example: {line}"
            ).format(line=_example(targets[0] if targets else "192.168.10.0/24"))
        )
    known = {scope.segment for scope in scopes}
    for segment in segments:
        if segment not in known:
            text = _("no scope has the segment '{segment}' (there are: {known})")
            raise OutOfScope(text.format(segment=segment, known=", ".join(sorted(known))))
    six, four = six_and_four(targets or [scope.network for scope in scopes])
    wanted = addresses(four)
    if targets:
        _refuse_outside(gate, four, six)
        _refuse_edges(gate, four)
    chosen = [scope for scope in gate.scopes if not segments or scope.segment in segments]
    asked = sorted(
        (one for one in chosen if one.touch is not Touch.PASSIVE), key=lambda one: bounds(one.network)
    )
    areas = [gate.area(wanted, scope) for scope in asked if ":" not in scope.network]
    parts = [(part, scope) for scope in asked if ":" in scope.network for part in _common(scope.network, six)]
    return ScanPlan(
        gate=gate,
        areas=tuple(area for area in areas if area.size),
        ports=_listed_ports() if ports is None else tuple(ports),
        settings=settings,
        connect=connect,
        passive=tuple(scope for scope in chosen if scope.touch is Touch.PASSIVE),
        targets=tuple(targets),
        segments=tuple(segments),
        six=tuple(gate.six_area(part, scope) for part, scope in parts),
    )


def _listed_ports() -> tuple[int, ...]:
    from agent.sweeps.ports import port_numbers  # reads a file, which a sweep of named ports need not

    return port_numbers()


def _refuse_outside(gate: Gate, four: Sequence[str], six: Sequence[str]) -> None:
    inside = addresses(scope.network for scope in gate.scopes if ":" not in scope.network)
    outside = [target for target in four if len(addresses([target]).without(inside))]
    outside += [part for part in six if not _covered(part, gate.scopes)]
    if outside:
        text = _("{target} is not in scope; say so first if it may be looked at: {line}")
        raise OutOfScope(text.format(target=", ".join(outside), line=_example(outside[0])))


def _refuse_edges(gate: Gate, targets: Sequence[str]) -> None:
    """BadTarget for a target that is a network's own or its broadcast address (RFC 1122, 3.2.1.3)."""
    for target in targets:
        lone = [first for first, last in spans(target) if first == last]
        for ip in map(str, map(IPv4Address, lone)):
            scope = gate.scope_of(ip)
            network = IPv4Network(scope.network) if scope else None
            if network and network.prefixlen < 31 and IPv4Address(ip) in (network[0], network[-1]):
                text = _("{ip} is nobody's address: it is the first or the last of {network}")
                raise BadTarget(text.format(ip=ip, network=network))


def _covered(part: str, scopes: Sequence[Scope]) -> bool:
    here = [each for scope in scopes if ":" in scope.network for each in _common(scope.network, [part])]
    return sum(map(size, here)) >= size(part)


def _common(network: str, parts: Sequence[str]) -> list[str]:
    """The parts that lie in a network; the network itself where one is as large."""
    return [
        part if contains_all(network, part) else network for part in parts if first_overlap(network, [part])
    ]


def _example(network: str) -> str:
    return f"muster scope add {network} --site hq --segment office"

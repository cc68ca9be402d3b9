"""One new flow against chains of rules, as a packet filter without connection tracking's memory sees it."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Ports = tuple[tuple[int, int], ...]

ACCEPT, DROP, RETURN = "accept", "drop", "return"


class Ruling(StrEnum):
    """What the rules say of a flow."""

    PASS = "pass"  # noqa: S105 - no password
    BLOCK = "block"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Flow:
    """The first packet of a flow; `port` is 0 for ICMP, the segments stand for the interfaces."""

    source: str
    target: str
    source_segment: str
    target_segment: str
    protocol: str
    port: int

    @property
    def family(self) -> int:
        """The IP version of its addresses."""
        return ipaddress.ip_address(self.source).version


@dataclass(frozen=True, slots=True)
class Rule:
    """One line: what it matches (None: everything) and what it does: accept, drop, return, `jump NAME`.

    `family` is the IP version it is about. `unsure` is a rule with a match nobody here understands: it may
    match, or not.
    """

    action: str
    place: str
    sources: tuple[Network, ...] | None = None
    targets: tuple[Network, ...] | None = None
    protocols: frozenset[str] | None = None
    ports: Ports | None = None
    inward: frozenset[str] | None = None
    outward: frozenset[str] | None = None
    unsure: bool = False
    family: int | None = None

    def matches(self, flow: Flow) -> bool:
        """Whether all that is understood of it fits the flow."""
        return (
            self.family in (None, flow.family)
            and (self.protocols is None or flow.protocol in self.protocols)
            and (self.ports is None or any(low <= flow.port <= high for low, high in self.ports))
            and (self.inward is None or flow.source_segment in self.inward)
            and (self.outward is None or flow.target_segment in self.outward)
            and _within(flow.source, self.sources)
            and _within(flow.target, self.targets)
        )


@dataclass(frozen=True, slots=True)
class Base:
    """A chain every forwarded packet goes through: its rules' name, and what becomes of the rest.

    Only those that come in from `inward`, go out to `outward` and are of the `family`, where these are said.
    """

    chain: str
    policy: str
    inward: frozenset[str] | None = None
    outward: frozenset[str] | None = None
    family: int | None = None

    def sees(self, flow: Flow) -> bool:
        """Whether the flow goes through it."""
        return (
            (self.inward is None or flow.source_segment in self.inward)
            and (self.outward is None or flow.target_segment in self.outward)
            and self.family in (None, flow.family)
        )


@dataclass
class Ruleset:
    """A device's rules: every base chain must let a flow pass. `networks` are its interfaces' own.

    Of IP versions that are not in `families` the rules say nothing.
    """

    bases: list[Base] = field(default_factory=list)
    chains: dict[str, list[Rule]] = field(default_factory=dict)
    networks: dict[str, Network] = field(default_factory=dict)
    families: frozenset[int] = frozenset({4, 6})

    def rule(self, flow: Flow) -> tuple[Ruling, str]:
        """What becomes of the flow, and the line that says so (empty: no rule, the policy)."""
        doubtful, place = False, ""
        for base in self.bases:
            if not base.sees(flow):
                continue
            found, where = self._walk(base, flow)
            if found is Ruling.BLOCK:
                return found, where
            doubtful = doubtful or found is Ruling.UNCLEAR
            place = where or place
        return (Ruling.UNCLEAR if doubtful else Ruling.PASS), place

    def mentioned(self) -> tuple[Network, ...]:
        """Every network that any rule names."""
        return tuple(
            dict.fromkeys(
                network
                for rules in self.chains.values()
                for rule in rules
                for network in (*(rule.sources or ()), *(rule.targets or ()))
            )
        )

    def services(self) -> tuple[tuple[str, int], ...]:
        """Every (protocol, port) at the edge of some rule."""
        return tuple(
            dict.fromkeys(
                (protocol, port)
                for rules in self.chains.values()
                for rule in rules
                for protocol in sorted(rule.protocols or ())
                if protocol in ("tcp", "udp")
                for low, high in rule.ports or ()
                for port in {low, high}
            )
        )

    def _walk(self, base: Base, flow: Flow) -> tuple[Ruling, str]:
        maybe: set[str] = set()
        end = self._chain(base.chain, flow, maybe, frozenset())
        action, place = end or (base.policy, "")
        if maybe - {action}:
            return Ruling.UNCLEAR, place
        return (Ruling.PASS if action == ACCEPT else Ruling.BLOCK), place

    def _chain(self, name: str, flow: Flow, maybe: set[str], above: frozenset[str]) -> tuple[str, str] | None:
        """The end a chain makes of a flow, None where it returns; `maybe`: what unsure rules would do."""
        for rule in self.chains.get(name, ()):
            if not rule.matches(flow):
                continue
            if rule.action.startswith("jump "):
                below = rule.action.removeprefix("jump ")
                if below in above or below == name or below not in self.chains:
                    maybe |= {ACCEPT, DROP}
                    continue
                if rule.unsure:
                    inside: set[str] = set()
                    end = self._chain(below, flow, inside, above | {name})
                    maybe |= inside | ({end[0]} if end else set())
                    continue
                found = self._chain(below, flow, maybe, above | {name})
                if found:
                    return found
            elif rule.unsure:
                maybe |= {ACCEPT, DROP} if rule.action == RETURN else {rule.action}
            elif rule.action == RETURN:
                return None
            else:
                return rule.action, rule.place
        return None


def segments_of(names: Mapping[str, str], interface: str) -> frozenset[str] | None:
    """The segment an interface stands for, None where nobody says."""
    if interface in names:
        return frozenset({names[interface]})
    words = set(interface.replace("_", "-").replace(".", "-").split("-"))
    return next((frozenset({segment}) for segment in names.values() if segment in words), None)


def _within(address: str, networks: tuple[Network, ...] | None) -> bool:
    if networks is None:
        return True
    found = ipaddress.ip_address(address)
    return any(network.version == found.version and found in network for network in networks)

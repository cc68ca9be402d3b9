"""Rules asked for every pair of segments and every service, and held against what was measured."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import permutations

from agent.isolation.expected import Expected
from agent.isolation.rules.flow import Flow, Network, Ruleset, Ruling
from inventory.types import Crossing, CrossingState

OTHER_PORT = 49_151  # stands for the ports no rule names
_MOST_ADDRESSES = 24
_MOST_TRIED = 4096


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the rules say of one way; `only` names the addresses where it holds for some alone."""

    source: str
    target: str
    service: str
    ruling: Ruling
    place: str
    meant: str
    only: str = ""
    measured: str = ""
    family: int = 4

    @property
    def contradicts(self) -> bool:
        """Whether what was measured is not what the rules say."""
        said = {Ruling.PASS.value: CrossingState.OPEN.value, Ruling.BLOCK.value: CrossingState.BLOCKED.value}
        wanted = said.get(self.ruling.value)
        return bool(wanted and not self.only and self.measured and self.measured != wanted)


def opinions(
    rules: Ruleset,
    segments: Mapping[str, Sequence[Network]],
    expected: Expected,
    measured: Iterable[Crossing],
    on: date,
) -> tuple[Opinion, ...]:
    """One for each pair of segments, IP version and service that rules, holes or measurements name.

    An IP version of which the rules say nothing, or that one of the segments does not have, has none.
    """
    ways = [one for one in measured if one.service not in ("mdns", "ssdp")]
    made: list[Opinion] = []
    mentioned = rules.mentioned()
    for source, target in permutations(segments, 2):
        for family in sorted(rules.families):
            ends = [_addresses(segments[each], mentioned, family) for each in (source, target)]
            own = [one for one in ways if (one.source, one.target, one.family) == (source, target, family)]
            if all(ends):
                for service in _services(rules, expected, own, source, target):
                    asked = _Asked(source, target, service, family, *ends)
                    meant = expected.of(source, target, service, on).meant.value
                    made += _of(rules, asked, meant, [one for one in own if one.service == service])
    return tuple(made)


@dataclass(frozen=True, slots=True)
class _Asked:
    """One way, with addresses of either segment: the usual one first, then those that rules name."""

    source: str
    target: str
    service: str
    family: int
    froms: Sequence[str]
    tos: Sequence[str]

    def flow(self, one: str, other: str) -> Flow:
        protocol, _slash, number = self.service.partition("/")
        return Flow(one, other, self.source, self.target, protocol, int(number or 0))


def _services(
    rules: Ruleset, expected: Expected, ways: Iterable[Crossing], source: str, target: str
) -> list[str]:
    named = {f"{protocol}/{port}" for protocol, port in rules.services()}
    named |= {f"tcp/{OTHER_PORT}", f"udp/{OTHER_PORT}", "icmp", *expected.services(source, target)}
    return sorted((named | {one.service for one in ways}) - {"mdns", "ssdp"}, key=_order)


def _of(rules: Ruleset, asked: _Asked, meant: str, ways: Sequence[Crossing]) -> list[Opinion]:
    def said(ruling: Ruling, place: str, **more: str) -> Opinion:
        service = more.pop("service", asked.service)
        return Opinion(asked.source, asked.target, service, ruling, place, meant, family=asked.family, **more)

    rulings = {(one, other): rules.rule(asked.flow(one, other)) for one in asked.froms for other in asked.tos}
    usual, place = rulings[asked.froms[0], asked.tos[0]]
    tested = [one for one in ways if one.state is not CrossingState.NOT_TESTED]
    last = next((one for one in reversed(tested) if not one.ip), None)
    made = [said(usual, place, measured=last.state.value if last else "")]
    for (one, other), (ruling, where) in rulings.items():
        if ruling is not usual and ruling is not Ruling.BLOCK and where not in {each.place for each in made}:
            made.append(said(ruling, where, only=f"{one} > {other}"))
    for each in tested:
        if each.ip:
            ruling, where = rules.rule(asked.flow(asked.froms[0], each.ip))
            of_device = said(ruling, where, service=f"{asked.service} {each.ip}", measured=each.state.value)
            made += [of_device] if of_device.contradicts else []
    return made


def _addresses(own: Sequence[Network], mentioned: Sequence[Network], family: int) -> list[str]:
    """One address no rule names alone, first; then one of each part of the segment that some rule names."""
    networks = [network for network in own if network.version == family]
    if not networks:
        return []
    of_family = [each for each in mentioned if each.version == family]
    parts = [each for each in of_family if any(_inside(each, one) for one in networks)]
    first = networks[0]
    unnamed = (first[number] for number in range(-2, -min(first.num_addresses, _MOST_TRIED), -1))
    usual = next(
        (one for one in unnamed if not any(one in part for part in parts)), first[1 % first.num_addresses]
    )
    some = [each[each.num_addresses > 2] for each in parts]
    return [str(usual), *dict.fromkeys(map(str, some[:_MOST_ADDRESSES]))]


def _inside(part: Network, whole: Network) -> bool:
    return int(whole.network_address) <= int(part.network_address) and (
        int(part.broadcast_address) <= int(whole.broadcast_address) and part != whole
    )


def _order(service: str) -> tuple[str, int]:
    protocol, _slash, number = service.partition("/")
    return protocol, int(number or 0)

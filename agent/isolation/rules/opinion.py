"""Rules asked for every pair of segments and every service, and held against what was measured."""

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from agent.isolation.expected import Expected
from agent.isolation.rules.flow import Flow, Network, Ruleset, Ruling
from inventory.types import Crossing, CrossingState

OTHER_PORT = 49_151  # stands for the ports no rule names
_MOST_ADDRESSES = 24


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
    """One for each pair of segments and each service that rules, holes or measurements name."""
    ways = [one for one in measured if one.family == 4 and one.service not in ("mdns", "ssdp")]
    found: list[Opinion] = []
    mentioned = rules.mentioned()
    for source, sources in segments.items():
        for target, targets in segments.items():
            if source == target:
                continue
            services = {f"{protocol}/{port}" for protocol, port in rules.services()}
            services |= {f"tcp/{OTHER_PORT}", f"udp/{OTHER_PORT}", "icmp", *expected.services(source, target)}
            services |= {one.service for one in ways if (one.source, one.target) == (source, target)}
            froms, tos = _addresses(sources, mentioned), _addresses(targets, mentioned)
            if froms and tos:
                for service in sorted(services - {"mdns", "ssdp"}, key=_order):
                    found += _of(rules, (source, target, service), (froms, tos), expected, ways, on)
    return tuple(found)


def _of(  # noqa: PLR0917 - the parts of one question
    rules: Ruleset,
    way: tuple[str, str, str],
    ends: tuple[Sequence[str], Sequence[str]],
    expected: Expected,
    ways: Sequence[Crossing],
    on: date,
) -> list[Opinion]:
    source, target, service = way
    protocol, _slash, number = service.partition("/")
    rulings = {
        (one, other): rules.rule(Flow(one, other, source, target, protocol, int(number or 0)))
        for one in ends[0]
        for other in ends[1]
    }
    meant = expected.of(source, target, service, on).meant.value
    same = [one for one in ways if (one.source, one.target, one.service) == way and not one.ip]
    usual, place = rulings[ends[0][0], ends[1][0]]
    shown = same[-1].state.value if same and same[-1].state is not CrossingState.NOT_TESTED else ""
    made = [Opinion(source, target, service, usual, place, meant, measured=shown)]
    for (one, other), (ruling, where) in rulings.items():
        if ruling is not usual and ruling is not Ruling.BLOCK and where not in {each.place for each in made}:
            made.append(Opinion(source, target, service, ruling, where, meant, only=f"{one} > {other}"))
    for each in ways:
        if (each.source, each.target, each.service) == way and each.ip:
            ruling, where = rules.rule(Flow(ends[0][0], each.ip, source, target, protocol, int(number or 0)))
            asked = f"{service} {each.ip}"
            seen = Opinion(source, target, asked, ruling, where, meant, measured=each.state.value)
            if seen.contradicts:
                made.append(seen)
    return made


def _addresses(own: Sequence[Network], mentioned: Sequence[Network]) -> list[str]:
    """One address no rule names alone, first; then one of each part of the segment that some rule names."""
    networks = [network for network in own if network.version == 4]
    if not networks:
        return []
    parts = [each for each in mentioned if each.version == 4 and any(_inside(each, one) for one in networks)]
    single = {
        address for each in parts for address in (int(each.network_address), int(each.broadcast_address))
    }
    first = networks[0]
    for number in range(int(first.broadcast_address) - 1, int(first.network_address), -1):
        address = ipaddress.IPv4Address(number)
        if number not in single and not any(address in each for each in parts):
            break
    else:
        address = ipaddress.IPv4Address(int(first.network_address) + 1)
    some = [str(ipaddress.ip_address(int(each.network_address) + (each.num_addresses > 2))) for each in parts]
    return [str(address), *dict.fromkeys(some[:_MOST_ADDRESSES])]


def _inside(part: Network, whole: Network) -> bool:
    return int(whole.network_address) <= int(part.network_address) and (
        int(part.broadcast_address) <= int(whole.broadcast_address) and part != whole
    )


def _order(service: str) -> tuple[str, int]:
    protocol, _slash, number = service.partition("/")
    return protocol, int(number or 0)

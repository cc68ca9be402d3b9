"""One line of a Cisco IOS access list as rules, with the object groups it names.

Cisco IOS Security Configuration Guide, "Access Control Lists" and "Object Groups for ACLs".
"""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from agent.isolation.rules.flow import ACCEPT, DROP, Network, Ports, Rule

PERMITS: Final = {"permit": ACCEPT, "deny": DROP}
# The keywords for ports (Cisco IOS Security Command Reference, "permit (IP)").
_NAMES: Final = {
    "biff": 512, "bgp": 179, "bootpc": 68, "bootps": 67, "chargen": 19, "cmd": 514, "daytime": 13,
    "discard": 9, "domain": 53, "drip": 3949, "echo": 7, "exec": 512, "finger": 79, "ftp": 21,
    "ftp-data": 20, "gopher": 70, "hostname": 101, "ident": 113, "irc": 194, "isakmp": 500, "klogin": 543,
    "kshell": 544, "login": 513, "lpd": 515, "mobile-ip": 434, "nameserver": 42, "netbios-dgm": 138,
    "netbios-ns": 137, "netbios-ss": 139, "nntp": 119, "non500-isakmp": 4500, "ntp": 123,
    "pim-auto-rp": 496, "pop2": 109, "pop3": 110, "rip": 520, "smtp": 25, "snmp": 161, "snmptrap": 162,
    "ssh": 22, "sunrpc": 111, "syslog": 514, "tacacs": 49, "talk": 517, "telnet": 23, "tftp": 69,
    "time": 37, "uucp": 540, "who": 513, "whois": 43, "www": 80, "xdmcp": 177, "sip": 5060,
}  # fmt: skip
_PROTOCOLS: Final = {"1": "icmp", "6": "tcp", "17": "udp", "ipv4": "ip", "0": "ip"}
_COMPARISONS: Final = ("eq", "range", "gt", "lt", "neq")
_ECHO: Final = ("echo", "8")
_ANYWHERE: Final = (ipaddress.ip_network("0.0.0.0/0"),)
_QUIET: Final = ("log", "log-input")


@dataclass(frozen=True, slots=True)
class Match:
    """Protocols (None: every one), ports and whether something beside them decides."""

    protocols: frozenset[str] | None
    ports: Ports | None = None
    unsure: bool = False


class Groups:
    """The object groups of a configuration, by name; ValueError for one that is not there or holds itself."""

    def __init__(self, lines: Mapping[str, Sequence[tuple[str, list[str]]]]) -> None:
        self._lines = lines

    def networks(self, name: str, above: frozenset[str] = frozenset()) -> tuple[Network, ...]:
        """The networks of an `object-group network`."""
        found: list[Network] = []
        for words in self._members(name, above):
            if words[0] == "group-object":
                found += self.networks(words[1], above | {name})
            elif words[0] == "host":
                found.append(ipaddress.ip_network(words[1]))
            elif words[0] == "any":
                found += _ANYWHERE
            elif words[0] == "range":
                found += ipaddress.summarize_address_range(*map(ipaddress.IPv4Address, words[1:3]))
            elif words[0] != "description":
                found.append(ipaddress.ip_network("/".join(words[:2]), strict=False))
        return tuple(found)

    def services(self, name: str, above: frozenset[str] = frozenset()) -> tuple[Match, ...]:
        """The services of an `object-group service`."""
        found: list[Match] = []
        for words in self._members(name, above):
            if words[0] == "group-object":
                found += self.services(words[1], above | {name})
            elif words[0] != "description":
                found.append(_service(words))
        return tuple(found)

    def _members(self, name: str, above: frozenset[str]) -> list[list[str]]:
        if name not in self._lines or name in above:
            raise ValueError(name)
        return [words for _place, words in self._lines[name]]


def rules_of(words: Sequence[str], place: str, groups: Groups, *, standard: bool) -> list[Rule]:
    """The rules of a line, none where it speaks of connections that stand already; ValueError, IndexError."""
    action, rest = PERMITS[words[0]], list(words[1:])
    if standard:
        named = rest if rest[0] in ("any", "host") else [rest[0], _wildcard(rest)]
        sources, odd, _rest = _network(named, groups)
        return [Rule(action, place, sources, unsure=odd)]
    matches, rest = _matches(rest, groups)
    sources, odd_source, rest = _network(rest, groups)
    by_source_port = bool(rest) and rest[0] in _COMPARISONS
    if by_source_port:  # it may match, or not
        _ports, rest = _port_ranges(rest)
    targets, odd_target, rest = _network(rest, groups)
    ports: Ports | None = None
    if rest and rest[0] in _COMPARISONS:
        ports, rest = _port_ranges(rest)
    if "established" in rest:  # a first packet never matches it
        return []
    is_icmp = all(each.protocols == frozenset({"icmp"}) for each in matches)
    if is_icmp and rest and rest[0] not in _QUIET:
        if rest[0] not in _ECHO and (rest[0].isdecimal() or rest[0].isalpha() or "-" in rest[0]):
            return []  # another message than the question a measurement puts
        rest = rest[1:]
    unsure = odd_source or odd_target or by_source_port or any(word not in _QUIET for word in rest)
    return [
        Rule(
            action, place, sources, targets, each.protocols, ports or each.ports, unsure=unsure or each.unsure
        )
        for each in matches
    ]


def _matches(rest: list[str], groups: Groups) -> tuple[tuple[Match, ...], list[str]]:
    if rest[0] == "object-group":
        return groups.services(rest[1]), rest[2:]
    protocol = _PROTOCOLS.get(rest[0], rest[0])
    return (Match(None if protocol == "ip" else frozenset({protocol})),), rest[1:]


def _service(words: list[str]) -> Match:
    kind, rest = _PROTOCOLS.get(words[0], words[0]), words[1:]
    protocols = frozenset({"tcp", "udp"}) if kind == "tcp-udp" else frozenset({kind})
    if kind == "ip":
        return Match(None)
    if kind == "icmp":
        return Match(protocols, unsure=bool(rest) and rest[0] not in _ECHO)
    if rest[:1] == ["source"]:
        return Match(protocols, unsure=True)
    rest = ["eq", *rest] if rest and rest[0] not in _COMPARISONS else rest
    return Match(protocols, _port_ranges(rest)[0] if rest else None)


def _wildcard(rest: list[str]) -> str:
    return rest[1] if len(rest) > 1 and rest[1] not in _QUIET else str(ipaddress.IPv4Address(0))


def _network(rest: list[str], groups: Groups) -> tuple[tuple[Network, ...] | None, bool, list[str]]:
    """Networks (None: all), whether they are only about right, and the words behind."""
    word = rest[0]
    if word == "any":
        return None, False, rest[1:]
    if word == "host":
        return (ipaddress.ip_network(rest[1]),), False, rest[2:]
    if word == "object-group":
        return groups.networks(rest[1]), False, rest[2:]
    address, wildcard = ipaddress.IPv4Address(word), int(ipaddress.IPv4Address(rest[1]))
    if wildcard & (wildcard + 1):  # bits with gaps between: no network
        return None, True, rest[2:]
    return (ipaddress.ip_network((int(address), 32 - wildcard.bit_length()), strict=False),), False, rest[2:]


def _port_ranges(rest: list[str]) -> tuple[Ports, list[str]]:
    word = rest[0]
    if word == "range":
        return ((_port(rest[1]), _port(rest[2])),), rest[3:]
    if word == "gt":
        return ((_port(rest[1]) + 1, 65535),), rest[2:]
    if word == "lt":
        return ((0, _port(rest[1]) - 1),), rest[2:]
    if word == "neq":
        port = _port(rest[1])
        return ((0, port - 1), (port + 1, 65535)), rest[2:]
    found, rest = [_port(rest[1])], rest[2:]
    while rest and (rest[0].isdecimal() or rest[0] in _NAMES):
        found.append(_port(rest[0]))
        rest = rest[1:]
    return tuple((port, port) for port in found), rest


def _port(word: str) -> int:
    return int(word) if word.isdecimal() else _NAMES[word]

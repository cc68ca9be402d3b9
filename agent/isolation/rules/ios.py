"""Cisco IOS: interfaces with their networks, and the extended access lists bound to them.

`ip access-list extended NAME` and numbered lists (100–199, 2000–2699); what no line permits is denied.
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from agent.isolation.rules.flow import ACCEPT, DROP, Base, Network, Rule, Ruleset, segments_of
from inventory.exits import BadInput

_NAMES: Final = {
    "ftp": 21, "ssh": 22, "telnet": 23, "smtp": 25, "domain": 53, "tftp": 69, "www": 80, "pop3": 110,
    "ntp": 123, "snmp": 161, "snmptrap": 162, "syslog": 514, "lpd": 515, "sip": 5060,
}  # fmt: skip
_PERMITS: Final = {"permit": ACCEPT, "deny": DROP}


def read(  # noqa: C901 - a case for each kind of line
    text: str, name: str, segments: Mapping[str, str]
) -> Ruleset:
    """The lists of a running configuration; BadInput where it has none."""
    made = Ruleset()
    interface = acl = ""
    known = dict(segments)
    bound: list[tuple[str, str, str]] = []
    for number, raw in enumerate(text.splitlines(), start=1):
        words = raw.split()
        if not words or words[0].startswith("!"):
            continue
        try:
            if not raw.startswith(" "):
                interface = words[1] if words[0] == "interface" else ""
                acl = words[3] if words[:3] == ["ip", "access-list", "extended"] else ""
                if acl:
                    made.chains.setdefault(acl, [])
                elif words[0] == "access-list" and words[2] in _PERMITS:
                    made.chains.setdefault(words[1], []).append(_rule(words[2:], f"{name}:{number}"))
            elif interface and words[:2] == ["ip", "address"] and len(words) >= 4:
                made.networks[interface] = ipaddress.ip_network(f"{words[2]}/{words[3]}", strict=False)
            elif interface and words[:2] == ["ip", "access-group"]:
                bound.append((interface, words[2], words[3]))
            elif acl:
                line = words[1:] if words[0].isdecimal() else words
                if line[0] in _PERMITS:
                    made.chains[acl].append(_rule(line, f"{name}:{number}"))
        except (ValueError, IndexError) as error:
            raise BadInput(f"{name}:{number}: {error}") from error
    if not made.chains:
        raise BadInput(f"{name}:1: holds no extended access list")
    for where, list_name, direction in bound:
        of = _segment(where, made.networks.get(where), known)
        inward = of if direction == "in" else None
        outward = of if direction == "out" else None
        made.bases.append(Base(list_name, DROP if list_name in made.chains else ACCEPT, inward, outward))
    return made


def _segment(interface: str, network: Network | None, segments: Mapping[str, str]) -> frozenset[str]:
    if network is not None and str(network) in segments:
        return frozenset({segments[str(network)]})
    return segments_of(segments, interface) or frozenset()


def _rule(words: list[str], place: str) -> Rule:
    rest = list(words)
    made = Rule(_PERMITS[rest.pop(0)], place)
    protocol = rest.pop(0)
    if protocol not in ("ip", "ipv4"):
        made = replace(made, protocols=frozenset({protocol}))
    sources, rest = _network(rest)
    if rest and rest[0] in ("eq", "range", "gt", "lt", "neq"):
        _range, rest = _ports(rest)
        made = replace(made, unsure=True)  # by the source's port: it may match, or not
    targets, rest = _network(rest)
    made = replace(made, sources=sources, targets=targets)
    if rest and rest[0] in ("eq", "range", "gt", "lt", "neq"):
        ports, rest = _ports(rest)
        made = replace(made, ports=ports) if ports else replace(made, unsure=True)
    for word in rest:
        if word == "established":  # a first packet never matches it
            return replace(made, protocols=frozenset())
        if word not in ("log", "log-input") and not (
            protocol == "icmp" and re.fullmatch(r"[a-z-]+|\d+", word)
        ):
            made = replace(made, unsure=True)
    return made


def _network(rest: list[str]) -> tuple[tuple[Network, ...] | None, list[str]]:
    word = rest[0]
    if word == "any":
        return None, rest[1:]
    if word == "host":
        return (ipaddress.ip_network(rest[1]),), rest[2:]
    if word in ("object-group", "object", "addrgroup"):
        raise ValueError(f"{word} is not read: give the configuration with its lists written out")
    wildcard = int(ipaddress.IPv4Address(rest[1]))
    return (
        ipaddress.ip_network(f"{word}/{ipaddress.IPv4Address(wildcard ^ 0xFFFFFFFF)}", strict=False),
    ), rest[2:]


def _ports(rest: list[str]) -> tuple[tuple[tuple[int, int], ...] | None, list[str]]:
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
    found = []
    rest = rest[1:]
    while rest and (rest[0].isdecimal() or rest[0] in _NAMES):
        found.append((_port(rest[0]),) * 2)
        rest = rest[1:]
    if not found:
        raise ValueError(f"port {rest[0] if rest else '?'} is not known")
    return tuple(found), rest


def _port(word: str) -> int:
    if not word.isdecimal() and word not in _NAMES:
        raise ValueError(f"port {word} is not known")
    return _NAMES.get(word) or int(word)

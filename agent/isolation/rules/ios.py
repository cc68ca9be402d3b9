"""Cisco IOS: interfaces with their networks, and the access lists bound to them (IPv4).

`ip access-list standard|extended NAME`, numbered lists and object groups; what no line permits is denied, and
a list that is bound but stands nowhere permits all (Cisco IOS Security Configuration Guide, "Access Control
Lists").
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.isolation.rules.faults import lacking, not_understood
from agent.isolation.rules.flow import ACCEPT, DROP, Base, Network, Ruleset, segments_of
from agent.isolation.rules.ios_entry import PERMITS, Groups, rules_of

_STANDARD = (range(1, 100), range(1300, 2000))


@dataclass
class _Lines:
    """A running configuration taken apart: each line of a list or a group with its place."""

    networks: dict[str, Network] = field(default_factory=dict)
    bound: list[tuple[str, str, str]] = field(default_factory=list)
    entries: dict[str, list[tuple[str, list[str], bool]]] = field(default_factory=dict)
    groups: dict[str, list[tuple[str, list[str]]]] = field(default_factory=dict)

    def entry(self, name: str, place: str, words: list[str], *, standard: bool) -> None:
        entries = self.entries.setdefault(name, [])
        line = words[1:] if words and words[0].isdecimal() else words
        if line and line[0] in PERMITS:
            entries.append((place, line, standard))


def read(text: str, name: str, segments: Mapping[str, str]) -> Ruleset:
    """The lists of a running configuration; BadInput where it has none."""
    lines = _taken_apart(text, name)
    if not lines.entries:
        raise lacking(name, "access-list")
    made = Ruleset(families=frozenset({4}), networks=lines.networks)
    groups = Groups(lines.groups)
    for chain, entries in lines.entries.items():
        made.chains[chain] = []
        for place, words, standard in entries:
            with not_understood(place, words):
                made.chains[chain] += rules_of(words, place, groups, standard=standard)
    for where, chain, direction in lines.bound:
        of = _segment(where, made.networks.get(where), segments)
        inward = of if direction == "in" else None
        outward = of if direction == "out" else None
        made.bases.append(Base(chain, DROP if chain in made.chains else ACCEPT, inward, outward))
    return made


def _taken_apart(text: str, name: str) -> _Lines:
    lines, head = _Lines(), [""]
    for number, raw in enumerate(text.split("\n"), start=1):
        words, place = raw.split(), f"{name}:{number}"
        if not words or words[0].startswith("!"):
            continue
        with not_understood(place, words):
            if not raw.startswith(" "):
                head = words
                _begin(lines, words, place)
            elif head[0] == "interface":
                _of_interface(lines, head[1], words)
            elif head[:2] == ["ip", "access-list"]:
                lines.entry(head[3], place, words, standard=head[2] == "standard")
            elif head[0] == "object-group":
                lines.groups[head[2]].append((place, words))
    return lines


def _begin(lines: _Lines, words: list[str], place: str) -> None:
    if words[:2] == ["ip", "access-list"] and words[2] in ("standard", "extended"):
        lines.entries.setdefault(words[3], [])
    elif words[0] == "access-list":
        if not words[1].isdecimal():  # an ASA's, which means other things by the same words
            raise ValueError(words[1])
        standard = any(int(words[1]) in one for one in _STANDARD)
        lines.entry(words[1], place, words[2:], standard=standard)
    elif words[0] == "object-group":
        lines.groups.setdefault(words[2], [])


def _of_interface(lines: _Lines, interface: str, words: list[str]) -> None:
    if words[:2] == ["ip", "address"] and len(words) == 4:
        lines.networks[interface] = ipaddress.ip_network(f"{words[2]}/{words[3]}", strict=False)
    elif words[:2] == ["ip", "access-group"]:
        lines.bound.append((interface, words[2], words[3]))


def _segment(interface: str, network: Network | None, segments: Mapping[str, str]) -> frozenset[str]:
    if network is not None and str(network) in segments:
        return frozenset({segments[str(network)]})
    return segments_of(segments, interface) or frozenset()

"""FortiOS `show`: policies in their order, with address and service objects; what none accepts is denied."""

import ipaddress
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from agent.isolation.rules.faults import lacking, not_understood
from agent.isolation.rules.flow import ACCEPT, DROP, Base, Network, Rule, Ruleset, segments_of

Services = tuple[tuple[str, tuple[tuple[int, int], ...] | None], ...]

# Predefined service objects (FortiOS Administration Guide, "Services").
_KNOWN: Final[dict[str, Services]] = {
    "ALL": (("tcp", None), ("udp", None), ("icmp", None)),
    "ALL_TCP": (("tcp", None),),
    "ALL_UDP": (("udp", None),),
    "ALL_ICMP": (("icmp", None),),
    "PING": (("icmp", None),),
    "HTTP": (("tcp", ((80, 80),)),),
    "HTTPS": (("tcp", ((443, 443),)),),
    "SSH": (("tcp", ((22, 22),)),),
    "TELNET": (("tcp", ((23, 23),)),),
    "SMB": (("tcp", ((445, 445),)),),
    "RDP": (("tcp", ((3389, 3389),)),),
    "DNS": (("tcp", ((53, 53),)), ("udp", ((53, 53),))),
    "SYSLOG": (("udp", ((514, 514),)),),
    "SNMP": (("tcp", ((161, 162),)), ("udp", ((161, 162),))),
    "NTP": (("tcp", ((123, 123),)), ("udp", ((123, 123),))),
}


@dataclass
class _Edit:
    """One `edit … next` block: its place, its name and its settings."""

    section: str
    name: str
    place: str
    settings: dict[str, list[str]] = field(default_factory=dict)

    def first(self, key: str, default: str = "") -> str:
        return (self.settings.get(key) or [default])[0]


def read(  # noqa: C901 - a case for each section
    text: str, name: str, segments: Mapping[str, str]
) -> Ruleset:
    """The policies of a configuration; BadInput where it has none."""
    edits = _edits(text, name)
    made = Ruleset(families=frozenset({4}))  # `srcaddr6` and its like are not read
    interfaces = dict(segments)
    addresses: dict[str, tuple[Network, ...] | None] = {"all": None}
    services = dict(_KNOWN)
    zones: dict[str, list[str]] = {}
    for edit in edits:
        with not_understood(edit.place, f"edit {edit.name}"):
            if edit.section == "system interface" and len(edit.settings.get("ip", ())) == 2:
                network = ipaddress.ip_network("/".join(edit.settings["ip"]), strict=False)
                made.networks[edit.name] = network
                if str(network) in segments:
                    interfaces[edit.name] = segments[str(network)]
            elif edit.section == "system zone":
                zones[edit.name] = edit.settings.get("interface", [])
            elif edit.section == "firewall address":
                found = _address(edit)
                if found is not None:
                    addresses[edit.name] = found
            elif edit.section == "firewall addrgrp":
                members = [addresses.get(each) for each in edit.settings.get("member", ())]
                if members and all(members):
                    addresses[edit.name] = tuple(one for each in members if each for one in each)
            elif edit.section == "firewall service custom":
                services[edit.name] = _service(edit)
            elif edit.section == "firewall service group":
                named = [services.get(each) for each in edit.settings.get("member", ())]
                if all(each is not None for each in named):
                    services[edit.name] = tuple(one for each in named if each for one in each)
    policies = [edit for edit in edits if edit.section == "firewall policy"]
    if not policies:
        raise lacking(name, "config firewall policy")
    made.bases = [Base("policy", DROP)]
    made.chains["policy"] = [
        rule for edit in policies for rule in _rules(_unzoned(edit, zones), interfaces, addresses, services)
    ]
    return made


def _edits(text: str, name: str) -> list[_Edit]:
    edits: list[_Edit] = []
    sections: list[str] = []
    current: list[_Edit | None] = []
    for number, raw in enumerate(text.split("\n"), start=1):
        with not_understood(f"{name}:{number}", raw.strip()):
            words = shlex.split(raw.strip(), comments=True)
        if not words:
            continue
        if words[0] == "config":
            sections.append(" ".join(words[1:]))
            current.append(None)
        elif words[0] == "end" and sections:
            sections.pop()
            current.pop()
        elif words[0] == "edit" and sections and len(words) > 1:
            begun = _Edit(sections[-1], words[1], f"{name}:{number}")
            current[-1] = begun
            edits.append(begun)
        elif words[0] == "next" and current:
            current[-1] = None
        elif words[0] == "set" and current and len(words) > 2 and (edit := current[-1]) is not None:
            edit.settings[words[1]] = words[2:]
    return edits


def _address(edit: _Edit) -> tuple[Network, ...] | None:
    kind = edit.first("type", "ipmask")
    if kind == "iprange":
        ends = ipaddress.IPv4Address(edit.first("start-ip")), ipaddress.IPv4Address(edit.first("end-ip"))
        return tuple(ipaddress.summarize_address_range(*ends))
    if kind == "ipmask" and "subnet" in edit.settings:
        return (ipaddress.ip_network("/".join(edit.settings["subnet"]), strict=False),)
    return None  # a name, a country, a tag: whoever that is


def _service(edit: _Edit) -> Services:
    found: list[tuple[str, tuple[tuple[int, int], ...] | None]] = []
    if edit.first("protocol") in ("ICMP", "ICMP6"):
        found.append(("icmp", None))
    for protocol in ("tcp", "udp"):
        ranges = []
        for text in edit.settings.get(f"{protocol}-portrange", ()):
            low, _dash, high = text.split(":")[0].partition("-")
            ranges.append((int(low), int(high or low)))
        if ranges:
            found.append((protocol, tuple(ranges)))
    return tuple(found)


def _unzoned(edit: _Edit, zones: Mapping[str, list[str]]) -> _Edit:
    """The policy with the interfaces of its zones in their place."""
    sides = {
        key: [one for name in names for one in zones.get(name, [name])]
        for key, names in edit.settings.items()
        if key in ("srcintf", "dstintf")
    }
    return replace(edit, settings={**edit.settings, **sides})


def _rules(
    edit: _Edit,
    interfaces: Mapping[str, str],
    addresses: Mapping[str, tuple[Network, ...] | None],
    services: Mapping[str, Services],
) -> list[Rule]:
    if edit.first("status", "enable") == "disable":
        return []
    unsure = edit.first("schedule", "always") != "always" or any(
        edit.first(key) == "enable"
        for key in ("srcaddr-negate", "dstaddr-negate", "service-negate", "internet-service")
    )
    unsure = unsure or any(key in edit.settings for key in ("groups", "users", "fsso-groups"))
    sides: list[frozenset[str] | None] = []
    for key in ("srcintf", "dstintf"):
        names = edit.settings.get(key, [])
        found = [segments_of(interfaces, each) for each in names if each != "any"]
        unsure = unsure or any(each is None for each in found)
        known = frozenset(one for each in found if each for one in each)
        sides.append(None if "any" in names or any(each is None for each in found) else known)
    ends: list[tuple[Network, ...] | None] = []
    for key in ("srcaddr", "dstaddr"):
        named = edit.settings.get(key, [])
        unsure = unsure or any(each not in addresses for each in named)
        nets = [addresses.get(each) for each in named]
        ends.append(
            None
            if any(each is None for each in nets)
            else tuple(one for each in nets if each for one in each)
        )
    action = ACCEPT if edit.first("action", "deny") == "accept" else DROP
    rules = []
    for name in edit.settings.get("service", ["ALL"]):
        for protocol, ports in services.get(name) or (("", None),):
            rules.append(
                Rule(
                    action,
                    edit.place,
                    ends[0],
                    ends[1],
                    frozenset({protocol}) if protocol else None,
                    ports,
                    sides[0],
                    sides[1],
                    unsure or not protocol,
                )
            )
    return rules

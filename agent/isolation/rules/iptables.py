"""iptables-save(8) and ip6tables-save: the filter table's FORWARD chain and what it calls."""

import ipaddress
import shlex
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from agent.isolation.rules.flow import ACCEPT, DROP, RETURN, Base, Rule, Ruleset, segments_of
from inventory.exits import BadInput

_TARGETS: Final = {"ACCEPT": ACCEPT, "DROP": DROP, "REJECT": DROP, "RETURN": RETURN}
_QUIET: Final = ("LOG", "NFLOG", "MARK", "CONNMARK", "TCPMSS", "ULOG")
_PLAIN_MODULES: Final = ("tcp", "udp", "icmp", "icmp6", "multiport", "conntrack", "state", "comment")


def read(text: str, name: str, segments: Mapping[str, str]) -> Ruleset:
    """The filter table's way of forwarded packets; BadInput with the line that makes no sense."""
    made, table = Ruleset(), ""
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if line.startswith("*"):
            table = line[1:]
        elif table == "filter" and line.startswith(":"):
            chain, policy = [*line[1:].split(), "", ""][:2]
            made.chains.setdefault(chain, [])
            if chain == "FORWARD":
                made.bases.append(Base(chain, _TARGETS.get(policy, DROP)))
        elif table == "filter" and line.startswith("-A "):
            try:
                words = shlex.split(line)
                made.chains.setdefault(words[1], [])
                made.chains[words[1]] += _rule(words[2:], f"{name}:{number}", segments)
            except (ValueError, IndexError) as error:
                raise BadInput(f"{name}:{number}: {error}") from error
    if not made.bases:
        raise BadInput(f"{name}:1: has no FORWARD chain of a filter table")
    return made


def _rule(  # noqa: C901, PLR0912 - a case for each option
    words: list[str], place: str, segments: Mapping[str, str]
) -> list[Rule]:
    made, new = Rule("", place), True
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word == "!":
            made = replace(made, unsure=True)
            rest = rest[2:]
        elif word in ("-s", "-d"):
            networks = tuple(ipaddress.ip_network(each, strict=False) for each in rest.pop(0).split(","))
            made = replace(made, sources=networks) if word == "-s" else replace(made, targets=networks)
        elif word in ("-i", "-o"):
            found = segments_of(segments, rest.pop(0))
            if found is None:
                made = replace(made, unsure=True)
            else:
                made = replace(made, inward=found) if word == "-i" else replace(made, outward=found)
        elif word == "-p":
            protocol = rest.pop(0).replace("ipv6-icmp", "icmp").replace("icmpv6", "icmp")
            made = made if protocol == "all" else replace(made, protocols=frozenset({protocol}))
        elif word in ("--dport", "--dports"):
            made = replace(made, ports=tuple(_ports(each) for each in rest.pop(0).split(",")))
        elif word in ("--ctstate", "--state"):
            new = "NEW" in rest.pop(0).split(",")
        elif word in ("-j", "-g"):
            target = rest.pop(0)
            if target in _QUIET:
                return []
            made = replace(made, action=_TARGETS.get(target, f"jump {target}"))
            made = replace(made, unsure=made.unsure or word == "-g")
        elif word == "-m":
            made = made if rest.pop(0) in _PLAIN_MODULES else replace(made, unsure=True)
        elif word in ("--comment", "--reject-with", "--icmp-type", "--icmpv6-type"):
            rest.pop(0)
        else:
            made = replace(made, unsure=True)
    return [made] if made.action and new else []


def _ports(text: str) -> tuple[int, int]:
    low, _colon, high = text.partition(":")
    return int(low or 0), int(high or low or 65535)

"""nftables: `nft -j list ruleset` (libnftables-json(5)) and the text of `nft list ruleset` (nft(8))."""

import ipaddress
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from agent.isolation.rules import nft_text
from agent.isolation.rules.faults import lacking, not_understood
from agent.isolation.rules.flow import ACCEPT, DROP, RETURN, Base, Network, Rule, Ruleset, segments_of

_QUIET: Final = {"counter", "log", "comment", "limit"}
# The tables whose forward hook sees what is routed, and the IP version they are about.
_ROUTED: Final[Mapping[str, int | None]] = {"ip": 4, "ip6": 6, "inet": None}
_ECHO: Final = ("echo-request", "8", "128")
_FAMILIES: Final = {"ip": 4, "ipv4": 4, "icmp": 4, "ip6": 6, "ipv6": 6, "icmpv6": 6}

Sets = Mapping[tuple[str, str], list[Any]]


def read_json(text: str, name: str, segments: Mapping[str, str]) -> Ruleset:
    """The forward chains of a JSON ruleset; BadInput where it is none."""
    with not_understood(name, text.strip()):
        entries = json.loads(text)["nftables"]
        for entry in entries:
            if rule := entry.get("rule"):
                rule["place"] = f"{name}: {_table(rule)} {rule['chain']} handle {rule.get('handle', '?')}"
        return _ruleset(entries, name, segments)


def read_text(text: str, name: str, segments: Mapping[str, str]) -> Ruleset:
    """The forward chains of a ruleset as text; what is not understood makes its rule unsure."""
    return _ruleset(list(nft_text.entries(text, name)), name, segments)


def _ruleset(entries: Iterable[dict[str, Any]], name: str, segments: Mapping[str, str]) -> Ruleset:
    made = Ruleset()
    sets: dict[tuple[str, str], list[Any]] = {}
    for entry in entries:
        if kept := entry.get("set") or entry.get("map"):
            sets[_table(kept), kept["name"]] = kept.get("elem", [])
        elif chain := entry.get("chain"):
            key = f"{_table(chain)} {chain['name']}"
            made.chains.setdefault(key, [])
            if chain.get("hook") == "forward" and chain["family"] in _ROUTED:
                policy = DROP if chain.get("policy") == DROP else ACCEPT
                made.bases.append(Base(key, policy, family=_ROUTED[chain["family"]]))
    if not made.bases:
        raise lacking(name, "hook forward")
    for entry in entries:
        if rule := entry.get("rule"):
            table = _table(rule)
            found = _rules(rule["expr"], rule["place"], table, sets, segments)
            made.chains.setdefault(f"{table} {rule['chain']}", []).extend(found)
    families = {base.family for base in made.bases}
    made.families = frozenset({4, 6}) if None in families else frozenset(each for each in families if each)
    return made


def _table(entry: Mapping[str, Any]) -> str:
    return f"{entry['family']} {entry['table']}"


def _rules(
    expressions: list[dict[str, Any]],
    place: str,
    table: str,
    sets: Sets,
    segments: Mapping[str, str],
) -> list[Rule]:
    """The rule, in no part where it is for known connections only."""
    made = Rule("", place)
    for expression in expressions:
        ((kind, value),) = expression.items()
        if kind == "match":
            matched = _matched(made, value, table, sets, segments)
            if matched is None:
                return []
            made = matched
        elif kind in (ACCEPT, DROP, RETURN):
            made = replace(made, action=kind)
        elif kind == "reject":
            made = replace(made, action=DROP)
        elif kind in ("jump", "goto"):
            made = replace(
                made, action=f"jump {table} {value['target']}", unsure=made.unsure or kind == "goto"
            )
        elif kind == "limit":
            made = replace(made, unsure=True)
        elif kind not in _QUIET:
            made = replace(made, unsure=True, action=made.action or "unknown")
    if not made.action:
        return []
    if made.action == "unknown":  # a verdict map, a queue: it may do either
        return [replace(made, action=ACCEPT), replace(made, action=DROP)]
    return [made]


def _matched(  # noqa: C901 - a case for each kind of match
    made: Rule, match: dict[str, Any], table: str, sets: Sets, segments: Mapping[str, str]
) -> Rule | None:
    left, values = match["left"], _flat(match["right"], table, sets)
    if values is None or match["op"] not in ("==", "in"):
        return replace(made, unsure=True)
    if "ct" in left:
        if left["ct"]["key"] != "state":
            return replace(made, unsure=True)
        return made if "new" in values else None
    key = left.get("meta", {}).get("key")
    if key in ("iifname", "oifname", "iif", "oif"):
        known = [segments_of(segments, str(value)) for value in values]
        if any(one is None for one in known):
            return replace(made, unsure=True)
        found = frozenset(name for one in known if one for name in one)
        return replace(made, inward=found) if key[0] == "i" else replace(made, outward=found)
    if key == "l4proto":
        return replace(made, protocols=frozenset(map(_protocol, values)))
    if key == "nfproto":
        families = {_FAMILIES.get(value) for value in values}
        return replace(made, family=families.pop()) if len(families) == 1 else made
    payload = left.get("payload", {})
    protocol, name = payload.get("protocol"), payload.get("field")
    try:
        if name in ("saddr", "daddr") and protocol in ("ip", "ip6"):
            networks = tuple(network for value in values for network in _networks(value))
            made = replace(made, family=_FAMILIES[protocol])
            return replace(made, sources=networks) if name == "saddr" else replace(made, targets=networks)
        if name in ("protocol", "nexthdr"):
            return replace(made, protocols=frozenset(map(_protocol, values)), family=_FAMILIES[protocol])
        if name == "type" and protocol in ("icmp", "icmpv6"):
            asked = any(str(value) in _ECHO for value in values)
            made = replace(made, protocols=frozenset({"icmp"}), family=_FAMILIES[protocol])
            return made if asked else None
        if name == "dport" and protocol in ("tcp", "udp", "th"):
            ports = tuple(map(_ports, values))
            of = made.protocols if protocol == "th" else frozenset({str(protocol)})
            return replace(made, protocols=of or frozenset({"tcp", "udp"}), ports=ports)
    except (ValueError, KeyError):
        pass
    return replace(made, unsure=True)


def _flat(right: Any, table: str, sets: Sets) -> list[Any] | None:  # noqa: ANN401 - JSON
    if isinstance(right, str) and right.startswith("@"):
        return sets.get((table, right[1:]))
    if isinstance(right, dict) and "set" in right:
        values = right["set"]
        if len(values) == 1 and isinstance(values[0], str) and values[0].startswith("@"):
            return sets.get((table, values[0][1:]))
        return list(values)
    return list(right) if isinstance(right, list) else [right]


def _networks(value: Any) -> tuple[Network, ...]:  # noqa: ANN401 - JSON
    if isinstance(value, dict) and "prefix" in value:
        return (ipaddress.ip_network(f"{value['prefix']['addr']}/{value['prefix']['len']}", strict=False),)
    if isinstance(value, dict) and "range" in value:
        low, high = map(ipaddress.ip_address, value["range"])
        return tuple(ipaddress.summarize_address_range(low, high))
    if isinstance(value, str) and "-" in value:
        first, last = map(ipaddress.ip_address, value.split("-"))
        return tuple(ipaddress.summarize_address_range(first, last))
    return (ipaddress.ip_network(str(value), strict=False),)


def _ports(value: Any) -> tuple[int, int]:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        low, high = value["range"]
        return int(low), int(high)
    return int(value), int(value)  # a service's name is a ValueError: unsure


def _protocol(value: Any) -> str:  # noqa: ANN401 - JSON
    return {"6": "tcp", "17": "udp", "1": "icmp", "icmpv6": "icmp", "ipv6-icmp": "icmp"}.get(
        str(value), str(value)
    )

"""nftables: `nft -j list ruleset` (libnftables-json(5)) and the text of `nft list ruleset` (nft(8))."""

import ipaddress
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from agent.isolation.rules.flow import ACCEPT, DROP, RETURN, Base, Network, Rule, Ruleset, segments_of
from inventory.exits import BadInput

_QUIET: Final = {"counter", "log", "comment", "limit"}
_WORD: Final = re.compile(r'"[^"]*"|[{},;]|[^\s{},;"]+')


def read_json(text: str, name: str, segments: Mapping[str, str]) -> Ruleset:
    """The forward chains of a JSON ruleset; BadInput where it is none."""
    try:
        entries = json.loads(text)["nftables"]
        made = Ruleset()
        sets = {one["set"]["name"]: one["set"].get("elem", []) for one in entries if "set" in one}
        for one in entries:
            if "chain" in one:
                chain = one["chain"]
                key = f"{chain['family']} {chain['table']} {chain['name']}"
                made.chains.setdefault(key, [])
                if chain.get("hook") == "forward":
                    made.bases.append(Base(key, chain.get("policy", ACCEPT)))
        for one in entries:
            if "rule" in one:
                rule = one["rule"]
                table = f"{rule['family']} {rule['table']}"
                place = f"{name}: {table} {rule['chain']} handle {rule.get('handle', '?')}"
                made.chains[f"{table} {rule['chain']}"] += _rules(rule["expr"], place, table, sets, segments)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(f"{name}: is no nftables ruleset in JSON ({type(error).__name__}: {error})") from error
    return made


def read_text(  # noqa: C901, PLR0912 - a case for each kind of line
    text: str, name: str, segments: Mapping[str, str]
) -> Ruleset:
    """The forward chains of a ruleset as text; what is not understood makes its rule unsure."""
    made = Ruleset()
    table = chain = ""
    sets: dict[str, list[Any]] = {}
    named = ""
    for number, raw in enumerate(text.splitlines(), start=1):
        words = _WORD.findall(raw.split("#")[0].strip())
        if not words:
            continue
        if words[0] == "table" and len(words) >= 3:
            table = f"{words[1]} {words[2]}"
        elif words[0] in ("set", "map") and len(words) >= 2 and words[-1] == "{":
            named = words[1]
            sets[named] = []
        elif words[0] == "chain" and len(words) >= 2:
            chain = f"{table} {words[1]}"
            made.chains.setdefault(chain, [])
        elif words == ["}"]:
            if named:
                named = ""
            else:
                chain = ""
        elif named:
            if words[0] == "elements":
                sets[named] = [_value(word) for word in words if word not in ("elements", "=", "{", "}", ",")]
        elif words[0] == "type" and "hook" in words:
            if words[words.index("hook") + 1] == "forward":
                policy = words[words.index("policy") + 1] if "policy" in words else ACCEPT
                made.bases.append(Base(chain, policy))
        elif chain:
            expressions = _expressions(words)
            made.chains[chain] += _rules(expressions, f"{name}:{number}", table, sets, segments)
    if not made.chains:
        raise BadInput(f"{name}:1: is no nftables ruleset")
    return made


def _expressions(  # noqa: C901, PLR0912 - a case for each word
    words: list[str],
) -> list[dict[str, Any]]:
    """The words of a rule as libnftables-json would say it; `unknown` for what is not understood."""
    made: list[dict[str, Any]] = []
    rest = [word for word in words if word != ";"]
    while rest:
        word = rest.pop(0)
        if word in (ACCEPT, DROP, RETURN):
            made.append({word: None})
        elif word == "reject":
            return [*made, {"reject": None}]
        elif word in ("jump", "goto") and rest:
            made.append({word: {"target": rest.pop(0)}})
        elif word == "counter":
            while rest and (rest[0] in ("packets", "bytes") or rest[0].isdecimal()):
                rest.pop(0)
        elif word in ("iifname", "oifname", "iif", "oif"):
            made.append(_match({"meta": {"key": word}}, rest))
        elif word == "meta" and rest:
            made.append(_match({"meta": {"key": rest.pop(0)}}, rest))
        elif word == "ct" and rest and rest[0] == "state":
            rest.pop(0)
            made.append(_match({"ct": {"key": "state"}}, rest))
        elif word in ("ip", "ip6", "tcp", "udp", "th") and rest:
            made.append(_match({"payload": {"protocol": word, "field": rest.pop(0)}}, rest))
        elif word == "comment" and rest:
            rest.pop(0)
        elif word == "log":
            while rest and rest[0] in ("prefix", "level") and len(rest) > 1:
                del rest[:2]
        else:
            made.append({"unknown": word})
    return made


def _match(left: dict[str, Any], rest: list[str]) -> dict[str, Any]:
    operator = rest.pop(0) if rest and rest[0] in ("==", "!=", "<", ">", "<=", ">=") else "=="
    values: list[Any] = []
    if rest and rest[0] == "{":
        rest.pop(0)
        while rest and (word := rest.pop(0)) != "}":
            if word != ",":
                values.append(_value(word))
    elif rest:
        values.append(_value(rest.pop(0)))
        while len(rest) > 1 and rest[0] == ",":
            rest.pop(0)
            values.append(_value(rest.pop(0)))
    return {"match": {"op": operator, "left": left, "right": {"set": values}}}


def _value(word: str) -> Any:  # noqa: ANN401 - as in the JSON
    word = word.strip('"')
    low, dash, high = word.partition("-")
    if dash and low.isdecimal() and high.isdecimal():
        return {"range": [int(low), int(high)]}
    return int(word) if word.isdecimal() else word


def _rules(
    expressions: list[dict[str, Any]],
    place: str,
    table: str,
    sets: Mapping[str, list[Any]],
    segments: Mapping[str, str],
) -> list[Rule]:
    """The rule, in no part where it is for known connections only."""
    made = Rule("", place)
    for expression in expressions:
        ((kind, value),) = expression.items()
        if kind == "match":
            matched = _matched(made, value, sets, segments)
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


def _matched(
    made: Rule, match: dict[str, Any], sets: Mapping[str, list[Any]], segments: Mapping[str, str]
) -> Rule | None:
    left, values = match["left"], _flat(match["right"], sets)
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
    payload = left.get("payload", {})
    protocol, name = payload.get("protocol"), payload.get("field")
    try:
        if name in ("saddr", "daddr") and protocol in ("ip", "ip6"):
            networks = tuple(network for value in values for network in _networks(value))
            return replace(made, sources=networks) if name == "saddr" else replace(made, targets=networks)
        if name in ("protocol", "nexthdr"):
            return replace(made, protocols=frozenset(map(_protocol, values)))
        if name == "dport" and protocol in ("tcp", "udp", "th"):
            ports = tuple(map(_ports, values))
            of = made.protocols if protocol == "th" else frozenset({str(protocol)})
            return replace(made, protocols=of or frozenset({"tcp", "udp"}), ports=ports)
    except ValueError:
        pass
    return replace(made, unsure=True)


def _flat(right: Any, sets: Mapping[str, list[Any]]) -> list[Any] | None:  # noqa: ANN401 - JSON
    if isinstance(right, str) and right.startswith("@"):
        return sets.get(right[1:])
    if isinstance(right, dict) and "set" in right:
        values = right["set"]
        if len(values) == 1 and isinstance(values[0], str) and values[0].startswith("@"):
            return sets.get(values[0][1:])
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

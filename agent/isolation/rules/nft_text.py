"""The text of `nft list ruleset` (nft(8)) as libnftables-json(5) would say it.

What is not understood becomes an expression `unknown`, which makes its rule unsure.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

_WORD: Final = re.compile(r'"[^"]*"|[{},;]|[^\s{},;"]+')
_BLOCKS: Final = frozenset(
    {"table", "chain", "set", "map", "flowtable", "counter", "quota", "limit", "ct", "secmark", "synproxy"}
)
_VERDICTS: Final = ("accept", "drop", "return")
_SETS: Final = ("set", "map")


def entries(text: str, name: str) -> Iterator[dict[str, Any]]:
    """The chains, sets and rules, each rule with its place."""
    table, block = {"family": "", "table": ""}, ["", ""]
    for number, words in _statements(text):
        if words[0] == "table" and words[-1] == "{":
            table = {"family": words[1] if len(words) > 3 else "ip", "table": words[-2]}
        elif words[0] in _BLOCKS and words[-1] == "{":
            block = [words[0], words[1]]
            if words[0] == "chain":
                yield {"chain": {**table, "name": words[1]}}
        elif words == ["}"]:
            block = ["", ""]
        elif block[0] in _SETS and words[0] == "elements":
            inside = [_value(word) for word in words[3:-1] if word != ","]
            yield {"set": {**table, "name": block[1], "elem": inside}}
        elif block[0] == "chain" and words[0] == "type" and "hook" in words:
            policy = words[words.index("policy") + 1] if "policy" in words else "accept"
            hook = words[words.index("hook") + 1]
            yield {"chain": {**table, "name": block[1], "hook": hook, "policy": policy}}
        elif block[0] == "chain" and words[0] != "policy":
            rule = {**table, "chain": block[1], "expr": _expressions(words), "place": f"{name}:{number}"}
            yield {"rule": rule}


def _statements(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each statement's words with its first line: braces inside one go over several lines."""
    held: list[str] = []
    begun = 0
    for number, raw in enumerate(text.split("\n"), start=1):
        words = _WORD.findall(raw.split("#")[0])
        if not words:
            continue
        begun = begun if held else number
        held += words
        opens = held[0] in _BLOCKS and held[-1] == "{"
        if opens or held == ["}"] or held.count("{") <= held.count("}"):
            yield begun, held
            held = []
    if held:
        yield begun, held


def _expressions(words: list[str]) -> list[dict[str, Any]]:  # noqa: C901, PLR0912 - a case for each word
    made: list[dict[str, Any]] = []
    rest = [word for word in words if word != ";"]
    if "vmap" in rest:  # a verdict for each value: it may do any of them
        return [{"unknown": "vmap"}]
    while rest:
        word = rest.pop(0)
        if word in _VERDICTS:
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
        elif word in ("ip", "ip6", "tcp", "udp", "th", "icmp", "icmpv6") and rest:
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

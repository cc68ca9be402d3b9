"""Reads what net-snmp's snmpwalk and snmpbulkwalk print (`.1.3.6.1.2.1.1.1.0 = STRING: "…"`)."""

import re
from collections.abc import Iterator
from pathlib import Path

from agent.snmp_octets import is_of_octets, text_of_octets
from inventory.exits import BadInput
from inventory.language import _

_ROW = re.compile(r"^(?:iso|\.?1)((?:\.\d+)+) = (.*)$")
_TYPED = re.compile(r"^([A-Za-z][\w-]*): ?(.*)$", re.DOTALL)
_ENUM = re.compile(r"^\S+\((\d+)\)$")
_NAMED = re.compile(r"^(?:SNMPv2-MIB::|RFC1213-MIB::)(sys[A-Za-z]+)\.0 = (.*)$")
_SYSTEM = {"sysDescr": 1, "sysObjectID": 2, "sysContact": 4, "sysName": 5, "sysLocation": 6}
_NO_VALUE = ("No Such", "No more variables", '""', "NULL")


def read_walk(path: Path) -> list[tuple[str, str]]:
    """The (numeric OID, value) pairs of a walk; BadInput where the file has no row of one.

    Values that go over several lines are joined; Hex-STRING becomes text where it is printable, else hex.
    """
    try:
        text = path.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}") from error
    pairs = list(_rows(text))
    if not pairs:
        raise BadInput(
            _("{path}:1: holds no line of an snmpwalk with numeric OIDs (use -On)").format(path=path)
        )
    return pairs


def _rows(text: str) -> Iterator[tuple[str, str]]:
    oid, parts = "", list[str]()
    for line in text.splitlines():
        if row := _ROW.match(line):
            if oid:
                yield from _pair(oid, "\n".join(parts))
            oid, parts = "1" + row[1], [row[2]]
        elif named := _NAMED.match(line):
            if oid:
                yield from _pair(oid, "\n".join(parts))
            number = _SYSTEM.get(named[1])
            oid, parts = (f"1.3.6.1.2.1.1.{number}.0", [named[2]]) if number else ("", [])
        elif oid:
            parts.append(line)
    if oid:
        yield from _pair(oid, "\n".join(parts))


def _pair(oid: str, value: str) -> Iterator[tuple[str, str]]:
    if value.startswith(_NO_VALUE):
        return
    kind, text = "", value
    if typed := _TYPED.match(value):
        kind, text = typed[1], typed[2]
    if kind == "STRING" and is_of_octets(oid):
        text = _unquoted(text).hex(":")
    elif kind == "Hex-STRING":
        text = _from_hex(text, oid)
    elif kind == "OID":
        text = re.sub(r"^(?:iso|\.1)", "1", text)
    elif kind == "INTEGER" and (enum := _ENUM.match(text)):
        text = enum[1]
    yield oid, text.strip().strip('"').encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _unquoted(text: str) -> bytes:
    """The octets of a string as net-snmp prints it: in quotation marks, a backslash before such a mark."""
    inside = text.strip().removeprefix('"').removesuffix('"')
    return re.sub(r"\\(.)", r"\1", inside).encode("utf-8", "surrogateescape")


def _from_hex(text: str, oid: str) -> str:
    digits = re.sub(r"\s", "", text)
    try:
        raw = bytes.fromhex(digits)
    except ValueError:
        return text
    return text_of_octets(raw, oid)

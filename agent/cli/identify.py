"""`muster identify`: the fingerprints alone, on recorded banners or SNMP values; needs no register."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, TypeGuard

import click

from agent.cli.snmpwalk import read_walk
from agent.fingerprints import Conclusion, Fingerprinter
from agent.fingerprints.loading import load
from agent.snmp_octets import text_of_octets
from inventory.console import say
from inventory.exits import BadInput
from inventory.json_text import json_text
from inventory.language import _
from inventory.types import Attribute, Fact

_HEX = re.compile(r"hex:(?:[0-9a-fA-F]{2})+")
_SYS_OBJECT_ID = "1.3.6.1.2.1.1.2.0"
_LONGEST_LINE = 16 * 1024 * 1024
_FIELDS = {
    "vendor": (Attribute.VENDOR,),
    "model": (Attribute.MODEL,),
    "version": (Attribute.FIRMWARE, Attribute.SERVICE_VERSION),
    "serial": (Attribute.SERIAL,),
    "device_class": (Attribute.DEVICE_CLASS,),
}
_PRODUCT_OF_A_BANNER = (Attribute.OS,)  # a lone banner may name no more than this


@click.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True), required=False)
@click.option(
    "--snmpwalk", type=click.Path(path_type=Path), help="Read the output of net-snmp's snmpwalk -On."
)
@click.option("--packaged", is_flag=True, help="Leave imported fingerprints out.")
def identify(file: Path | None, snmpwalk: Path | None, packaged: bool) -> None:
    """Name devices from recorded banners or SNMP values.

    FILE (or -) holds JSON lines: {"id", "source", "input"} for one banner, {"id", "oids": {…}} for an SNMP
    agent, {"id", "body_hex"} for an IPP reply. One JSON line comes out for each; null means no claim.
    """
    if (file is None) == (snmpwalk is None):
        raise click.UsageError(_("give a file of JSON lines, or - for standard input, or --snmpwalk FILE"))
    fingerprinter = Fingerprinter(load()) if packaged else Fingerprinter.load()
    if snmpwalk is not None:
        facts = [Fact(oid, value) for oid, value in read_walk(snmpwalk)]
        click.echo(json_text(answer(fingerprinter, snmpwalk.name, facts, "snmp")))
        return
    wrong = 0
    name = str(file)
    out = sys.stdout
    for number, line in _lines(file):
        if not line.strip():
            continue
        try:
            identity, facts, source = read_line(line)
        except ValueError as error:
            wrong += 1
            say(f"{name}:{number}: {error}", err=True)
            continue
        out.write(json_text(answer(fingerprinter, identity, facts, source)) + "\n")
    out.flush()
    if wrong:
        raise BadInput(_("{name}: {count} lines could not be read").format(name=name, count=wrong))


def answer(fingerprinter: Fingerprinter, identity: str, facts: list[Fact], source: str) -> dict[str, object]:
    """One line of output: what the facts come to, and which fingerprint says so."""
    concluded = fingerprinter.conclude(fingerprinter.claims(facts, source=source))
    told: dict[str, Conclusion] = {}
    for field, attributes in _FIELDS.items():
        spare = _PRODUCT_OF_A_BANNER if field == "model" and len(facts) == 1 else ()
        for attribute in (*attributes, *spare):
            if attribute in concluded:
                told[field] = concluded[attribute]
                break
    return {
        "id": identity,
        **{field: told[field].value if field in told else None for field in _FIELDS},
        "because": [
            f"{field}: {said.winner.fingerprint} ({said.certainty:.2f})" for field, said in told.items()
        ],
    }


def read_line(line: bytes) -> tuple[str, list[Fact], str]:
    """The id, facts and source of one input line; ValueError, saying why, for a line that is none."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(_("not JSON: {error}").format(error=error)) from error
    if not isinstance(record, dict):
        raise ValueError(_("not a JSON object"))
    identity = record.get("id")
    if not isinstance(identity, str | int) or isinstance(identity, bool):
        raise ValueError(_('no "id"'))
    if isinstance(record.get("oids"), dict):
        return str(identity), list(_oid_facts(record["oids"])), "snmp"
    if isinstance(record.get("body_hex"), str):
        return str(identity), _ipp_facts(record["body_hex"]), "ipp"
    source, text = record.get("source", record.get("matches")), record.get("input")
    if isinstance(source, str) and isinstance(text, str):
        source = str(record.get("field") or source)
        return str(identity), [Fact(source, text)], source
    if isinstance(record.get("sysDescr"), str):
        facts = [Fact("1.3.6.1.2.1.1.1.0", record["sysDescr"])]
        if isinstance(record.get("sysObjectID"), str):
            facts.append(Fact("1.3.6.1.2.1.1.2.0", record["sysObjectID"]))
        return str(identity), facts, "snmp"
    raise ValueError(_('neither "source" and "input", nor "oids", nor "body_hex"'))


def _oid_facts(oids: dict[str, Any]) -> Iterator[Fact]:
    for oid, value in oids.items():
        name = oid.lstrip(".")
        for one in value if isinstance(value, list) else (value,):
            if isinstance(one, str | int | float) and not isinstance(one, bool):
                text = text_of_octets(bytes.fromhex(one[4:]), name) if _is_hex(one) else str(one)
                yield Fact(name, text.removeprefix(".") if name == _SYS_OBJECT_ID else text)


def _is_hex(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and value.startswith("hex:") and bool(_HEX.fullmatch(value))


def _ipp_facts(body: str) -> list[Fact]:
    from agent.probes.ipp import parse
    from agent.probes.reply import Garbled

    read = parse(bytes.fromhex(body))
    if isinstance(read, Garbled):
        raise ValueError(read.reason)
    return [Fact(f"ipp.{name}", value) for name, value in read]


def _lines(file: Path | None) -> Iterator[tuple[int, bytes]]:
    if file is None or str(file) == "-":
        yield from _numbered(sys.stdin.buffer)
        return
    try:
        with file.open("rb") as handle:
            yield from _numbered(handle)
    except OSError as error:
        raise BadInput(f"{file}: {error.strerror}") from error


def _numbered(handle: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    number = 0
    while line := handle.readline(_LONGEST_LINE):
        number += 1
        yield number, line

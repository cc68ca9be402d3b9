"""Reads the data files into rules, and keeps a compiled copy in the user's cache for a quick start.

The copy is named after the digest of what it was made from; a stale, foreign or damaged one is ignored.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from platformdirs import user_cache_path

from agent.fingerprints.literals import required_literal
from agent.fingerprints.rules import Block, Mib, ObjectRow, Rule
from inventory.types import Attribute

FOLDER = Path(str(files("agent.fingerprints") / "data"))
TIERS = {"general": 0.7, "vendors": 0.85, "models": 0.95}  # folder of a block → certainty it has by itself
_FORMAT = 5


class Knowledge(NamedTuple):
    """All packaged fingerprints: patterns and MIB readings in order, and sysObjectID rows by their OID."""

    rules: tuple[Rule, ...]
    objects: dict[str, tuple[dict[Attribute, str], float]]


def load(*, cached: bool = True) -> Knowledge:
    """The packaged fingerprints; BadInput with file and line where a data file is wrong.

    `cached=False` reads the YAML whatever the cache holds, and keeps the examples.
    """
    if not cached:
        return read_all()
    path = _cache_path()
    try:
        return thaw(json.loads(path.read_bytes()))
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        knowledge = read_all()
        _store(path, knowledge)
        return knowledge


def read_all() -> Knowledge:
    """Every data file, read strictly."""
    from pydantic import TypeAdapter

    from inventory import strict_yaml

    blocks, mibs = TypeAdapter(tuple[Block, ...]), TypeAdapter(tuple[Mib, ...])
    rules: list[Rule] = []
    for tier, certainty in TIERS.items():
        for path in sorted((FOLDER / tier).glob("*.yaml")):
            rules.extend(_rule(block, certainty) for block in strict_yaml.read(path, blocks))
    for path in sorted((FOLDER / "mibs").glob("*.yaml")):
        for mib in strict_yaml.read(path, mibs):
            rules.extend(_readings(mib))
    objects: dict[str, tuple[dict[Attribute, str], float]] = {}
    for row in strict_yaml.read(FOLDER / "objects.yaml", TypeAdapter(tuple[ObjectRow, ...])):
        said = {
            Attribute.VENDOR: row.vendor,
            Attribute.DEVICE_CLASS: row.device_class,
            Attribute.MODEL: row.model,
        }
        objects[row.object] = ({name: value for name, value in said.items() if value}, row.certainty)
    return Knowledge(tuple(rules), objects)


def _rule(block: Block, certainty: float) -> Rule:
    gives = {Attribute(name): template for name, template in block.gives.items()}
    claimable = {attribute.value for attribute in Attribute}
    for group in re.compile(block.pattern).groupindex:
        if group in claimable:
            gives.setdefault(Attribute(group), "{" + group + "}")
    return Rule(
        id=block.id,
        sources=block.source,
        pattern=block.pattern,
        gives=gives,
        certainty=block.certainty or certainty,
        under=block.under or "",
        literal=required_literal(block.pattern),
        less={Attribute(name): certainty for name, certainty in block.less.items()},
        examples=block.examples,
    )


def _readings(mib: Mib) -> Iterator[Rule]:
    said = {Attribute.VENDOR: mib.vendor, Attribute.DEVICE_CLASS: mib.device_class}
    constant = {name: value for name, value in said.items() if value}
    wanted = {
        Attribute.MODEL: mib.model,
        Attribute.FIRMWARE: mib.firmware,
        Attribute.SERIAL: mib.serial,
        Attribute.HOSTNAME: mib.hostname,
        Attribute.MAC: mib.mac,
    }
    trims = {Attribute(name): pattern for name, pattern in mib.trim.items()}
    for attribute, columns in wanted.items():
        for place, column in enumerate(columns):
            for agent in mib.agents or ("",):
                yield Rule(
                    id=f"{mib.mib.lower()}.{attribute.value}" + (f".{place + 1}" if place else ""),
                    sources=(f"{mib.under}.{column}",),
                    pattern=trims.get(attribute, r"^\s*(\S.*?)\s*$"),
                    gives={**constant, attribute: "{0}"},
                    certainty=mib.certainty - 0.02 * place,
                    under=agent,
                    behind_net_snmp=mib.behind_net_snmp,
                )


def _cache_path() -> Path:
    digest = hashlib.sha256(f"{_FORMAT} {_version()} {FOLDER}".encode())
    for path in sorted(FOLDER.rglob("*.yaml")):
        found = path.stat()
        digest.update(f"{path.name} {found.st_size} {found.st_mtime_ns}\n".encode())
    return user_cache_path("muster") / f"fingerprints-{digest.hexdigest()[:24]}.json"


def _version() -> str:
    try:
        return version("muster")
    except PackageNotFoundError:
        return "checkout"


def _store(path: Path, knowledge: Knowledge) -> None:
    draft = path.with_suffix(f".{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        for old in path.parent.glob("fingerprints-*.json"):
            old.unlink(missing_ok=True)
        draft.write_text(json.dumps(freeze(knowledge)), encoding="utf-8")
        draft.replace(path)
    except OSError:  # a read-only home only makes the next start slower
        return


def freeze(knowledge: Knowledge) -> dict[str, Any]:
    """Rules and rows as plain JSON values, without the examples."""
    return {
        "rules": [
            [
                rule.id,
                rule.sources,
                rule.pattern,
                rule.gives,
                rule.certainty,
                rule.under,
                rule.literal,
                rule.behind_net_snmp,
                rule.less,
            ]
            for rule in knowledge.rules
        ],
        "objects": knowledge.objects,
    }


def thaw(frozen: dict[str, Any]) -> Knowledge:
    """What `freeze` was given; KeyError, TypeError, ValueError or IndexError for anything else."""
    rules = tuple(
        Rule(
            name,
            tuple(sources),
            pattern,
            _said(gives),
            certainty,
            under,
            literal,
            generic,
            {Attribute(attribute): lesser for attribute, lesser in less.items()},
        )
        for name, sources, pattern, gives, certainty, under, literal, generic, less in frozen["rules"]
    )
    objects = {oid: (_said(said), certainty) for oid, (said, certainty) in frozen["objects"].items()}
    return Knowledge(rules, objects)


def _said(gives: dict[str, str]) -> dict[Attribute, str]:
    return {Attribute(name): template for name, template in gives.items()}

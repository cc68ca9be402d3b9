"""A snapshot as canonical JSON (RFC 8785) and back: the one form that verdicts are re-judged from.

The form is the Snapshot's own fields, but for verdicts: a rule says the same of many devices, so each
different verdict is written once, with the list of its `devices`.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date
from operator import attrgetter
from typing import Any

import rfc8785
from pydantic import TypeAdapter, ValidationError

from inventory.export.harmless import storable
from inventory.language import _
from inventory.snapshot.faults import Unreadable
from inventory.snapshot.value import PreviousSnapshot, Snapshot
from inventory.types import Severity, Verdict, VerdictOutcome

FORM = "1"


@dataclass(frozen=True, slots=True)
class SharedVerdict:
    """What one rule says alike of several devices (ids in order); the fields are those of a Verdict."""

    pack: str
    edition: date
    article: str
    rule: str
    outcome: VerdictOutcome
    severity: Severity
    reason_en: str
    reason_zh: str
    judged_on: date
    because: tuple[str, ...]
    remedy_en: str
    remedy_zh: str
    due_days: int
    devices: tuple[str, ...]


_SNAPSHOT = TypeAdapter(Snapshot)
_VERDICTS = TypeAdapter(tuple[SharedVerdict, ...])
_PREDECESSOR = TypeAdapter[PreviousSnapshot | None](PreviousSnapshot | None)

_ALIKE = tuple(field.name for field in fields(SharedVerdict) if field.name != "devices")


def to_bytes(snapshot: Snapshot) -> bytes:
    """`snapshot` as RFC 8785 canonical JSON in UTF-8: the same value always gives the same bytes.

    Dates and times are ISO 8601, times in UTC. A lone surrogate, which UTF-8 cannot carry, becomes U+FFFD.
    """
    plain = _SNAPSHOT.dump_python(replace(snapshot, verdicts=()), mode="json")
    plain["verdicts"] = _VERDICTS.dump_python(_shared(snapshot.verdicts), mode="json")
    try:
        return bytes(rfc8785.dumps(plain))
    except rfc8785.CanonicalizationError:
        return bytes(rfc8785.dumps(_storable(plain)))


def from_bytes(content: bytes, place: str) -> Snapshot:
    """The snapshot written in `content`; Unreadable, naming `place`, where it is none or of another form.

    Its verdicts are in the order of device, pack, edition, article and rule.
    """
    try:
        plain = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Unreadable(_("{place}: not JSON: {error}").format(place=place, error=error)) from error
    form = _form(plain)
    if form != FORM:
        raise Unreadable(
            _("{place}: written in form {form}; this version reads form {known}").format(
                place=place, form=form or "?", known=FORM
            )
        )
    try:
        verdicts = _VERDICTS.validate_python(plain.pop("verdicts", None))
        return replace(_SNAPSHOT.validate_python(plain), verdicts=_each(verdicts))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "verdicts"
        raise Unreadable(f"{place}: {where}: {first['msg']}") from error


def predecessor(content: bytes) -> PreviousSnapshot | None:
    """What the snapshot in `content` names as its predecessor; None where it names none or is damaged."""
    try:
        plain = json.loads(content)
        return _PREDECESSOR.validate_python(plain["previous"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def in_order(verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """Verdicts in a snapshot's order: by device, pack, edition, article and rule."""
    return tuple(sorted(verdicts, key=attrgetter("device", "pack", "edition", "article", "rule")))


def _shared(verdicts: Iterable[Verdict]) -> tuple[SharedVerdict, ...]:
    devices: dict[tuple[Any, ...], list[str]] = defaultdict(list)
    alike = attrgetter(*_ALIKE)
    for verdict in verdicts:
        devices[alike(verdict)].append(verdict.device)
    return tuple(
        SharedVerdict(**dict(zip(_ALIKE, key, strict=True)), devices=tuple(sorted(devices[key])))
        for key in sorted(devices)
    )


def _each(shared: Iterable[SharedVerdict]) -> tuple[Verdict, ...]:
    alike = attrgetter(*_ALIKE)
    return in_order(
        Verdict(device=device, **dict(zip(_ALIKE, alike(verdict), strict=True)))
        for verdict in shared
        for device in verdict.devices
    )


def _form(plain: object) -> str:
    versions = plain.get("versions") if isinstance(plain, dict) else None
    form = versions.get("form") if isinstance(versions, dict) else None
    return form if isinstance(form, str) else ""


def _storable(plain: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(plain, str):
        return storable(plain)
    if isinstance(plain, dict):
        return {storable(key): _storable(value) for key, value in plain.items()}
    if isinstance(plain, list):
        return [_storable(value) for value in plain]
    return plain

"""A snapshot as canonical JSON (RFC 8785) and back: the one form that verdicts are re-judged from.

The form is the Snapshot's own fields.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any, TypeVar

import orjson
from pydantic import TypeAdapter, ValidationError

from inventory.export.alike import Alike, encoded, held_form
from inventory.export.columns import timestamp
from inventory.export.form import Batch, Form, in_passing
from inventory.language import _
from inventory.refused import told
from inventory.snapshot.faults import Unreadable
from inventory.snapshot.value import Snapshot
from inventory.types import CheckResult, Device

FORM = "1"

Value = TypeVar("Value")

_SNAPSHOT = TypeAdapter(Snapshot)


def to_bytes(snapshot: Snapshot) -> bytes:
    """`snapshot` as RFC 8785 canonical JSON in UTF-8: the same value always gives the same bytes.

    Dates and times are ISO 8601, times in UTC. A lone surrogate, which UTF-8 cannot carry, becomes U+FFFD.
    """
    return b"".join(in_passing(form(snapshot), snapshot))


def form(snapshot: Snapshot, beside: Path | None = None) -> Form:
    """The same bytes while the devices go by; check results, whose place is far behind, wait in a file.

    That file has no name; it lies in the folder `beside`, or among the system's temporary ones.
    """
    return _Document(snapshot, beside)


class _Document(Form):
    """Devices are written at once, results are kept for their place; neither has a line end in it."""

    def __init__(self, snapshot: Snapshot, beside: Path | None) -> None:
        super().__init__(self._fields(snapshot, beside), part, joint=b",")
        self._results = Form(iter(()), joint=b",")
        self._waiting: IO[bytes]

    def add(self, part: bytes) -> Iterator[bytes]:
        """The devices of the part."""
        devices, _end, results = part.partition(b"\n")
        self._waiting.writelines(self._results.add(results))
        return super().add(devices)

    def _fields(self, snapshot: Snapshot, beside: Path | None) -> Iterator[bytes | None]:
        with SpooledTemporaryFile(_SPOOLED, dir=str(beside) if beside else None) as self._waiting:
            for place, name in enumerate(sorted(field.name for field in fields(Snapshot))):
                yield f'{"," if place else "{"}"{name}":'.encode()
                if name == "devices":
                    yield from (b"[", None, b"]")
                elif name == "results":
                    self._waiting.seek(0)
                    yield b"["
                    yield from iter(partial(self._waiting.read, _SPOOLED), b"")
                    yield b"]"
                else:
                    yield from _field(name, getattr(snapshot, name))
            yield b"}"


def part(batch: Batch) -> bytes:
    """Some devices and, behind a line end, some results, as the document has them."""
    devices = encoded(list(map(_device, batch.devices, batch.alike)))[1:-1]
    return devices + b"\n" + encoded([_result(result) for result in batch.results])[1:-1]


def _field(name: str, value: Any) -> Iterator[bytes]:  # noqa: ANN401 - any field of a Snapshot
    """Any other field, a list of many a few at a time."""
    if not isinstance(value, tuple):
        yield encoded(_plain(name, value), orjson.OPT_SORT_KEYS)
        return
    yield b"["
    for start in range(0, len(value), _AT_ONCE):
        yield b"," if start else b""
        yield encoded(_plain(name, value[start : start + _AT_ONCE]), orjson.OPT_SORT_KEYS)[1:-1]
    yield b"]"


def from_bytes(content: bytes, place: str) -> Snapshot:
    """The snapshot written in `content`; Unreadable, naming `place`, where it is none or of another form."""
    try:
        plain = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Unreadable(_("{place}: not JSON: {error}").format(place=place, error=error)) from error
    return from_plain(plain, place)


def from_plain(plain: Any, place: str) -> Snapshot:  # noqa: ANN401 - any JSON value
    """The same of what JSON was read already."""
    form = _form(plain)
    if form != FORM:
        raise Unreadable(
            _("{place}: written in form {form}; this version reads form {known}").format(
                place=place, form=form or "?", known=FORM
            )
        )
    if "verdicts" not in plain:
        raise Unreadable(_("{place}: verdicts: missing").format(place=place))
    try:
        return _SNAPSHOT.validate_python(plain)
    except ValidationError as error:
        raise refused(error, place) from error


def refused(error: ValidationError, place: str) -> Unreadable:
    """What is wrong with a part of the snapshot written at `place`, in one line."""
    first = error.errors(include_url=False, include_input=False)[0]
    return Unreadable(f"{place}: {'.'.join(map(str, first['loc']))}: {told(first)}")


def _form(plain: object) -> str:
    versions = plain.get("versions") if isinstance(plain, dict) else None
    form = versions.get("form") if isinstance(versions, dict) else None
    return form if isinstance(form, str) else ""


def _plain(name: str, value: Any) -> Any:  # noqa: ANN401 - any field of a Snapshot as any JSON value
    """One field of a Snapshot, or part of it, as JSON has it."""
    holding = replace(_NOTHING, **{name: value})
    return _SNAPSHOT.dump_python(holding, mode="json", include={name})[name]


# Devices and results are nearly all of a snapshot: they are spelled out, their keys in the RFC's order.


def _device(device: Device, its: Alike) -> dict[str, Any]:
    return {
        "addresses": its.addresses,
        "attributes": its.attributes,
        "custom": {name: held_form(held) for name, held in _in_order(device.custom)},
        "first_seen": timestamp(device.first_seen),
        "id": device.id,
        "identifiers": [
            {"kind": each.kind, "scope": each.scope, "value": each.value} for each in device.identifiers
        ],
        "last_seen": timestamp(device.last_seen),
        "segment": device.segment,
        "services": its.services,
        "site": device.site,
        "status": device.status,
    }


def _result(result: CheckResult) -> dict[str, Any]:
    return {
        "at": timestamp(result.at),
        "check": result.check,
        "device": result.device,
        "evidence": result.evidence,
        "expires": timestamp(result.expires) if result.expires else None,
        "facts": dict(_in_order(result.facts)),
        "outcome": result.outcome,
        "reason": result.reason,
        "reason_zh": result.reason_zh,
    }


def _in_order(named: Mapping[str, Value]) -> Iterable[tuple[str, Value]]:
    """By name as UTF-16 has it (RFC 8785, section 3.2.3), which differs from Python's beyond U+FFFF."""
    if len(named) < 2:
        return named.items()
    return sorted(named.items(), key=lambda item: item[0].encode("utf-16-be", "surrogatepass"))


_AT_ONCE = 40
_SPOOLED = 1 << 20
_NOTHING = Snapshot("", date.min)

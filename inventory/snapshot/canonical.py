"""A snapshot as canonical JSON (RFC 8785) and back: the one form that verdicts are re-judged from.

The form is the Snapshot's own fields.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from datetime import date
from functools import lru_cache, partial
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any, TypeVar

import orjson
import rfc8785
from pydantic import TypeAdapter, ValidationError

from inventory.export.columns import timestamp
from inventory.export.form import Batch, Form, in_passing
from inventory.export.harmless import storable
from inventory.language import _
from inventory.refused import told
from inventory.snapshot.faults import Unreadable
from inventory.snapshot.value import Snapshot
from inventory.types import Attribute, CheckResult, Device, Held

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
        super().__init__(self._fields(snapshot, beside), _part, joint=b",")
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


def _part(batch: Batch) -> bytes:
    devices = _encoded([_device(device) for device in batch.devices])[1:-1]
    return devices + b"\n" + _encoded([_result(result) for result in batch.results])[1:-1]


def _field(name: str, value: Any) -> Iterator[bytes]:  # noqa: ANN401 - any field of a Snapshot
    """Any other field, a list of many a few at a time."""
    if not isinstance(value, tuple):
        yield _encoded(_plain(name, value), orjson.OPT_SORT_KEYS)
        return
    yield b"["
    for start in range(0, len(value), _AT_ONCE):
        yield b"," if start else b""
        yield _encoded(_plain(name, value[start : start + _AT_ONCE]), orjson.OPT_SORT_KEYS)[1:-1]
    yield b"]"


def from_bytes(content: bytes, place: str) -> Snapshot:
    """The snapshot written in `content`; Unreadable, naming `place`, where it is none or of another form."""
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
    if "verdicts" not in plain:
        raise Unreadable(_("{place}: verdicts: missing").format(place=place))
    try:
        return _SNAPSHOT.validate_python(plain)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise Unreadable(f"{place}: {'.'.join(map(str, first['loc']))}: {told(first)}") from error


def _form(plain: object) -> str:
    versions = plain.get("versions") if isinstance(plain, dict) else None
    form = versions.get("form") if isinstance(versions, dict) else None
    return form if isinstance(form, str) else ""


def _plain(name: str, value: Any) -> Any:  # noqa: ANN401 - any field of a Snapshot as any JSON value
    """One field of a Snapshot, or part of it, as JSON has it."""
    holding = replace(_NOTHING, **{name: value})
    return _SNAPSHOT.dump_python(holding, mode="json", include={name})[name]


# Devices and results are nearly all of a snapshot: they are spelled out, their keys in the RFC's order.


def _device(device: Device) -> dict[str, Any]:
    return {
        "addresses": [
            {
                "first_seen": timestamp(each.first_seen),
                "ip": each.ip,
                "last_seen": timestamp(each.last_seen),
                "mac": each.mac,
                "segment": each.segment,
                "site": each.site,
            }
            for each in device.addresses
        ],
        "attributes": {
            name: _held(device.attributes[each]) for each, name in _NAMES.items() if each in device.attributes
        },
        "custom": {name: _held(held) for name, held in _in_order(device.custom)},
        "first_seen": timestamp(device.first_seen),
        "id": device.id,
        "identifiers": [
            {"kind": each.kind, "scope": each.scope, "value": each.value} for each in device.identifiers
        ],
        "last_seen": timestamp(device.last_seen),
        "segment": device.segment,
        "services": [
            {
                "first_seen": timestamp(each.first_seen),
                "last_seen": timestamp(each.last_seen),
                "name": each.name,
                "port": each.port,
                "product": each.product,
                "proto": each.proto,
                "version": each.version,
            }
            for each in device.services
        ],
        "site": device.site,
        "status": device.status,
    }


def _held(held: Held) -> dict[str, Any]:
    return {
        "at": timestamp(held.at),
        "certainty": _number(held.certainty),
        "disagreeing": [_held(other) for other in held.disagreeing] if held.disagreeing else [],
        "locked": held.locked,
        "source": held.source,
        "value": held.value,
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


@lru_cache(1 << 10)
def _number(certainty: float) -> float | orjson.Fragment:
    """A number as the RFC wants it, where the encoder would write it otherwise: `1.0` for `1`, small ones."""
    if certainty.is_integer():
        return int(certainty)
    return certainty if certainty >= _TINY else orjson.Fragment(rfc8785.dumps(certainty))


def _encoded(plain: Any, option: int = 0) -> bytes:  # noqa: ANN401 - any JSON value
    """The RFC's texts and spacing; the caller sees to numbers and to the order of names, or asks for it."""
    try:
        return orjson.dumps(plain, option=option)
    except TypeError:
        return orjson.dumps(_storable(plain), option=option)


def _storable(plain: Any) -> Any:  # noqa: ANN401 - any JSON value
    """The value without lone surrogates, which UTF-8 cannot carry."""
    if isinstance(plain, str):
        return storable(plain)
    if isinstance(plain, Mapping):
        return {storable(name): _storable(value) for name, value in plain.items()}
    if isinstance(plain, (list, tuple)):
        return [_storable(each) for each in plain]
    return plain


_AT_ONCE = 40
_NAMES = {attribute: str(attribute) for attribute in sorted(Attribute)}
_SPOOLED = 1 << 20
_NOTHING = Snapshot("", date.min)
_TINY = 0.0001

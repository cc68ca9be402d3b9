"""A snapshot as canonical JSON (RFC 8785) and back: the one form that verdicts are re-judged from.

The form is the Snapshot's own fields.
"""

import json
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date
from typing import Any

import rfc8785
from pydantic import TypeAdapter, ValidationError

from inventory.export.harmless import storable
from inventory.language import _
from inventory.refused import told
from inventory.snapshot.faults import Unreadable
from inventory.snapshot.value import Snapshot

FORM = "1"

_SNAPSHOT = TypeAdapter(Snapshot)


def to_bytes(snapshot: Snapshot) -> bytes:
    """`snapshot` as RFC 8785 canonical JSON in UTF-8: the same value always gives the same bytes.

    Dates and times are ISO 8601, times in UTC. A lone surrogate, which UTF-8 cannot carry, becomes U+FFFD.
    """
    return b"".join(to_pieces(snapshot))


def to_pieces(snapshot: Snapshot) -> Iterator[bytes]:
    """The same bytes, some hundred devices at a time."""
    for place, name in enumerate(sorted(field.name for field in fields(Snapshot))):
        yield f'{"," if place else "{"}"{name}":'.encode()
        value = getattr(snapshot, name)
        if not isinstance(value, tuple):
            yield _canonical(_plain(name, value))
            continue
        yield b"["
        for start in range(0, len(value), _AT_ONCE):
            yield b"," if start else b""
            yield _canonical(_plain(name, value[start : start + _AT_ONCE]))[1:-1]
        yield b"]"
    yield b"}"


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


def _canonical(plain: Any) -> bytes:  # noqa: ANN401 - any JSON value
    """RFC 8785, by the quick encoder where it writes the same: our names are ASCII.

    What it writes otherwise: whole numbers held as floats (`1.0` for `1`), fractions such as `1e-05`.
    """
    for held in _each_held(plain):
        certainty = held["certainty"]
        if certainty.is_integer():
            held["certainty"] = int(certainty)
        elif certainty < _TINY:
            return bytes(rfc8785.dumps(json.loads(storable(json.dumps(plain, ensure_ascii=False)))))
    text = _ENCODER.encode(plain)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return storable(text).encode()


def _each_held(plain: object) -> Iterator[dict[str, Any]]:
    """Every held value in a list of devices; nothing else in a snapshot has fractions."""
    for device in plain if isinstance(plain, list) else ():
        for held in (*device.get("attributes", {}).values(), *device.get("custom", {}).values()):
            yield held
            yield from held["disagreeing"]


_AT_ONCE = 400
_NOTHING = Snapshot("", date.min)
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)
_TINY = 0.0001

"""A snapshot as canonical JSON (RFC 8785) and back: the one form that verdicts are re-judged from."""

import json
from typing import Any

import rfc8785
from pydantic import TypeAdapter, ValidationError

from inventory.export.harmless import storable
from inventory.language import _
from inventory.snapshot.faults import Unreadable
from inventory.snapshot.value import PreviousSnapshot, Snapshot

FORM = "1"

_ADAPTER = TypeAdapter(Snapshot)
_PREDECESSOR = TypeAdapter[PreviousSnapshot | None](PreviousSnapshot | None)


def to_bytes(snapshot: Snapshot) -> bytes:
    """`snapshot` as RFC 8785 canonical JSON in UTF-8: the same value always gives the same bytes.

    Dates and times are ISO 8601, times in UTC. A lone surrogate, which UTF-8 cannot carry, becomes U+FFFD.
    """
    plain = _ADAPTER.dump_python(snapshot, mode="json")
    try:
        return bytes(rfc8785.dumps(plain))
    except rfc8785.CanonicalizationError:
        return bytes(rfc8785.dumps(_storable(plain)))


def from_bytes(content: bytes, place: str) -> Snapshot:
    """The snapshot written in `content`; Unreadable, naming `place`, where it is none or of another form."""
    try:
        plain = json.loads(content)
    except ValueError as error:
        raise Unreadable(_("{place}: not JSON: {error}").format(place=place, error=error)) from error
    form = _form(plain)
    if form != FORM:
        raise Unreadable(
            _("{place}: written in form {form}; this version reads form {known}").format(
                place=place, form=form or "?", known=FORM
            )
        )
    try:
        return _ADAPTER.validate_python(plain)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise Unreadable(f"{place}: {where}: {first['msg']}") from error


def predecessor(content: bytes) -> PreviousSnapshot | None:
    """What the snapshot in `content` names as its predecessor; None where it names none or is damaged."""
    try:
        plain = json.loads(content)
        return _PREDECESSOR.validate_python(plain["previous"])
    except (ValueError, KeyError, TypeError):
        return None


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

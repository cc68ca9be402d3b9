"""snapshot.json is RFC 8785's form of every field there is, whatever stands in it."""

import json
from dataclasses import replace

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from inventory.export.harmless import storable
from inventory.snapshot import Snapshot
from inventory.snapshot.canonical import from_bytes, to_bytes
from inventory.types import Attribute, CheckResult, Device, Held
from tests.inventory.frozen_office import OFFICE, ON, PRINTER, SCANNED

TEXTS = st.text(st.characters(), max_size=20)
NAMES = st.text(st.characters(codec="utf-8"), max_size=4)
NUMBERS = st.floats(0, 1) | st.sampled_from([0.0, 1.0, 0.0001, 0.00009999, 1e-7, 5e-324])


@st.composite
def helds(draw: st.DrawFn, *, deep: bool = True) -> Held:
    rivals = tuple(draw(st.lists(helds(deep=False), max_size=2))) if deep else ()
    return Held(draw(TEXTS), draw(TEXTS), SCANNED, draw(NUMBERS), draw(st.booleans()), rivals)


@st.composite
def devices(draw: st.DrawFn) -> Device:
    held = draw(st.dictionaries(st.sampled_from(list(Attribute)), helds(), max_size=3))
    own = draw(st.dictionaries(NAMES, helds(), max_size=3))
    return replace(PRINTER, attributes=held, custom=own, segment=draw(TEXTS))


@st.composite
def results(draw: st.DrawFn) -> CheckResult:
    told = draw(st.dictionaries(NAMES, TEXTS, max_size=3))
    expires = draw(st.sampled_from([None, SCANNED, SCANNED.replace(microsecond=5)]))
    return replace(OFFICE.results[0], reason=draw(TEXTS), facts=told, expires=expires)


def by_another_way(snapshot: Snapshot) -> bytes:
    """The fields as pydantic knows them, through the RFC's own encoder."""
    plain = TypeAdapter(Snapshot).dump_python(snapshot, mode="json")
    return bytes(rfc8785.dumps(json.loads(storable(json.dumps(plain, ensure_ascii=False)))))


@settings(max_examples=60, deadline=None)
@given(st.lists(devices(), max_size=2), st.lists(results(), max_size=2))
def test_the_quick_way_writes_what_the_slow_one_does(some: list[Device], checked: list[CheckResult]) -> None:
    frozen = Snapshot("2026", ON, tuple(some), results=tuple(checked), versions={"form": "1"})
    assert to_bytes(frozen) == by_another_way(frozen)


def test_no_field_of_a_whole_office_is_left_out() -> None:
    assert to_bytes(OFFICE) == by_another_way(OFFICE)


@pytest.mark.parametrize("names", [["\U0001f600", "\ufb33", "a", "\x80"], ["é", "b", ""]])
def test_names_stand_in_the_order_of_utf_16(names: list[str]) -> None:
    held = Held("x", "y", SCANNED)
    odd = replace(PRINTER, custom=dict.fromkeys(names, held))
    content = to_bytes(replace(OFFICE, devices=(odd,)))
    written = list(json.loads(content)["devices"][0]["custom"])
    assert written == sorted(names, key=lambda name: name.encode("utf-16-be"))
    assert from_bytes(content, "x").devices == (odd,)

"""A copy without personal names names nobody in any of its files, and can be proved to be the copy it is."""

import io
import json
import zipfile
from dataclasses import fields, replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from inventory.snapshot import CoverageRecord, Snapshot, Unreadable
from inventory.snapshot.canonical import FORM, to_bytes
from inventory.snapshot.folder import digest_at, duplicate, latest_before, load, snapshots_in, write
from inventory.snapshot.nameless import copy_without_names, is_copy_of
from inventory.snapshot.pressing import SNAPSHOT
from inventory.snapshot.signing import Signer
from inventory.snapshot.verification import Tampering, verify
from inventory.types import (
    Attestation,
    Attribute,
    CheckResult,
    ExceptionRecord,
    Finding,
    Held,
    ReplacementPlan,
    Scope,
    SharedVerdict,
)
from tests.inventory.frozen_office import OFFICE, PRINTER, SCANNED

SIGNER = Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
NAME = "林美玲"
# Ids, words of closed vocabularies, places and digests: no one writes a name there.
STRUCTURE = {
    Scope: {"network", "site", "segment", "touch", "do_not_probe"},
    CheckResult: {"device", "check", "outcome", "evidence"},
    SharedVerdict: {"pack", "article", "rule", "outcome", "severity", "because"},
    Finding: {"id", "device", "pack", "article", "rule", "state", "severity"},
    Attestation: {"id", "article", "device"},
    ExceptionRecord: {"id", "device", "articles", "plan"},
    ReplacementPlan: {"id", "devices", "state"},
}


def signed_by_lin(record: object) -> object:
    """The record with the name in every text of it that is not structure."""
    named = {
        field.name: f"{getattr(record, field.name)}，經{NAME}確認"
        for field in fields(record)
        if isinstance(getattr(record, field.name), str) and field.name not in STRUCTURE[type(record)]
    }
    return replace(record, **named)


def named_everywhere() -> Snapshot:
    everyone = ("scopes", "results", "verdicts", "findings", "attestations", "exceptions", "plans")
    held = {
        **PRINTER.attributes,
        Attribute.OWNER: Held(
            NAME, "person:Lin", SCANNED, 1.0, locked=True, disagreeing=(Held("陳志豪", "x", SCANNED),)
        ),
        Attribute.NOTES: Held(f"問{NAME}；ask Lin, not Linux", f"person:{NAME}", SCANNED),
        Attribute.HOSTNAME: Held("陳志豪-pc", "dns.ptr", SCANNED),
    }
    own = {"成本中心": Held(f"{NAME}的部門", "person:Lin", SCANNED)}
    segment = OFFICE.coverage[1].segment
    reasons = tuple(replace(one, reason=f"{NAME}: do not probe") for one in segment.unsettled)
    coverage = CoverageRecord(replace(segment, unsettled=reasons), "run-7", SCANNED, stopped=False)
    return replace(
        OFFICE,
        devices=(replace(PRINTER, attributes=held, custom=own), *OFFICE.devices[1:]),
        coverage=(OFFICE.coverage[0], coverage),
        **{name: tuple(signed_by_lin(record) for record in getattr(OFFICE, name)) for name in everyone},
    )


@pytest.fixture(scope="module")
def pair(tmp_path_factory) -> tuple[Path, Path]:
    """An original and its copy without names, side by side."""
    folder = tmp_path_factory.mktemp("snapshots")
    original = write(named_everywhere(), folder / "2026", SIGNER).place
    return original, copy_without_names(original, folder / "2026-redacted", SIGNER).place


def texts(place: Path) -> dict[str, str]:
    """What stands in each file, sheets of the workbook unpacked."""
    found = {}
    for file in place.iterdir():
        if file.suffix == ".xlsx":
            with zipfile.ZipFile(io.BytesIO(file.read_bytes())) as book:
                found |= {f"{file.name}/{name}": book.read(name).decode() for name in book.namelist()}
        else:
            found[file.name] = file.read_bytes().decode()
    return found


@pytest.mark.parametrize("name", [NAME, "陳志豪", "張主任", "person:Lin"])
def test_no_file_of_the_copy_has_the_name(pair, name) -> None:
    original, copy = map(texts, pair)
    assert any(name in text for text in original.values())
    assert {file for file, text in copy.items() if name in text} == set()


def test_a_person_keeps_one_number_and_words_that_only_contain_a_name_stay(pair) -> None:
    copy = load(pair[1])
    attributes = copy.devices[0].attributes
    owner, notes = attributes[Attribute.OWNER], attributes[Attribute.NOTES]
    assert notes.source == f"person:{owner.value}"
    assert notes.value == f"問{owner.value}；ask {owner.source.removeprefix('person:')}, not Linux"
    assert attributes[Attribute.HOSTNAME].value == f"{owner.disagreeing[0].value}-pc"


def test_all_but_the_names_is_the_same(pair) -> None:
    original, copy = map(load, pair)
    assert [device.id for device in copy.devices] == [device.id for device in original.devices]
    assert [v.outcome for v in copy.verdicts] == [v.outcome for v in original.verdicts]
    assert (copy.label, copy.on, copy.previous) == (original.label, original.on, original.previous)


def test_the_copy_is_provably_the_originals(pair) -> None:
    original, copy = pair
    seen = verify(copy, SIGNER.public_pem, original)
    assert seen.problems == ()
    assert seen.redacts is not None
    assert seen.redacts.digest == digest_at(original)


def test_a_copy_that_leaves_something_out_is_found_out(pair, tmp_path) -> None:
    original, copy = pair
    forged = write(replace(load(copy), findings=()), tmp_path / "forged", SIGNER).place
    assert verify(forged).problems == ()
    assert [one.kind for one in verify(forged, None, original).problems] == [Tampering.OTHER_ORIGINAL]


def test_a_copy_is_held_to_every_device_and_result(pair, tmp_path) -> None:
    original, copy = pair
    whole = load(copy)
    assert is_copy_of(copy, original)
    for change in ({"devices": whole.devices[1:]}, {"results": whole.results[:-1]}, {"awaiting_review": 9}):
        (tmp_path / SNAPSHOT).write_bytes(to_bytes(replace(whole, **change)))
        assert not is_copy_of(tmp_path, original)


def test_the_chain_is_of_originals(pair) -> None:
    original, copy = pair
    assert latest_before(OFFICE.on.replace(year=2027), snapshots_in(copy.parent)) == original


def test_redacting_is_the_same_every_time(pair, tmp_path) -> None:
    original, copy = pair
    assert copy_without_names(original, tmp_path / "again", SIGNER).digest == digest_at(copy)


def test_nobody_named_is_nothing_replaced(tmp_path) -> None:
    bare = Snapshot("2026", OFFICE.on, devices=(replace(PRINTER, attributes={}),), versions={"form": FORM})
    original = write(bare, tmp_path / "bare", SIGNER).place
    copy = load(copy_without_names(original, tmp_path / "copy", SIGNER).place)
    assert replace(copy, redacts=None) == bare


@pytest.mark.parametrize("spoilt", [b"", b"{}", b'{"versions":{"form":"9"}}', b"[", b'{"devices":"\xff"'])
def test_an_original_that_is_none_is_one_clear_line(pair, tmp_path, spoilt: bytes) -> None:
    original = tmp_path / "spoilt"
    duplicate(pair[0], original)
    (original / SNAPSHOT).write_bytes(spoilt)
    with pytest.raises(Unreadable, match=SNAPSHOT):
        copy_without_names(original, tmp_path / "copy", SIGNER)
    with pytest.raises(Unreadable, match=SNAPSHOT):
        verify(pair[1], None, original)


def test_an_original_cut_or_written_otherwise_gives_no_copy(pair, tmp_path) -> None:
    content = (pair[0] / SNAPSHOT).read_bytes()
    halfway = content.index(b'"identifiers"')
    others = (
        content[:halfway],
        content[:halfway] + b"?" + content[halfway:],
        json.dumps(json.loads(content)).encode(),
    )
    for number, other in enumerate(others):
        original = tmp_path / str(number)
        duplicate(pair[0], original)
        (original / SNAPSHOT).write_bytes(other)
        with pytest.raises(Unreadable, match=SNAPSHOT):
            copy_without_names(original, tmp_path / "copy", SIGNER)
        assert not (tmp_path / "copy").exists()


def test_a_plain_copy_has_the_same_bytes(pair, tmp_path) -> None:
    original, _copy = pair
    duplicate(original, tmp_path / "copy")
    assert verify(tmp_path / "copy").problems == ()
    assert digest_at(tmp_path / "copy") == digest_at(original)

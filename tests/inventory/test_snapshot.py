"""A snapshot is the same bytes for the same register, whole or not there, and canonical."""

import errno
import json
import os
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import rfc8785

from inventory.snapshot import PreviousSnapshot, Unreadable, Unwritable, folder
from inventory.snapshot.canonical import from_bytes, to_bytes
from inventory.snapshot.folder import digest_at, latest_before, load, snapshots_in, unfinished_in, write
from inventory.snapshot.freezing import chained
from inventory.snapshot.manifest import MANIFEST, PUBLIC_KEY, SIGNATURE
from inventory.snapshot.signing import KEY_FILE, is_signed, own_public_key, signer_at
from inventory.snapshot.verification import verify
from inventory.types import Attribute, Held, VerdictOutcome, share
from tests.inventory.frozen_office import FILES, OFFICE, ON, PRINTER, SCANNED, SIGNER, verdict


@pytest.fixture(scope="module")
def frozen(tmp_path_factory) -> Path:
    """A snapshot that tests look at and do not touch."""
    return write(OFFICE, tmp_path_factory.mktemp("frozen") / "2026", SIGNER).place


def test_the_folder_has_every_form_and_sha256sum_agrees(frozen) -> None:
    assert {file.name for file in frozen.iterdir()} == FILES | {MANIFEST, SIGNATURE, PUBLIC_KEY}
    ran = subprocess.run(
        ["sha256sum", "--strict", "-c", MANIFEST], cwd=frozen, capture_output=True, timeout=30, check=False
    )
    assert ran.returncode == 0, ran.stdout


def test_the_same_register_and_day_give_the_same_bytes(frozen, tmp_path) -> None:
    again = write(OFFICE, tmp_path / "elsewhere", SIGNER).place
    for file in frozen.iterdir():
        assert (again / file.name).read_bytes() == file.read_bytes(), file.name


def test_the_bytes_do_not_depend_on_the_order_of_things_in_memory_or_the_process(frozen, tmp_path) -> None:
    """Hash seeds, the locale and the clock's zone differ between machines."""
    code = (
        "from pathlib import Path; from tests.inventory.test_snapshot import OFFICE, SIGNER, write; "
        f"write(OFFICE, Path({str(tmp_path / 'other')!r}), SIGNER)"
    )
    elsewhere = {
        **os.environ,
        "PYTHONHASHSEED": "7",
        "TZ": "Asia/Taipei",
        "LC_ALL": "C",
        "LANG": "zh_TW.UTF-8",
    }
    subprocess.run([sys.executable, "-c", code], env=elsewhere, check=True, timeout=60)
    assert (tmp_path / "other" / MANIFEST).read_bytes() == (frozen / MANIFEST).read_bytes()


def test_snapshot_json_is_canonical_and_comes_back_whole(frozen) -> None:
    content = (frozen / "snapshot.json").read_bytes()
    assert rfc8785.dumps(json.loads(content)) == content
    assert to_bytes(load(frozen)) == content
    loaded = load(frozen)
    assert loaded.devices[0] == OFFICE.devices[0]
    assert (loaded.verdicts, loaded.findings, loaded.coverage) == (
        OFFICE.verdicts,
        OFFICE.findings,
        OFFICE.coverage,
    )
    assert loaded.never_scanned == OFFICE.scopes[2:]


@pytest.mark.parametrize("certainty", [1.0, 0.8, 0.00012345, 0.0001, 0.00001, 1e-7, 1e-30, 0.1 + 0.2])
def test_numbers_are_written_as_the_rfc_wants_them(certainty: float) -> None:
    rival = Held("b", "http.title", SCANNED, certainty / 3)
    held = Held('\u2028\x7f\x00/\\"é', "person:Lin", SCANNED, certainty, disagreeing=(rival,))
    odd = replace(PRINTER, attributes={Attribute.MODEL: held}, custom={"cost_centre": held})
    content = to_bytes(replace(OFFICE, devices=(odd,)))
    assert rfc8785.dumps(json.loads(content)) == content
    assert from_bytes(content, "x").devices == (odd,)


def test_a_verdict_on_many_devices_is_written_once() -> None:
    many = share(verdict(f"d-{number:05}", "22", VerdictOutcome.BREACH) for number in range(3000))
    content = to_bytes(replace(OFFICE, verdicts=many))
    assert content.count(b"breach because of the evidence.") == 1
    assert from_bytes(content, "x").verdicts == many


def test_a_snapshot_is_for_its_owners_eyes_and_leaves_nothing_beside_it(tmp_path) -> None:
    place = write(OFFICE, tmp_path / "2026", SIGNER).place
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert list(tmp_path.iterdir()) == [place]


def test_a_snapshot_is_never_written_over(frozen) -> None:
    with pytest.raises(Unwritable, match="never written over"):
        write(OFFICE, frozen, SIGNER)
    assert verify(frozen).problems == ()


def test_an_empty_folder_may_be_filled(tmp_path) -> None:
    (tmp_path / "2026").mkdir()
    assert verify(write(OFFICE, tmp_path / "2026", SIGNER).place).problems == ()


def test_a_full_disk_is_one_clear_line_and_leaves_nothing(tmp_path, monkeypatch) -> None:
    written = []

    def fills_up(descriptor: int) -> None:
        written.append(descriptor)
        if len(written) == 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(folder.os, "fsync", fills_up)
    with pytest.raises(Unwritable, match="No space left on device") as fault:
        write(OFFICE, tmp_path / "2026", SIGNER)
    assert "\n" not in str(fault.value)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_removed_by_the_next_snapshot(tmp_path) -> None:
    (tmp_path / ".unfinished-snapshot-dead").mkdir()
    (tmp_path / ".unfinished-snapshot-dead" / "snapshot.json").write_text("{")
    with unfinished_in(tmp_path) as busy:
        place = write(OFFICE, tmp_path / "2026", SIGNER).place
        assert sorted(tmp_path.iterdir()) == sorted([busy, place])
    assert list(tmp_path.iterdir()) == [place]


def test_an_unwritable_place_is_one_clear_line(tmp_path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Unwritable):
        write(OFFICE, tmp_path / "file" / "2026", SIGNER)


def test_the_predecessor_is_the_youngest_of_an_earlier_day(tmp_path) -> None:
    for label, on in (("2024", date(2024, 11, 1)), ("2025", date(2025, 11, 21)), ("today", ON)):
        write(replace(OFFICE, label=label, on=on), tmp_path / label, SIGNER)
    assert latest_before(ON, snapshots_in(tmp_path)) == tmp_path / "2025"
    assert latest_before(date(2020, 1, 1), snapshots_in(tmp_path)) is None
    found = chained(OFFICE, tmp_path)
    assert found.previous == PreviousSnapshot("2025", date(2025, 11, 21), digest_at(tmp_path / "2025"))


def test_each_snapshot_takes_over_the_trend_until_then(tmp_path) -> None:
    for year in (2022, 2023, 2024, 2025):
        on = date(year, 11, 20)
        write(chained(replace(OFFICE, label=str(year), on=on), tmp_path), tmp_path / str(year), SIGNER)
    found = chained(OFFICE, tmp_path)
    assert [standing.label for standing in found.trend] == ["2022", "2023", "2024", "2025"]
    last = found.trend[-1]
    assert (last.devices, last.by_worst[VerdictOutcome.BREACH], last.live) == (5, 3, 3)
    assert from_bytes(to_bytes(found), "x").trend == found.trend


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not JSON"),
        (b"[]", "form"),
        (b'{"versions": {"form": "99"}}', "form 99"),
        (b'{"versions": {"form": "1"}, "label": "2026", "verdicts": []}', "on: "),
        (b'{"versions": {"form": "1"}, "label": "2026", "on": "then", "verdicts": []}', "on: "),
        (b'{"versions": {"form": "1"}, "label": "2026", "on": "2026-11-20"}', "verdicts: "),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_what_is_no_snapshot_is_refused_in_one_line(tmp_path, content: bytes, said: str) -> None:
    (tmp_path / "snapshot.json").write_bytes(content)
    with pytest.raises(Unreadable, match=said) as fault:
        load(tmp_path)
    assert str(tmp_path) in str(fault.value)
    assert "\n" not in str(fault.value)


def test_a_folder_that_is_none_is_refused(tmp_path) -> None:
    for look in (verify, load, digest_at):
        with pytest.raises(Unreadable):
            look(tmp_path / "nowhere")
    with pytest.raises(Unreadable):
        verify(tmp_path)


def test_hostile_texts_come_back_but_for_what_utf8_cannot_carry() -> None:
    loaded = from_bytes(to_bytes(OFFICE), "x")
    vendor = next(device for device in loaded.devices if device.id == "d-0031").attributes["vendor"].value
    assert vendor == "=cmd|' /c calc'!A1\x00<script>alert(1)</script>\u202egpj.exe\ufffd$x^2$"


def test_the_signing_key_is_made_once_and_is_the_owners_alone(tmp_path) -> None:
    assert own_public_key(tmp_path / "data") is None
    signer = signer_at(tmp_path / "data")
    assert stat.S_IMODE((tmp_path / "data" / KEY_FILE).stat().st_mode) == 0o600
    again = signer_at(tmp_path / "data")
    assert is_signed(b"manifest", signer.sign(b"manifest"), again.public_pem)
    assert own_public_key(tmp_path / "data") == signer.public_pem


def test_a_key_file_that_is_none_is_named(tmp_path) -> None:
    (tmp_path / KEY_FILE).write_text("not a key")
    with pytest.raises(Unreadable, match=KEY_FILE):
        signer_at(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(Unwritable, match="file"):
        signer_at(tmp_path / "file")

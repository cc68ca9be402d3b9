"""A snapshot is the same bytes for the same register, whole or not there, and shows every tampering."""

import errno
import hashlib
import json
import os
import random
import shutil
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from inventory.snapshot import PreviousSnapshot, Unreadable, Unwritable, folder
from inventory.snapshot.canonical import from_bytes, to_bytes
from inventory.snapshot.folder import digest_at, latest_before, load, snapshots_in, unfinished_in, write
from inventory.snapshot.freezing import chained
from inventory.snapshot.manifest import MANIFEST, PUBLIC_KEY, SIGNATURE, read_manifest
from inventory.snapshot.signing import KEY_FILE, Signer, fingerprint, is_signed, own_public_key, signer_at
from inventory.snapshot.verification import Tampering, verify
from inventory.types import Attribute, Held, VerdictOutcome, share
from tests.inventory.frozen_office import OFFICE, ON, PRINTER, SCANNED, verdict

SIGNER = Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
FILES = {
    "snapshot.json",
    "summary.json",
    "register.json",
    "register.csv",
    "register.xlsx",
    "report.zh-TW.html",
    "report.en.html",
    "oscal-results.json",
    "oscal-poam.json",
    "verify.py",
}


@pytest.fixture(scope="module")
def frozen(tmp_path_factory) -> Path:
    """A snapshot that tests look at and do not touch."""
    return write(OFFICE, tmp_path_factory.mktemp("frozen") / "2026", SIGNER).place


@pytest.fixture
def copy(frozen, tmp_path) -> Path:
    """A snapshot of one's own to tamper with."""
    return Path(shutil.copytree(frozen, tmp_path / "2026"))


def problems(place: Path, trusted: bytes | None = None) -> list[tuple[Tampering, str]]:
    return [(problem.kind, problem.name) for problem in verify(place, trusted).problems]


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


def test_a_snapshot_is_never_written_over(copy) -> None:
    with pytest.raises(Unwritable, match="never written over"):
        write(OFFICE, copy, SIGNER)
    assert verify(copy).problems == ()


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


def test_an_untouched_snapshot_verifies(frozen) -> None:
    seen = verify(frozen, SIGNER.public_pem)
    assert seen.problems == ()
    assert seen.files == len(FILES)
    assert seen.digest == hashlib.sha256((frozen / MANIFEST).read_bytes()).hexdigest()
    assert seen.signer == fingerprint(SIGNER.public_pem)


def test_a_changed_a_missing_and_an_added_file_are_named(copy) -> None:
    (copy / "register.csv").write_bytes((copy / "register.csv").read_bytes().replace(b"Ricoh", b"Canon"))
    (copy / "report.en.html").unlink()
    (copy / "extra.txt").write_text("hello")
    assert set(problems(copy)) == {
        (Tampering.CHANGED, "register.csv"),
        (Tampering.MISSING, "report.en.html"),
        (Tampering.ADDED, "extra.txt"),
    }


def test_a_link_in_the_place_of_a_file_is_not_the_file(copy, tmp_path) -> None:
    shutil.move(copy / "register.csv", tmp_path / "kept.csv")
    (copy / "register.csv").symlink_to(tmp_path / "kept.csv")
    assert problems(copy) == [(Tampering.MISSING, "register.csv")]


def flip(dice: random.Random, file: Path) -> None:
    """One bit, anywhere."""
    content = bytearray(file.read_bytes())
    content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
    file.write_bytes(content)


def cut(dice: random.Random, file: Path) -> None:
    file.write_bytes(file.read_bytes()[: dice.randrange(file.stat().st_size)])


def lengthen(dice: random.Random, file: Path) -> None:
    file.write_bytes(file.read_bytes() + dice.choice([b"\n", b" ", b"\x00", dice.randbytes(40)]))


def remove(_dice: random.Random, file: Path) -> None:
    file.unlink()


def add(dice: random.Random, file: Path) -> None:
    file.with_name(f"{file.name}.{dice.randrange(9)}").write_bytes(file.read_bytes())


def rename(dice: random.Random, file: Path) -> None:
    file.rename(file.with_name(f"{dice.randrange(9)}-{file.name}"))


def exchange(dice: random.Random, file: Path) -> None:
    other = dice.choice([each for each in file.parent.iterdir() if each != file])
    ours, theirs = file.read_bytes(), other.read_bytes()
    file.write_bytes(theirs)
    other.write_bytes(ours)


def edit_and_list_anew(dice: random.Random, file: Path) -> None:
    """What somebody without the key does who knows how it works."""
    flip(dice, file)
    manifest = file.parent / MANIFEST
    lines = [
        line for line in manifest.read_text("ascii", "replace").splitlines() if not line.endswith(file.name)
    ]
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    manifest.write_text(
        "\n".join(sorted([*lines, f"{digest}  {file.name}"], key=lambda line: line[66:])) + "\n"
    )


TAMPERINGS = (flip, cut, lengthen, remove, add, rename, exchange, edit_and_list_anew)


def tampered(copy: Path, frozen: Path, rounds: int) -> dict[str, int]:
    """Tampers as often, each time with an untouched copy; how often each way went unnoticed."""
    dice = random.Random(22)
    missed: dict[str, int] = {}
    for number in range(rounds):
        tamper = TAMPERINGS[number % len(TAMPERINGS)]
        tamper(dice, dice.choice(sorted(copy.iterdir())))
        if not verify(copy).problems:
            missed[tamper.__name__] = missed.get(tamper.__name__, 0) + 1
        shutil.rmtree(copy)
        shutil.copytree(frozen, copy)
    return missed


def test_every_way_of_tampering_is_caught(copy, frozen) -> None:
    assert tampered(copy, frozen, 80) == {}
    assert problems(copy) == []


@pytest.mark.slow
def test_a_thousand_random_tamperings_are_caught(copy, frozen) -> None:
    assert tampered(copy, frozen, 1000) == {}


@pytest.mark.parametrize("name", [MANIFEST, SIGNATURE, PUBLIC_KEY])
def test_each_byte_of_the_seal_counts(copy, frozen, name) -> None:
    original = (frozen / name).read_bytes()
    for place in range(len(original)):
        changed = bytearray(original)
        changed[place] ^= 0x20
        (copy / name).write_bytes(changed)
        assert problems(copy), (name, place)


def test_a_forger_with_a_key_of_his_own_is_found_out_by_the_trusted_key(tmp_path) -> None:
    forger = Signer(Ed25519PrivateKey.from_private_bytes(bytes(32)))
    forged = write(replace(OFFICE, findings=()), tmp_path / "2026", forger).place
    assert problems(forged) == []  # consistent in itself: only the key gives it away
    assert problems(forged, SIGNER.public_pem) == [(Tampering.OTHER_SIGNER, MANIFEST)]


def test_a_file_dropped_together_with_its_line_breaks_the_signature(copy) -> None:
    (copy / "register.csv").unlink()
    lines = (copy / MANIFEST).read_text().splitlines(keepends=True)
    (copy / MANIFEST).write_text("".join(line for line in lines if "register.csv" not in line))
    assert problems(copy) == [(Tampering.BAD_SIGNATURE, MANIFEST)]


def test_the_chain_names_a_predecessor_that_was_replaced(tmp_path) -> None:
    old = write(replace(OFFICE, label="2025", on=date(2025, 11, 21)), tmp_path / "2025", SIGNER)
    named = PreviousSnapshot("2025", date(2025, 11, 21), old.digest)
    new = write(replace(OFFICE, previous=named), tmp_path / "2026", SIGNER).place
    assert verify(new).problems == ()
    assert verify(new).chain_checked
    shutil.rmtree(old.place)
    assert not verify(new).chain_checked
    write(replace(OFFICE, label="2025", on=date(2025, 11, 21), findings=()), tmp_path / "2025", SIGNER)
    assert problems(new) == [(Tampering.BROKEN_CHAIN, "summary.json")]


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


def test_a_damaged_snapshot_json_is_named_not_a_traceback(copy) -> None:
    (copy / "snapshot.json").write_bytes(b"[" * 100_000)
    assert problems(copy) == [(Tampering.CHANGED, "snapshot.json")]


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


@pytest.mark.parametrize(
    "manifest",
    [b"", b"x", b"0" * 64 + b"  a", b"0" * 64 + b" a\n", b"0" * 64 + b"  ../a\n", (b"0" * 64 + b"  a\n") * 2],
)
def test_a_manifest_that_we_did_not_write_is_not_read(manifest: bytes) -> None:
    assert not read_manifest(manifest)


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


def run_standalone(place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", "verify.py", *arguments],
        cwd=place,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_the_script_in_the_folder_verifies_without_muster(copy) -> None:
    ran = run_standalone(copy, PUBLIC_KEY)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "untouched" in ran.stdout
    (copy / "register.json").write_text("[]")
    (copy / "extra").mkdir()
    (copy / "register.xlsx").unlink()
    ran = run_standalone(copy)
    assert ran.returncode == 10
    assert ran.stdout.splitlines()[:3] == ["changed: register.json", "missing: register.xlsx", "added: extra"]


def test_the_script_in_the_folder_knows_a_forged_seal(copy, tmp_path) -> None:
    forger = Signer(Ed25519PrivateKey.from_private_bytes(bytes(32)))
    (copy / SIGNATURE).write_bytes(forger.sign((copy / MANIFEST).read_bytes()))
    assert "bad signature" in run_standalone(copy).stdout
    (copy / PUBLIC_KEY).write_bytes(forger.public_pem)
    assert run_standalone(copy).returncode == 0
    (tmp_path / "told.pem").write_bytes(SIGNER.public_pem)
    assert "another key" in run_standalone(copy, str(tmp_path / "told.pem")).stdout

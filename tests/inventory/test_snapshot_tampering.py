"""A snapshot shows every tampering, to Muster and to the script that lies in it."""

import hashlib
import random
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from inventory.snapshot import PreviousSnapshot
from inventory.snapshot.folder import write
from inventory.snapshot.manifest import MANIFEST, PUBLIC_KEY, SIGNATURE, read_manifest
from inventory.snapshot.signing import Signer, fingerprint
from inventory.snapshot.verification import Tampering, verify
from tests.inventory.frozen_office import FILES, OFFICE, SIGNER


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


def test_a_damaged_snapshot_json_is_named_not_a_traceback(copy) -> None:
    (copy / "snapshot.json").write_bytes(b"[" * 100_000)
    assert problems(copy) == [(Tampering.CHANGED, "snapshot.json")]


@pytest.mark.parametrize(
    "manifest",
    [b"", b"x", b"0" * 64 + b"  a", b"0" * 64 + b" a\n", b"0" * 64 + b"  ../a\n", (b"0" * 64 + b"  a\n") * 2],
)
def test_a_manifest_that_we_did_not_write_is_not_read(manifest: bytes) -> None:
    assert not read_manifest(manifest)


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
    assert len((copy / "verify.py").read_text("utf-8").splitlines()) <= 60  # an auditor reads it first
    ran = run_standalone(copy, PUBLIC_KEY)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "untouched" in ran.stdout
    (copy / "register.json").write_text("[]")
    (copy / "extra").mkdir()
    (copy / "register.xlsx").unlink()
    ran = run_standalone(copy)
    assert ran.returncode == 10
    assert ran.stdout.splitlines()[:3] == ["missing: register.xlsx", "changed: register.json", "added: extra"]


def test_the_script_in_the_folder_knows_a_forged_seal(copy, tmp_path) -> None:
    forger = Signer(Ed25519PrivateKey.from_private_bytes(bytes(32)))
    (copy / SIGNATURE).write_bytes(forger.sign((copy / MANIFEST).read_bytes()))
    assert "bad signature" in run_standalone(copy).stdout
    (copy / PUBLIC_KEY).write_bytes(forger.public_pem)
    assert run_standalone(copy).returncode == 0
    (tmp_path / "told.pem").write_bytes(SIGNER.public_pem)
    assert "another key" in run_standalone(copy, str(tmp_path / "told.pem")).stdout

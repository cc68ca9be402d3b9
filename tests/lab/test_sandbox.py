"""Where no lab can be built, one line says why and what to do."""

import errno
import os
import shutil
from pathlib import Path

import pytest

from lab import sandbox, state
from lab.errors import CannotBuild, NotRunning


def test_a_missing_program_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    which = shutil.which
    monkeypatch.setattr(
        sandbox.shutil, "which", lambda name, path: None if name == "nft" else which(name, path=path)
    )
    with pytest.raises(CannotBuild, match="'nft' is not installed; install the package nftables"):
        sandbox.check_possible()


def test_refused_namespaces_are_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_try_unshare", lambda: errno.EPERM)
    monkeypatch.setattr(sandbox.shutil, "which", lambda name, path: name)
    with pytest.raises(CannotBuild) as refused:
        sandbox.check_possible()
    assert str(refused.value).startswith("no network namespaces here: Operation not permitted; ")
    assert refused.value.exit_code == 6


def test_traces_in_a_folder_that_others_can_read_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(state.tempfile, "gettempdir", lambda: str(tmp_path))
    (tmp_path / f"muster-lab-{os.getuid()}").mkdir(mode=0o755)
    with pytest.raises(CannotBuild, match="not a private folder of yours"):
        state.base_folder()


def test_what_a_killed_lab_left_is_swept_and_what_a_living_one_holds_is_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(state.tempfile, "gettempdir", lambda: str(tmp_path))
    dead = state.base_folder() / "run-dead"
    dead.mkdir()
    held = state.new_run_folder()
    assert not dead.exists()
    again = state.new_run_folder()
    assert held.exists()
    assert again.exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}'])
def test_a_broken_state_file_means_that_no_office_is_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str
) -> None:
    monkeypatch.setattr(state.tempfile, "gettempdir", lambda: str(tmp_path))
    (state.base_folder() / "office.json").write_text(text, encoding="utf-8")
    with pytest.raises(NotRunning, match="muster lab up"):
        state.must_run()


def test_a_pid_that_was_given_out_again_is_not_taken_for_the_office(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(state.tempfile, "gettempdir", lambda: str(tmp_path))
    gone = tmp_path / "gone"
    gone.mkdir()
    state.save(state.Detached(os.getpid(), "1", str(gone), "office", "personas"))
    assert state.running() is None

"""Runs the lab as a user would: as a command, in its own process, with its own folder of traces."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lab.errors import CannotBuild
from lab.sandbox import check_possible

REPOSITORY = Path(__file__).parents[2]
OFFICE = Path(__file__).parent / "office"
TWO_ROOMS = ("--topology", str(OFFICE / "two-rooms.yaml"), "--personas", str(OFFICE / "personas"))

Lab = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def namespaces() -> None:
    try:
        check_possible()
    except CannotBuild as reason:
        pytest.skip(f"no lab on this machine: {reason}")


@pytest.fixture(scope="session")
def traces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("traces")


@pytest.fixture(scope="session")
def lab(traces: Path) -> Lab:
    return command_with(traces)


@pytest.fixture(scope="module")
def two_rooms_traces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("two-rooms")


@pytest.fixture(scope="module")
def two_rooms(namespaces: None, two_rooms_traces: Path) -> Iterator[Lab]:
    """The office of tests/lab/office, up for the tests of one module."""
    lab = command_with(two_rooms_traces)
    brought_up = lab("up", *TWO_ROOMS)
    assert brought_up.returncode == 0, brought_up.stderr
    yield lab
    taken_down = lab("down")
    assert taken_down.returncode == 0, taken_down.stderr


def command_with(traces: Path) -> Lab:
    def run(*arguments: str, seconds: float = 60) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "lab", *arguments],
            cwd=REPOSITORY,
            env=environment(traces),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
        )

    return run


def environment(traces: Path) -> dict[str, str]:
    return {**os.environ, "TMPDIR": str(traces), "PYTHONPATH": str(REPOSITORY)}

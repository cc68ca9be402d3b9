"""Freezing a register of 100,000 devices and verifying what was frozen, each in a process of its own."""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.judged_register import make

Row = tuple[str, float, float, float, str]

DEVICES = 100_000
# What they may take.
_CREATE_SECONDS, _CREATE_MEGABYTES, _VERIFY_SECONDS = 20.0, 500.0, 5.0
_CREATE = """
import json, resource, sys, time
from pathlib import Path
from click.testing import CliRunner
from inventory.cli.snapshot import snapshot
from inventory.console import Session
began = time.perf_counter()
done = CliRunner().invoke(snapshot, ["create", "--out", sys.argv[2]], obj=Session(register_url=sys.argv[1]))
assert done.exit_code == 0, done.output
spent = time.perf_counter() - began
print(json.dumps([spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""


def bench() -> list[Row]:
    """Seconds and megabytes to create, seconds to verify; the peers are the target and `sha256sum -c`."""
    with tempfile.TemporaryDirectory() as folder:
        register, frozen = Path(folder) / "register.sqlite", Path(folder) / "frozen"
        make(register, DEVICES)
        command = [sys.executable, "-c", _CREATE, str(register), str(frozen)]
        ran = subprocess.run(command, capture_output=True, text=True, check=True, timeout=900)
        seconds, megabytes = json.loads(ran.stdout.splitlines()[-1])
        verified, summed = _verify_seconds(frozen), _sum_seconds(frozen)
    of = f"a snapshot of {DEVICES:,} devices"
    return [
        (f"create {of} (peer: the target)", seconds, _CREATE_SECONDS, seconds / _CREATE_SECONDS, "s"),
        (
            f"create {of} (peer: the target)",
            megabytes,
            _CREATE_MEGABYTES,
            megabytes / _CREATE_MEGABYTES,
            "MB",
        ),
        (f"verify {of} (peer: the target)", verified, _VERIFY_SECONDS, verified / _VERIFY_SECONDS, "s"),
        (f"verify {of} (peer: sha256sum -c)", verified, summed, verified / summed, "s"),
    ]


def _verify_seconds(frozen: Path) -> float:
    from inventory.snapshot.verification import verify

    began = time.perf_counter()
    problems = verify(frozen).problems
    spent = time.perf_counter() - began
    if problems:
        raise AssertionError(problems)
    return spent


def _sum_seconds(frozen: Path) -> float:
    began = time.perf_counter()
    subprocess.run(["sha256sum", "-c", "MANIFEST.sha256"], cwd=frozen, capture_output=True, check=True)
    return time.perf_counter() - began

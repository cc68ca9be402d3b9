"""Freezing a register of 100,000 devices and verifying what was frozen, each time in a process of its own."""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.judged_register import make

Row = tuple[str, float, float, float, str]

DEVICES = 100_000
# What they may take.
_CREATE_SECONDS, _CREATE_MEGABYTES, _VERIFY_SECONDS = 20.0, 500.0, 5.0
_TIMED = 2  # the better one counts; memory is looked at in a run of its own, because looking takes time
_LOOK_EVERY = 0.25  # seconds
_LONGEST = 120
_CREATE = """
import json, resource, sys, time
from click.testing import CliRunner
from inventory.cli.snapshot import snapshot
from inventory.console import Session
began = time.perf_counter()
done = CliRunner().invoke(snapshot, ["create", "--out", sys.argv[2]], obj=Session(register_url=sys.argv[1]))
assert done.exit_code == 0, done.output
spent = time.perf_counter() - began
used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
print(json.dumps([spent, sum(each.ru_utime + each.ru_stime for each in used)]))
"""


def bench() -> list[Row]:
    """To create: seconds, processor time of all processes, their memory at its peak; to verify: seconds.

    The peers are what they may take, the processor time over both cores, and `sha256sum -c`.
    """
    with tempfile.TemporaryDirectory() as folder:
        register, frozen = Path(folder) / "register.sqlite", Path(folder) / "frozen"
        make(register, DEVICES)
        megabytes = _peak_megabytes(register, frozen)
        seconds, processor = min(_created(register, frozen) for _run in range(_TIMED))
        verified, summed = _verify_seconds(frozen), _sum_seconds(frozen)
    of = f"a snapshot of {DEVICES:,} devices"
    asked = (
        (f"create {of}", seconds, _CREATE_SECONDS, "s"),
        (f"create {of}, processor time", processor, 2 * _CREATE_SECONDS, "s"),
        (f"create {of}, memory of all processes", megabytes, _CREATE_MEGABYTES, "MB"),
        (f"verify {of}", verified, _VERIFY_SECONDS, "s"),
    )
    return [
        *(
            (f"{what} (peer: the target)", ours, wanted, ours / wanted, unit)
            for what, ours, wanted, unit in asked
        ),
        (f"verify {of} (peer: sha256sum -c)", verified, summed, verified / summed, "s"),
    ]


def _creating(register: Path, frozen: Path) -> subprocess.Popen[str]:
    shutil.rmtree(frozen, ignore_errors=True)
    command = [sys.executable, "-c", _CREATE, str(register), str(frozen)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _created(register: Path, frozen: Path) -> tuple[float, float]:
    """Seconds by the clock, and of processor time in all processes."""
    with _creating(register, frozen) as running:
        try:
            said, _errors = running.communicate(timeout=_LONGEST)
        finally:
            running.kill()
    seconds, processor = json.loads(said.splitlines()[-1])
    return seconds, processor


def _peak_megabytes(register: Path, frozen: Path) -> float:
    """The most that all processes held at once; what several share is counted once (PSS)."""
    peak, until = 0.0, time.monotonic() + _LONGEST
    with _creating(register, frozen) as running:
        while running.poll() is None and time.monotonic() < until:
            peak = max(peak, sum(map(_megabytes, _tree(running.pid))))
            time.sleep(_LOOK_EVERY)
        running.kill()
    return peak


def _tree(process: int) -> Iterator[int]:
    yield process
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
    except OSError:  # it has just ended
        return
    for child in children.split():
        yield from _tree(int(child))


def _megabytes(process: int) -> float:
    try:
        rollup = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")) / 1024


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

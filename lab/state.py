"""Where offices leave their traces: run folders, and the one office that `lab up` left running.

Everything is under one private folder per user. A run folder is locked as long as any process of
its office lives; what kill -9 left behind is swept at the next start.
"""

import fcntl
import json
import os
import shutil
import stat
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from lab.errors import CannotBuild, NotRunning

_STATE = "office.json"


@dataclass(frozen=True)
class Detached:
    """The office that `lab up` left running."""

    pid: int
    """PID 1 of the office, as seen from outside."""
    began: str
    """Its start time in clock ticks (proc(5)), so that a reused pid is not mistaken for it."""
    folder: str
    topology: str
    personas: str

    @property
    def alive(self) -> bool:
        """True while that very process runs."""
        return start_ticks(self.pid) == self.began


def base_folder() -> Path:
    """The private folder of this user, under the temporary folder.

    Not under XDG_RUNTIME_DIR: some daemons get a /run of their own and could not see it.
    """
    base = Path(tempfile.gettempdir()) / f"muster-lab-{os.getuid()}"
    try:
        base.mkdir(mode=0o700, exist_ok=True)
        found = base.lstat()
    except OSError as error:
        raise CannotBuild(f"{base} cannot be used: {error.strerror}") from error
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise CannotBuild(f"{base} is not a private folder of yours; remove it")
    return base


def new_run_folder() -> Path:
    """A fresh run folder, locked by this process and those it forks; dead ones are swept first."""
    base = base_folder()
    alone = os.open(base, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(alone, fcntl.LOCK_EX)  # nobody sweeps a folder that is made but not locked yet
        for old in base.glob("run-*"):
            _sweep(old)
        folder = Path(tempfile.mkdtemp(prefix="run-", dir=base))
        _locked(folder)
    finally:
        os.close(alone)
    return folder


def save(detached: Detached) -> None:
    """Remembers the office that was left running."""
    path = base_folder() / _STATE
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps(asdict(detached)), encoding="utf-8")
    beside.replace(path)


def forget() -> None:
    """Forgets it."""
    (base_folder() / _STATE).unlink(missing_ok=True)


def running() -> Detached | None:
    """The office that `lab up` left running, if it still does."""
    try:
        found = Detached(**json.loads((base_folder() / _STATE).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None
    if not found.alive:
        forget()
        _sweep(Path(found.folder))
        return None
    return found


def must_run() -> Detached:
    """`running`, or NotRunning."""
    found = running()
    if found is None:
        raise NotRunning("no office is up; `muster lab up` brings one up")
    return found


def start_ticks(pid: int) -> str:
    """When a process started, in clock ticks since boot (proc(5), field 22); empty = no such."""
    try:
        text = Path("/proc", str(pid), "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    fields = text.rpartition(")")[2].split()
    return "" if fields[0] == "Z" else fields[19]


def _sweep(folder: Path) -> None:
    """Removes a run folder of ours that nobody holds any more."""
    lock = _locked(folder) if folder.parent == base_folder() else None
    if lock is not None:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _locked(folder: Path) -> int | None:
    """A descriptor that holds the folder's lock (flock(2)), or None when somebody else does."""
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock

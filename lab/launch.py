"""Starting, entering and stopping an office from outside."""

import os
import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path
from select import select

from lab import sandbox, state
from lab.errors import AlreadyRunning, BringUpFailed
from lab.office import Errand, hold
from lab.plan import Plan, vantage_namespace
from lab.players import READY_SECONDS
from lab.wiring import awake

_PATIENCE_SECONDS = 10.0
_SECRETIVE = shutil.ignore_patterns("passwd", "shadow", "hostkey", "*.conf", "log", "spool")
"""What daemons write that may hold a password, a key or no file at all."""
_DIES_WITH_NSENTER = ("setpriv", "--pdeathsig", "TERM", "--")
"""nsenter(1) stays outside the PID namespace and waits; whoever ends it means the command."""


def run(plan: Plan, errand: Errand, keep: Path | None = None) -> int:
    """Brings an office up, runs the errand's command, takes it down; returns its exit code.

    `keep` is an existing folder that receives the run folder's logbooks and stays.
    """
    sandbox.check_possible()
    folder = state.new_run_folder()

    def after() -> None:
        if keep:
            _copy_logbooks(folder, keep)
        shutil.rmtree(folder, ignore_errors=True)

    office = sandbox.start(lambda leash: hold(plan, folder, errand, leash), after)
    _let_go_on_signal(office.leash)
    _, status = os.waitpid(office.warden, 0)
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def up(plan: Plan, topology: Path, personas: Path, *, quiet: bool = False) -> state.Detached:
    """Brings an office up and leaves it running."""
    sandbox.check_possible()
    found = state.running()
    if found:
        raise AlreadyRunning(
            f"an office is up already ({found.topology}, process {found.pid}); "
            "`muster lab down` takes it down"
        )
    folder = state.new_run_folder()
    told, tell = os.pipe()

    def inside(leash: int) -> int:
        errand = Errand(quiet=quiet, announce=lambda words: _announce(tell, words))
        return hold(plan, folder, errand, leash)

    office = sandbox.start(
        inside,
        lambda: shutil.rmtree(folder, ignore_errors=True),
        detached_to=folder / "office.txt",
    )
    os.close(tell)
    try:
        words = _hear(told)
        if words != "ok":
            raise BringUpFailed(words or "the office ended before it was up")
    except BaseException:  # Ctrl-C too: nobody would know of the office, so it must go
        os.kill(office.warden, signal.SIGKILL)
        os.waitpid(office.warden, 0)
        shutil.rmtree(folder, ignore_errors=True)
        raise
    finally:
        os.close(told)
    first = _child_of(office.warden)
    detached = state.Detached(first, state.start_ticks(first), str(folder), str(topology), str(personas))
    state.save(detached)
    return detached


def down() -> None:
    """Takes the office that `lab up` left running down and waits until it is gone."""
    found = state.must_run()
    with suppress(ProcessLookupError):
        os.kill(found.pid, signal.SIGTERM)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while found.alive:
        if time.monotonic() > deadline:
            with suppress(ProcessLookupError):
                os.kill(found.pid, signal.SIGKILL)
        time.sleep(0.02)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while Path(found.folder).exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    state.forget()


def command_inside(found: state.Detached, plan: Plan, vantage: str, command: list[str]) -> list[str]:
    """The nsenter(1) command that runs a command at a vantage of the running office."""
    enter = ["nsenter", "--target", str(found.pid), "--mount", "--pid"]
    if os.geteuid() != 0:
        enter += ["--user", "--preserve-credentials"]
    enter += ["--net", "--", *_DIES_WITH_NSENTER]
    chosen = [one for one in plan.office.vantages[1:] if one.name == vantage]
    if not chosen:
        return [*enter, *command]
    pin = Path(found.folder, "namespaces", vantage_namespace(chosen[0]))
    return [*enter, "nsenter", f"--net={pin}", "--", *awake(command)]


def _let_go_on_signal(leash: int) -> None:
    held = [leash]

    def let_go(*_: object) -> None:
        while held:
            os.close(held.pop())

    signal.signal(signal.SIGTERM, let_go)
    signal.signal(signal.SIGHUP, let_go)
    signal.signal(signal.SIGINT, lambda *_: None)  # the office and its command get it too
    signal.signal(signal.SIGQUIT, lambda *_: None)


def _copy_logbooks(folder: Path, keep: Path) -> None:
    for name in ("logins.jsonl", "faults.txt", "left-out.txt", "paper", "dead", "traffic", "daemons"):
        source = folder / name
        if source.is_dir():
            shutil.copytree(source, keep / name, dirs_exist_ok=True, ignore=_SECRETIVE)
        elif source.exists():
            shutil.copy(source, keep / name)


def _announce(pipe: int, words: str) -> None:
    with suppress(OSError):
        os.write(pipe, words.encode("utf-8", "backslashreplace"))
        os.close(pipe)


def _hear(pipe: int) -> str:
    ready, _, _ = select([pipe], [], [], READY_SECONDS * 2)
    return os.read(pipe, 4096).decode("utf-8", "replace") if ready else ""


def _child_of(warden: int) -> int:
    children = Path(f"/proc/{warden}/task/{warden}/children").read_text(encoding="ascii").split()
    if not children:
        raise BringUpFailed("the office ended as soon as it was up")
    return int(children[0])

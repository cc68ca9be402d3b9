"""The processes that play an office's devices, one for each namespace: forked, waited for, sent home."""

import os
import select
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

from lab import sandbox
from lab.errors import BringUpFailed, Exit
from lab.journal import Journal
from lab.plan import Plan
from lab.segment import play

READY_SECONDS = 30.0


class Players:
    """PID 1's children that play devices; `pins` is the folder that names the namespaces."""

    def __init__(self, plan: Plan, folder: Path, pins: Path) -> None:
        self._plan = plan
        self._folder = folder
        self._pins = pins
        self._namespaces: dict[int, str] = {}
        self._pipes: dict[int, str] = {}

    def start(self) -> None:
        """Forks one for each namespace with devices."""
        for namespace in dict.fromkeys(station.namespace for station in self._plan.stations):
            read, write = os.pipe()
            player = os.fork()
            if player == 0:
                self._be_player(namespace, write)
            os.close(write)
            self._namespaces[player] = namespace
            self._pipes[read] = namespace

    def await_ready(self, leash: int, wake: int) -> None:
        """Until every one has opened its servers; BringUpFailed where one cannot, or when told to go."""
        pipes = self._pipes
        deadline = time.monotonic() + READY_SECONDS
        while pipes:
            left = deadline - time.monotonic()
            ready, _, _ = select.select([*pipes, leash, wake], [], [], max(0.0, left))
            if leash in ready or wake in ready:
                raise BringUpFailed("told to stop while the office came up")
            if not ready:
                raise BringUpFailed(f"{', '.join(pipes.values())} did not come up in time")
            for pipe in ready:
                words = os.read(pipe, 4096).decode("utf-8", "replace").strip()
                os.close(pipe)
                namespace = pipes.pop(pipe)
                if words != "ok":
                    raise BringUpFailed(words or f"{namespace} ended before it was up")

    def end(self, deadline: float) -> None:
        """Sends them home, kindly first; one that went before anybody told it to is a fault of the lab."""
        for player, namespace in tuple(self._namespaces.items()):
            gone, status = os.waitpid(player, os.WNOHANG)
            if not gone:
                os.kill(player, signal.SIGTERM)
                continue
            del self._namespaces[player]
            if os.waitstatus_to_exitcode(status) != Exit.OK:  # a signal to our whole group tells it too
                Journal(self._folder).log_fault(f"the process that played {namespace} ended too early")
        for player in self._namespaces:
            _reap(player, deadline)
        self._namespaces.clear()

    def _be_player(self, namespace: str, write: int) -> None:
        code = int(Exit.FAILED)
        try:
            sandbox.enter(self._pins / namespace)
            play(self._plan, namespace, self._folder, write)
            code = int(Exit.OK)
        except Exception as defect:  # noqa: BLE001  # told to PID 1, then this process ends
            with suppress(OSError):
                os.write(write, f"{namespace}: {defect!r}\n".encode())
        finally:
            sys.stderr.flush()
            os._exit(code)


def _reap(child: int, deadline: float) -> None:
    while time.monotonic() < deadline:
        with suppress(ChildProcessError):
            if os.waitpid(child, os.WNOHANG)[0] == 0:
                time.sleep(0.01)
                continue
        return
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)

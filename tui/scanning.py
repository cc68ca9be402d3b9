"""A scan that goes on while people look at other screens: started, watched and stopped from here.

The scan runs in a process of its own; a thread waits for it and only leaves notes. Screens read them when
they draw, so that however fast events come, the screen draws at its own pace.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from agent.events import FellSilent, Identified, Noted, Progressed, ScanEvent

if TYPE_CHECKING:
    from agent.service.plan import ScanPlan
    from inventory.register import Register
    from inventory.types import ScanRun

Hear = Callable[[ScanEvent], None]
CarryOut = Callable[["ScanPlan", "Register", Hear, threading.Event], "ScanRun"]


def carry_out(plan: "ScanPlan", register: "Register", hear: Hear, stop: threading.Event) -> "ScanRun":
    """Has the plan carried out and waits for its end; raises what `roll_call.call_the_roll` raises."""
    from agent.service.roll_call import call_the_roll  # heavy, and only needed by those who scan

    return asyncio.run(call_the_roll(plan, register, hear, stop))


class ScanWatch:
    """At most one scan at a time, and what it has said so far."""

    def __init__(self, register: "Register", scan: CarryOut) -> None:
        self._register = register
        self._scan = scan
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="scan")
        self._future: Future[ScanRun] | None = None
        self._stop = threading.Event()
        self.progress: Progressed | None = None
        self.said: list[Identified | FellSilent | Noted] = []  # only ever grows: readers take a slice

    @property
    def running(self) -> bool:
        """True from the start until the run is kept in the register."""
        return self._future is not None and not self._future.done()

    @property
    def stopping(self) -> bool:
        """True once it was asked to stop."""
        return self._stop.is_set()

    def start(self, plan: "ScanPlan") -> None:
        """Begins; what an earlier scan said is forgotten."""
        self._stop.clear()
        self.progress = None
        self.said = []
        self._future = self._thread.submit(self._scan, plan, self._register, self._hear, self._stop)

    def stop(self) -> None:
        """Asks the scan to end; what was learned so far is kept."""
        self._stop.set()

    def result(self) -> "ScanRun | None":
        """The run that has ended, once; None before and after. Raises what ended it."""
        if self._future is None or not self._future.done():
            return None
        ended, self._future = self._future, None
        return ended.result()

    def close(self) -> None:
        """Stops the scan and waits until the register has it."""
        self.stop()
        self._thread.shutdown(wait=True)

    def _hear(self, event: ScanEvent) -> None:
        if isinstance(event, Progressed):
            self.progress = event
        else:
            self.said.append(event)

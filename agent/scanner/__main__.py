"""`python -m agent.scanner`: reads an order from standard input, scans, says all on standard output."""

import asyncio
import os
import sys
import threading
from collections.abc import Sequence
from typing import BinaryIO

from agent.scanner import messages, powers
from agent.scanner.messages import Began, Ended, Faulted, Message, Order, Said, Stop, Took
from inventory.exits import Exit, MusterError
from inventory.language import choose
from inventory.types import ScanRun, Sighting, SystemClock, today
from inventory.vault import with_secrets


class Pipe:
    """The register's process, as a scan sees it: somebody who takes what was learned."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._turn = threading.Lock()

    def say(self, message: Message) -> None:
        """Sends a message; waits while the pipe is full."""
        with self._turn:
            self._out.write(messages.written(message))
            self._out.flush()

    def begin_scan(self, run: ScanRun) -> None:
        """The run has begun."""
        self.say(Began(run))

    def ingest(self, sightings: Sequence[Sighting]) -> None:
        """A batch for the register."""
        self.say(Took(tuple(sightings)))

    def finish_scan(self, run: ScanRun) -> None:
        """The run has ended."""
        self.say(Ended(run))


def main() -> None:
    """Carries one order out."""
    powers.end_with_the_parent()
    powers.keep_raw_alone()
    orders = os.fdopen(os.dup(0), "rb")  # not sys.stdin, which the interpreter would wait for at its end
    pipe = Pipe(os.fdopen(os.dup(1), "wb"))
    os.dup2(2, 1)  # whatever prints must not speak in between
    order = messages.read_from(orders)
    if not isinstance(order, Order):
        sys.exit(Exit.FAILED)
    choose(order.language)
    stop = threading.Event()
    threading.Thread(target=_obey, args=(orders, stop), daemon=True).start()
    try:
        asyncio.run(_scan(order, pipe, stop))
    except MusterError as fault:
        pipe.say(Faulted(type(fault).__name__, str(fault)))


def _obey(orders: BinaryIO, stop: threading.Event) -> None:
    """Waits for a stop; where the pipe ends nobody is left to scan for."""
    while (message := messages.read_from(orders)) is not None:
        if isinstance(message, Stop):
            stop.set()
    os._exit(Exit.STOPPED)


async def _scan(order: Order, pipe: Pipe, stop: threading.Event) -> None:
    from agent.service.plan import plan
    from agent.service.scan import run
    from agent.transport.claim import claimed
    from agent.transport.raw.link import require_raw_sockets

    if not order.connect:
        require_raw_sockets()
    planned = plan(
        order.scopes,
        order.devices,
        order.targets,
        with_secrets(order.settings, order.communities, order.users),
        segments=order.segments,
        connect=order.connect,
        on=today(SystemClock()),
    )
    with claimed({area.scope.network for area in planned.every_area}):
        await run(
            planned,
            pipe,
            SystemClock(),
            lambda event: pipe.say(Said(event)),
            stop,
            vantage=order.vantage,
            known={(site, ip): services for site, ip, services in order.known},
            resumed=order.resumed,
        )


if __name__ == "__main__":
    main()

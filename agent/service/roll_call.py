"""A scan as the register's process sees it: starts the scanning process, takes in what comes, stops it.

`agent.scanner` has the picture of the two processes.
"""

import asyncio
import contextlib
import sys
import threading
from asyncio.subprocess import PIPE
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Final, Self

from agent import faults
from agent.events import ScanEvent
from agent.scanner import messages, powers
from agent.scanner.messages import Began, Ended, Faulted, Message, Order, Said, Stop, Took
from agent.service.plan import Resumed, ScanPlan
from agent.service.topology import with_known
from agent.vantage import vantage
from inventory.exits import Unavailable
from inventory.glance import Spot, Whereabouts
from inventory.language import _, current
from inventory.register import Register
from inventory.types import Device, ScanRun, SystemClock, today
from inventory.vault import ScanSecrets, without_secrets

_HEAD: Final = 4
_LOOKS_PER_SECOND: Final = 10
_GOODBYE_SECONDS: Final = 5.0


async def call_the_roll(
    plan: ScanPlan,
    register: Register,
    on_event: Callable[[ScanEvent], None],
    stop: threading.Event,
    *,
    resumed: Resumed | None = None,
) -> ScanRun:
    """Has the plan carried out by a process of its own; the finished run, which the register has by then.

    NoRawSockets without CAP_NET_RAW (unless the plan connects), StoreFault when the register cannot be
    written, ScannerDied when the process ended before its scan: what had come by then is kept. `stop` ends it
    within a second or so. CAP_NET_RAW is no longer in force in this thread afterwards.
    """
    order = _order(plan, tuple(register.iter_devices()), resumed)
    powers.lay_down_raw()
    async with _Scanner() as scanner:
        telling = asyncio.create_task(scanner.tell(order, stop))
        reading = asyncio.create_task(scanner.read_on())
        try:
            return await _take_in(scanner, register, on_event)
        finally:
            telling.cancel()
            reading.cancel()


class _Scanner:
    """The scanning process: starts on entering, and is gone on leaving."""

    def __init__(self) -> None:
        self.coming: asyncio.Queue[Message | None] = asyncio.Queue()

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "agent.scanner", stdin=PIPE, stdout=PIPE, start_new_session=True
        )
        if self._process.stdin is None or self._process.stdout is None:
            raise AssertionError("both are pipes")
        self._told, self._said = self._process.stdin, self._process.stdout
        return self

    async def __aexit__(self, *_exception: object) -> None:
        """Ends the pipe and with it the process; one that stays is killed."""
        self._told.close()
        try:
            await asyncio.wait_for(self._process.wait(), _GOODBYE_SECONDS)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    async def read_on(self) -> None:
        """Puts every message into `coming`, None at the end; never waits for who takes them out."""
        try:
            while True:
                head = await self._said.readexactly(_HEAD)
                body = await self._said.readexactly(messages.length_of(head))
                self.coming.put_nowait(messages.understood(body))
        except (asyncio.IncompleteReadError, messages.GarbledMessage):
            self.coming.put_nowait(None)

    async def tell(self, order: Order, stop: threading.Event) -> None:
        """Gives the order, and later passes the stop on."""
        with contextlib.suppress(ConnectionError):  # it has ended; its exit status says how
            self._told.write(messages.written(order))
            await self._told.drain()
            while not stop.is_set():  # noqa: ASYNC110 - set by a signal or another thread, nothing to await
                await asyncio.sleep(1 / _LOOKS_PER_SECOND)
            self._told.write(messages.written(Stop()))
            await self._told.drain()

    async def ended_how(self) -> str:
        """The exit status, or the signal, in words."""
        code = await self._process.wait()
        return (
            _("signal {number}").format(number=-code)
            if code < 0
            else _("status {number}").format(number=code)
        )


def _order(plan: ScanPlan, devices: Iterable[Device], resumed: Resumed | None) -> Order:
    known: dict[tuple[str, str], list[str]] = defaultdict(list)
    whereabouts = []
    for device in devices:
        spots = tuple(Spot(address.site, address.ip, address.mac) for address in device.addresses)
        whereabouts.append(Whereabouts(device.device_class, spots))
        for spot in spots:
            known[spot.site, spot.ip] = [service.key for service in device.services]
    return Order(
        scopes=plan.gate.scopes,
        devices=tuple(whereabouts),
        known=tuple((site, ip, tuple(services)) for (site, ip), services in known.items()),
        targets=plan.targets,
        segments=plan.segments,
        settings=without_secrets(plan.settings),
        communities=plan.settings.snmp_communities,
        users=plan.settings.snmp_users if isinstance(plan.settings, ScanSecrets) else (),
        connect=plan.connect,
        vantage=vantage(),
        language=current(),
        resumed=resumed,
    )


def _finish(register: Register, run: ScanRun) -> ScanRun:
    """Keeps the run; its coverage says what is known of its networks now that all is settled."""
    register.finish_scan(run)
    with register.reading() as now:
        known = (now.scopes(), now.iter_devices(), now.all_observations())
        run = with_known(run, *known, today(SystemClock()))
    register.amend_scan(run)
    return run


async def _take_in(scanner: _Scanner, register: Register, on_event: Callable[[ScanEvent], None]) -> ScanRun:
    """Every message in its turn; while the register writes, the pipe is read on."""
    while (message := await scanner.coming.get()) is not None:
        match message:
            case Said(event=event):
                on_event(event)
            case Began(run=run):
                await asyncio.to_thread(register.begin_scan, run)
            case Took(sightings=sightings):
                await asyncio.to_thread(register.ingest, sightings)
            case Ended(run=run):
                return await asyncio.to_thread(_finish, register, run)
            case Faulted(kind=kind, message=text):
                raise getattr(faults, kind, Unavailable)(text)
    text = _(
        "the scanning process ended too early ({how}); what it had learned is kept: go on with"
        " `muster scan --resume`"
    )
    raise faults.ScannerDied(text.format(how=await scanner.ended_how()))

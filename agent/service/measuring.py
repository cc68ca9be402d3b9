"""Measuring from where this machine stands: answerers and groups across the border, and known devices."""

import asyncio
import random
import secrets
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from agent.isolation.asking import Answering, Asker, Vantage
from agent.isolation.devices import DeviceAsker, Known, Met
from agent.isolation.journal import Asked
from agent.isolation.tokens import Token
from agent.permit import Gate, Permit
from agent.sweeps.connect import ConnectSweeper
from agent.sweeps.raw import RawSweeper
from agent.transport.answerer import GROUPS
from agent.transport.door import Door
from agent.transport.limits import Limits
from agent.transport.pace import Pace
from agent.transport.raw.link import may_open
from agent.transport.raw.patience import Patience
from agent.transport.raw.route import own_addresses
from agent.transport.raw.tempo import Caps
from inventory.exits import UsageFault
from inventory.language import _
from inventory.merge import says_closed
from inventory.register import Register
from inventory.settings import Settings
from inventory.types import Clock, Crossing, Device, DeviceClass, Observation, Touch, today

_PATIENCE: Final = 1.0  # seconds at least for an answer across a border: silence is taken for a wall
_SEEN_WITHIN: Final = timedelta(days=1)
_UNTIL_GIVEN_UP: Final = Patience(3.5, 3.5)  # a router looks three seconds for a neighbour before it says so


class Measuring:
    """One measurement from one vantage; UsageFault for a segment that the site's scopes do not name.

    Everything is asked within the scopes, at the rates of a scan.
    """

    def __init__(
        self,
        register: Register,
        settings: Settings,
        vantage: Vantage,
        answerers: Sequence[Answering],
        clock: Clock,
    ) -> None:
        self._register = register
        self._vantage = vantage
        self._answerers = answerers
        self._clock = clock
        self._settings = settings
        self._gate = Gate(register.scopes(), register.devices(), today(clock))
        self._patience = max(settings.scan.timeout, _PATIENCE)
        rates = settings.scan
        self._door = Door(
            Pace(rates.rate, rates.per_host_rate),
            Limits().scaled(self._patience),
            rates.per_host_connections,
        )
        segments = {scope.segment for scope in self._gate.scopes if scope.site == vantage.site}
        for name in (vantage.segment, *(one.segment for one in answerers)):
            if name not in segments:
                text = _("no scope of site {site} is called {name}; there are: {known}")
                there = ", ".join(sorted(segments)) or "–"
                raise UsageFault(text.format(site=vantage.site, name=name, known=there))

    async def ask(
        self, token: Token | None, on_remark: Callable[[str], None], *, devices: bool
    ) -> tuple[tuple[Asked, ...], tuple[Crossing, ...]]:
        """What was asked of answerers, with a token, and what came of the ways to known devices."""

        async def of_answerers() -> tuple[Asked, ...]:
            return await self._ask_answerers(token, on_remark) if token else ()

        async def of_devices() -> tuple[Crossing, ...]:
            return await self._ask_devices() if devices else ()

        return await asyncio.gather(of_answerers(), of_devices())

    async def _ask_answerers(self, token: Token, on_remark: Callable[[str], None]) -> tuple[Asked, ...]:
        asker = Asker(
            self._door, self._gate, token, self._clock, lambda: secrets.token_hex(16), self._patience
        )
        kinds = [kind for kind in GROUPS if any(kind in one.services for one in self._answerers)]
        others = sorted({one.segment for one in self._answerers} - {self._vantage.segment})
        own = [ip for ip in own_addresses() if self._is_here(ip)] if kinds else []
        if kinds and not own:
            text = _("mDNS and SSDP are not tested: no address of this machine is in scope of {segment}")
            on_remark(text.format(segment=self._vantage.segment))
        parts = await asyncio.gather(
            *(asker.ask(self._vantage, [one]) for one in self._answerers),
            *(asker.ask_groups(self._vantage, ip, kinds, others) for ip in own),
        )
        return tuple(one for part in parts for one in part)

    async def _ask_devices(self) -> tuple[Crossing, ...]:
        at = self._clock.now()
        asker = device_asker(self._gate, self._door, self._settings, raw=may_open())
        return await asker.ask(self._vantage, known_elsewhere(self._register, self._vantage, at), at)

    def _is_here(self, ip: str) -> bool:
        permit = self._gate.admit(ip, Touch.QUERY)
        if not isinstance(permit, Permit):
            return False
        return (permit.target.site, permit.target.segment) == (self._vantage.site, self._vantage.segment)


def known_elsewhere(register: Register, vantage: Vantage, at: datetime) -> tuple[Known, ...]:
    """The devices in other segments of the site, with the ports the last day's roll call met at each address.

    Routers and firewalls, and what stands in the vantage's segment as well, are left out: their addresses in
    other segments are their own, and no way across.
    """
    with register.reading() as now:
        heard = now.all_observations()
        return tuple(
            known
            for device in now.iter_devices()
            if not _stands_at_border(device, vantage)
            for known in _known(device, vantage, heard.get(device.id, ()), at - _SEEN_WITHIN)
        )


def _stands_at_border(device: Device, vantage: Vantage) -> bool:
    return device.device_class in (DeviceClass.ROUTER, DeviceClass.FIREWALL) or any(
        each.segment == vantage.segment for each in device.addresses
    )


def _known(
    device: Device, vantage: Vantage, heard: Iterable[Observation], since: datetime
) -> Iterator[Known]:
    open_now = {service.key for service in device.services}
    met: dict[tuple[str, str], dict[str, Met]] = defaultdict(dict)
    for one in heard:  # in order of time
        if one.service not in open_now or one.at < since:
            continue
        here = met[one.target.site, one.target.ip]
        if says_closed(one):
            here.pop(one.service, None)
            continue
        proto, _slash, port = one.service.partition("/")
        told = Met(proto, int(port), one.at, {fact.name: fact.value for fact in one.facts})
        if proto == "tcp" or (told.probe and told.probe.name == one.source):
            here[one.service] = told
    for address in device.addresses:
        if address.site == vantage.site and address.segment not in ("", vantage.segment):
            ports = met.get((address.site, address.ip), {})
            if ports:
                yield Known(address.segment, address.ip, tuple(ports[key] for key in sorted(ports)))


def device_asker(gate: Gate, door: Door, settings: Settings, *, raw: bool) -> DeviceAsker:
    """Who asks devices from here, at the rates of a scan; by connections without `raw`."""
    if not raw:
        return DeviceAsker(door, gate, None)
    stop = threading.Event()
    sweeper = RawSweeper(
        Caps(settings.scan.rate, settings.scan.per_host_rate),
        ConnectSweeper(door, gate, 1, stop, lambda _progress: None),
        2,
        door.tally,
        stop,
        lambda _progress: None,
        random.SystemRandom(),
        whole=door.pace.tempo,
        patience=_UNTIL_GIVEN_UP,
    )
    return DeviceAsker(door, gate, sweeper)

"""Asking one device who it is, gently, and knowing when to stop.

Datagrams first (SNMP, mDNS, SSDP, WS-Discovery, NetBIOS), because they cost the device least and name most
of them; what they said decides what else is asked. Then the open ports, at most two at a time. An answer is
a sign of life; after a probe that brought none the device is asked for one, and when that fails too it is
left alone.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from agent.areas import Refused
from agent.permit import Gate, Permit
from agent.probes import FIRST_QUESTIONS, OF_KNOWN_KINDS, PROBES, VENDORS_OWN, multicast, probe_for
from agent.probes.bacnet import BACNET
from agent.probes.greeting import GREETING
from agent.probes.http import HTTP, HTTPS
from agent.probes.nbns import NBNS
from agent.probes.reply import Context, Probe, Reply
from agent.probes.sip import SIP
from agent.probes.status_page import STATUS_PAGE, pages_of
from agent.service.interview import Interview, Notebook
from agent.sweeps import TCP_SYN
from agent.sweeps.found import Host
from agent.sweeps.ports import quiet_ports
from agent.transport import guard
from agent.transport.door import Door
from agent.transport.setbacks import Setbacks
from inventory.coverage_words import OVER_UDP
from inventory.language import _
from inventory.settings import ScanSettings
from inventory.types import AddressState, Attribute, DeviceClass, ProbeOutcome, Target, Unsettled, Why
from inventory.vault import ScanSecrets

_NO_TELEPHONY: Final = frozenset(
    {DeviceClass.PRINTER, DeviceClass.SCANNER, DeviceClass.SWITCH, DeviceClass.NAS, DeviceClass.UPS,
     DeviceClass.PDU, DeviceClass.ENVIRONMENTAL_SENSOR, DeviceClass.KVM_BMC, DeviceClass.ACCESS_POINT}
)  # fmt: skip
_MAY_CONTROL_A_BUILDING: Final = frozenset(
    {DeviceClass.UNKNOWN, DeviceClass.OTHER, DeviceClass.BUILDING_AUTOMATION}
)
_PRINTERS: Final = frozenset({DeviceClass.PRINTER, DeviceClass.SCANNER, DeviceClass.FAX})
_TOLD_OF_ITSELF: Final = frozenset({Attribute.MODEL, Attribute.SERIAL, Attribute.FIRMWARE})
_SIGNS_OF_LIFE: Final = frozenset({ProbeOutcome.ANSWERED, ProbeOutcome.REFUSED})

Overheard = Mapping[str, Sequence[Reply]]
"""What hosts, by address, answered to a question that a whole segment heard."""


@dataclass(frozen=True)
class Interviewer:
    """Interviews the hosts of one run; safe to use for many hosts at once."""

    notebook: Notebook
    door: Door
    gate: Gate
    settings: ScanSettings
    stop: threading.Event
    on_fault: Callable[[str], None]

    async def interview(
        self, host: Host, known_open: Sequence[str] = (), overheard: Awaitable[Overheard] | None = None
    ) -> Interview:
        """Everything `host` says about itself.

        `known_open` are services the register has for it, `overheard` what is answered to the whole segment:
        that counts where it said nothing to us alone.
        """
        told = self.begin(host)
        permit = self._admit(host)
        if isinstance(permit, Refused):
            return told
        told.note_sweeps(known_open)
        if host.fell_silent:
            told.fell_silent(TCP_SYN.name)
            return told
        if self.stop.is_set():
            told.stop()
            return told
        await self._ask_first_questions(told, permit)
        said = {one.source for one in told.observations}
        heard = (await overheard).get(host.ip, ()) if overheard else ()
        to_everybody = [reply for reply in heard if reply.source not in said]
        told.take(to_everybody)
        if not told.trouble:
            told.take(await multicast.follow_up(self.door, permit, to_everybody))
        await self._ask_further(told)
        if host.accepts_all and not told.trouble:
            told.accepted_all()
        return told

    def begin(self, host: Host) -> Interview:
        """An interview in which nothing was said yet; refused where the host may not be asked."""
        permit = self._admit(host)
        if isinstance(permit, Refused):
            nowhere = Target(host.ip, host.mac, "", "")
            return Interview(host, nowhere, self.notebook, trouble=permit.unsettled)
        return Interview(host, permit.target, self.notebook)

    async def go_on(
        self, told: Interview, host: Host, known_open: Sequence[str], wanted: Collection[int]
    ) -> Interview:
        """A further interview with what the ports say that `host` has beside those of `told`.

        What of the ports `wanted` was not asked to the end is noted, or that nothing is missing.
        """
        ports = {port: state for port, state in host.ports.items() if port not in told.host.ports}
        again = told.further(replace(host, answered=(), ports=ports), goes_on=True)
        again.note_sweeps(known_open)
        if host.fell_silent:
            again.fell_silent(TCP_SYN.name)
        await self._ask_further(again)
        self.note_left_out(again, set(wanted) - host.ports.keys())
        return again

    def note_left_out(self, told: Interview, ports: Collection[int]) -> None:
        """Notes which ports were not asked, or not to the end; without an excuse that is a trouble."""
        told.note_left_out(ports)
        missing = [str(port) for port in sorted(ports) if not guard.refusal(port, told.kind)]
        if missing and self._goes_on(told):
            told.left_out(", ".join(missing))
        elif missing and not told.trouble:
            told.stop()

    @property
    def context(self) -> Context:
        """What every probe may know."""
        settings = self.settings
        users = settings.snmp_users if isinstance(settings, ScanSecrets) else ()
        oids_for = self.notebook.fingerprints.oids_for
        return Context(settings.snmp_communities, settings.timeout / 2, oids_for, users)

    async def _ask_first_questions(self, told: Interview, permit: Permit) -> None:
        """Datagrams side by side; they hold no connection, and the pace keeps them apart."""
        probes = [probe for probe in FIRST_QUESTIONS if ":" not in permit.ip or probe.name != NBNS.name]
        jobs = [self._replies(probe, permit, probe.ports[0]) for probe in probes]
        replies = [reply for part in await asyncio.gather(*jobs) for reply in part]
        await self._hear(told, permit, replies, OVER_UDP)

    async def _ask_further(self, told: Interview) -> None:
        """The open ports two at a time, and beside them what else such a device may answer."""
        permit = self._readmitted(told)
        if permit is None:
            return
        ports = [port for port in told.host.open_ports if _has_something_to_say(port, permit)]
        ports.sort(key=lambda port: (PROBES.index(probe_for(port)), port))
        workers = [self._ask_ports(told, permit, ports) for _one in range(self.settings.per_host_connections)]
        await asyncio.gather(self._ask_by_kind(told, permit), *workers)
        await self._ask_status_page(told, permit)
        if self.stop.is_set() and (ports or not told.goes_on) and not told.trouble:
            told.stop()

    async def _ask_ports(self, told: Interview, permit: Permit, waiting: list[int]) -> None:
        """Takes ports from those waiting, one after the other, as long as the device is well."""
        while waiting and self._goes_on(told):
            port = waiting.pop(0)
            probe = probe_for(port)
            if probe.name not in OF_KNOWN_KINDS or told.kind is not DeviceClass.UNKNOWN:
                replies = await self._replies(probe, permit, port)
                await self._hear(told, permit, replies, f"{probe.name} (tcp/{port})")

    async def _ask_by_kind(self, told: Interview, permit: Permit) -> None:
        """The datagrams that not everybody is asked."""
        for probe in () if told.goes_on else _of_kind(told):
            if self._goes_on(told):
                told.take(await self._replies(probe, permit, probe.ports[0]))

    async def _ask_status_page(self, told: Interview, permit: Permit) -> None:
        """A printer's own status page, where its maker has one and it has not told all of itself by now."""
        web = [port for port in told.host.open_ports if probe_for(port).name in (HTTPS.name, HTTP.name)]
        if (
            not self._goes_on(told)
            or told.goes_on
            or not (web and told.kind in _PRINTERS and pages_of(told.vendor))
            or told.concluded.keys() >= _TOLD_OF_ITSELF
        ):
            return
        port = min(web, key=lambda port: (probe_for(port).name == HTTP.name, port))  # many send on to TLS
        replies = await self._replies(STATUS_PAGE, permit, port, replace(self.context, vendor=told.vendor))
        await self._hear(told, permit, replies, f"{STATUS_PAGE.name} (tcp/{port})")

    async def _replies(
        self, probe: Probe, permit: Permit, port: int, context: Context | None = None
    ) -> tuple[Reply, ...]:
        """The probe's replies; a fault of ours with one device's answer is said and does not end the roll."""
        try:
            return await probe.ask(self.door, permit, port, context or self.context)
        except Exception as fault:  # noqa: BLE001 - whatever one device provokes, the others are still asked
            text = _("{ip}: the probe {probe} failed on port {port}: {fault}; please report this")
            fault_text = f"{type(fault).__name__}: {fault}"[:200]
            self.on_fault(text.format(ip=permit.ip, probe=probe.name, port=port, fault=fault_text))
            return (Reply(probe.name, ProbeOutcome.NOT_TRIED, reason=fault_text),)

    async def _hear(self, told: Interview, permit: Permit, replies: Sequence[Reply], asked: str) -> None:
        """Takes the replies in; where none is a sign of life, the device is asked for one."""
        told.take(replies)
        if any(reply.outcome in _SIGNS_OF_LIFE for reply in replies) or told.trouble:
            return
        vital, before = _vital_port(told.host), Setbacks.now()
        if vital is None or await self.door.is_alive(permit, vital):
            return
        if Setbacks.now().since(before):  # it was never asked, and is not to blame
            told.trouble = Unsettled(told.host.ip, AddressState.FOUND, "", Why.SYSTEM_REFUSED)
        else:
            told.fell_silent(asked)

    def _goes_on(self, told: Interview) -> bool:
        return not told.trouble and not self.stop.is_set()

    def _admit(self, host: Host, kind: DeviceClass = DeviceClass.UNKNOWN) -> Permit | Refused:
        return self.gate.admit(host.ip, SIP.touch, mac=host.mac, device_class=kind)

    def _readmitted(self, told: Interview) -> Permit | None:
        """The permit for what the device turned out to be, None where it is one that must not be probed."""
        if told.trouble:
            return None
        again = self._admit(told.host, told.kind)
        if isinstance(again, Refused):
            told.trouble = again.unsettled
            return None
        return again


def _of_kind(told: Interview) -> list[Probe]:
    kind, vendor = told.kind, told.vendor
    probes = [SIP] if kind not in _NO_TELEPHONY else []
    probes += [BACNET] if kind in _MAY_CONTROL_A_BUILDING else []
    return probes + ([VENDORS_OWN[vendor]] if vendor in VENDORS_OWN else [])


def _has_something_to_say(port: int, permit: Permit) -> bool:
    """Whether a conversation may be had there, and there is a question for it or it speaks by itself."""
    if guard.refusal(port, permit.device_class):
        return False
    return probe_for(port) is not GREETING or port not in quiet_ports()


def _vital_port(host: Host) -> int | None:
    """The port to ask for a sign of life: one that refused (nobody is bothered), else one that accepted."""
    accepting = [port for port in host.open_ports if not guard.refusal(port, DeviceClass.UNKNOWN)]
    return next(iter((*host.closed_ports, *accepting)), None)

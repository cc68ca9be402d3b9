"""Asking one device who it is, gently, and knowing when to stop.

Datagrams first (SNMP, mDNS, SSDP, WS-Discovery, NetBIOS), because they cost the device least and name most
of them; what they said decides what else is asked. Then the open ports, at most two at a time. An answer is
a sign of life; after a probe that brought none the device is asked for one, and when that fails too it is
left alone.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from agent.fingerprints import Fingerprinter
from agent.permit import Gate, Permit, Refused
from agent.probes import FIRST_QUESTIONS, OF_KNOWN_KINDS, PROBES, VENDORS_OWN, multicast, probe_for
from agent.probes.bacnet import BACNET
from agent.probes.greeting import GREETING
from agent.probes.http import HTTP, HTTPS
from agent.probes.nbns import NBNS
from agent.probes.reply import Context, Probe, Reply
from agent.probes.sip import SIP
from agent.probes.status_page import STATUS_PAGE, pages_of
from agent.sweeps import ARP, TCP_SYN
from agent.sweeps.found import Host
from agent.sweeps.ports import port_names, quiet_ports
from agent.transport import guard
from agent.transport.door import Door
from agent.transport.setbacks import Setbacks
from inventory.coverage_words import OVER_UDP
from inventory.language import _
from inventory.settings import ScanSettings
from inventory.types import (
    AddressState,
    Attribute,
    Claim,
    Clock,
    DeviceClass,
    Fact,
    Observation,
    ProbeOutcome,
    Sighting,
    Target,
    Unsettled,
    Why,
)
from inventory.vault import ScanSecrets

PORT_STATE: Final = "port.state"

_SECOND_HAND: Final = {
    "nmap.name": Attribute.SERVICE_NAME,
    "nmap.product": Attribute.SERVICE_PRODUCT,
    "nmap.version": Attribute.SERVICE_VERSION,
}
_SECOND_CERTAINTY: Final = 0.4

_NO_TELEPHONY: Final = frozenset(
    {DeviceClass.PRINTER, DeviceClass.SCANNER, DeviceClass.SWITCH, DeviceClass.NAS, DeviceClass.UPS,
     DeviceClass.PDU, DeviceClass.ENVIRONMENTAL_SENSOR, DeviceClass.KVM_BMC, DeviceClass.ACCESS_POINT}
)  # fmt: skip
_MAY_CONTROL_A_BUILDING: Final = frozenset(
    {DeviceClass.UNKNOWN, DeviceClass.OTHER, DeviceClass.BUILDING_AUTOMATION}
)
_PRINTERS: Final = frozenset({DeviceClass.PRINTER, DeviceClass.SCANNER, DeviceClass.FAX})
_TOLD_OF_ITSELF: Final = frozenset({Attribute.MODEL, Attribute.SERIAL, Attribute.FIRMWARE})
_SERVICE_CERTAINTY: Final = 0.9
_SURE_OF_THE_KIND: Final = 0.6
_PORT_CERTAINTY: Final = 0.2
# What a service is called where the probe's own name is not it: a page may come with a certificate, and
# descriptions are fetched over HTTP.
_SPOKEN: Final = {
    "tls": ("tls", 0.5),
    "upnp": ("http", _SERVICE_CERTAINTY),
    "onvif": ("http", _SERVICE_CERTAINTY),
    "greeting": ("", 0.0),
    "status-page": ("", 0.0),
    "nmap": ("", 0.0),
}


@dataclass
class Interview:
    """What one device said, and `trouble`: why it could not be asked to the end, as the coverage has it.

    One that `goes_on` is of ports found later; what was asked besides ports was asked before.
    """

    host: Host
    target: Target
    observations: list[Observation] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    trouble: Unsettled | None = None
    goes_on: bool = False

    @property
    def refused(self) -> bool:
        """Whether it may not be probed."""
        return self.trouble is not None and self.trouble.state is AddressState.REFUSED

    def stop(self) -> None:
        """Notes that the operator ended it."""
        self.trouble = Unsettled(self.host.ip, AddressState.FOUND, "", Why.UNFINISHED)


@dataclass(frozen=True)
class Interviewer:
    """Interviews the hosts of one run; safe to use for many hosts at once."""

    run: str
    vantage: str
    door: Door
    gate: Gate
    settings: ScanSettings
    fingerprints: Fingerprinter
    clock: Clock
    stop: threading.Event
    on_fault: Callable[[str], None]

    async def interview(
        self, host: Host, known_open: Sequence[str] = (), overheard: Sequence[Reply] = ()
    ) -> Interview:
        """Everything `host` says about itself.

        `known_open` are services the register has for it, `overheard` what it answered to the whole segment:
        that counts where it said nothing to us alone.
        """
        told = self.begin(host)
        permit = self.gate.admit(host.ip, SIP.touch, mac=host.mac)
        if isinstance(permit, Refused):
            return told
        self._note_sweeps(told, known_open)
        if host.fell_silent:
            told.trouble = Unsettled(host.ip, AddressState.UNREACHABLE, TCP_SYN.name, Why.FELL_SILENT)
            return told
        if self.stop.is_set():
            told.stop()
            return told
        first = FIRST_QUESTIONS if ":" not in host.ip else tuple(p for p in FIRST_QUESTIONS if p is not NBNS)
        await self._ask_all(told, permit, first, self.context)
        said = {one.source for one in told.observations}
        to_everybody = [reply for reply in overheard if reply.source not in said]
        self._take(told, to_everybody)
        if not told.trouble:
            self._take(told, await multicast.follow_up(self.door, permit, to_everybody))
        await self._ask_ports(told, self.context)
        return told

    def begin(self, host: Host) -> Interview:
        """An interview in which nothing was said yet; refused where the host may not be asked."""
        permit = self.gate.admit(host.ip, SIP.touch, mac=host.mac)
        if isinstance(permit, Refused):
            return Interview(host, Target(host.ip, host.mac, "", ""), trouble=permit.unsettled)
        return Interview(host, permit.target)

    async def go_on(self, told: Interview, host: Host, known_open: Sequence[str] = ()) -> Interview:
        """A further interview with what the ports say that `host` has beside those of `told`."""
        ports = {port: state for port, state in host.ports.items() if port not in told.host.ports}
        again = Interview(replace(host, answered=(), ports=ports), told.target, claims=list(told.claims))
        again.goes_on = True
        self._note_sweeps(again, known_open)
        if host.fell_silent:
            again.trouble = Unsettled(host.ip, AddressState.UNREACHABLE, TCP_SYN.name, Why.FELL_SILENT)
        await self._ask_ports(again, self.context)
        return again

    @property
    def context(self) -> Context:
        """What every probe may know."""
        settings = self.settings
        users = settings.snmp_users if isinstance(settings, ScanSecrets) else ()
        return Context(settings.snmp_communities, settings.timeout / 2, self.fingerprints.oids_for, users)

    def heard(self, told: Interview, replies: Sequence[Reply]) -> Interview:
        """A further interview with what somebody else (nmap) says of the same device."""
        again = Interview(told.host, told.target, claims=list(told.claims))
        self._take(again, replies)
        for reply in replies:
            facts = {fact.name: fact.value for fact in reply.facts}
            for name, attribute in _SECOND_HAND.items():
                if facts.get(name) and reply.service:
                    claim = Claim(
                        attribute, facts[name], _SECOND_CERTAINTY, name, reply.source, reply.service
                    )
                    again.claims.append(claim)
        return again

    def label(self, told: Interview) -> str:
        """Vendor and model as far as they are concluded, empty where neither is."""
        concluded = self.fingerprints.conclude(told.claims)
        parts = [concluded[what].value for what in (Attribute.VENDOR, Attribute.MODEL) if what in concluded]
        return " ".join(parts)

    def sighting(self, told: Interview) -> Sighting:
        """The interview as the register takes it in."""
        return Sighting(self.run, told.target, self.clock.now(), tuple(told.observations), tuple(told.claims))

    async def _ask_all(
        self, told: Interview, permit: Permit, probes: Sequence[Probe], context: Context
    ) -> None:
        """Datagram probes side by side; they hold no connection, and the pace keeps them apart."""
        jobs = [self._ask_one(probe, permit, probe.ports[0], context) for probe in probes]
        replies = [reply for part in await asyncio.gather(*jobs) for reply in part]
        self._take(told, replies)
        if not any(reply.outcome in _SIGNS_OF_LIFE for reply in replies):
            await self._look_for_life(told, permit, OVER_UDP)

    async def _ask_ports(self, told: Interview, context: Context) -> None:
        """The open ports, chosen by what the device is said to be by now."""
        identified = self._readmitted(told)
        if identified is None:
            return
        waiting = [port for port in told.host.open_ports if _has_something_to_say(port, identified)]
        waiting.sort(key=lambda port: (PROBES.index(probe_for(port)), port))

        async def work() -> None:
            while waiting and not told.trouble and not self.stop.is_set():
                port = waiting.pop(0)
                probe = probe_for(port)
                if probe.name in OF_KNOWN_KINDS and self._class_of(told) is DeviceClass.UNKNOWN:
                    continue
                replies = await self._ask_one(probe, identified, port, context)
                self._take(told, replies)
                if not any(reply.outcome in _SIGNS_OF_LIFE for reply in replies):
                    await self._look_for_life(told, identified, f"{probe.name} (tcp/{port})")

        async def ask_further() -> None:
            if told.goes_on:
                return
            known = self._class_of(told)
            further = [SIP] if known not in _NO_TELEPHONY else []
            further += [BACNET] if known in _MAY_CONTROL_A_BUILDING else []
            further += [VENDORS_OWN[vendor]] if (vendor := self._vendor_of(told)) in VENDORS_OWN else []
            for probe in further:
                if not told.trouble and not self.stop.is_set():
                    self._take(told, await self._ask_one(probe, identified, probe.ports[0], context))

        await asyncio.gather(
            ask_further(), *(work() for _worker in range(self.settings.per_host_connections))
        )
        if self.stop.is_set() and waiting and not told.trouble:
            told.stop()
        await self._ask_status_page(told, identified, context)

    async def _ask_status_page(self, told: Interview, permit: Permit, context: Context) -> None:
        """A printer's own status page, where its maker has one and it has not told all of itself by now."""
        concluded = self.fingerprints.conclude(told.claims)
        vendor = self._vendor_of(told)
        web = [port for port in told.host.open_ports if probe_for(port).name in (HTTPS.name, HTTP.name)]
        is_printer = self._class_of(told) in _PRINTERS and pages_of(vendor)
        if (
            told.trouble
            or told.goes_on
            or self.stop.is_set()
            or not (web and is_printer)
            or concluded.keys() >= _TOLD_OF_ITSELF
        ):
            return
        port = min(web, key=lambda port: (probe_for(port).name == HTTP.name, port))  # many send on to TLS
        replies = await self._ask_one(STATUS_PAGE, permit, port, replace(context, vendor=vendor))
        self._take(told, replies)
        if not any(reply.outcome in _SIGNS_OF_LIFE for reply in replies):
            await self._look_for_life(told, permit, f"{STATUS_PAGE.name} (tcp/{port})")

    async def _ask_one(self, probe: Probe, permit: Permit, port: int, context: Context) -> tuple[Reply, ...]:
        """The probe's replies; a fault of ours with one device's answer is said and does not end the roll."""
        try:
            return await probe.ask(self.door, permit, port, context)
        except Exception as fault:  # noqa: BLE001 - whatever one device provokes, the others are still asked
            text = _("{ip}: the probe {probe} failed on port {port}: {fault}; please report this")
            fault_text = f"{type(fault).__name__}: {fault}"[:200]
            self.on_fault(text.format(ip=permit.ip, probe=probe.name, port=port, fault=fault_text))
            return (Reply(probe.name, ProbeOutcome.NOT_TRIED, reason=fault_text),)

    def _readmitted(self, told: Interview) -> Permit | None:
        """The permit for what the device turned out to be, None where it is one that must not be probed."""
        if told.trouble:
            return None
        again = self.gate.admit(told.host.ip, SIP.touch, mac=told.host.mac, device_class=self._class_of(told))
        if isinstance(again, Refused):
            told.trouble = again.unsettled
            return None
        return again

    async def _look_for_life(self, told: Interview, permit: Permit, after: str) -> None:
        """Ends the interview when the device does not even refuse a connection any more."""
        vital, before = _vital_port(told.host), Setbacks.now()
        if vital is None or told.trouble or await self.door.is_alive(permit, vital):
            return
        if Setbacks.now().since(before):  # it was never asked, and is not to blame
            told.trouble = Unsettled(told.host.ip, AddressState.FOUND, "", Why.SYSTEM_REFUSED)
        else:
            told.trouble = Unsettled(told.host.ip, AddressState.UNREACHABLE, after, Why.FELL_SILENT)

    def kind_of(self, told: Interview) -> DeviceClass:
        """What kind of device it is; UNKNOWN unless that is likely enough to leave questions out by."""
        concluded = self.fingerprints.conclude(told.claims).get(Attribute.DEVICE_CLASS)
        certain = concluded is not None and concluded.certainty >= _SURE_OF_THE_KIND
        return self._class_of(told) if certain else DeviceClass.UNKNOWN

    def _vendor_of(self, told: Interview) -> str:
        concluded = self.fingerprints.conclude(told.claims).get(Attribute.VENDOR)
        return concluded.value if concluded else ""

    def _class_of(self, told: Interview) -> DeviceClass:
        concluded = self.fingerprints.conclude(told.claims).get(Attribute.DEVICE_CLASS)
        try:
            return DeviceClass(concluded.value) if concluded else DeviceClass.UNKNOWN
        except ValueError:
            return DeviceClass.UNKNOWN

    def _note_sweeps(self, told: Interview, known_open: Sequence[str]) -> None:
        """What the sweeps saw, as observations: the MAC, each open port, each known port now closed."""
        host = told.host
        for name in host.answered:
            facts = (
                [Fact("arp.mac", host.mac)] if name == ARP.name and host.mac else [Fact("sweep", "answered")]
            )
            self._observe(told, Reply(name, ProbeOutcome.ANSWERED, None, tuple(facts)))
        for port in host.open_ports:
            service = f"tcp/{port}"
            self._observe(
                told, Reply(TCP_SYN.name, ProbeOutcome.ANSWERED, service, (Fact(PORT_STATE, "open"),))
            )
            name = port_names().get(port, "")
            if name:
                told.claims.append(
                    Claim(
                        Attribute.SERVICE_NAME, name, _PORT_CERTAINTY, f"port.{port}", TCP_SYN.name, service
                    )
                )
        for port in host.closed_ports:
            if f"tcp/{port}" in known_open:
                facts = [Fact(PORT_STATE, "closed")]
                self._observe(told, Reply(TCP_SYN.name, ProbeOutcome.ANSWERED, f"tcp/{port}", tuple(facts)))

    def _take(self, told: Interview, replies: Sequence[Reply]) -> None:
        for reply in replies:
            if reply.outcome is not ProbeOutcome.ANSWERED:
                continue
            self._observe(told, reply)
            name, certainty = _SPOKEN.get(reply.source, (reply.source, _SERVICE_CERTAINTY))
            if reply.service and name:
                rule = f"probe.{reply.source}"
                told.claims.append(
                    Claim(Attribute.SERVICE_NAME, name, certainty, rule, reply.source, reply.service)
                )

    def _observe(self, told: Interview, reply: Reply) -> None:
        told.observations.append(
            Observation(
                run=self.run,
                vantage=self.vantage,
                target=told.target,
                source=reply.source,
                at=self.clock.now(),
                facts=reply.facts,
                service=reply.service,
                digest=reply.digest,
                excerpt=reply.excerpt,
            )
        )
        told.claims.extend(self.fingerprints.claims(reply.facts, source=reply.source, service=reply.service))


_SIGNS_OF_LIFE: Final = frozenset({ProbeOutcome.ANSWERED, ProbeOutcome.REFUSED})


def _has_something_to_say(port: int, permit: Permit) -> bool:
    """Whether a conversation may be had there, and there is a question for it or it speaks by itself."""
    if guard.refusal(port, permit.device_class):
        return False
    return probe_for(port) is not GREETING or port not in quiet_ports()


def _vital_port(host: Host) -> int | None:
    """The port to ask for a sign of life: one that refused (nobody is bothered), else one that accepted."""
    accepting = [port for port in host.open_ports if not guard.refusal(port, DeviceClass.UNKNOWN)]
    return next(iter((*host.closed_ports, *accepting)), None)

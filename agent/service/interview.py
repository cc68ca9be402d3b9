"""What one device said, and what that comes to: replies → observations and claims → a sighting.

A `Notebook` is what all interviews of a run have in common; nothing here sends.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from agent.fingerprints import Conclusion, Fingerprinter
from agent.probes.reply import Reply
from agent.sweeps import ARP, TCP_SYN
from agent.sweeps.found import Host
from agent.sweeps.ports import port_names
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

PORT_STATE: Final = "port.state"
_PORTS: Final = "ports"
_LEFT_OUT: Final = "ports.left_out"  # the checks know it by this name

_SECOND_HAND: Final = {
    "nmap.name": Attribute.SERVICE_NAME,
    "nmap.product": Attribute.SERVICE_PRODUCT,
    "nmap.version": Attribute.SERVICE_VERSION,
}
_SECOND_CERTAINTY: Final = 0.4
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


@dataclass(frozen=True, slots=True)
class Notebook:
    """Who listens (run, vantage), when, and by what the words are understood; one for a run."""

    run: str
    vantage: str
    fingerprints: Fingerprinter
    clock: Clock

    def enter(self, target: Target, reply: Reply) -> tuple[Observation, Sequence[Claim]]:
        """An answer as an observation made now, and what its facts claim."""
        noted = Observation(
            run=self.run,
            vantage=self.vantage,
            target=target,
            source=reply.source,
            at=self.clock.now(),
            facts=reply.facts,
            service=reply.service,
            digest=reply.digest,
            excerpt=reply.excerpt,
        )
        return noted, self.fingerprints.claims(reply.facts, source=reply.source, service=reply.service)

    def sighting(
        self, target: Target, observations: Sequence[Observation], claims: Sequence[Claim]
    ) -> Sighting:
        """What was learned about one address, as the register takes it in."""
        return Sighting(self.run, target, self.clock.now(), tuple(observations), tuple(claims))


@dataclass
class Interview:
    """What one device said, and `trouble`: why it could not be asked to the end, as the coverage has it.

    One that `goes_on` is of ports found later; what was asked besides ports was asked before.
    """

    host: Host
    target: Target
    notebook: Notebook = field(repr=False)
    observations: list[Observation] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    trouble: Unsettled | None = None
    goes_on: bool = False

    def further(self, host: Host, *, goes_on: bool = False) -> "Interview":
        """A further interview with the same device, which knows what it said in this one."""
        return Interview(host, self.target, self.notebook, claims=list(self.claims), goes_on=goes_on)

    @property
    def refused(self) -> bool:
        """Whether it may not be probed."""
        return self.trouble is not None and self.trouble.state is AddressState.REFUSED

    @property
    def concluded(self) -> Mapping[Attribute, Conclusion]:
        """What all that was said so far comes to."""
        return self.notebook.fingerprints.conclude(self.claims)

    @property
    def kind(self) -> DeviceClass:
        """What kind of device it most likely is."""
        concluded = self.concluded.get(Attribute.DEVICE_CLASS)
        try:
            return DeviceClass(concluded.value) if concluded else DeviceClass.UNKNOWN
        except ValueError:
            return DeviceClass.UNKNOWN

    @property
    def sure_kind(self) -> DeviceClass:
        """The same; UNKNOWN unless that is likely enough to leave questions out by."""
        concluded = self.concluded.get(Attribute.DEVICE_CLASS)
        certain = concluded is not None and concluded.certainty >= _SURE_OF_THE_KIND
        return self.kind if certain else DeviceClass.UNKNOWN

    @property
    def vendor(self) -> str:
        """Who made it, empty where nothing says so."""
        concluded = self.concluded.get(Attribute.VENDOR)
        return concluded.value if concluded else ""

    @property
    def label(self) -> str:
        """Vendor and model as far as they are concluded, empty where neither is."""
        concluded = self.concluded
        parts = [concluded[what].value for what in (Attribute.VENDOR, Attribute.MODEL) if what in concluded]
        return " ".join(parts)

    @property
    def sighting(self) -> Sighting:
        """The interview as the register takes it in."""
        return self.notebook.sighting(self.target, self.observations, self.claims)

    def stop(self) -> None:
        """Notes that the operator ended it."""
        self.trouble = Unsettled(self.host.ip, AddressState.FOUND, "", Why.UNFINISHED)

    def accepted_all(self) -> None:
        """Notes that connections prove nothing: only what spoke is known of it."""
        self.trouble = Unsettled(self.host.ip, AddressState.FOUND, "", Why.ACCEPTS_ALL)

    def left_out(self, ports: str) -> None:
        """Notes that these ports could not be asked."""
        self.trouble = Unsettled(self.host.ip, AddressState.FOUND, ports, Why.PORTS_LEFT_OUT)

    def fell_silent(self, after: str) -> None:
        """Notes that the device gave no sign of life any more after the question named."""
        self.trouble = Unsettled(self.host.ip, AddressState.UNREACHABLE, after, Why.FELL_SILENT)

    def note_sweeps(self, known_open: Sequence[str]) -> None:
        """What the sweeps saw, as observations: the MAC, ports open or closed by now."""
        host = self.host
        for name in host.answered:
            facts: tuple[Fact, ...] = (Fact("sweep", "answered"),)
            if name == ARP.name and host.mac:
                facts = (Fact("arp.mac", host.mac), *(Fact("arp.other_mac", mac) for mac in host.other_macs))
            self._observe(Reply(name, ProbeOutcome.ANSWERED, None, facts))
        for port in () if host.accepts_all else host.open_ports:
            service = f"tcp/{port}"
            self._observe(_port_reply(service, "open"))
            if name := port_names().get(port, ""):
                self._claim_name(name, _PORT_CERTAINTY, f"port.{port}", TCP_SYN.name, service)
        for port in host.closed_ports:
            if f"tcp/{port}" in known_open:
                self._observe(_port_reply(f"tcp/{port}", "closed"))

    def note_left_out(self, ports: Collection[int]) -> None:
        """Notes that the sweeps over ports have ended, but for these."""
        said = " ".join(f"tcp/{port}" for port in sorted(ports)) or "none"
        self._observe(Reply(_PORTS, ProbeOutcome.ANSWERED, None, (Fact(_LEFT_OUT, said),)))

    def take(self, replies: Sequence[Reply]) -> None:
        """What the device answered: its facts, and the name of the service that spoke."""
        for reply in replies:
            if reply.outcome is not ProbeOutcome.ANSWERED:
                continue
            self._observe(reply)
            name, certainty = _SPOKEN.get(reply.source, (reply.source, _SERVICE_CERTAINTY))
            if reply.service and name:
                self._claim_name(name, certainty, f"probe.{reply.source}", reply.source, reply.service)

    def take_second_hand(self, replies: Sequence[Reply]) -> None:
        """What somebody else (nmap) says of the device."""
        self.take(replies)
        for reply in replies:
            facts = {fact.name: fact.value for fact in reply.facts}
            self.claims += [
                Claim(attribute, facts[name], _SECOND_CERTAINTY, name, reply.source, reply.service)
                for name, attribute in _SECOND_HAND.items()
                if facts.get(name) and reply.service
            ]

    def _observe(self, reply: Reply) -> None:
        observation, claims = self.notebook.enter(self.target, reply)
        self.observations.append(observation)
        self.claims.extend(claims)

    def _claim_name(self, name: str, certainty: float, rule: str, source: str, service: str) -> None:
        self.claims.append(Claim(Attribute.SERVICE_NAME, name, certainty, rule, source, service))


def _port_reply(service: str, state: str) -> Reply:
    return Reply(TCP_SYN.name, ProbeOutcome.ANSWERED, service, (Fact(PORT_STATE, state),))

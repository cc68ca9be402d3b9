"""Listening for the register: what frames say of devices in scope becomes sightings; nothing is sent."""

import hashlib
import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from agent.fingerprints import Fingerprinter
from agent.listen.frame import Heard, hear
from agent.permit import Gate
from agent.probes.reply import masked
from inventory.types import Clock, Fact, Observation, Scope, Sighting, Target

_MOST_A_SENDER = 200  # different things one sender may say before the rest is only counted
_PORT_BY_PORT = ("lldp", "cdp")


@dataclass
class Overheard:
    """Everything different that was said, by sender; `frames` counts what came in.

    A sender is known by its MAC, where its frames came from itself, else by its address.
    """

    frames: int = 0
    left_out: int = 0
    said: dict[str, dict[tuple[str, str, tuple[Fact, ...]], Heard]] = field(default_factory=dict)

    def take(self, frame: bytes) -> Heard | None:
        """What is new in a frame; None where it is nothing, or was said before."""
        self.frames += 1
        heard = hear(frame)
        if heard is None:
            return None
        mine = self.said.setdefault(heard.mac or heard.ip, {})
        key = (heard.source, heard.ip, heard.facts)
        if key in mine:
            return None
        if len(mine) >= _MOST_A_SENDER:
            self.left_out += 1
            return None
        mine[key] = heard
        return heard

    def addresses(self) -> Mapping[str, str]:
        """MAC → address, where the sender itself named exactly one in what it said."""
        named: dict[str, set[str]] = {}
        for said in self.said.values():
            for heard in said.values():
                if heard.mac and heard.ip:
                    named.setdefault(heard.mac, set()).add(heard.ip)
        return {mac: next(iter(ips)) for mac, ips in named.items() if len(ips) == 1}


@dataclass(frozen=True, slots=True)
class Listened:
    """What of the overheard is for the register, and how many senders are in no scope, or without address."""

    sightings: tuple[Sighting, ...]
    outside: int
    nameless: int


def sightings(
    overheard: Overheard, gate: Gate, fingerprints: Fingerprinter, clock: Clock, *, run: str, vantage: str
) -> Listened:
    """One sighting for each address in scope; a passive scope is enough, for listening touches nobody."""
    addresses = overheard.addresses()
    by_address: dict[str, tuple[Scope, list[Heard]]] = {}
    outside: set[str] = set()
    nameless = 0
    for sender, said in overheard.said.items():
        for heard in said.values():
            ip = heard.ip or addresses.get(heard.mac, "")
            if not ip:
                nameless += 1
            elif (scope := gate.scope_of(ip)) is None:
                outside.add(sender)
            else:
                by_address.setdefault(ip, (scope, []))[1].append(heard)
    made = tuple(
        _sighting(
            Target(ip, _own_mac(said), scope.site, scope.segment), said, fingerprints, clock, (run, vantage)
        )
        for ip, (scope, said) in sorted(
            by_address.items(), key=lambda item: int(ipaddress.ip_address(item[0]))
        )
    )
    return Listened(made, len(outside), nameless)


def all_of(frames: Iterable[bytes]) -> Overheard:
    """What a whole recording says."""
    overheard = Overheard()
    for frame in frames:
        overheard.take(frame)
    return overheard


def _own_mac(said: Sequence[Heard]) -> str | None:
    """The one MAC that says the address is its own.

    An LLDP or CDP frame bears the MAC of the port it left, not of the address it names. Where two MACs say
    the same address is theirs, nobody can tell from here whose it is.
    """
    macs = {heard.mac for heard in said if heard.mac and heard.source not in _PORT_BY_PORT}
    return next(iter(macs)) if len(macs) == 1 else None


def _sighting(
    target: Target,
    said: Sequence[Heard],
    fingerprints: Fingerprinter,
    clock: Clock,
    who: tuple[str, str],
) -> Sighting:
    at = clock.now()
    observations = tuple(
        Observation(
            run=who[0],
            vantage=who[1],
            target=target,
            source=heard.source,
            at=at,
            facts=heard.facts,
            digest=hashlib.sha256(heard.evidence).hexdigest(),
            excerpt=masked(heard.evidence),
        )
        for heard in said
    )
    claims = tuple(claim for heard in said for claim in fingerprints.claims(heard.facts, source=heard.source))
    return Sighting(who[0], target, at, observations, claims)

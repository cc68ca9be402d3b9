"""Entries of an imported file → sightings of devices in scope; the rest is refused, each with its reason."""

from agent.fingerprints import Fingerprinter
from agent.imports.taken import Entry, Taken
from agent.permit import Gate
from inventory.language import _
from inventory.types import Clock, Observation, Sighting, Target


def sightings(
    taken: Taken, gate: Gate, fingerprints: Fingerprinter, clock: Clock, *, run: str, vantage: str
) -> tuple[Sighting, ...]:
    """One sighting per entry in scope; `taken.refused` grows by those in no scope."""
    made = []
    for entry in taken.entries:
        scope = gate.scope_of(entry.ip)
        if scope is None:
            taken.refuse(entry.line, _("{ip} is in no scope").format(ip=entry.ip))
            continue
        target = Target(entry.ip, entry.mac or None, scope.site, scope.segment)
        made.append(_sighting(entry, target, taken.source, fingerprints, clock, (run, vantage)))
    taken.refused.sort(key=lambda one: one.line)
    return tuple(made)


def _sighting(  # noqa: PLR0917 - the parts of one value
    entry: Entry,
    target: Target,
    source: str,
    fingerprints: Fingerprinter,
    clock: Clock,
    who: tuple[str, str],
) -> Sighting:
    now = clock.now()
    at = min(entry.at, now) if entry.at else now
    parts = [(None, entry.facts)] if entry.facts or not entry.ports else []
    observations = tuple(
        Observation(who[0], who[1], target, source, at, facts, service)
        for service, facts in (*parts, *entry.ports)
    )
    claims = tuple(
        claim
        for one in observations
        for claim in fingerprints.claims(one.facts, source=source, service=one.service)
    )
    return Sighting(who[0], target, at, observations, claims)

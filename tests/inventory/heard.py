"""Sightings in one line each, for tests of identity, merge and the register."""

from datetime import UTC, datetime, timedelta

from inventory.types import (
    AddressState,
    Attribute,
    Claim,
    Fact,
    Observation,
    ScanRun,
    SegmentCoverage,
    Sighting,
    Target,
)

MONDAY = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
WEEK = timedelta(days=7)

MAC_1, MAC_2, MAC_3 = "00:26:73:00:00:01", "00:26:73:00:00:02", "00:26:73:00:00:03"
RANDOM_MAC_1, RANDOM_MAC_2 = "06:aa:bb:cc:dd:01", "06:aa:bb:cc:dd:02"


def heard(
    ip: str,
    mac: str | None = None,
    *,
    run: str = "run-1",
    at: datetime = MONDAY,
    site: str = "hq",
    segment: str = "office",
    ports: tuple[str, ...] = ("tcp/80",),
    facts: tuple[tuple[str, str], ...] = (("http_servers", "embedded"),),
    certainty: float = 0.9,
    source: str = "http",
    **claims: str,
) -> Sighting:
    """What one run heard at one address; keywords are claims: `vendor="Ricoh", serial="X123456"`."""
    target = Target(ip, mac, site, segment)
    observations = tuple(
        Observation(
            run=run,
            vantage="admin",
            target=target,
            source=source,
            at=at,
            facts=tuple(Fact(name, value) for name, value in facts),
            service=port,
            digest=f"sha256:{port}",
            excerpt="HTTP/1.1 200",
        )
        for port in ports
    )
    said = tuple(
        Claim(Attribute(name), value, certainty, f"test.{name}", source) for name, value in claims.items()
    )
    return Sighting(run, target, at, observations, said)


def one_device(register, **claims):
    """The id of a device that was heard of."""
    return register.ingest([heard("10.0.0.5", MAC_1, **claims)]).new[0]


def finished(run, at, *unsettled, stopped=False, addresses=254):
    """A whole scan of the office that found one address."""
    coverage = SegmentCoverage(
        "hq", "office", "10.0.0.0/24", addresses, {AddressState.FOUND: 1}, "arp", unsettled
    )
    return ScanRun(run, "admin", at, at, stopped=stopped, coverage=(coverage,), packets={"arp": 508})

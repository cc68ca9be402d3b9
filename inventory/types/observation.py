"""What the network said (Observation), and what we make of it (Claim)."""

from dataclasses import dataclass
from datetime import datetime

from inventory.types.vocabulary import Attribute


@dataclass(frozen=True, slots=True)
class Target:
    """One address in one segment; `mac` only where it was heard on the wire, never invented."""

    ip: str
    mac: str | None
    site: str
    segment: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing a reply said, verbatim after decoding.

    `name` is a fingerprint source (`http_servers`, `html_title`, `snmp_sysdescr`, `ssh.banner` …) or, for
    SNMP, the numeric OID; `value` is printable text without control characters.
    """

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Observation:
    """One reply, kept for ever: who asked, from where, when, what it said and the digest of the raw bytes.

    `source` is the sweep or probe that asked (`arp`, `tcp-syn`, `snmp`, `http` …). `service` is the port it
    was heard on (`tcp/80`), None for what has no port. `excerpt` is the masked start of the raw evidence.
    """

    run: str
    vantage: str
    target: Target
    source: str
    at: datetime
    facts: tuple[Fact, ...]
    service: str | None = None
    digest: str = ""
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement about a device: attribute = value, how certain (0 < certainty ≤ 1), and who says so.

    `fingerprint` names the pattern in the data files that made it; `source` is the observation's source and
    `service` its port, so that a claim about a service can be placed.
    """

    attribute: Attribute
    value: str
    certainty: float
    fingerprint: str
    source: str
    service: str | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """Everything one run learned about one target: the unit the register takes in."""

    run: str
    target: Target
    at: datetime
    observations: tuple[Observation, ...]
    claims: tuple[Claim, ...]

"""Where the operator lets us look (Scope), and what was and was not settled there (Coverage)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from inventory.types.vocabulary import Touch


@dataclass(frozen=True, slots=True)
class Exemption:
    """A do-not-probe entry does not hold for `subject` (an entry itself) until a day, for a reason.

    It lifts entries as wide as itself or wider: site, then segment, then class, then address and MAC.
    """

    subject: str
    reason: str
    by: str
    at: datetime
    until: date | None = None

    @classmethod
    def of_texts(cls, texts: Sequence[str]) -> "Exemption":
        """The exemption that `texts` were made of."""
        subject, reason, by, at, until = texts
        last = date.fromisoformat(until) if until else None
        return cls(subject, reason, by, datetime.fromisoformat(at), last)

    def texts(self) -> tuple[str, ...]:
        """Its fields in order, as texts (ISO 8601), empty for no last day."""
        until = self.until.isoformat() if self.until else ""
        return (self.subject, self.reason, self.by, self.at.isoformat(), until)

    def holds(self, on: date) -> bool:
        """Whether it is in force that day; the last day counts."""
        return self.until is None or on <= self.until


@dataclass(frozen=True, slots=True)
class Scope:
    """One network the operator put in scope: CIDR, its site and segment, and how far we may go there.

    `do_not_probe` entries hold for the whole site: `site`, `segment:NAME`, `class:NAME`, an address, range,
    network or MAC.
    """

    network: str
    site: str
    segment: str
    touch: Touch = Touch.QUERY
    caps_lifted: bool = False
    do_not_probe: tuple[str, ...] = ()
    added_by: str = ""
    reason: str = ""
    exemptions: tuple[Exemption, ...] = ()


class AddressState(StrEnum):
    """Where one address in scope stands after a scan."""

    FOUND = "found"
    SILENT = "silent"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    NOT_REACHED = "not-reached"


class Why(StrEnum):
    """Why an address was not asked, or not to the end; `inventory.coverage_words` says it in a language."""

    NO_SCOPE = "no-scope"
    TOUCH = "touch"
    SITE_BARRED = "site-barred"
    SEGMENT_BARRED = "segment-barred"
    CLASS_BARRED = "class-barred"
    MAC_BARRED = "mac-barred"
    ADDRESS_BARRED = "address-barred"
    ENTRY_UNREADABLE = "entry-unreadable"
    LISTENING_ONLY = "listening-only"
    OWN_ADDRESS = "own-address"
    NO_ROUTE = "no-route"
    FORBIDDEN = "forbidden"
    SYSTEM_REFUSED = "system-refused"
    STOPPED = "stopped"
    UNFINISHED = "unfinished"
    PORTS_LEFT_OUT = "ports-left-out"
    ACCEPTS_ALL = "accepts-all"
    SEVERAL_MACS = "several-macs"
    ANSWERED_FOR = "answered-for"
    FELL_SILENT = "fell-silent"
    HEARSAY = "hearsay"
    ONLY_KNOWN_ASKED = "only-known-asked"
    AS_WRITTEN = "as-written"


@dataclass(frozen=True, slots=True)
class Unsettled:
    """An address (or a network's rest) nobody may call absent or covered, and why.

    `reason` completes the code: which entry bars it, after which probe it fell silent. AS_WRITTEN it is the
    whole sentence: registers and snapshots of before there were codes have it so.
    """

    ip: str
    state: AddressState
    reason: str
    why: Why = Why.AS_WRITTEN


@dataclass(frozen=True, slots=True)
class Unanswered:
    """An address somebody knows of and that did not answer; `known_by` is who knows (`leased` …)."""

    ip: str
    known_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What the register knows of a network's addresses, whoever it was that said so.

    `known` counts those declared by a person, leased, in gear's tables or answering; one may be several of
    these. `left_alone` are the do-not-probe entries of its scope, `exempt` the exemptions in force.
    """

    known: int
    declared: int
    leased: int
    in_tables: int
    answering: int
    unanswered: tuple[Unanswered, ...] = ()
    left_alone: tuple[str, ...] = ()
    exempt: tuple[Exemption, ...] = ()


@dataclass(frozen=True, slots=True)
class SegmentCoverage:
    """How much of one segment one run settled.

    `counts` has every AddressState, summing to `addresses`: all of the network, or those known of an IPv6
    network too large to be gone through (`inventory.networks.is_countable`). `unsettled` lists the addresses
    that need a reason (refused, not reached, answered then fell silent); plain silence after a sweep is only
    counted. `known` is what the register knew besides when the run had ended; None where nobody asked it.
    """

    site: str
    segment: str
    network: str
    addresses: int
    counts: Mapping[AddressState, int]
    method: str
    unsettled: tuple[Unsettled, ...] = ()
    known: Known | None = None


@dataclass(frozen=True, slots=True)
class ScanRun:
    """One scan from start to finish; `finished` is None while it runs or when it was stopped hard."""

    id: str
    vantage: str
    started: datetime
    finished: datetime | None = None
    stopped: bool = False
    profile: str = "default"
    coverage: tuple[SegmentCoverage, ...] = ()
    packets: Mapping[str, int] = field(default_factory=dict)

"""Where the operator lets us look (Scope), and what was and was not settled there (Coverage)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from inventory.types.vocabulary import Touch


@dataclass(frozen=True, slots=True)
class Scope:
    """One network the operator put in scope: CIDR, its site and segment, and how far we may go there."""

    network: str
    site: str
    segment: str
    touch: Touch = Touch.QUERY
    caps_lifted: bool = False
    do_not_probe: tuple[str, ...] = ()
    added_by: str = ""
    reason: str = ""


class AddressState(StrEnum):
    """Where one address in scope stands after a scan."""

    FOUND = "found"
    SILENT = "silent"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    NOT_REACHED = "not-reached"


@dataclass(frozen=True, slots=True)
class Unsettled:
    """An address nobody may call absent or covered, and why."""

    ip: str
    state: AddressState
    reason: str


@dataclass(frozen=True, slots=True)
class SegmentCoverage:
    """How much of one segment one run settled.

    `counts` has every AddressState, summing to `addresses`. `unsettled` lists the addresses that need a
    reason (refused, not reached, answered then fell silent); plain silence after a sweep is only counted.
    """

    site: str
    segment: str
    network: str
    addresses: int
    counts: Mapping[AddressState, int]
    method: str
    unsettled: tuple[Unsettled, ...] = ()


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

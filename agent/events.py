"""What a scan says while it works: typed, frozen, the same for the command line and the screens."""

from dataclasses import dataclass
from enum import StrEnum

from inventory.language import N_


class Phase(StrEnum):
    """Where a scan stands, in this order; PORTS come again after PROBES, for those of some kinds alone."""

    SWEEP = "sweep"
    PORTS = "ports"
    PROBES = "probes"
    SECOND_OPINION = "second-opinion"
    DONE = "done"


PHASE_WORDS = {
    Phase.SWEEP: N_("Who is there"),
    Phase.PORTS: N_("Which ports are open"),
    Phase.PROBES: N_("Who they are"),
    Phase.SECOND_OPINION: N_("A second opinion from nmap"),
    Phase.DONE: N_("Done"),
}


@dataclass(frozen=True, slots=True)
class Progressed:
    """How far a phase is: `done` of `total` (questions in sweeps, devices in probes), and devices found.

    `rate` is packets per second so far; `place` says which segment or network.
    """

    phase: Phase
    done: int
    total: int
    found: int
    rate: float
    place: str = ""


@dataclass(frozen=True, slots=True)
class Identified:
    """One device was asked who it is; `label` is what it said, empty where nothing could be concluded."""

    ip: str
    label: str
    device_class: str


@dataclass(frozen=True, slots=True)
class FellSilent:
    """A device that answered stopped doing so; it was left alone at once."""

    ip: str
    reason: str


@dataclass(frozen=True, slots=True)
class Noted:
    """Something the operator should know; `message` is one line."""

    message: str


ScanEvent = Progressed | Identified | FellSilent | Noted

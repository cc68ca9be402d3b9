"""What people keep: confirmations that fall due, whom and what the register names, the lists they bring."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from inventory.types.vocabulary import Attribute


class Duty(StrEnum):
    """Which regular confirmation of the register it is, by the article that asks for it."""

    YEARLY = "22"
    HALF_YEARLY = "CC-14000"

    @property
    def months(self) -> int:
        """After how many months it is due again."""
        return 12 if self is Duty.YEARLY else 6


class DueKind(StrEnum):
    """What sort of thing falls due; the words are those of the JSON form."""

    FINDING = "finding"
    EXCEPTION = "exception ends"
    PLAN = "plan"
    ANSWER = "answer again"
    NEVER = "never answered"
    CONFIRMATION = "confirm again"


@dataclass(frozen=True, slots=True, order=True)
class Due:
    """One thing with a day: the record (or the question nobody answered), its devices (none: the firm)."""

    day: date
    kind: DueKind
    id: str
    devices: tuple[str, ...]
    what: str


CONFIRMATION = "confirm-"
"""How the id of a confirmation of the register begins: it answers nothing else its article asks."""


class Kind(StrEnum):
    """Whom or what an entry of the directory is about."""

    OWNER = "owner"
    PLACE = "place"
    SUPPLIER = "supplier"
    CONTRACT = "contract"


DETAILS: Mapping[Kind, tuple[str, ...]] = {
    Kind.OWNER: ("department", "contact", "notes"),
    Kind.PLACE: ("kind", "notes"),
    Kind.SUPPLIER: ("contact", "notes"),
    Kind.CONTRACT: ("supplier", "starts", "ends", "notes"),
}
"""What may be said of each kind, beside its name."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the directory for as long as it held (`valid_to` None = now); details as in DETAILS."""

    kind: Kind
    name: str
    details: Mapping[str, str]
    by: str
    valid_from: datetime
    valid_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One line of a list people kept: who it is about, and what it says; "" is nothing said.

    `id` names a record; else one is looked for by (site, ip), MAC, serial and asset tag.
    """

    line: int
    values: Mapping[Attribute, str] = field(default_factory=dict)
    id: str = ""
    site: str = ""
    segment: str = ""
    ip: str = ""
    mac: str = ""
    status: str = ""
    custom: Mapping[str, str] = field(default_factory=dict)
    fault: str = ""


class LineOutcome(StrEnum):
    """What a line of an import did."""

    ENTERED = "entered"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class LineReport:
    """What one line did, to which record, and what changed or why it was refused, in words."""

    line: int
    outcome: LineOutcome
    device: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """Line by line; `entry` is the import's number in the audit log, None where nothing was taken."""

    lines: tuple[LineReport, ...]
    entry: int | None = None

    def count(self, outcome: LineOutcome) -> int:
        """How many lines had this outcome."""
        return sum(line.outcome is outcome for line in self.lines)

"""What was tested (CheckResult), what the rules say of it (Verdict) and what follows (Finding)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from inventory.types.device import Device
from inventory.types.observation import Observation
from inventory.types.vocabulary import (
    CheckOutcome,
    FindingState,
    ObligationLevel,
    Severity,
    Tick,
    VerdictOutcome,
)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check on one device: outcome, the reason in plain words, the evidence it rests on, when it expires.

    `reason` is the sentence in English, `reason_zh` the same in Chinese ("" where there is none).
    `evidence` names observation digests, data rows or record ids. `facts` are the typed values that rules
    may read (`eol.security_end` = `2024-06-30`).
    """

    device: str
    check: str
    outcome: CheckOutcome
    reason: str
    at: datetime
    expires: datetime | None = None
    evidence: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    reason_zh: str = ""

    def told(self, *, chinese: bool) -> str:
        """The reason in Chinese where asked for and known, else in English."""
        return self.reason_zh if chinese and self.reason_zh else self.reason


@dataclass(frozen=True, slots=True)
class Ticked:
    """What was said of one item of a checklist, and why where it does not apply or more is to be said."""

    item: str
    answer: Tick
    note: str = ""


@dataclass(frozen=True, slots=True)
class Attestation:
    """A recorded human answer: to which article, for which device ("" = the firm), who signed, when.

    `ticks` are the answers to the question's checklist (`inventory.questions`), where it has one.
    """

    id: str
    article: str
    device: str
    answer: bool
    signer: str
    signed: date
    evidence: str
    next_due: date | None = None
    ticks: tuple[Ticked, ...] = ()


@dataclass(frozen=True, slots=True)
class ExceptionRecord:
    """例外 (Art. 29): which articles of which device are excepted, why, on whose word and until when.

    `cause` is `weakness` (known, cannot be updated) or `limit` (of its functions); `connection` is
    `disconnected` or `when-necessary`; "" where nobody said.
    """

    id: str
    device: str
    articles: tuple[str, ...]
    reason: str
    compensating_control: str
    approver: str
    start: date
    expiry: date
    plan: str
    cause: str = ""
    connection: str = ""


@dataclass(frozen=True, slots=True)
class PlanStep:
    """A plan's state and day as somebody said them; a later day than before is a slip."""

    at: datetime
    by: str
    state: str
    due: date


@dataclass(frozen=True, slots=True)
class ReplacementPlan:
    """汰換計畫: which devices go, why, by when and into what state the work has come.

    `budget` is in whole New Taiwan dollars; None where none is set. `steps` is the way it has come, which the
    register keeps.
    """

    id: str
    devices: tuple[str, ...]
    reason: str
    successor: str
    due: date
    owner: str
    state: str
    budget: int | None = None
    steps: tuple[PlanStep, ...] = ()


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that a judge may look at for one device; a judge sees nothing else."""

    device: Device
    results: tuple[CheckResult, ...] = ()
    observations: tuple[Observation, ...] = ()
    attestations: tuple[Attestation, ...] = ()
    exceptions: tuple[ExceptionRecord, ...] = ()
    plans: tuple[ReplacementPlan, ...] = ()


@dataclass(frozen=True, slots=True)
class Article:
    """One article of a pack as every screen and report shows it, in both languages.

    `pack_title` is the regulator's name of the document; `pack` is its short id.
    """

    pack: str
    pack_title_en: str
    pack_title_zh: str
    edition: date
    number: str
    title_en: str
    title_zh: str
    summary_en: str
    summary_zh: str
    level: ObligationLevel
    cycle: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one rule says of one device on one date, and from what it follows.

    `reason_en` and `reason_zh` are the same sentence; `because` names check results, attributes or records.
    """

    device: str
    pack: str
    edition: date
    article: str
    rule: str
    outcome: VerdictOutcome
    severity: Severity
    reason_en: str
    reason_zh: str
    judged_on: date
    because: tuple[str, ...] = ()
    remedy_en: str = ""
    remedy_zh: str = ""
    due_days: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """A breach with a life: its id stays the same for the same device and rule; `assignee` sees to it."""

    id: str
    device: str
    pack: str
    article: str
    rule: str
    state: FindingState
    severity: Severity
    opened: date
    last_judged: date
    due: date
    reason_en: str
    reason_zh: str
    remedy_en: str = ""
    remedy_zh: str = ""
    resolved: date | None = None
    assignee: str = ""


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody said of a finding, and when."""

    finding: str
    at: datetime
    by: str
    text: str

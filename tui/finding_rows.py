"""What the Findings screen lists, a line each: findings by their state, and verdicts nobody could reach."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from inventory.types import Attribute, Finding, FindingState, Severity, Verdict, VerdictOutcome

if TYPE_CHECKING:
    from inventory.register import Register

OPEN, EXCEPTED, RESOLVED, UNDETERMINED = "open", "excepted", "resolved", "undetermined"
_SEVEREST_FIRST = (Severity.HIGH, Severity.MEDIUM, Severity.LOW)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list: a finding, or a verdict nobody could reach (`undetermined`).

    `finding` is its id, "" for a verdict.
    """

    key: str
    device: str
    pack: str
    article: str
    rule: str
    state: FindingState | VerdictOutcome
    severity: Severity
    due: date | None
    opened: date | None
    reason_en: str
    reason_zh: str
    remedy_en: str
    remedy_zh: str
    finding: str = ""
    assignee: str = ""

    @property
    def article_key(self) -> str:
        """Names the article among all packs."""
        return f"{self.pack}/{self.article}"


class Whereabouts(NamedTuple):
    """A device as somebody who goes there needs it."""

    label: str
    ip: str = ""
    segment: str = ""
    location: str = ""


_FINDING_STATES = {
    OPEN: (FindingState.OPEN, FindingState.CONTINUING),
    EXCEPTED: (FindingState.EXCEPTED,),
    RESOLVED: (FindingState.RESOLVED,),
}


def lines_of(register: "Register", state: str) -> tuple[Line, ...]:
    """The findings in that state, or the undetermined verdicts, by article, gravest and soonest due first."""
    if state == UNDETERMINED:
        undecided = register.verdicts(outcome=VerdictOutcome.UNDETERMINED)
        lines = [_line_of(verdict, verdict.rule, verdict.outcome) for verdict in undecided]
    else:
        found = (f for wanted in _FINDING_STATES[state] for f in register.findings(state=wanted))
        lines = [
            replace(
                _line_of(f, f.id, f.state),
                due=f.due, opened=f.opened, finding=f.id, assignee=f.assignee,
            )
            for f in found
        ]  # fmt: skip
    return tuple(sorted(lines, key=_by_article))


def _line_of(said: Finding | Verdict, key: str, state: FindingState | VerdictOutcome) -> Line:
    return Line(
        key=f"{said.device} {said.pack} {said.article} {key}",
        device=said.device,
        pack=said.pack,
        article=said.article,
        rule=said.rule,
        state=state,
        severity=said.severity,
        due=None,
        opened=None,
        reason_en=said.reason_en,
        reason_zh=said.reason_zh,
        remedy_en=said.remedy_en,
        remedy_zh=said.remedy_zh,
    )


def _by_article(line: Line) -> tuple[str, str, int, date, str]:
    """Within an article the severest first, then what is due soonest."""
    return line.pack, line.article, _SEVEREST_FIRST.index(line.severity), line.due or date.max, line.device


def whereabouts(register: "Register", devices: Collection[str]) -> Mapping[str, Whereabouts]:
    """What each device is called and where it is: of one model there are many."""
    return {
        name: Whereabouts(
            device.label,
            device.addresses[0].ip if device.addresses else "",
            f"{device.site}/{device.segment}",
            device.text(Attribute.LOCATION),
        )
        for name, device in register.by_id(devices).items()
    }

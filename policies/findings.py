"""Step 9, verdicts → findings: a breach with a life of its own.

open → continuing → resolved, or excepted while an exception is in force. A finding is closed only by a
verdict that says the rule is kept or does not apply. No verdict (the device was not judged) leaves it as it
is; an undetermined one keeps it alive. A resolved finding whose breach returns is opened anew, same id.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from inventory.types import Finding, FindingState, SharedVerdict, Verdict, VerdictOutcome

_FOUND = (VerdictOutcome.BREACH, VerdictOutcome.EXCEPTED)
_CLOSING = (VerdictOutcome.COMPLIANT, VerdictOutcome.NOT_APPLICABLE)


def find(previous: Iterable[Finding], verdicts: Iterable[SharedVerdict], on: date) -> tuple[Finding, ...]:
    """All findings as of `on`, sorted by id; finding twice on the same date changes nothing."""
    findings = {finding.id: finding for finding in previous}
    ever = frozenset(finding.device for finding in findings.values())
    for shared in verdicts:
        found_at_all = shared.outcome in _FOUND
        for device in shared.devices if found_at_all else ever.intersection(shared.devices):
            identity = finding_id(device, shared.pack, shared.article, shared.rule)
            finding = findings.get(identity)
            if found_at_all or finding is not None:
                findings[identity] = _follow(finding, shared.on(device), identity, on)
    return tuple(findings[identity] for identity in sorted(findings))


def finding_id(device: str, pack: str, article: str, rule: str) -> str:
    """The id that a breach of this rule by this device has for ever: `f-` and twelve hex digits."""
    digest = hashlib.sha256(f"{device}\x00{pack}\x00{article}\x00{rule}".encode()).hexdigest()
    return f"f-{digest[:12]}"


def _follow(finding: Finding | None, verdict: Verdict, identity: str, on: date) -> Finding:
    outcome = verdict.outcome
    if finding is None or outcome in _FOUND:
        standing = None if finding is None or finding.state is FindingState.RESOLVED else finding
        assignee = finding.assignee if finding else ""
        return replace(_stands(standing, verdict, identity, on), assignee=assignee)
    if finding.state is FindingState.RESOLVED:
        return finding
    if outcome in _CLOSING:
        return replace(finding, state=FindingState.RESOLVED, resolved=on, last_judged=on)
    # Undetermined: an exception is no longer shown to be in force, so the finding may not rest on it.
    return replace(finding, state=_alive(finding.opened, on), last_judged=on)


def _stands(finding: Finding | None, verdict: Verdict, identity: str, on: date) -> Finding:
    """The finding for a breach that is there on `on`; it keeps its first day and its due date."""
    opened = finding.opened if finding else on
    excepted = verdict.outcome is VerdictOutcome.EXCEPTED
    return Finding(
        id=identity,
        device=verdict.device,
        pack=verdict.pack,
        article=verdict.article,
        rule=verdict.rule,
        state=FindingState.EXCEPTED if excepted else _alive(opened, on),
        severity=verdict.severity,
        opened=opened,
        last_judged=on,
        due=finding.due if finding else on + timedelta(days=verdict.due_days),
        reason_en=verdict.reason_en,
        reason_zh=verdict.reason_zh,
        remedy_en=verdict.remedy_en,
        remedy_zh=verdict.remedy_zh,
    )


def _alive(opened: date, on: date) -> FindingState:
    return FindingState.OPEN if opened >= on else FindingState.CONTINUING
